# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is done with a product where it leaves the registers, against the oracle:
masks that cut register tiles, steps that come to none, other things read on the
way, and results that lie over what is still to be multiplied."""
import os
import subprocess
import sys
import tempfile

import yaml

CHIPS = ["cpu-zen5", "cpu-avx2", "cpu-portable"]
KERNEL = """import triton
import triton.language as tl


@triton.jit
def kernel(a, b, c, d, M, N, K, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr):
    m = tl.program_id(0) * BM + tl.arange(0, BM)
    n = tl.program_id(1) * BN + tl.arange(0, BN)
    k = tl.arange(0, BK)
    at = m[:, None] * N + n[None, :]
    inside = (m[:, None] < M) & (n[None, :] < N)
    acc = {start}
    for step in range(0, tl.cdiv(K, BK)):
        x = tl.load(a + m[:, None] * K + (k + step * BK)[None, :], mask=(m[:, None] < M) & ((k + step * BK)[None, :] < K), other=0)
        y = tl.load(b + (k + step * BK)[:, None] * N + n[None, :], mask=((k + step * BK)[:, None] < K) & (n[None, :] < N), other=0)
        acc = tl.dot(x, y, acc, input_precision="ieee"){more}
{rest}
"""
ZEROS, INTEGERS = "tl.zeros((BM, BN), dtype=tl.float32)", "tl.zeros((BM, BN), dtype=tl.int32)"
PLAIN = "    tl.store(c + at, acc.to(c.dtype.element_ty), mask=inside)"
EPILOGUES = {
    "plain": PLAIN,
    "all": "    tl.store(c + at, acc.to(c.dtype.element_ty))",
    "a column's number": "    v = tl.load(d + n, mask=n < N, other=0)\n    tl.store(c + at, tl.where(acc > 0, acc + v[None, :], v[None, :]), mask=inside)",
    "a row's number": "    v = tl.load(d + m, mask=m < M, other=0)\n    tl.store(c + at, acc * v[:, None] + m[:, None], mask=inside)",
    "on top of what is there": "    v = tl.load(c + at, mask=inside, other=0)\n    tl.store(c + at, acc + v, mask=inside)",
    "a mask that no bound is": "    tl.store(c + at, acc, mask=inside & ((m[:, None] + n[None, :]) % 3 != 0))",
    "turned over": "    tl.store(c + n[None, :] * M + m[:, None], acc, mask=inside)",
    "twice": "    tl.store(c + at, acc, mask=inside)\n    tl.store(d + n, tl.sum(acc, 0), mask=n < N)",
    "sums that began elsewhere": PLAIN,
    "what the loop changed": "    tl.store(c + at, acc + last + step, mask=inside)",
}


def case(dtype, m, n, k, blocks, epilogue="plain", overlap=None):
    init = "randint(-9, 9)" if dtype == "i8" else "normal"
    out = {"i8": "i32"}.get(dtype, "f32" if epilogue != "plain" else dtype)
    start = INTEGERS if dtype == "i8" else ZEROS
    rest, more = EPILOGUES[epilogue], ""
    if epilogue == "sums that began elsewhere":
        start = "tl.load(d + n, mask=n < N, other=0)[None, :] + " + start
    if epilogue == "what the loop changed":
        start += "\n    step, last = 0, tl.load(d)"
        more = "\n        last = last * 2 + tl.load(d + 3)"
    args = {"a": {"shape": [m, max(k, 1)], "dtype": dtype, "init": init, "seed": 1},
            "b": {"shape": [max(k, 1), n], "dtype": dtype, "init": init, "seed": 2},
            "c": {"shape": [m, n], "dtype": out, "init": "ones"}, "d": {"shape": [max(m, n)], "dtype": out, "init": "arange"},
            "M": m, "N": n, "K": k}
    if overlap is not None:  # the result lies `overlap` elements behind A, in the same memory
        args = {"all": {"shape": [m * k + m * n + overlap], "dtype": dtype, "init": init, "seed": 3}} | args
        args["a"] = {"viewof": "all", "shape": [m, k], "strides": [k, 1]}
        args["c"] = {"viewof": "all", "shape": [m, n], "strides": [n, 1], "offset": overlap}
    grid = [-(-m // blocks[0]), -(-n // blocks[1])]
    return KERNEL.format(start=start, rest=rest, more=more), {"args": args, "constexpr": dict(zip(("BM", "BN", "BK"), blocks)), "grid": grid, "outputs": ["c"]}


CASES = {
    **{f"{d} {m} x {n} x {k} in {blocks}": case(d, m, n, k, blocks)
       for d in ("f32", "bf16", "i8") for m, n, k, blocks in (
           (70, 40, 100, (32, 32, 32)), (64, 64, 64, (64, 64, 64)), (9, 100, 33, (16, 128, 16)), (33, 65, 0, (32, 64, 16)), (20, 48, 512, (16, 16, 512)))},
    **{f"{d}, {e}": case(d, 64 if e == "all" else 50, 64, 96, (32, 32, 32), e) for d in ("f32", "i8") for e in EPILOGUES},
    **{f"f32, {e}, no step": case("f32", 50, 64, 0, (32, 32, 32), e) for e in EPILOGUES if e != "all"},
    **{f"the result {o} behind A": case("f32", 32, 64, 64, (32, 64, 16), overlap=o) for o in (0, 1, 64, 2047, 2048)},
}


def main():
    failures = 0
    with tempfile.TemporaryDirectory() as work:
        path = lambda p: os.path.join(work, p)
        for name, (source, launch) in CASES.items():
            with open(path("k.py"), "w") as f:
                f.write(source)
            with open(path("l.yaml"), "w") as f:
                yaml.safe_dump(launch, f, sort_keys=False)
            for chip in CHIPS:
                done = subprocess.run(["terrazzo", "run", path("k.py"), "--launch", path("l.yaml"), "--check", "--no-cache", "--target", chip],
                                      capture_output=True, text=True, timeout=60)
                if done.returncode:
                    failures += 1
                    print(f"FAIL {name} on {chip}: {done.returncode}\n{done.stdout}{done.stderr}")
    print(f"{len(CASES)} launches on {len(CHIPS)} chips, {failures} wrong")
    return bool(failures)


sys.exit(main())
