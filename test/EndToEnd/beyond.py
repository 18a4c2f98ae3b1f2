# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Blocks larger than their arrays: what the masks exclude is not computed, and
nothing but that. Each launch runs for several chips and is held against the
oracle; where it sets `want`, its output is held against that as well."""
import os
import subprocess
import sys
import tempfile

import numpy as np
import yaml

CHIPS = ["cpu-zen5", "cpu-avx2", "cpu-portable"]
HEAD = "import triton\nimport triton.language as tl\n\n\n@triton.jit\ndef kernel({}):\n"
# One product; the masks of A and B along k are `k < of_a` and `k < of_b`.
PRODUCT = HEAD.format("a, b, c, K, of_a, of_b, M: tl.constexpr, BK: tl.constexpr, N: tl.constexpr") + """\
    m = tl.arange(0, M)
    n = tl.arange(0, N)
    k = tl.arange(0, BK)
    x = tl.load(a + m[:, None] * K + k[None, :], mask=k[None, :] < of_a, other=0)
    y = tl.load(b + k[:, None] * N + n[None, :], mask=k[:, None] < of_b, other=0)
    tl.store(c + m[:, None] * N + n[None, :], tl.dot(x, y))
"""
# Programs that ask for the same B, and for more and less of A.
TURNS = HEAD.format("a, b, c, of_a, of_b, first, steps, BK: tl.constexpr, N: tl.constexpr") + """\
    pid = tl.program_id(0)
    m = tl.arange(0, 16)
    n = tl.arange(0, N)
    acc = tl.zeros((16, N), dtype=tl.float32)
    wide = tl.load(of_a + pid)
    high = tl.load(of_b + pid)
    start = tl.load(first + pid)
    for step in range(0, steps):
        k = tl.arange(0, BK)
        x = tl.load(a + m[:, None] * BK + k[None, :], mask=k[None, :] < wide, other=0)
        y = tl.load(b + start + k[:, None] * N + n[None, :], mask=k[:, None] < high, other=0)
        acc = tl.dot(x, y, acc, input_precision="ieee")
    tl.store(c + pid * 16 * N + m[:, None] * N + n[None, :], acc)
"""
# Stores along either dimension, up to of_a rows and of_b columns; `kept` has two uses.
PLACES = HEAD.format("a, c, of_a, of_b, step_m, step_n, M: tl.constexpr, N: tl.constexpr") + """\
    m = tl.arange(0, M)
    n = tl.arange(0, N)
    inside = (m[:, None] < of_a) & (n[None, :] < of_b)
    kept = tl.exp(tl.load(a + m[:, None] * N + n[None, :]))
    total = tl.sum(kept, axis=1)
    tl.store(c + m[:, None] * step_m + n[None, :] * step_n, kept / total[:, None], mask=inside)
"""
# Rows far shorter than the block. What stands behind them counts: 1.5 in the first sum, -3 in the greatest, and
# 0.25 times that in the second sum, from element n + 3 on.
ROWS = HEAD.format("x, c, n, BLOCK: tl.constexpr") + """\
    i = tl.arange(0, BLOCK)
    p = tl.program_id(0) * n
    v = tl.load(x + p + i, mask=i < n, other=1.5)
    total = tl.sum(v, axis=0)
    most = tl.max(tl.where(i < n, v, -3.0) - total, axis=0)
    again = tl.sum(tl.where(i < n + 3, v, 0.25) * most, axis=0)
    tl.store(c + p + i, v * again + total + most, mask=i < n)
"""
# The same for integers, and a ramp that wraps: behind its greatest number it is below the bound again.
RAMPS = HEAD.format("x, c, n, start, bound, BLOCK: tl.constexpr") + """\
    i = tl.arange(0, BLOCK)
    v = tl.load(x + i, mask=i < n, other=7)
    total = tl.sum(tl.where(start + i < bound, v, 3), axis=0)
    most = tl.sum(v + total, axis=0)
    tl.store(c + i, v + total + most, mask=i < n)
"""
MATMUL = open(os.path.join(os.environ["TERRAZZO_SOURCE"], "examples/matmul/matmul.py")).read()


def matmul(dtype, m, n, k, blocks):
    init = "randint(-9, 9)" if dtype == "i8" else "normal"
    args = {"a_ptr": {"shape": [m, k], "dtype": dtype, "init": init, "seed": 1},
            "b_ptr": {"shape": [k, n], "dtype": dtype, "init": init, "seed": 2},
            "c_ptr": {"shape": [m, n], "dtype": "i32" if dtype == "i8" else dtype},
            "bias_ptr": {"shape": [n], "dtype": "i32" if dtype == "i8" else dtype, "init": "zeros"},
            "M": m, "N": n, "K": k, "stride_am": k, "stride_ak": 1, "stride_bk": n, "stride_bn": 1, "stride_cm": n, "stride_cn": 1}
    return MATMUL, {"kernel": "matmul", "args": args, "constexpr": dict(zip(("BLOCK_M", "BLOCK_N", "BLOCK_K", "GROUP_M"), blocks)),
                    "grid": ["cdiv(M, BLOCK_M) * cdiv(N, BLOCK_N)"], "outputs": ["c_ptr"]}, None


def product(dtype, block, of_a, of_b, spoiled=None):
    """Infinities in the rows of B from `spoiled` on: zeros of A times them are not numbers."""
    rows = max(of_b, 1)
    b = np.ones((rows, 32), np.float32)
    if spoiled is not None:
        b[spoiled:] = np.inf
    out = "i32" if dtype == "i8" else "f32"
    args = {"a": {"shape": [16, max(of_a, 1)], "dtype": dtype, "init": "ones"},
            "b": {"shape": list(b.shape), "dtype": dtype, "init": "file(b.npy)"}, "c": {"shape": [16, 32], "dtype": out},
            "K": max(of_a, 1), "of_a": of_a, "of_b": of_b}
    want = np.full((16, 32), np.nan if spoiled is not None else max(0, min(of_a, of_b)))
    return PRODUCT, {"args": args, "constexpr": {"M": 16, "BK": block, "N": 32}, "grid": [1], "outputs": ["c"]}, (want, b)


def places(of_a, of_b, step_m, step_n):
    args = {"a": {"shape": [16, 64], "dtype": "f32", "init": "normal"}, "c": {"shape": [16 * 64], "dtype": "f32", "init": "zeros"},
            "of_a": of_a, "of_b": of_b, "step_m": step_m, "step_n": step_n}
    return PLACES, {"args": args, "constexpr": {"M": 16, "N": 64}, "grid": [1], "outputs": ["c"]}, None


def rows(n, block):
    args = {"x": {"shape": [5, max(n, 1)], "dtype": "f32", "init": "normal"}, "c": {"shape": [5, max(n, 1)], "dtype": "f32", "init": "zeros"}, "n": n}
    return ROWS, {"args": args, "constexpr": {"BLOCK": block}, "grid": [5], "outputs": ["c"]}, None


def ramps(n, block, start, bound):
    b = np.arange(max(n, 1), dtype=np.float32) - 4
    ramp = (start + np.arange(block) + 2**31) % 2**32 - 2**31
    v = np.full(block, 7)
    v[:n] = b[:n]
    total = np.where(ramp < bound, v, 3).sum()
    want = (v + total + (v + total).sum())[:n]
    args = {"x": {"shape": list(b.shape), "dtype": "i32", "init": "file(b.npy)"}, "c": {"shape": list(b.shape), "dtype": "i32"},
            "n": n, "start": start, "bound": bound}
    return RAMPS, {"args": args, "constexpr": {"BLOCK": block}, "grid": [1], "outputs": ["c"]}, (want, b)


def turns():
    # The first leaves all 64 rows of another B; the second needs little of its own.
    of_a, of_b, first = [64, 16, 64], [64, 8, 8], [0, 32 * 64, 32 * 64]
    b = np.ones((128, 32), np.float32)
    args = {"a": {"shape": [16, 64], "dtype": "f32", "init": "ones"}, "b": {"shape": [128, 32], "dtype": "f32", "init": "file(b.npy)"},
            "c": {"shape": [48, 32], "dtype": "f32"}, "steps": 1}
    for name, values in (("of_a", of_a), ("of_b", of_b), ("first", first)):
        args[name] = {"shape": [3], "dtype": "i32", "init": f"file({name}.npy)"}
    want = np.repeat(np.minimum(of_a, of_b), 16)[:, None] * np.ones(32)
    return TURNS, {"args": args, "constexpr": {"BK": 64, "N": 32}, "grid": [3], "outputs": ["c"]}, \
        (want, b, {"of_a": of_a, "of_b": of_b, "first": first})


CASES = {
    **{f"matmul {d}, K {k} in blocks of {b}": matmul(d, m, n, k, (64, 64, b, 2))
       for d in ("f32", "bf16", "i8") for m, n, k, b in ((70, 40, 5, 128), (64, 64, 33, 64), (5, 100, 130, 64), (64, 64, 64, 256))},
    **{f"{d}, A to {x} and B to {y} of {block}": product(d, block, x, y)
       for d in ("f32", "bf16", "i8") for x, y, block in ((7, 7, 64), (40, 9, 64), (9, 40, 64), (0, 0, 64), (64, 64, 64), (200, 3, 64), (1, 1, 16))},
    **{f"stores to {x} x {y}, steps {s} and {t}": places(x, y, s, t)
       for x, y in ((0, 0), (1, 1), (5, 33), (16, 64), (40, 17), (3, 99)) for s, t in ((64, 1), (1, 16))},
    **{f"rows of {n} in {block}": rows(n, block) for n, block in ((0, 1024), (1, 1024), (61, 1024), (64, 1024), (65, 4096), (1000, 1024))},
    **{f"a ramp of {n} in {block} from {start} below {bound}": ramps(n, block, start, bound)
       for n, block in ((1, 1024), (65, 512), (300, 1024)) for start, bound in ((0, 100), (-50, 9), (200, 100), (0, 5000), (2**31 - 90, 2**31 - 80))},
    "zeros of A meet infinities of B": product("f32", 64, 5, 40, spoiled=20),
    "equal B, unequal A": turns(),
}


def main():
    failures = 0
    with tempfile.TemporaryDirectory() as work:
        path = lambda p: os.path.join(work, p)
        for name, (source, launch, more) in CASES.items():
            if more:
                np.save(path("b.npy"), more[1])
                for n, values in (more[2] if len(more) > 2 else {}).items():
                    np.save(path(n + ".npy"), np.array(values, np.int32))
            with open(path("k.py"), "w") as f:
                f.write(source)
            with open(path("l.yaml"), "w") as f:
                yaml.safe_dump(launch, f, sort_keys=False)
            for chip in CHIPS:
                done = subprocess.run(["terrazzo", "run", path("k.py"), "--launch", path("l.yaml"), "--check", "--no-cache", "--target", chip,
                                       "--save", path("out")], capture_output=True, text=True, timeout=60)
                wrong = done.returncode != 0
                if not wrong and more:
                    wrong = not np.array_equal(np.load(path("out/c.npy")), more[0], equal_nan=True)
                if wrong:
                    failures += 1
                    print(f"FAIL {name} on {chip}: {done.returncode}\n{done.stdout}{done.stderr}")
    print(f"{len(CASES)} launches on {len(CHIPS)} chips, {failures} wrong")
    return bool(failures)


sys.exit(main())
