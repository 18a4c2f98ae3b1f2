# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`tl.dot` of blocks of fp8: two of one type stay what they are, two of different types
meet in f16, where their products are exact. Held against NumPy's float64 (formats by
ml_dtypes), which differs by the rounding of the sum alone."""
import os
import subprocess
import sys
import tempfile

import ml_dtypes
import numpy as np
import yaml

FORMATS = {"fp8e4nv": ml_dtypes.float8_e4m3fn, "fp8e5": ml_dtypes.float8_e5m2, "fp8e4b8": ml_dtypes.float8_e4m3fnuz,
           "fp8e5b16": ml_dtypes.float8_e5m2fnuz}
PAIRS = [(kind, kind) for kind in FORMATS] + [("fp8e4nv", "fp8e5"), ("fp8e4b8", "fp8e5b16"), ("fp8e5", "fp8e4b8")]
KERNEL = """import triton
import triton.language as tl


@triton.jit
def kernel(a, b, c, d):
    m = tl.arange(0, 16)
    x = tl.load(a + m[:, None] * 32 + tl.arange(0, 32)[None, :])
    y = tl.load(b + tl.arange(0, 32)[:, None] * 16 + m[None, :])
    tl.store(c + m[:, None] * 16 + m[None, :], tl.dot(x, y))
    half = tl.dot(x, y, out_dtype=tl.float16)
    tl.static_assert(half.dtype == tl.float16)
    tl.store(d + m[:, None] * 16 + m[None, :], half)
"""


def main():
    rng, wrong = np.random.default_rng(3), 0
    with tempfile.TemporaryDirectory() as work:
        with open(os.path.join(work, "k.py"), "w") as f:
            f.write(KERNEL)
        for left, right in PAIRS:
            a, b = (rng.standard_normal(shape).astype(FORMATS[kind]) for shape, kind in (((16, 32), left), ((32, 16), right)))
            for name, array in (("a", a), ("b", b)):
                np.save(os.path.join(work, name + ".npy"), array.astype(np.float32))
            launch = {"kernel": "kernel", "args": {
                "a": {"shape": [16, 32], "dtype": left, "init": "file(a.npy)"}, "b": {"shape": [32, 16], "dtype": right, "init": "file(b.npy)"},
                "c": {"shape": [16, 16], "dtype": "f32"}, "d": {"shape": [16, 16], "dtype": "f16"}}, "grid": [1], "outputs": ["c", "d"]}
            with open(os.path.join(work, "l.yaml"), "w") as f:
                yaml.safe_dump(launch, f)
            run = subprocess.run(["terrazzo", "run", "k.py", "--launch", "l.yaml", "--check", "--verify-semantics", "--no-cache", "--save", "out"],
                                 cwd=work, capture_output=True, text=True, timeout=120)
            if run.returncode:
                print(f"{left} {right}: {run.stdout}{run.stderr}")
                wrong += 1
                continue
            a, b = a.astype(np.float64), b.astype(np.float64)
            for name, unit in (("c", 2.0**-24), ("d", 2.0**-11)):
                got = np.load(os.path.join(work, "out", name + ".npy"))
                apart = np.abs(got - a @ b) / (8 * np.sqrt(33) * unit * np.sqrt(a**2 @ b**2))
                if not (apart <= 1).all():
                    print(f"{left} {right}: {name} lies {apart.max()} bounds from NumPy")
                    wrong += 1
    print(f"{len(PAIRS)} pairs, {wrong} wrong")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
