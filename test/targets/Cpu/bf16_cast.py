# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""f32 as bf16 on the device against ml_dtypes, bit for bit: denormal numbers
alone and among others, ties, overflow, infinity; NaN as NaN."""
import os
import subprocess
import tempfile

import ml_dtypes
import numpy as np

KERNEL = """import triton
import triton.language as tl


@triton.jit
def cast(x, out, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(out + i, tl.load(x + i, mask=i < n, other=0).to(tl.bfloat16), mask=i < n)
"""
LAUNCH = """kernel: cast
args:
  x: {{shape: [n], dtype: f32, init: file(x.npy)}}
  out: {{shape: [n], dtype: bf16}}
  n: {0}
constexpr: {{BLOCK: 1024}}
grid: ["cdiv(n, BLOCK)"]
outputs: [out]
"""
rng = np.random.default_rng(5)
bits = rng.integers(0, 1 << 32, 100000, dtype=np.uint32)
denormal = rng.integers(0, 1 << 23, 20000, dtype=np.uint32) | rng.integers(0, 2, 20000, dtype=np.uint32) << 31
mixed = np.where(rng.random(40000) < 0.1, rng.integers(0, 1 << 23, 40000, dtype=np.uint32), rng.integers(0, 1 << 32, 40000, dtype=np.uint32))
ties = (rng.integers(0, 1 << 16, 20000, dtype=np.uint32) << 16) + rng.choice(np.array([0x7fff, 0x8000, 0x8001, 0], np.uint32), 20000)
x = np.concatenate([bits, denormal, mixed, ties, np.array([0, 1 << 31, 0x7f7fffff, 0x7f800000, 0x7f800001, 0xff800000, 0x00800000, 0x007fffff], np.uint32)])
x = x.astype(np.uint32).view(np.float32)
with tempfile.TemporaryDirectory() as work, np.errstate(all="ignore"):
    np.save(os.path.join(work, "x.npy"), x)
    for name, text in ("k.py", KERNEL), ("l.yaml", LAUNCH.format(len(x))):
        with open(os.path.join(work, name), "w") as f:
            f.write(text)
    done = subprocess.run(["terrazzo", "run", "k.py", "--launch", "l.yaml", "--no-cache", "--save", "."], cwd=work, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    got = np.load(os.path.join(work, "out.npy")).astype(np.float32)
    want = x.astype(ml_dtypes.bfloat16).astype(np.float32)
    same = (got.view(np.uint32) == want.view(np.uint32)) | (np.isnan(got) & np.isnan(want))
    assert same.all(), (x[~same][:8], got[~same][:8], want[~same][:8])
