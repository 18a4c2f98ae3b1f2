# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One query for each head against the pages that the table gives its sequence, in
NumPy's float64, and how far a result may lie from it."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from bounds import UNIT, attention, stored


def reference(x, s, t):
    value = np.zeros(x["q_ptr"].shape)
    bound = np.zeros(x["q_ptr"].shape)
    for b, length in enumerate(x["lengths_ptr"].astype(int)):
        pages = x["table_ptr"][b].astype(int)
        for h in range(s["heads"] if length else 0):
            k, v = (np.concatenate(x[name][pages, :, h // s["group"]])[:length] for name in ("k_ptr", "v_ptr"))
            value[b, h], bound[b, h] = attention(x["q_ptr"][b, h][None], k, v, s["scale"], UNIT[t["v_ptr"]])
    return {"out_ptr": stored(value, bound, t["out_ptr"])}
