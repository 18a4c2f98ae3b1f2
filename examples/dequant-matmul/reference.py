# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""C = A (W scale), a scale for each column, or for each GROUP elements of it, in NumPy's
float64, and how far a result may lie from it."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from bounds import UNIT, dot_bound, stored


def reference(x, s, t):
    scale = np.repeat(x["scale_ptr"], s["GROUP"] or s["K"], axis=0)[: s["K"]]
    w = x["w_ptr"] * scale
    value = x["a_ptr"] @ w
    # The scale comes after the sum of a group: its product is rounded too.
    bound = 2 * dot_bound(x["a_ptr"], w, s["K"]) + 2 * UNIT["f32"] * np.abs(value)
    return {"c_ptr": stored(value, bound, t["c_ptr"])}
