# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""silu(gate) up, for gate and up side by side, in NumPy's float64, and how far a result
may lie from it."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from bounds import UNIT, stored


def reference(x, s, t):
    gate, up = np.split(x["x_ptr"], 2, axis=1)
    value = gate / (1 + np.exp(-gate)) * up
    # The exponent's own rounding is as large as the gate; beyond f32 it is infinite, and the value zero.
    relative = np.where(gate < -88, 1, (12 + 2 * np.abs(gate)) * UNIT["f32"])
    return {"out_ptr": stored(value, relative * np.abs(value), t["out_ptr"])}
