# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reductions and scans whose combine functions are the author's: mean and variance by Welford's
rule over a masked row, and a linear recurrence. Held against the oracle and against NumPy.

usage: combines.py
"""
import os
import subprocess
import sys
import tempfile

import numpy as np

KERNELS = """import triton
import triton.language as tl


@triton.jit
def join(m1, s1, n1, m2, s2, n2):
    d = m2 - m1
    n = n1 + n2
    part = tl.where(n > 0, n2 / tl.where(n > 0, n, 1.0), 0.0)
    return m1 + d * part, s1 + s2 + d * d * n1 * part, n


@triton.jit
def welford(x, out, n, B: tl.constexpr):
    row, i = tl.program_id(0), tl.arange(0, B)
    v = tl.load(x + row * n + i, mask=i < n, other=0.0)
    mean, square, count = tl.reduce((v, tl.zeros_like(v), (i < n).to(tl.float32)), 0, join)
    tl.store(out + row * n, mean)
    tl.store(out + row * n + 1, square / count)


@triton.jit
def after(a1, b1, a2, b2):
    return a1 * a2, b1 * a2 + b2


@triton.jit
def recurrence(x, out, n, B: tl.constexpr):
    row, i = tl.program_id(0), tl.arange(0, B)
    v = tl.load(x + row * n + i, mask=i < n, other=0.0)
    _, h = tl.associative_scan((tl.sigmoid(v), v), 0, after, reverse={reverse})
    tl.store(out + row * n + i, h, mask=i < n)
"""
N, ROWS = 100, 6


def want(kernel, x, reverse):
    out = np.zeros_like(x)
    if kernel == "welford":
        out[:, 0], out[:, 1] = x.mean(1), x.var(1)
        return out
    h = np.zeros(ROWS)
    for i in reversed(range(N)) if reverse else range(N):
        h = h / (1 + np.exp(-x[:, i])) + x[:, i]
        out[:, i] = h
    return out


def main():
    x = np.random.default_rng(7).standard_normal((ROWS, N)).astype(np.float32)
    with tempfile.TemporaryDirectory() as work:
        path = lambda name: os.path.join(work, name)
        np.save(path("x.npy"), x)
        for kernel, reverse in (("welford", False), ("recurrence", False), ("recurrence", True)):
            with open(path("k.py"), "w") as f:
                f.write(KERNELS.replace("{reverse}", str(reverse)))
            with open(path("l.yaml"), "w") as f:
                f.write(f"kernel: {kernel}\nargs: {{x: {{shape: [{ROWS}, {N}], dtype: f32, init: file(x.npy)}}, "
                        f"out: {{shape: [{ROWS}, {N}], dtype: f32, init: zeros}}, n: {N}}}\n"
                        f"constexpr: {{B: 128}}\ngrid: [{ROWS}]\noutputs: [out]\n")
            run = subprocess.run(["terrazzo", "run", path("k.py"), "--launch", path("l.yaml"), "--check", "--verify-semantics",
                                  "--no-cache", "--save", work], capture_output=True, text=True, timeout=120)
            assert run.returncode == 0, (kernel, reverse, run.returncode, run.stdout, run.stderr)
            expected = want(kernel, x.astype(np.float64), reverse)
            worst = np.abs(np.load(path("out.npy")) - expected).max()
            assert worst < 1e-5, (kernel, reverse, worst)  # results near one, some dozens of roundings
    return 0


sys.exit(main())
