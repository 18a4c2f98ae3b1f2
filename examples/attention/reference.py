# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Causal attention, head by head, in NumPy's float64, and how far a result may lie from it."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from bounds import UNIT, stored


def reference(x, s, t):
    q, k, v = x["q_ptr"], x["k_ptr"], x["v_ptr"]
    n = q.shape[1]
    scores = np.einsum("hmd,hnd->hmn", q, k) * s["scale"]
    scores = np.where(np.tril(np.ones((n, n), bool)), scores, -np.inf)
    e = np.exp(scores - scores.max(axis=2, keepdims=True))
    p = e / e.sum(axis=2, keepdims=True)
    value = p @ v
    # Errors of the scores move weights by as much; weights are rounded to v's dtype.
    unit = UNIT["f32"]
    moved = 8 * np.sqrt(q.shape[2]) * unit * s["scale"] * np.sqrt(np.einsum("hmd,hnd->hmn", q**2, k**2))
    relative = moved.max(axis=2, keepdims=True) * 2 + 64 * unit + 8 * np.sqrt(n) * unit + 2 * UNIT[t["v_ptr"]]
    bound = relative * (p @ np.abs(v)) * 2
    return {"out_ptr": stored(value, bound, t["out_ptr"])}
