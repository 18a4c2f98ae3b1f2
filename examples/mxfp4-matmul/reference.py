# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""C = A W for weights of four bits with a shared exponent for each 32 of them, in NumPy's
float64 (formats by ml_dtypes), and how far a result may lie from it."""
import os
import sys

import ml_dtypes
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from bounds import dot_bound, stored


def scales(codes):
    """2^(code - 127), one for each element."""
    return np.repeat(codes.astype(np.uint8).view(ml_dtypes.float8_e8m0fnu).astype(np.float64), 32, axis=1)


def fp4(codes):
    """Two to a byte, the lower half first."""
    codes = codes.astype(np.uint8)
    both = np.stack([codes & 15, codes >> 4], axis=-1).reshape(len(codes), -1)
    return both.view(ml_dtypes.float4_e2m1fn).astype(np.float64)


def reference(x, s, t):
    a = x["a_ptr"]
    if s["A_FORMAT"] in ("e4m3", "e5m2"):
        a = a * scales(x["a_scale_ptr"])
    w = (fp4(x["w_ptr"]) * scales(x["w_scale_ptr"])).T
    return {"c_ptr": stored(a @ w, dot_bound(a, w, s["K"]), t["c_ptr"])}
