# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each group of rows times its own matrix, in NumPy's float64, and how far a result may
lie from it."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from bounds import dot_bound, stored


def reference(x, s, t):
    offsets = x["offsets_ptr"].astype(int)
    value, bound = [], []
    for b, first, last in zip(x["b_ptr"], offsets, offsets[1:]):
        a = x["a_ptr"][first:last]
        value.append(a @ b)
        bound.append(dot_bound(a, b, s["K"]))
    return {"c_ptr": stored(np.concatenate(value), np.concatenate(bound), t["c_ptr"])}
