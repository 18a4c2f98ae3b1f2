# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""C = A B, with a bias and leaky ReLU when asked, in NumPy's float64, and how far a result may lie from it."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from bounds import UNIT, dot_bound, stored


def reference(x, s, t):
    a, b = x["a_ptr"], x["b_ptr"]
    value = a @ b
    if t["a_ptr"] == "i8":
        return {"c_ptr": (value, 0 * value)}
    bound = dot_bound(a, b, s["K"])
    if s.get("HAS_BIAS"):
        value = value + x["bias_ptr"][None, :]
        bound = bound + 2 * UNIT["f32"] * np.abs(value)
    if s.get("ACTIVATION") == "leaky_relu":
        # Near zero either branch may be taken: both are continuous there.
        value = np.where(value >= 0, value, 0.01 * value)
        bound = bound + 2 * UNIT["f32"] * np.abs(value)
    return {"c_ptr": stored(value, bound, t["c_ptr"])}
