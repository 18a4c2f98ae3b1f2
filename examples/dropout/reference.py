# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Elements kept with probability 1 - p, by Philox, and scaled, in NumPy's float64, and how far a result may lie from it."""
import numpy as np


def philox(seed, offsets):
    """Philox 4x32-10, first word, from the paper's definition."""
    mask = np.uint64(0xFFFFFFFF)
    c = [offsets.astype(np.uint64)] + [np.zeros_like(offsets, dtype=np.uint64)] * 3
    k0, k1 = np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)
    for _ in range(10):
        p0, p1 = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(p1 >> np.uint64(32)) ^ c[1] ^ k0, p1 & mask, (p0 >> np.uint64(32)) ^ c[3] ^ k1, p0 & mask]
        k0, k1 = (k0 + np.uint64(0x9E3779B9)) & mask, (k1 + np.uint64(0xBB67AE85)) & mask
    return c[0].astype(np.uint32)


def reference(x, s, t):
    v = x["x_ptr"].astype(np.float32)
    bits = philox(s["seed"], np.arange(len(v))).view(np.int32)
    folded = np.where(bits < 0, -bits - 1, bits)
    uniform = folded.astype(np.float32) * np.float32(4.6566127342e-10)
    kept = v / (np.float32(1) - np.float32(s["p"]))
    value = np.where(uniform > np.float32(s["p"]), kept, 0).astype(np.float64)
    return {"out_ptr": (value, 0 * value)}
