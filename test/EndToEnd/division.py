# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Integer division of vectors, which is one of floats where that is exact:
quotients and remainders of every type against NumPy, in blocks that a mask ends,
where they come near a whole number and at both ends of the type."""
import os
import subprocess
import sys
import tempfile

import numpy as np
import yaml

CHIPS = ["cpu-zen5", "cpu-avx2", "cpu-portable"]
KERNEL = """import triton
import triton.language as tl


@triton.jit
def kernel(x, y, q, r, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    a = tl.load(x + i, mask=i < n)
    b = tl.load(y + i, mask=i < n)
    tl.store(q + i, a // b, mask=i < n)
    tl.store(r + i, a % b, mask=i < n)
"""


def pairs(dtype):
    """Divisors from all sizes, dividends at their multiples and next to them."""
    info, random = np.iinfo(dtype), np.random.default_rng(1)
    ends = [info.min, info.min + 1, info.max - 1, info.max, 1, 2, 3, 7, 10]
    ends += [-v for v in (1, 2, 3, 7)] if info.min else []
    divisors = ends + [int(v) >> int(s) for v, s in zip(random.integers(info.min, info.max, 400, dtype=dtype, endpoint=True),
                                                        random.integers(0, info.bits, 400))]
    found = {(a, b) for a in ends for b in ends}
    for b in divisors:
        if b:
            for k in (1, 2, info.max // abs(b), info.max // abs(b) // 2 + 1, int(random.integers(0, info.max // abs(b), dtype=np.uint64, endpoint=True))):
                found |= {(s * k * abs(b) + d, b) for d in (-1, 0, 1) for s in (-1, 1)}
    found |= {(int(a), int(b)) for a, b in random.integers(info.min, info.max, (1000, 2), dtype=dtype, endpoint=True)}
    return np.array(sorted(p for p in found if p[1] and all(info.min <= v <= info.max for v in p)), dtype=object)


def truncated(a, b):
    q = abs(a) // abs(b)
    return -q if (a < 0) != (b < 0) else q


def main():
    failures = count = 0
    with tempfile.TemporaryDirectory() as work:
        path = lambda p: os.path.join(work, p)
        with open(path("k.py"), "w") as f:
            f.write(KERNEL)
        for name, dtype in (("i8", np.int8), ("i16", np.int16), ("i32", np.int32), ("i64", np.int64),
                            ("u8", np.uint8), ("u16", np.uint16), ("u32", np.uint32), ("u64", np.uint64)):
            both = pairs(dtype)
            bits = np.iinfo(dtype).bits
            a, b = (both[:, k].astype(dtype) for k in (0, 1))
            q = np.array([truncated(int(x), int(y)) for x, y in both], dtype=object)
            r = both[:, 0] - q * both[:, 1]
            q = np.array([int(v) % 2**bits for v in q], np.uint64).astype(f"u{bits // 8}").view(dtype)  # the smallest by -1 wraps
            np.save(path("x.npy"), a)
            np.save(path("y.npy"), b)
            n = len(both)
            launch = {"args": {v: {"shape": [n], "dtype": name, **({"init": f"file({v}.npy)"} if v in "xy" else {})} for v in "xyqr"} | {"n": n},
                      "constexpr": {"BLOCK": 128}, "grid": [-(-n // 128)], "outputs": ["q", "r"]}
            with open(path("l.yaml"), "w") as f:
                yaml.safe_dump(launch, f, sort_keys=False)
            for chip in CHIPS:
                count += n
                done = subprocess.run(["terrazzo", "run", path("k.py"), "--launch", path("l.yaml"), "--no-cache", "--target", chip, "--save", path("out")],
                                      capture_output=True, text=True, timeout=60)
                wrong = done.stderr if done.returncode else ""
                if not wrong:
                    for what, want in (("q", q), ("r", r.astype(dtype))):
                        got = np.load(path(f"out/{what}.npy")).view(dtype)
                        bad = np.flatnonzero(got != want)
                        if len(bad):
                            k = bad[0]
                            wrong += f"{what} of {a[k]} and {b[k]}: {got[k]}, not {want[k]} (and {len(bad) - 1} more)\n"
                if wrong:
                    failures += 1
                    print(f"FAIL {name} on {chip}: {wrong}")
    print(f"{count} divisions, {failures} of {8 * len(CHIPS)} launches wrong")
    return bool(failures)


sys.exit(main())
