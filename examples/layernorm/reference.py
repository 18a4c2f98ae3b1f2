# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each row minus its mean, over its deviation, scaled and shifted, in NumPy's float64, and how far a result may lie from it."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from bounds import UNIT, stored


def reference(x, s, t):
    v = x["x_ptr"]
    mean = v.mean(axis=1, keepdims=True)
    scale = 1 / np.sqrt(((v - mean) ** 2).mean(axis=1, keepdims=True) + s["eps"])
    normal = (v - mean) * scale
    value = normal * x["weight_ptr"] + x["bias_ptr"]
    unit, n = UNIT["f32"], v.shape[1]
    near = 8 * np.sqrt(n) * unit
    bound = np.abs(x["weight_ptr"]) * scale * near * (np.abs(v) + np.abs(mean) + np.sqrt((v**2).mean(axis=1, keepdims=True)))
    bound = bound + np.abs(normal * x["weight_ptr"]) * near * 4 + 4 * unit * np.abs(value)
    return {"out_ptr": stored(value, bound, t["out_ptr"])}
