# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is computed: inputs, how much work it is, and whether a result is right.

A problem has `buffers` by name, `work` and the `unit` of its speed, and
`errors()`, which compares the output with float64: at most 1 is right.
"""
import numpy as np

from arrays import empty, normal, to_f64

ROUNDING = {"f32": 2.0**-24, "bf16": 2.0**-8}


class Matmul:
    """C = A B, all row-major; C is i32 of i8, else the type of A."""
    unit = "GF/s"

    def __init__(self, dtype, size, random):
        self.dtype, self.out = dtype, "i32" if dtype == "i8" else dtype
        self.m = self.n = self.k = size
        self.buffers = {"a": normal(random, (size, size), dtype), "b": normal(random, (size, size), dtype),
                        "c": empty((size, size), self.out)}
        self.output = self.buffers["c"]
        self.work = 2.0 * size**3
        self.rows = random.choice(size, min(size, 16), replace=False)

    def errors(self):
        a, b = to_f64(self.buffers["a"][self.rows]), to_f64(self.buffers["b"])
        want, got = a @ b, to_f64(self.output[self.rows])
        if self.dtype == "i8":
            return 0.0 if (want == got).all() else np.inf
        # The oracle's bound of a dot (docs/Architecture.md), and one rounding of the result.
        bound = 8 * np.sqrt(self.k) * 2.0**-24 * np.sqrt((a * a) @ (b * b))
        return np.max(np.abs(got - want) / (bound + ROUNDING[self.dtype] * np.abs(want)))


class Attention:
    """Forward, one batch, [head][position][width], softmax in f32."""
    unit = "GF/s"

    def __init__(self, dtype, size, random, heads, width, causal):
        self.dtype, self.heads, self.width, self.causal, self.length = dtype, heads, width, causal, size
        shape = (heads, size, width)
        self.buffers = {n: normal(random, shape, dtype) for n in ("q", "k", "v")} | {"out": empty(shape, dtype)}
        self.output = self.buffers["out"]
        self.scale = width**-0.5
        pairs = size * (size + 1) / 2 if causal else size**2
        self.work = 4.0 * heads * width * pairs
        self.head = int(random.integers(heads))

    def errors(self):
        q, k, v = (to_f64(self.buffers[n][self.head]) for n in ("q", "k", "v"))
        scores = q @ k.T * self.scale
        if self.causal:
            scores[np.triu_indices(self.length, 1)] = -np.inf
        weights = np.exp(scores - scores.max(1, keepdims=True))
        weights /= weights.sum(1, keepdims=True)
        want, got = weights @ v, to_f64(self.output[self.head])
        # bf16: the weights are rounded before the second product, then the result.
        bound = 64 * ROUNDING["f32"] if self.dtype == "f32" else 2 * ROUNDING["bf16"]
        return np.max(np.abs(got - want) / (bound * (weights @ np.abs(v) + np.abs(want))))


class Rows:
    """Row by row over [size][size] f32: softmax, layernorm, rmsnorm, copy. The work
    counts one read and one write of every element: what a copy moves."""
    unit, dtype = "GB/s", "f32"
    eps = 1e-5

    def __init__(self, name, size, random, columns=None):
        self.name, self.rows, self.columns = name, size, columns or size
        shape = (self.rows, self.columns)
        self.buffers = {"x": normal(random, shape, "f32"), "out": empty(shape, "f32"),
                        "weight": normal(random, (self.columns,), "f32"),
                        "bias": normal(random, (self.columns,), "f32")}
        self.output = self.buffers["out"]
        self.work = 8.0 * self.rows * self.columns
        self.sample = random.choice(self.rows, min(self.rows, 64), replace=False)

    def errors(self):
        x, got = to_f64(self.buffers["x"][self.sample]), to_f64(self.output[self.sample])
        weight, bias = to_f64(self.buffers["weight"]), to_f64(self.buffers["bias"])
        if self.name == "copy":
            return 0.0 if (x == got).all() else np.inf
        if self.name == "softmax":
            want = np.exp(x - x.max(1, keepdims=True))
            want /= want.sum(1, keepdims=True)
            return np.max(np.abs(got - want) / want) / 1e-5
        if self.name == "layernorm":
            x = x - x.mean(1, keepdims=True)
        want = x / np.sqrt((x * x).mean(1, keepdims=True) + self.eps) * weight
        if self.name == "layernorm":
            want = want + bias
        return np.max(np.abs(got - want) / (np.abs(want) + np.abs(weight) + np.abs(bias))) / 2e-6


def make(case, size, seed=1):
    random = np.random.default_rng(seed)
    kind = case["problem"]
    if kind == "matmul":
        return Matmul(case["dtype"], size, random)
    if kind == "attention":
        return Attention(case["dtype"], size, random, case["heads"], case["width"], case["causal"])
    return Rows(kind, size, random, case.get("columns"))
