# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Sorting, scans and reductions on one block, against NumPy.
import os
import tempfile

import numpy as np

import executors

N = 64
KERNEL = f"""
import triton
import triton.language as tl

@triton.jit
def first(a, b):
    return a

@triton.jit
def k(x_ptr, up, down, top, low, turned, total, last, where, least):
    i = tl.arange(0, {N})
    x = tl.load(x_ptr + i)
    tl.store(up + i, tl.sort(x))
    tl.store(down + i, tl.sort(x, descending=True))
    tl.store(top + tl.arange(0, 4), tl.topk(x, 4))
    tl.store(low + tl.arange(0, 4), tl.topk(x, 4, descending=False))
    tl.store(turned + i, tl.flip(x))
    tl.store(total + i, tl.cumsum(x, 0, reverse=True))
    tl.store(last + i, tl.associative_scan(x, 0, first))
    tl.store(where, tl.argmax(x, 0))
    tl.store(least, tl.min(x, 0))
"""


def main():
    # Integers as floats: every sum is exact, and there are equal keys.
    x = np.random.default_rng(7).integers(-20, 20, N).astype(np.float32)
    ordered = np.sort(x)
    want = {"up": ordered, "down": ordered[::-1], "top": ordered[::-1][:4], "low": ordered[:4], "turned": x[::-1],
            "total": np.cumsum(x[::-1])[::-1], "last": np.full(N, x[0]), "where": [np.argmax(x)], "least": [x.min()]}
    with tempfile.TemporaryDirectory() as work:
        np.save(os.path.join(work, "x_ptr.npy"), x)
        with open(os.path.join(work, "k.py"), "w") as f:
            f.write(KERNEL)
        with open(os.path.join(work, "launch.yaml"), "w") as f:
            f.write(f"kernel: k\nargs:\n  x_ptr: {{shape: [{N}], dtype: f32, init: file(x_ptr.npy)}}\n")
            for name, value in want.items():
                dtype = "i32" if name == "where" else "f32"
                f.write(f"  {name}: {{shape: [{len(value)}], dtype: {dtype}}}\n")
            f.write("grid: [1]\noutputs: [" + ", ".join(want) + "]\n")
        for executor in executors.EXECUTORS:
            done = executors.run(work + "/k.py", work + "/launch.yaml", executor, work + "/out")
            assert done.returncode == 0, (executor, done.stdout + done.stderr)
            for name, value in want.items():
                got = np.load(os.path.join(work, "out", name + ".npy"))
                assert np.array_equal(got, value), (executor, name, got, value)


main()
