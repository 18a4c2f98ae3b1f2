# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`tl.dot_scaled` against NumPy's float64 (formats by ml_dtypes): each case through all
levels and on the device. With scales at the ends of their range the left operand is an
identity, so that the scaled elements themselves come out.

usage: dot_scaled.py [NAME ...]
"""
import os
import subprocess
import sys
import tempfile
from types import SimpleNamespace

import ml_dtypes
import numpy as np
import yaml

FORMATS = {"e2m1": (ml_dtypes.float4_e2m1fn, "u8"), "e4m3": (ml_dtypes.float8_e4m3fn, "fp8e4nv"), "e5m2": (ml_dtypes.float8_e5m2, "fp8e5"),
           "bf16": (ml_dtypes.bfloat16, "bf16"), "fp16": (np.float16, "f16")}
BITS = {"e4m3": "u8", "e5m2": "u8", "bf16": "u16", "fp16": "u16"}
NORMAL = 2.0**-126
KERNEL = """import triton
import triton.language as tl


@triton.jit
def kernel(a, a_s, b, b_s, c):
    a = tl.load(a + {a})
    b = tl.load(b + {b})
    c0 = tl.load(c + {c})
    {scales}
    d = tl.dot_scaled(a, {a_s}, "{a_format}", b, {b_s}, "{b_format}", c0, lhs_k_pack={a_pack}, rhs_k_pack={b_pack}, fast_math=False)
    tl.store(c + {c}, d)
"""


def case(a, b, a_scale="u8", b_scale="u8", m=16, n=8, k=64, batch=0, group=32, a_pack=True, b_pack=True, bits=False, ends=False):
    return SimpleNamespace(**locals())


CASES = {
    "mxfp4": case("e2m1", "e2m1"),
    "mxfp4 and fp16": case("fp16", "e2m1", a_scale=None),
    "bf16 and mxfp4 along N": case("bf16", "e2m1", a_scale=None, b_pack=False),
    "mxfp4 along M": case("e2m1", "e4m3", a_pack=False, m=4),
    "mxfp8, both kinds": case("e4m3", "e5m2", m=33, n=17, k=96),
    "a batch": case("e2m1", "e5m2", batch=3, n=16, b_scale=None),
    "a batch packed along M and N": case("e2m1", "e2m1", batch=2, a_pack=False, b_pack=False),
    "nvfp4": case("e2m1", "e2m1", a_scale="fp8e4nv", b_scale="fp8e4nv", group=16),
    "scales of bf16": case("bf16", "bf16"),
    "scales of fp16": case("fp16", "fp16", k=32),
    "bits of fp8": case("e4m3", "e5m2", bits=True, k=32),
    "bits of 16": case("bf16", "fp16", bits=True, k=32, a_scale=None, b_scale=None),
    "every scale of fp4": case("bf16", "e2m1", a_scale=None, m=32, k=32, n=256, ends=True),
    "every scale of e4m3": case("bf16", "e4m3", a_scale=None, m=32, k=32, n=256, ends=True),
    "every scale of e5m2, in fp16": case("fp16", "e5m2", a_scale=None, m=32, k=32, n=256, ends=True),
}


def indices(shape):
    """The offsets of a contiguous block of two or three dimensions."""
    terms = []
    for d in range(len(shape)):
        at = "[" + ", ".join(":" if i == d else "None" for i in range(len(shape))) + "]"
        terms.append(f"tl.arange(0, {shape[d]}){at} * {int(np.prod(shape[d + 1:]))}")
    return " + ".join(terms)


def operand(rng, c, side, outer):
    """Bytes as stored, the numbers as outer x k, and the dtype of the array."""
    format, pack = (c.a, c.a_pack) if side == "a" else (c.b, c.b_pack)
    kind, dtype = FORMATS[format]
    shape = ((c.batch,) if c.batch else ()) + (outer, c.k)
    if c.ends and side == "a":
        numbers = np.broadcast_to(np.eye(outer, c.k), shape).astype(kind)
    elif format == "e2m1":
        numbers = rng.integers(0, 16, shape).astype(np.uint8).view(kind)
    else:
        numbers = (rng.standard_normal(shape) * 4).astype(kind)
    stored = numbers if side == "a" else np.swapaxes(numbers, -1, -2)
    stored = np.ascontiguousarray(stored)
    if format == "e2m1":
        codes = stored.view(np.uint8)
        along = (-1 if pack else -2) if side == "a" else (-2 if pack else -1)
        low, high = (np.take(codes, np.arange(half, codes.shape[along], 2), axis=along) for half in (0, 1))
        stored = low | high << 4
    elif c.bits:
        dtype = BITS[format]
        stored = stored.view({"u8": np.uint8, "u16": np.uint16}[dtype])
    return stored, numbers.astype(np.float64), dtype


def scale(rng, c, side, outer):
    kind = c.a_scale if side == "a" else c.b_scale
    shape = ((c.batch,) if c.batch else ()) + (outer, c.k // c.group)
    if not kind:
        return np.zeros(shape, np.uint8), np.ones(shape[:-1] + (c.k,)), "u8"
    if kind == "fp8e4nv":
        stored = (rng.random(shape) * 3).astype(ml_dtypes.float8_e4m3fn)
        numbers = stored.astype(np.float64)
    else:
        stored = (np.arange(np.prod(shape)).reshape(shape) if c.ends else rng.integers(118, 131, shape)).astype(np.uint8)
        numbers = stored.view(ml_dtypes.float8_e8m0fnu).astype(np.float64)
    return stored, np.repeat(numbers, c.group, axis=-1), kind


def scaled(c, numbers, factors):
    """As the rule rounds, and how far the product itself lies from that."""
    exact = numbers * factors
    half = np.float16 if "fp16" in (c.a, c.b) else ml_dtypes.bfloat16
    with np.errstate(over="ignore"):
        rounded = exact.astype(half).astype(np.float64)
    error = np.where(np.isfinite(rounded), np.abs(rounded - exact), 0)
    # x86's products of bf16 take subnormal numbers for zero.
    return rounded, np.where((half != np.float16) & (np.abs(rounded) < NORMAL), np.abs(exact), error)


def expected(c, a, a_s, b, b_s, acc):
    x, ex = scaled(c, a, a_s)
    y, ey = (np.swapaxes(v, -1, -2) for v in scaled(c, b, b_s))
    if c.ends:  # an identity: 0 times infinity would hide the element
        return y + acc, ey + 2.0**-24 * np.abs(y + acc) + (c.k + 1) * NORMAL
    value = x @ y + acc
    spread = np.sqrt(x**2 @ y**2 + acc**2)
    return value, ex @ np.abs(y) + np.abs(x) @ ey + 8 * np.sqrt(c.k + 1) * 2.0**-24 * spread


def run(name, work):
    c = CASES[name]
    rng = np.random.default_rng(7)
    a, x, a_type = operand(rng, c, "a", c.m)
    b, y, b_type = operand(rng, c, "b", c.n)
    a_s, xs, as_type = scale(rng, c, "a", c.m)
    b_s, ys, bs_type = scale(rng, c, "b", c.n)
    shape = ((c.batch,) if c.batch else ()) + (c.m, c.n)
    acc = np.zeros(shape) if c.ends else rng.standard_normal(shape).astype(np.float32)
    if c.ends:  # one row that says nothing: infinities and NaN stand alone
        acc = acc.astype(np.float32)
    arrays = {"a": (a, a_type), "a_s": (a_s, as_type), "b": (b, b_type), "b_s": (b_s, bs_type), "c": (acc, "f32")}
    for key, (array, dtype) in arrays.items():
        np.save(os.path.join(work, key + ".npy"), array if array.dtype.isbuiltin == 1 else array.astype(np.float32))
    loads = [f"{s} = tl.load({s} + {indices(v.shape)})" for s, v, there in (("a_s", a_s, c.a_scale), ("b_s", b_s, c.b_scale)) if there]
    with open(os.path.join(work, "k.py"), "w") as f:
        f.write(KERNEL.format(a=indices(a.shape), b=indices(b.shape), c=indices(shape), scales="\n    ".join(loads) or "pass",
                              a_s="a_s" if c.a_scale else None, b_s="b_s" if c.b_scale else None, a_format=c.a, b_format=c.b,
                              a_pack=c.a_pack, b_pack=c.b_pack))
    launch = {"kernel": "kernel", "args": {key: {"shape": list(array.shape), "dtype": dtype, "init": f"file({key}.npy)"}
                                           for key, (array, dtype) in arrays.items()}, "grid": [1], "outputs": ["c"]}
    with open(os.path.join(work, "l.yaml"), "w") as f:
        yaml.safe_dump(launch, f)
    value, bound = expected(c, x, xs, y, ys, acc.astype(np.float64))
    problems = []
    for executor, more in (("interpreter", []), ("device", ["--verify-semantics"])):
        done = subprocess.run(["terrazzo", "run", "k.py", "--launch", "l.yaml", "--executor", executor, "--check", "--no-cache", "--save",
                               executor, *more], cwd=work, capture_output=True, text=True, timeout=120)
        if done.returncode:
            problems.append(f"{executor}: {done.stdout}{done.stderr}")
            continue
        got = np.load(os.path.join(work, executor, "c.npy")).astype(np.float64)
        if c.ends:
            got, want, most = got[..., : c.k, :], value, bound
            same = np.isfinite(want).all(axis=-2)  # other columns have 0 times infinity in each row
            if not np.isnan(got[..., ~same]).any():
                problems.append(f"{executor}: no NaN where a scale is NaN")
            got, want, most = got[..., same], want[..., same], most[..., same]
        else:
            want, most = value, bound
        over = ~(np.abs(got - want) <= most)
        if over.any():
            at = tuple(int(i[0]) for i in np.nonzero(over))
            problems.append(f"{executor}: {int(over.sum())} of {over.size} differ, at {at} {got[at]} and {want[at]}, bound {most[at]}")
    return problems


# What is refused: a call, and what is said of it. `u` is 32 x 32 of u8, `h` the same of f16, `s` 32 x 1 of u8.
REFUSED = {
    "tl.dot_scaled(u, s, 'e3m4', u, s, 'e4m3')": "`e3m4` is not a value of a format of `tl.dot_scaled`; use one of e2m1, e4m3, e5m2, bf16, fp16",
    "tl.dot_scaled(h, None, 'e4m3', u, s, 'e4m3')": "`tl.dot_scaled` reads e4m3 from uint8, not from fp16[32, 32]",
    "tl.dot_scaled(u.to(tl.int8), None, 'e2m1', u, s, 'e4m3')": "`tl.dot_scaled` reads e2m1 from uint8, not from int8[32, 32]",
    "tl.dot_scaled(h, None, 'fp16', u, s, 'e4m3', lhs_k_pack=False)": "only e2m1 is packed along another dimension than the inner one, not fp16",
    "tl.dot_scaled(h, None, 'fp16', u, s, 'e2m1')": "`tl.dot` of fp16[32, 32] and uint8[32, 32]: the inner dimensions differ",
    "tl.dot_scaled(h, None, 'fp16', u, h, 'e4m3')": "the scale is fp16[32, 32]; these operands need uint8 or fp8e4nv of [32, 1]",
    "tl.dot_scaled(h, None, 'fp16', u, tl.trans(s), 'e4m3')": "the scale is uint8[1, 32]; these operands need uint8 or fp8e4nv of [32, 1]",
    "tl.dot_scaled(h, None, 'fp16', u, s, 'e4m3', h)": "the accumulator is fp16[32, 32], not fp32[32, 32]",
    "tl.dot_scaled(h, None, 'fp16', u, s, 'e4m3', out_dtype=tl.float16)": "`dtype fp16` is not a value of `out_dtype` of `tl.dot_scaled`; use one of tl.float32",
    "tl.dot_scaled(h, None, 'fp16', 3, s, 'e4m3')": "`tl.dot_scaled` reads e4m3 from uint8, not from constexpr 3",
    "tl.dot_scaled(h, None, 'fp16', u)": "argument `rhs_scale` of `tl.dot_scaled` is missing",
}
HEAD = """import triton
import triton.language as tl


@triton.jit
def k(up, hp):
    #: sig(*u8, *fp16)
    i = tl.arange(0, 32)
    u = tl.load(up + i[:, None] * 32 + i[None, :])
    h = tl.load(hp + i[:, None] * 32 + i[None, :])
    s = tl.load(up + i[:, None])
"""


def refused(call, text, work):
    with open(os.path.join(work, "k.py"), "w") as f:
        f.write(HEAD + f"    x = {call}\n    tl.store(hp, tl.sum(x).to(tl.float16))\n")
    done = subprocess.run(["terrazzo", "compile", "k.py"], cwd=work, capture_output=True, text=True)
    return [] if done.returncode == 1 and f"error: {text}" in done.stderr else [f"{done.returncode} {done.stderr}"]


def main(names):
    failures = 0
    with tempfile.TemporaryDirectory() as work:
        found = [(name, run(name, work)) for name in names or CASES]
        found += [(call, refused(call, text, work)) for call, text in REFUSED.items()]
    for name, problems in found:
        failures += bool(problems)
        for problem in problems:
            print(f"{name}: {problem}")
    print(f"{len(found)} products, {failures} wrong")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
