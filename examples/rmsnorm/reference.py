# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each row over its root mean square, scaled, in NumPy's float64, and how far a result may lie from it."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from bounds import UNIT, stored


def reference(x, s, t):
    v = x["x"]
    value = v / np.sqrt((v**2).mean(axis=1, keepdims=True) + s["eps"]) * x["weight"]
    return {"out": stored(value, np.abs(value) * UNIT["f32"] * (8 + 8 * np.sqrt(v.shape[1])), t["out"])}
