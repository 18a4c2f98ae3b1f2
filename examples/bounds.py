# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How far a result may lie from NumPy's float64. A reference gets the inputs (as
rounded to their dtype), the numbers and the dtypes of the launch, and returns
{output: (value, bound)}."""
import numpy as np

UNIT = {"f32": 2.0**-24, "f16": 2.0**-11, "bf16": 2.0**-8, "i8": 0.0, "i32": 0.0}


def dot_bound(a, b, k):
    """8·√K·u·√Σ(ab)² for a sum in f32, in any order."""
    return 8 * np.sqrt(k + 1) * UNIT["f32"] * np.sqrt((a**2) @ (b**2)) + 1e-40


def stored(value, bound, dtype):
    """The bound of a result that is rounded to dtype on the way out."""
    return value, bound + UNIT[dtype] * 1.01 * (np.abs(value) + bound) + 1e-40
