# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How far a result may lie from NumPy's float64. A reference gets the inputs (as
rounded to their dtype), the numbers and the dtypes of the launch, and returns
{output: (value, bound)}."""
import numpy as np

UNIT = {"f32": 2.0**-24, "f16": 2.0**-11, "bf16": 2.0**-8, "fp8e4nv": 2.0**-4, "fp8e5": 2.0**-3, "i8": 0.0, "i32": 0.0}


TINY = {"f16": 2.0**-25, "fp8e4nv": 2.0**-10, "fp8e5": 2.0**-17}  # half the smallest number


def dot_bound(a, b, k):
    """8·√K·u·√Σ(ab)² for a sum in f32, in any order."""
    return 8 * np.sqrt(k + 1) * UNIT["f32"] * np.sqrt((a**2) @ (b**2)) + 1e-40


def attention(q, k, v, scale, unit):
    """Softmax of scale q kᵀ, times v, for one head; `unit` is that of the dtype to
    which the weights are rounded. Errors of the scores move weights by as much."""
    scores = q @ k.T * scale
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    moved = 8 * np.sqrt(q.shape[1]) * UNIT["f32"] * scale * np.sqrt(q**2 @ (k**2).T)
    relative = moved.max(axis=1, keepdims=True) * 2 + (64 + 8 * np.sqrt(len(k))) * UNIT["f32"] + 2 * unit
    return p @ v, relative * (p @ np.abs(v)) * 2


def stored(value, bound, dtype):
    """The bound of a result that is rounded to dtype on the way out."""
    return value, bound + UNIT[dtype] * 1.01 * (np.abs(value) + bound) + TINY.get(dtype, 1e-40)
