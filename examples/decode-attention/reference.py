# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One query for each head against the keys and values of its sequence, in NumPy's
float64, and how far a result may lie from it."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from bounds import UNIT, attention, stored


def reference(x, s, t):
    value = np.zeros(x["q"].shape)
    bound = np.zeros(x["q"].shape)
    for b, length in enumerate(x["lengths"].astype(int)):
        for h in range(s["heads"] if length else 0):
            k, v = (x[name][b, :length, h // s["group"]] for name in ("k", "v"))
            value[b, h], bound[b, h] = attention(x["q"][b, h][None], k, v, s["scale"], UNIT[t["v"]])
    return {"out": stored(value, bound, t["out"])}
