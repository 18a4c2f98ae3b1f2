# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The running sum of each row, in NumPy's float64, and how far a result may lie from it."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from bounds import UNIT, stored


def reference(x, s, t):
    v = x["x_ptr"]
    n = np.arange(1, v.shape[1] + 1)
    bound = 8 * np.sqrt(n) * UNIT["f32"] * np.sqrt(np.cumsum(v**2, axis=1)) + 4 * UNIT["f32"] * np.abs(np.cumsum(v, axis=1)) + 1e-40
    return {"out_ptr": stored(np.cumsum(v, axis=1), bound, t["out_ptr"])}
