# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The table of arrows says no where the design says no."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lint import allowed, check_arrows

FORBIDDEN = [
    ("lib/Driver/Run.cpp", "targets/Cpu/Target.h"),
    ("targets/Cpu/Target.cpp", "targets/Nvidia/Target.h"),
    ("dialects/Tile/Tile.cpp", "lib/Chip/Chip.h"),
    ("include/terrazzo/Compiler.h", "lib/Driver/Run.h"),
    ("lib/Runtime/Pool.cpp", "lib/Interpreter/Interpreter.h"),
    ("lib/Driver/Run.cpp", "tools/terrazzo/Options.h"),
]
FINE = [
    ("tools/terrazzo/main.cpp", "targets/Cpu/Target.h"),
    ("targets/Cpu/Target.cpp", "targets/Cpu/Emit/Emit.h"),
    ("dialects/Kernel/Kernel.cpp", "lib/Numerics/Format.h"),
    ("lib/Driver/Run.cpp", "include/terrazzo/Target.h"),
]
for pair in FORBIDDEN:
    assert not allowed(*pair), pair
for pair in FINE:
    assert allowed(*pair), pair
assert list(check_arrows("lib/A/B.cpp", ['#include "targets/Cpu/Target.h"']))
assert not list(check_arrows("lib/A/B.cpp", ["// #include is only a word here"]))
