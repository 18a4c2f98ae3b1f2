# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The references of the examples, each by its kernel's name."""
import glob
import os
import sys

EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples")
sys.path.insert(0, EXAMPLES)
import launches

for path in glob.glob(os.path.join(EXAMPLES, "*", "reference.py")):
    example = os.path.basename(os.path.dirname(path))
    globals()[example.replace("-", "_")] = launches.reference(example)
