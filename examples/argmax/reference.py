# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Where each row is largest, first of equals, in NumPy's float64, and how far a result may lie from it."""
import numpy as np


def reference(x, s, t):
    value = x["x_ptr"].argmax(axis=1).astype(np.float64)
    return {"out_ptr": (value, 0 * value)}
