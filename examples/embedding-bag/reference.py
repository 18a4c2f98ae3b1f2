# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Sums or means of rows of a table, bag by bag, in NumPy's float64, and how far a result
may lie from it."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from bounds import UNIT, stored


def reference(x, s, t):
    offsets = x["offsets_ptr"].astype(int)
    rows = x["table_ptr"][x["index_ptr"].astype(int)]
    value = np.array([rows[first:last].sum(axis=0) for first, last in zip(offsets, offsets[1:])])
    bound = np.array([8 * np.sqrt(last - first) * UNIT["f32"] * np.sqrt((rows[first:last] ** 2).sum(axis=0))
                      for first, last in zip(offsets, offsets[1:])])
    if s["MEAN"]:
        count = np.maximum(np.diff(offsets), 1)[:, None]
        value, bound = value / count, bound / count + 2 * UNIT["f32"] * np.abs(value / count)
    return {"out_ptr": stored(value, bound, t["out_ptr"])}
