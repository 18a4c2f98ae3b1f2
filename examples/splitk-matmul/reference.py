# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""C = A B, in NumPy's float64, and how far a result may lie from it."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from bounds import dot_bound, stored


def reference(x, s, t):
    value = x["a"] @ x["b"]
    return {"c": stored(value, 2 * dot_bound(x["a"], x["b"], s["K"]), t["c"])}
