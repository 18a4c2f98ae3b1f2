# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""x + y, in NumPy's float64, and how far a result may lie from it."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from bounds import stored


def reference(x, s, t):
    value = x["x_ptr"] + x["y_ptr"]
    return {"out_ptr": stored(value, 0 * value, t["out_ptr"])}
