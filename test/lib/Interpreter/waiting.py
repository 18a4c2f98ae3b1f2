# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Flags between programs, locks, and loops without end in the oracle."""
import os
import subprocess
import sys

import numpy as np

KERNELS = '''import triton
import triton.language as tl


@triton.jit
def flag(x, n):
    i = tl.program_id(0)
    if i == 0:
        while tl.atomic_add(x, 0) == 0:
            pass
        tl.store(x + 1, 7)
    if i == n:
        tl.atomic_xchg(x, 1)


@triton.jit
def handed(x, n):
    i = tl.program_id(0)
    while tl.atomic_cas(x, i, i) != i:
        pass
    tl.store(x + 1, tl.load(x + 1) + i)
    tl.atomic_add(x, 1)


@triton.jit
def lock(x, n):
    while tl.atomic_cas(x, 0, 1) == 1:
        pass
    k = n
    while k > 0:
        tl.store(x + 1, tl.load(x + 1) + 1)
        k -= 1
    tl.atomic_xchg(x, 0)


@triton.jit
def kept(x, n):
    while tl.atomic_cas(x, 0, 1) == 1:
        pass
    tl.store(x + 1, tl.load(x + 1) + 1)


@triton.jit
def still(x, n):
    k = n
    while k == n:
        k = k * 1
    tl.store(x, k)


@triton.jit
def circle(x, n):
    k = n
    for j in range(3):
        while k >= n:
            k = (k + 1) % 1000 + n
    tl.store(x, k)


@triton.jit
def counts(x, n):
    k = 0
    for j in range(2000):
        k = 0
        while k < n:
            k += 1
    tl.store(x + 1, k)
'''
WAITS = "error: the loop waits for memory that no running program will change"
# name: n, programs, threads, flags, what it says at which line (empty: it ends), x[1]
CASES = [
    ("flag", 1, 2, 2, [], "", 7),
    ("flag", 1, 2, 1, [], "9:15: " + WAITS, None),  # its program never starts
    ("flag", 5, 2, 2, [], "9:15: " + WAITS, None),
    ("handed", 0, 8, 8, [], "", sum(range(8))),
    ("handed", 0, 8, 1, [], "", sum(range(8))),  # in their order
    ("lock", 50, 16, 4, [], "", 800),
    ("kept", 1, 4, 1, [], "38:11: " + WAITS, None),
    ("kept", 1, 4, 4, [], "38:11: " + WAITS, None),
    ("still", 3, 1, 1, [], "46:11: error: the loop never ends", None),  # and reads no memory,
    ("circle", 3, 1, 1, ["--limits", "passes=5000"],
     "55:15: error: the loops of one program took more than 5000 passes (`--limits passes=N` allows more); does this one end?", None),
    ("counts", 3, 1, 1, ["--limits", "passes=10000"], "", 3),
    # 2000 passes of the outer loop, and for each of them 4 of the inner one: three and the last look.
    ("counts", 3, 1, 1, ["--limits", "passes=9999"], "error: the loops of one program took more than 9999 passes", None),
]


def main(work):
    os.makedirs(work, exist_ok=True)
    source, launch = os.path.join(work, "k.py"), os.path.join(work, "l.yaml")
    with open(source, "w") as f:
        f.write(KERNELS)
    failures = 0
    for name, n, programs, threads, more, says, value in CASES:
        with open(launch, "w") as f:
            f.write(f"kernel: {name}\nargs: {{x: {{shape: [2], dtype: i32, init: zeros}}, n: {n}}}\ngrid: [{programs}]\noutputs: [x]\n")
        out = os.path.join(work, "out")
        run = subprocess.run(["terrazzo", "run", source, "--launch", launch, "--executor", "interpreter", "--threads", str(threads),
                              "--save", out, *more], capture_output=True, text=True, timeout=120)
        if says:
            good = run.returncode == 1 and says in run.stderr and "note: in program (" in run.stderr
        else:
            good = run.returncode == 0 and np.load(os.path.join(out, "x.npy"))[1] == value
        if not good:
            print(name, n, programs, threads, "exit code", run.returncode, run.stdout, run.stderr)
            failures += 1
    print(f"{len(CASES) - failures} of {len(CASES)} as expected")
    return bool(failures)


sys.exit(main(sys.argv[1]))
