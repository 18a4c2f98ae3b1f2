# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What each example computes, in NumPy's float64, and how far a result in the
example's formats may lie from it. Each function gets the inputs (as rounded to
their dtype) and the numbers of the launch, and returns {output: (value, bound)}."""
import numpy as np

UNIT = {"f32": 2.0**-24, "f16": 2.0**-11, "bf16": 2.0**-8, "i8": 0.0, "i32": 0.0}


def dot_bound(a, b, k):
    """8·√K·u·√Σ(ab)² for a sum in f32, in any order."""
    return 8 * np.sqrt(k + 1) * UNIT["f32"] * np.sqrt((a**2) @ (b**2)) + 1e-40


def stored(value, bound, dtype):
    """The bound of a result that is rounded to dtype on the way out."""
    return value, bound + UNIT[dtype] * 1.01 * (np.abs(value) + bound) + 1e-40


def vector_add(x, s, t):
    value = x["x_ptr"] + x["y_ptr"]
    return {"out_ptr": stored(value, 0 * value, t["out_ptr"])}


def softmax(x, s, t):
    v = x["x_ptr"]
    e = np.exp(v - v.max(axis=1, keepdims=True))
    value = e / e.sum(axis=1, keepdims=True)
    # exp: 2 ulp and its argument's rounding; the sum; the quotient.
    spread = v.max(axis=1, keepdims=True) - v
    return {"out_ptr": stored(value, value * UNIT["f32"] * (16 + spread + 8 * np.sqrt(v.shape[1])), t["out_ptr"])}


def matmul(x, s, t):
    a, b = x["a_ptr"], x["b_ptr"]
    value = a @ b
    if t["a_ptr"] == "i8":
        return {"c_ptr": (value, 0 * value)}
    bound = dot_bound(a, b, s["K"])
    if s.get("HAS_BIAS"):
        value = value + x["bias_ptr"][None, :]
        bound = bound + 2 * UNIT["f32"] * np.abs(value)
    if s.get("ACTIVATION") == "leaky_relu":
        # Near zero either branch may be taken: both are continuous there.
        value = np.where(value >= 0, value, 0.01 * value)
        bound = bound + 2 * UNIT["f32"] * np.abs(value)
    return {"c_ptr": stored(value, bound, t["c_ptr"])}


def layernorm(x, s, t):
    v = x["x_ptr"]
    mean = v.mean(axis=1, keepdims=True)
    scale = 1 / np.sqrt(((v - mean) ** 2).mean(axis=1, keepdims=True) + s["eps"])
    normal = (v - mean) * scale
    value = normal * x["weight_ptr"] + x["bias_ptr"]
    unit, n = UNIT["f32"], v.shape[1]
    near = 8 * np.sqrt(n) * unit
    bound = np.abs(x["weight_ptr"]) * scale * near * (np.abs(v) + np.abs(mean) + np.sqrt((v**2).mean(axis=1, keepdims=True)))
    bound = bound + np.abs(normal * x["weight_ptr"]) * near * 4 + 4 * unit * np.abs(value)
    return {"out_ptr": stored(value, bound, t["out_ptr"])}


def rmsnorm(x, s, t):
    v = x["x"]
    value = v / np.sqrt((v**2).mean(axis=1, keepdims=True) + s["eps"]) * x["weight"]
    return {"out": stored(value, np.abs(value) * UNIT["f32"] * (8 + 8 * np.sqrt(v.shape[1])), t["out"])}


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


def dropout(x, s, t):
    v = x["x_ptr"].astype(np.float32)
    bits = philox(s["seed"], np.arange(len(v))).view(np.int32)
    folded = np.where(bits < 0, -bits - 1, bits)
    uniform = folded.astype(np.float32) * np.float32(4.6566127342e-10)
    kept = v / (np.float32(1) - np.float32(s["p"]))
    value = np.where(uniform > np.float32(s["p"]), kept, 0).astype(np.float64)
    return {"out_ptr": (value, 0 * value)}


def attention(x, s, t):
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


def cumsum(x, s, t):
    v = x["x_ptr"]
    n = np.arange(1, v.shape[1] + 1)
    bound = 8 * np.sqrt(n) * UNIT["f32"] * np.sqrt(np.cumsum(v**2, axis=1)) + 4 * UNIT["f32"] * np.abs(np.cumsum(v, axis=1)) + 1e-40
    return {"out_ptr": stored(np.cumsum(v, axis=1), bound, t["out_ptr"])}


def splitk_matmul(x, s, t):
    value = x["a"] @ x["b"]
    return {"c": stored(value, 2 * dot_bound(x["a"], x["b"], s["K"]), t["c"])}


def embedding(x, s, t):
    value = x["table_ptr"][x["index_ptr"].astype(np.int64)]
    return {"out_ptr": (value, 0 * value)}


def argmax(x, s, t):
    value = x["x_ptr"].argmax(axis=1).astype(np.float64)
    return {"out_ptr": (value, 0 * value)}


def transpose(x, s, t):
    return {"out_ptr": (x["x_ptr"].T, 0 * x["x_ptr"].T)}
