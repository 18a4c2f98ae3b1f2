# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The softmax of each row, in NumPy's float64, and how far a result may lie from it."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from bounds import UNIT, stored


def reference(x, s, t):
    v = x["x_ptr"]
    e = np.exp(v - v.max(axis=1, keepdims=True))
    value = e / e.sum(axis=1, keepdims=True)
    # exp: 2 ulp and its argument's rounding; the sum; the quotient.
    spread = v.max(axis=1, keepdims=True) - v
    return {"out_ptr": stored(value, value * UNIT["f32"] * (16 + spread + 8 * np.sqrt(v.shape[1])), t["out_ptr"])}
