# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a Tile program in the oracle on inputs that NumPy made and compares with
NumPy's float64: within the bound that the type of the output allows. A program
with roles runs in several orders, which must give the same bits.

usage: run.py KIND FILE.mlir [name=number ...] [-- OPTIONS of terrazzo-interpret]
"""
import os
import subprocess
import sys
import tempfile

import ml_dtypes
import numpy as np
import yaml

NUMPY = {"f32": np.float32, "f16": np.float16, "bf16": ml_dtypes.bfloat16, "i32": np.int32}
UNIT = {"f32": 2.0**-24, "f16": 2.0**-11, "bf16": 2.0**-8}


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


class Case:
    """Arguments in the order of the function's, and what must come out."""

    def __init__(self, numbers):
        self.numbers, self.args, self.data, self.types = numbers, {}, {}, {}
        self.rng = np.random.default_rng(7)

    def tensor(self, name, shape, dtype, scale=1.0):
        value = (self.rng.standard_normal(shape) * scale).astype(NUMPY[dtype])
        self.given(name, value, dtype)
        return value.astype(np.float64)

    def given(self, name, value, dtype):
        self.data[name] = value.astype(np.float32) if dtype in ("bf16",) else value
        self.args[name] = {"shape": list(value.shape), "dtype": dtype, "init": f"file({name}.npy)"}

    def output(self, name, shape, dtype, init=None):
        self.args[name] = {"shape": list(shape), "dtype": dtype, **({"init": init} if init else {})}
        self.types[name] = dtype

    def number(self, name, value):
        self.args[name] = value


def matmul(c, dtype="bf16", out=None, init=None, split=False):
    m, n, k = (int(c.numbers.get(x, 128)) for x in ("M", "N", "K"))
    out = out or dtype
    a, b = c.tensor("a", (m, k), dtype), c.tensor("b", (k, n), dtype)
    c.output("c", (m, n), out, init)
    if not c.numbers.get("fixed"):
        for name, value in (("M", m), ("N", n), ("K", k)):
            c.number(name, value)
    spread = np.sqrt((a * a) @ (b * b))
    return {"c": (a @ b, 8 * np.sqrt(k) * UNIT["f32"] * spread)}


def matmul_rows(c):
    """A B and the number of the row, in f32."""
    (value, bound), = matmul(c, "bf16", "f32").values()
    rows = np.arange(value.shape[0])[:, None]
    return {"c": (value + rows, bound + UNIT["f32"] * rows)}


def row_softmax(c):
    rows, cols = int(c.numbers.get("rows", 4096)), int(c.numbers.get("cols", 4096))
    x = c.tensor("x", (rows, cols), "f32")
    c.output("o", (rows, cols), "f32")
    if not c.numbers.get("fixed"):
        c.number("rows", rows)
        c.number("cols", cols)
    y = softmax(x)
    return {"o": (y, 64 * UNIT["f32"] * y + 1e-37)}


def attention(c, causal=True, base=np.e, dtype="bf16"):
    s, bh, d = int(c.numbers.get("S", 256)), int(c.numbers.get("BH", 2)), int(c.numbers.get("D", 128))
    q, k, v = (c.tensor(x, (bh * s, d), dtype) for x in "qkv")
    c.output("o", (bh * s, d), dtype)
    scale = float(np.float32(c.numbers.get("scale", 0.125)))
    c.number("S", s)
    c.number("BH", bh)
    c.number("scale", {"value": scale, "dtype": "f32"})
    q, k, v = (x.reshape(bh, s, d) for x in (q, k, v))
    logits = np.einsum("zid,zjd->zij", q, k) * scale * np.log(base)
    if causal:
        logits = np.where(np.tril(np.ones((s, s), bool)), logits, -np.inf)
    p = softmax(logits)
    y = np.einsum("zij,zjd->zid", p, v)
    # p is rounded to the type of v before the second product.
    bound = 4 * UNIT[dtype] * np.sqrt(np.einsum("zij,zjd->zid", p * p, v * v)) * 3
    return {"o": (y.reshape(bh * s, d), bound.reshape(bh * s, d))}


def decode(c, base=2.0, dtype="bf16"):
    b, hk, page, d, group = int(c.numbers.get("B", 3)), int(c.numbers.get("HK", 2)), 16, 128, 16
    pages, longest = int(c.numbers.get("P", 64)), int(c.numbers.get("maxP", 20))
    q = c.tensor("q", (b * hk * group, d), dtype)
    k, v = (c.tensor(x, (pages * page, hk * d), dtype) for x in "kv")
    c.output("o", (b * hk * group, d), dtype)
    table = np.stack([c.rng.permutation(pages)[:longest] for _ in range(b)]).astype(np.int32)
    lens = c.rng.integers(1, longest * page + 1, b).astype(np.int32)
    lens[0] = longest * page
    c.given("table", table, "i32")
    c.given("lens", lens, "i32")
    scale = float(np.float32(c.numbers.get("scale", 0.125)))
    for name, value in (("nB", b), ("HK", hk), ("P", pages), ("maxP", longest)):
        c.number(name, value)
    c.number("scale", {"value": scale, "dtype": "f32"})
    y, bound = np.zeros((b, hk, group, d)), np.zeros((b, hk, group, d))
    heads = q.reshape(b, hk, group, d)
    for i in range(b):
        rows = [int(table[i, t // page]) * page + t % page for t in range(lens[i])]
        for h in range(hk):
            kk, vv = k[rows, h * d:(h + 1) * d], v[rows, h * d:(h + 1) * d]
            p = softmax(heads[i, h] @ kk.T * scale * np.log(base))
            y[i, h] = p @ vv
            bound[i, h] = 12 * UNIT[dtype] * np.sqrt((p * p) @ (vv * vv))
    return {"o": (y.reshape(-1, d), bound.reshape(-1, d))}


KINDS = {
    "matmul": matmul,
    "matmul-f16": lambda c: matmul(c, "f16"),
    "matmul-f32": lambda c: matmul(c, "bf16", "f32"),
    "matmul-rows": matmul_rows,
    "splitk": lambda c: matmul(c, "bf16", "f32", init="zeros"),
    "softmax": row_softmax,
    "attention-exp2": lambda c: attention(c, True, 2.0),
    "attention-full-exp2": lambda c: attention(c, False, 2.0),
    "decode-exp2": decode,
}


def run(kind, path, numbers, options, work):
    """(exit code, what was said, outputs by name, what NumPy expects)"""
    c = Case(numbers)
    expected = KINDS[kind](c)
    for name, value in c.data.items():
        np.save(os.path.join(work, name + ".npy"), value)
    launch = {"args": c.args, "grid": [1], "outputs": list(expected)}
    with open(os.path.join(work, "launch.yaml"), "w") as f:
        yaml.safe_dump(launch, f, sort_keys=False)
    out = os.path.join(work, "out")
    done = subprocess.run(["terrazzo-interpret", path, "--launch", os.path.join(work, "launch.yaml"),
                           "--check", "--save", out, *options], capture_output=True, text=True)
    got = {}
    if done.returncode == 0:
        got = {name: np.load(os.path.join(out, name + ".npy")) for name in expected}
    return done.returncode, done.stdout + done.stderr, got, (expected, c.types)


def main(arguments):
    options = []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, options = arguments[:at], arguments[at + 1:]
    kind, path, *rest = arguments
    numbers = {k: float(v) for k, v in (a.split("=") for a in rest)}
    with open(path) as f:
        roles = "tile.roles" in f.read() and not options
    results = []
    for order in ("producers", "consumers", "1", "2") if roles else (None,):
        with tempfile.TemporaryDirectory() as work:
            more = [f"--roles={order}"] if order else []
            code, said, outputs, (expected, types) = run(kind, path, numbers, options + more, work)
        if code:
            print(said)
            return code
        results.append({name: value.tobytes() for name, value in outputs.items()})
        if results[-1] != results[0]:
            print(f"{path}: other bits when the roles run in the order {order}")
            return 1
    for name, (value, bound) in expected.items():
        got = outputs[name].astype(np.float64)
        assert np.isfinite(got).all(), f"{name} is not finite"
        bound = bound + UNIT[types[name]] * (np.abs(value) + bound)
        ratio = np.abs(got - value) / bound
        print(f"{os.path.basename(path)} {name} {got.shape}: worst {ratio.max():.3g} of the bound")
        if not (ratio <= 1).all():
            at = np.unravel_index(ratio.argmax(), ratio.shape)
            print(f"  differs at {at}: {got[at]} and {value[at]}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
