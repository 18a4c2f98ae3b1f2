# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The names that public Triton kernels use most (the first 125 of our census,
by the number of functions that use them): each runs here against NumPy, or is
refused by name. `x` is arange(64) as i32, `f` square roots plus 1/4 as f32."""
import itertools
import os
import sys
import tempfile

import ml_dtypes
import numpy as np
import yaml

import executors

HEAD = """import triton
import triton.language as tl
from triton.language.extra import libdevice

BITS: tl.constexpr = 5


@triton.jit
def plus(a, b):
    return a + b


@triton.jit
def kernel(x, f, out, iout, n, s, B: tl.constexpr):
    p = tl.program_id(0)
    i = tl.arange(0, B)
    h = tl.arange(0, 8)
    square = h[:, None] * 8 + h[None, :]
    v = tl.load(f + i)
    k = tl.load(x + i)
"""
x = np.arange(64)
f = (np.sqrt(x) + 0.25).astype(np.float32)
wide = f.astype(np.float64)
X, F = x.reshape(8, 8), wide.reshape(8, 8)
LOW = ml_dtypes
# The bytes of X as two e2m1 each, the lower half first, along the columns.
FP4 = np.stack([X & 15, X >> 4], 1).reshape(16, 8).astype(np.uint8).view(LOW.float4_e2m1fn).astype(float)


def philox(seed, counters, rounds=10):
    """Philox 4x32, from the paper's definition."""
    c, (k0, k1) = [np.asarray(w, np.uint64) + 0 * x.astype(np.uint64) for w in counters], (seed & 0xFFFFFFFF, seed >> 32)
    for _ in range(rounds):
        a, b = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        low, high = np.uint64(0xFFFFFFFF), np.uint64(32)
        c = [(b >> high) ^ c[1] ^ np.uint64(k0), b & low, (a >> high) ^ c[3] ^ np.uint64(k1), a & low]
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return [w.astype(np.uint32) for w in c]


def uniform(bits):
    v = bits.view(np.int32)
    return np.where(v < 0, -v - 1, v).astype(np.float32) * np.float32(4.6566127342e-10)


def through(dtype):
    return (f * np.float32(0.37)).astype(dtype).astype(np.float32)


erf = np.vectorize(__import__("math").erf)
sigmoid, soft = 1 / (1 + np.exp(-wide)), np.exp(wide - wide.max())


def o(text):
    return "tl.store(out + i, " + text + ")"


def w(text):
    return "tl.store(iout + i, " + text + ")"


def cast(dtype):
    return o(f"(v * 0.37).to(tl.{dtype}).to(tl.float32)")


# name: (body, the output, its numbers); numbers of `out` may be off by 2e-6 relatively
CASES = {
    "tl.load": (w("tl.load(x + i, mask=i < 9, other=-3)"), np.where(x < 9, x, -3)),
    "tl.arange": (w("tl.arange(3, 3 + B)"), x + 3),
    "tl.store": ("tl.store(iout + i, i * 0)\n    tl.store(iout + i, i, mask=i % 2 == 0)", np.where(x % 2, 0, x)),
    ".to": (w("(v * 3).to(tl.int32)"), np.trunc(f * np.float32(3))),
    "tl.program_id": ("tl.store(iout + p * 16 + tl.arange(0, 16), p * 100 + tl.arange(0, 16))", x // 16 * 100 + x % 16),
    "tl.float32": (o("k.to(tl.float32) / 8"), x / 8),
    "tl.where": (o("tl.where(k > 20, v, -1.0)"), np.where(x > 20, f, -1)),
    "tl.zeros": (o("tl.zeros((B,), dtype=tl.float32) + 2"), x * 0 + 2.0),
    "tl.sum": (o("v * 0 + tl.sum(v, axis=0)"), x * 0 + wide.sum()),
    "tl.int64": (w("((k.to(tl.int64) * 3000000000) >> 16).to(tl.int32)"), (x * 3000000000) >> 16),
    "tl.cdiv": (w("tl.cdiv(k, 5) + tl.cdiv(n, 7) * 100"), -(-x // 5) + 1000),
    "tl.int32": (w("tl.load(f + 9).to(tl.int32) + k"), x + 3),
    "tl.dot": ("a = tl.load(x + square).to(tl.float32)\n    tl.store(out + square, tl.dot(a, a, allow_tf32=False))", (X @ X).ravel().astype(float)),
    "tl.maximum": (o("tl.maximum(v, 3.0)"), np.maximum(f, 3)),
    "tl.max": ("tl.store(out + square, tl.max(tl.load(f + square), axis=0)[None, :] + tl.zeros((8, 8), tl.float32))", (F.max(0)[None, :] + 0 * F).ravel()),
    "tl.constexpr": ("W: tl.constexpr = B // 2\n    " + w("k + W"), x + 32),
    "tl.minimum": (w("tl.minimum(k, n // 2)"), np.minimum(x, 32)),
    "tl.exp": (o("tl.exp(v)"), np.exp(wide)),
    "tl.full": (o("tl.full([B], 1.5, tl.float32) + k"), x + 1.5),
    "tl.range": ("a = 0\n    for j in tl.range(0, n, 2, num_stages=3):\n        a += j\n    " + w("k + a"), x + sum(range(0, 64, 2))),
    "tl.abs": (o("tl.abs(v - 4)") + "\n    " + w("tl.abs(k - 9)"), (np.abs(wide - 4), np.abs(x - 9))),
    "tl.trans": ("tl.store(iout + square, tl.trans(tl.load(x + square)))", X.T.ravel()),
    "tl.static_range": ("a = k\n    for j in tl.static_range(1, 4):\n        a = a * j\n    " + w("a"), x * 6),
    "tl.num_programs": ("tl.store(iout + p * 16 + tl.arange(0, 16), tl.num_programs(0) + tl.arange(0, 16) * 0 + tl.num_programs(1) * 10)", x * 0 + 14),
    "tl.sqrt": (o("tl.sqrt(v)"), np.sqrt(wide)),
    "tl.cast": (w("tl.cast(v, tl.int32)"), np.trunc(f)),
    "tl.make_block_ptr": ("a = tl.make_block_ptr(base=x, shape=(8, 8), strides=(1, 8), offsets=(0, 0), block_shape=(8, 8), order=(0, 1))\n    tl.store(iout + square, tl.load(a))", X.T.ravel()),
    "tl.log": (o("tl.log(v)"), np.log(wide)),
    "tl.atomic_add": ("tl.store(iout + i, 0)\n    tl.atomic_add(iout + i // 4, k)", np.concatenate([x.reshape(16, 4).sum(1), np.zeros(48, int)])),
    "tl.sigmoid": (o("tl.sigmoid(v)"), sigmoid),
    "tl.bfloat16": (cast("bfloat16"), through(LOW.bfloat16)),
    "tl.multiple_of": (w("tl.load(x + tl.multiple_of(i, 4))"), x),
    "tl.reshape": ("tl.store(iout + h, tl.sum(tl.reshape(k, (4, 2, 8)), 0).reshape(16).reshape(2, 8).sum(0))", ("part", X.sum(0))),
    "tl.float16": (cast("float16"), through(np.float16)),
    "tl.math.exp2": (o("tl.math.exp2(v)"), np.exp2(wide)),
    "tl.cumsum": (o("tl.cumsum(v, 0)"), np.cumsum(wide)),
    "tl.static_assert": ("tl.static_assert(B == 64, f'{B} is not 64')\n    " + w("k"), x),
    ".reshape": ("tl.store(iout + square, k.reshape([8, 8]))", x),
    "tl.uint32": (w("((k - 1).to(tl.uint32) >> 28).to(tl.int32)"), ((x - 1) % 2**32) >> 28),
    "tl.clamp": (o("tl.clamp(v, 2.0, 5.0)"), np.clip(f, 2, 5)),
    "tl.debug_barrier": ("tl.store(iout + i, k)\n    tl.debug_barrier()\n    " + w("tl.load(iout + i) + 1"), x + 1),
    "tl.float8e4nv": (cast("float8e4nv"), through(LOW.float8_e4m3fn)),
    "tl.uint8": (w("(k * 5).to(tl.uint8).to(tl.int32)"), x * 5 % 256),
    "tl.int1": (w("(k & 4).to(tl.int1).to(tl.int32)"), (x & 4) // 4),
    "tl.float64": (w("((v.to(tl.float64) + 1e-12 - v) * 1e15).to(tl.int32) // 100"), np.trunc((wide + 1e-12 - wide) * 1e15).astype(int) // 100),
    "tl.max_contiguous": (w("tl.load(x + tl.max_contiguous(tl.multiple_of(i, B), B))"), x),
    "tl.assume": ("tl.assume(n >= 64)\n    " + w("k + n"), x + 64),
    "tl.exp2": (o("tl.exp2(v - 3)"), np.exp2(wide - 3)),
    "tl.min": (o("v * 0 + tl.min(v + 1, axis=0)"), x * 0 + wide.min() + 1),
    "tl.rsqrt": (o("tl.rsqrt(v)"), 1 / np.sqrt(wide)),
    "tl.floor": (o("tl.floor(v * 3)"), np.floor(f * np.float32(3))),
    "tl.int8": (w("(k * 5).to(tl.int8).to(tl.int32)"), (x * 5 + 128) % 256 - 128),
    "tl.log2": (o("tl.log2(v)"), np.log2(wide)),
    "tl.split": ("a, b = tl.split(tl.reshape(k, (32, 2)))\n    tl.store(iout + tl.arange(0, 32), b * 100 + a)", ("part", x[1::2] * 100 + x[::2])),
    ".store": ("(iout + i).store(k * 2)", x * 2),
    "tl.pointer_type": ("a = tl.load(x + i).to(tl.int64) * 4 + x.to(tl.int64)\n    " + w("tl.load(a.to(tl.pointer_type(tl.int32))) + 1"), x + 1),
    "tl.broadcast_to": ("tl.store(iout + square, tl.broadcast_to(tl.load(x + h)[:, None], (8, 8)))", np.repeat(np.arange(8), 8)),
    "tl.math.rsqrt": (o("tl.math.rsqrt(v + 1)"), 1 / np.sqrt(wide + 1)),
    "tl.math.log2": (o("tl.math.log2(v + 1)"), np.log2(wide + 1)),
    ".trans": ("tl.store(iout + square, tl.load(x + square).trans() + tl.load(x + square).trans(0, 1) * 100)", (X.T + X * 100).ravel()),
    "libdevice": (o("libdevice.tanh(v) + libdevice.exp(-v) + libdevice.log(v) + libdevice.pow(v, 1.5) + libdevice.erf(v) + libdevice.rsqrt(v)"),
                  np.tanh(wide) + np.exp(-wide) + np.log(wide) + wide**1.5 + erf(wide) + 1 / np.sqrt(wide)),
    "tl.zeros_like": (o("tl.zeros_like(v) + 3"), x * 0 + 3.0),
    "tl.rand": (o("tl.rand(12345678901, i)"), uniform(philox(12345678901, [x, 0, 0, 0])[0]).astype(float)),
    "tl.ceil": (o("tl.ceil(v * 3)"), np.ceil(f * np.float32(3))),
    "tl.float8e5": (cast("float8e5"), through(LOW.float8_e5m2)),
    "tl.reduce": (w("k * 0 + tl.reduce(k, 0, plus)"), x * 0 + x.sum()),
    "tl.advance": ("a = tl.make_block_ptr(x, (8, 8), (8, 1), (0, 0), (2, 8), (1, 0))\n    q = tl.make_block_ptr(iout, (8, 8), (8, 1), (0, 0), (2, 8), (1, 0))\n    for j in range(4):\n        tl.store(q, tl.load(a) + j * 100)\n        a = tl.advance(a, (2, 0))\n        q = tl.advance(q, [2, 0])", x + x // 16 * 100),
    "tl.math.exp": (o("tl.math.exp(v)"), np.exp(wide)),
    "tl.uint64": (w("(((k - 1).to(tl.int64).to(tl.uint64)) >> 60).to(tl.int32)"), [15] + [0] * 63),
    "tl.join": ("tl.store(iout + tl.arange(0, 32)[:, None] * 2 + tl.arange(0, 2)[None, :], tl.join(tl.arange(0, 32), tl.arange(100, 132)))", np.stack([x[:32], x[:32] + 100], 1).ravel()),
    ".permute": ("a = tl.load(x + i).reshape(2, 4, 8).permute(2, 0, 1)\n    tl.store(iout + i, a.reshape(64))", x.reshape(2, 4, 8).transpose(2, 0, 1).ravel()),
    "tl.uint16": (w("(k * 5000).to(tl.uint16).to(tl.int32)"), x * 5000 % 65536),
    ".is_fp8": ("tl.static_assert(tl.float8e5.is_fp8() and not f.dtype.element_ty.is_fp8())\n    " + w("k"), x),
    "tl.sin": (o("tl.sin(v)"), np.sin(wide)),
    ".cast": (w("v.cast(tl.int32)"), np.trunc(f)),
    "tl.argmax": (w("k * 0 + tl.argmax((k * 37) % 64, 0)"), x * 0 + int((x * 37 % 64).argmax())),
    "tl.int16": (w("(k * 5000).to(tl.int16).to(tl.int32)"), (x * 5000 + 32768) % 65536 - 32768),
    "tl.philox": ("a, b, c, d = tl.philox(77, i, i * 0 + 5, i * 0, i * 0 + 9)\n    " + w("((a >> 9) ^ (b >> 9) ^ (c >> 9) ^ (d >> 9)).to(tl.int32)"),
                  np.bitwise_xor.reduce([r >> np.uint32(9) for r in philox(77, [x, 5, 0, 9])])),
    "tl.atomic_cas": ("tl.store(iout + i, k)\n    tl.atomic_cas(iout + i, k * 0 + 7, k * 0 + 70)", np.where(x == 7, 70, x)),
    "tl.gather": (w("tl.gather(k * 2, (k * 3) % 64, 0)"), x * 3 % 64 * 2),
    "tl.atomic_max": ("tl.store(iout + i, 30)\n    tl.atomic_max(iout + i, k)", np.maximum(x, 30)),
    "tl.cos": (o("tl.cos(v)"), np.cos(wide)),
    "tl.interleave": ("a = tl.arange(0, 32)\n    " + w("tl.interleave(a, -a)"), np.stack([x[:32], -x[:32]], 1).ravel()),
    "tl.math.log": (o("tl.math.log(v)"), np.log(wide)),
    "tl.device_assert": ("tl.device_assert(k >= 0, f'{B} is wrong')\n    " + w("k"), x),
    "tl.sort": (w("tl.sort((k * 37) % 64)"), x),
    "tl.dtype": ("tl.static_assert(isinstance(tl.int32, tl.dtype) and not isinstance(k, tl.dtype))\n    " + w("k"), x),
    "tl.atomic_xchg": ("tl.store(iout + i, k)\n    a = tl.atomic_xchg(iout + i, k * 2)\n    tl.atomic_add(iout + i, a * 100)", x * 102),
    "tl.permute": ("tl.store(iout + i, tl.permute(tl.reshape(k, (4, 4, 4)), (1, 2, 0)).reshape(64))", x.reshape(4, 4, 4).transpose(1, 2, 0).ravel()),
    "tl.div_rn": (o("tl.div_rn(v, v + 3)"), wide / (wide + 3)),
    ".is_floating": ("tl.static_assert(v.dtype.is_floating() and not k.dtype.is_floating())\n    " + w("k"), x),
    ".split": ("a, b = k.reshape(32, 2).split()\n    tl.store(iout + tl.arange(0, 32), a - b * 3)", ("part", x[::2] - x[1::2] * 3)),
    "tl.ravel": ("tl.store(iout + i, tl.ravel(tl.trans(tl.reshape(k, (8, 8)))))", X.T.ravel()),
    "tl.softmax": (o("tl.softmax(v)"), soft / soft.sum()),
    "tl.fdiv": (o("tl.fdiv(v, v + 2)"), wide / (wide + 2)),
    "tl.atomic_min": ("tl.store(iout + i, 30)\n    tl.atomic_min(iout + i, k)", np.minimum(x, 30)),
    ".broadcast_to": ("tl.store(iout + square, (tl.load(x + h)[None, :]).broadcast_to(8, 8))", np.tile(np.arange(8), 8)),
    ".is_fp64": ("tl.static_assert(v.to(tl.float64).dtype.is_fp64() and not v.dtype.is_fp64())\n    " + w("k"), x),
    "tl.dot_scaled": ("a = (tl.arange(0, 16)[None, :] + h[:, None]).to(tl.bfloat16)\n    b = tl.load(x + square).to(tl.uint8)\n"
                      "    tl.store(out + square, tl.dot_scaled(a, None, 'bf16', b, (h[:, None] + 125).to(tl.uint8), 'e2m1'))",
                      ((np.arange(16) + np.arange(8)[:, None]) @ (FP4 * np.exp2(np.arange(8) - 2.0))).ravel()),
    "tl.associative_scan": (w("tl.associative_scan(k, 0, plus)"), np.cumsum(x)),
    "tl.float8e4b8": (cast("float8e4b8"), through(LOW.float8_e4m3fnuz)),
    ".is_ptr": ("tl.static_assert(x.dtype.is_ptr() and not k.dtype.is_ptr())\n    " + w("k"), x),
    "tl.math.erf": (o("tl.math.erf(v)"), erf(wide)),
    "tl.expand_dims": ("tl.store(iout + square, tl.expand_dims(tl.load(x + h), 1) * 10 + tl.expand_dims(h, 0))", (np.arange(8)[:, None] * 10 + np.arange(8)[None, :]).ravel()),
}
LATER = "cannot be compiled yet"
NEVER = "is not a name of the language that can be compiled"
REFUSED = {
    ".load": ("(f + i).load()", "no method `load` of pointer<fp32>[64]"),
    ".commit": ("v.commit()", "no method `commit` of fp32[64]"),
    ".acquire": ("v.acquire()", "no method `acquire` of fp32[64]"),
    "tl.inline_asm_elementwise": ("tl.inline_asm_elementwise('mov.b32 $0, $1;', '=r,r', [k], dtype=tl.int32, is_pure=True, pack=1)", f"`tl.inline_asm_elementwise` {LATER}"),
    "tl.make_tensor_descriptor": ("d = tl.make_tensor_descriptor(x, [8, 8], [8, 1], [4, 4])\n    d.load([0, 0])", f"`tl.make_tensor_descriptor` {LATER}"),
    "tl.extra.cuda.gdc_launch_dependents": ("tl.extra.cuda.gdc_launch_dependents()", f"`tl.extra.cuda.gdc_launch_dependents` {LATER}"),
    "tl.extra.cuda.gdc_wait": ("tl.extra.cuda.gdc_wait()", f"`tl.extra.cuda.gdc_wait` {LATER}"),
    "tl._experimental_descriptor_store": ("tl._experimental_descriptor_store(x, k, [0])", f"`tl._experimental_descriptor_store` {LATER}"),
    "tl._experimental_descriptor_load": ("tl._experimental_descriptor_load(x, [0], [64], tl.int32)", f"`tl._experimental_descriptor_load` {LATER}"),
    "tl.float8e4b15": ("v.to(tl.float8e4b15)", f"`tl.float8e4b15` {LATER}"),
}
# A fork's names, which Triton 3.9 does not have.
for fork in ("barrier_wait async_dot barrier_arrive async_descriptor_load barrier_expect_bytes local_view alloc_barriers local_alloc "
             "async_task async_dot_wait async_tasks local_trans").split():
    REFUSED["tl.extra.tlx." + fork] = (f"tl.extra.tlx.{fork}(v)", f"`tl.extra.tlx.{fork}` {NEVER}")
LAUNCH = {"kernel": "kernel", "args": {
    "x": {"shape": [64], "dtype": "i32", "init": "arange"}, "f": {"shape": [64], "dtype": "f32", "init": "file(f.npy)"},
    "out": {"shape": [64], "dtype": "f32", "init": "zeros"}, "iout": {"shape": [64], "dtype": "i32", "init": "zeros"}, "n": 64,
    "s": {"value": 0.25, "dtype": "f32"}}, "constexpr": {"B": 64}, "outputs": ["out", "iout"]}


def wrong(case, load):
    """What differs, or nothing."""
    body, want = case
    pairs = []
    if isinstance(want, tuple) and want[0] is not None and isinstance(want[0], str):
        got = load("iout")
        return "" if np.array_equal(got[: len(want[1])], want[1]) else f"got {got[: len(want[1])]}, wanted {want[1]}"
    if isinstance(want, tuple):
        pairs = [(load("out"), want[0]), (load("iout"), want[1])]
    else:
        pairs = [(load("out" if "(out" in body else "iout"), want)]
    for got, expected in pairs:
        expected = np.asarray(expected)
        good = np.array_equal(got, expected) if got.dtype == np.int32 else np.allclose(got, expected, rtol=2e-6, atol=1e-7)
        if not good:
            return f"got {got}, wanted {expected}"
    return ""


def main():
    failures = 0
    with tempfile.TemporaryDirectory() as work:
        path = lambda p: os.path.join(work, p)
        np.save(path("f.npy"), f)

        def run(name, body, executor):
            with open(path("k.py"), "w") as file:
                file.write(HEAD + "    " + body + "\n")
            with open(path("l.yaml"), "w") as file:
                yaml.safe_dump({**LAUNCH, "grid": [4 if "program" in name else 1]}, file)
            return executors.run(path("k.py"), path("l.yaml"), executor, work, check=name != "tl.float64")

        for (name, case), executor in itertools.product(CASES.items(), executors.EXECUTORS):
            done = run(name, case[0], executor)
            what = done.stdout + done.stderr if done.returncode else wrong(case, lambda n: np.load(path(n + ".npy")))
            if done.returncode or what:
                print(f"FAIL {name} ({executor}): {what}")
                failures += 1
        for name, (body, text) in REFUSED.items():
            done = run(name, body, "device")
            if done.returncode != 1 or "error: " + text not in done.stderr:
                print(f"FAIL {name}: exit code {done.returncode}, wanted `{text}`\n{done.stderr}")
                failures += 1
    print(f"{len(CASES)} names against NumPy on {len(executors.EXECUTORS)} executors, {len(REFUSED)} refused by name, {failures} wrong")
    return bool(failures) or len(CASES) + len(REFUSED) < 125


if __name__ == "__main__":
    sys.exit(main())
