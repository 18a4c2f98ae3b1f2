# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Buffers that every contender shares, and the dtypes NumPy lacks."""
import mmap

import numpy as np

PAGE = 2 << 20
# How a buffer of each type is kept: bf16 as its bits.
KEPT = {"f32": np.float32, "bf16": np.uint16, "i8": np.int8, "i32": np.int32}


def empty(shape, dtype):
    """Zeroed and touched, on huge pages where the system gives them, and aligned
    to one: no contender gains by where its buffers happen to lie."""
    size = int(np.prod(shape)) * np.dtype(KEPT[dtype]).itemsize
    # Private: shared memory, mmap's default, gets no huge pages on most systems.
    area = mmap.mmap(-1, size + 2 * PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    area.madvise(mmap.MADV_HUGEPAGE)
    raw = np.frombuffer(area, np.uint8)
    raw = raw[-raw.ctypes.data % PAGE:][:size]
    raw[:] = 0
    return raw.view(KEPT[dtype]).reshape(shape)


def to_bf16(values):
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def to_f64(kept):
    """The numbers in a buffer of `empty`."""
    if kept.dtype == np.uint16:
        return (kept.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    return kept.astype(np.float64)


def normal(random, shape, dtype):
    """Independent normal numbers; int8 has 40 for its standard deviation."""
    out = empty(shape, dtype)
    flat = out.reshape(-1)
    for start in range(0, flat.size, 1 << 20):
        piece = random.standard_normal(min(1 << 20, flat.size - start), dtype=np.float32)
        if dtype == "bf16":
            piece = to_bf16(piece)
        elif dtype == "i8":
            piece = np.clip(np.rint(piece * 40), -127, 127)
        flat[start:start + piece.size] = piece
    return out
