# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A chip with AMX on machines without it: programs that are started from here
have its instructions carried out by a library (test/Unit/Amx)."""
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def emulated():
    """The chip's file; from now on the library is loaded before every program."""
    build = os.environ.get("TERRAZZO_BUILD", os.path.join(ROOT, "build", "release"))
    os.environ["LD_PRELOAD"] = os.path.join(build, "test", "Unit", "libAmxEmulator.so")
    return os.path.join(ROOT, "test", "targets", "Cpu", "Inputs", "amx.yaml")
