# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pairs of elements turned by their position's angles, in NumPy's float64, and how far a
result may lie from it."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from bounds import UNIT, stored


def reference(x, s, t):
    position = x["position_ptr"].astype(int)
    cos, sin = (x[name][position][:, None, :] for name in ("cos_ptr", "sin_ptr"))
    half = s["HALF"]
    first, second = (slice(0, None, 2), slice(1, None, 2)) if s["INTERLEAVED"] else (slice(0, half), slice(half, None))
    a, b = x["x_ptr"][..., first], x["x_ptr"][..., second]
    value, bound = np.empty(x["x_ptr"].shape), np.empty(x["x_ptr"].shape)
    value[..., first], value[..., second] = a * cos - b * sin, b * cos + a * sin
    bound[..., first] = 4 * UNIT["f32"] * (np.abs(a * cos) + np.abs(b * sin))
    bound[..., second] = 4 * UNIT["f32"] * (np.abs(b * cos) + np.abs(a * sin))
    return {"out_ptr": stored(value, bound, t["out_ptr"])}
