# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small kernels that a program for a modeled chip once got wrong, or was refused
for no reason: each runs on a chip of every family and is held against the oracle."""
import os
import subprocess
import sys
import tempfile

CHIPS = ["tpu-v5e", "mtia-300", "ascend-950pr"]
HEAD = """import triton
import triton.language as tl


@triton.jit
def f(x, y, j, o):
    p = tl.program_id(0)
    m = tl.arange(0, 32)
    k = m[:, None] * 32 + m[None, :]
"""
# name: (body, grid)
CASES = {
    # What a sum begins with is read again in the loop.
    "carried": ("""
v = tl.load(x + k) * 2.0
acc = v
for t in range(3):
    acc = acc * 0.5 + tl.load(y + t * 1024 + k) * v
tl.store(o + k, acc)
""", 1),
    # The zeros of the sum are those of each product.
    "zeros": ("""
acc = tl.zeros((32, 32), tl.float32)
for t in range(2):
    acc += tl.dot(tl.load(x + t * 1024 + k), tl.load(y + t * 1024 + k)) * 0.5
tl.store(o + k, acc)
""", 1),
    # The last block is moved back over the one before.
    "overlap": ("""
s = tl.minimum(p * 32, 100 - 32)
tl.store(o + s + m, tl.load(x + s + m) * 2)
""", 4),
    # A number that decides a place and a value.
    "number": ("""
w = tl.load(j + p)
u = tl.load(x + p * 32 + m)
q = tl.load(y + w * 2 + 7 + m)
tl.store(o + p * 32 + m, u * (w * 2) + q)
""", 5),
    # A loop of no trips leaves a sum of nothing.
    "empty": ("""
acc = tl.zeros((32, 32), tl.float32)
for t in range(0, tl.load(j) * 0):
    acc = tl.dot(tl.load(x + k), tl.load(y + k), acc)
tl.store(o + k, acc)
""", 1),
}
ARGS = """args:
  x: {shape: [4096], dtype: f32, init: normal, seed: 1}
  y: {shape: [4096], dtype: f32, init: normal, seed: 2}
  j: {shape: [64], dtype: i32, init: "randint(0,99)", seed: 3}
  o: {shape: [4096], dtype: f32, init: zeros}
"""


def main():
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        kernel, launch = os.path.join(folder, "k.py"), os.path.join(folder, "l.yaml")
        for name, (body, grid) in CASES.items():
            with open(kernel, "w") as f:
                f.write(HEAD + body.strip("\n").replace("\n", "\n    ").join(["    ", "\n"]))
            launches = [f"grid: [{grid}]\noutputs: [o]\n"]
            # Twice in a row, too: the second launch starts from what the first left.
            step = f"{{kernel: f, args: {{x: x, y: y, j: j, o: o}}, grid: [{grid}]}}"
            launches.append(f"launches: [{step}, {step}]\noutputs: [o]\n")
            for text in launches:
                with open(launch, "w") as f:
                    f.write(ARGS + text)
                for chip in CHIPS:
                    run = subprocess.run(["terrazzo", "run", kernel, "--launch", launch, "--target", chip, "--no-cache", "--check"],
                                         capture_output=True, text=True)
                    if run.returncode:
                        wrong += 1
                        print(f"{name} on {chip}: {run.returncode}\n{run.stdout}{run.stderr}")
    return 1 if wrong else 0


sys.exit(main())
