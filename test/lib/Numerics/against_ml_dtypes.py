# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Bit by bit against ml_dtypes: every code read, and f32 numbers rounded: all
that bf16 and f16 can hold, all ties and neighbours of the format, and a random
sample (10 million with TERRAZZO_FULL=1)."""
import os
import subprocess
import sys

import ml_dtypes
import numpy as np

FORMATS = {
    "f16": np.float16, "bf16": ml_dtypes.bfloat16, "e4m3fn": ml_dtypes.float8_e4m3fn,
    "e4m3fnuz": ml_dtypes.float8_e4m3fnuz, "e4m3b11fnuz": ml_dtypes.float8_e4m3b11fnuz,
    "e4m3": ml_dtypes.float8_e4m3, "e3m4": ml_dtypes.float8_e3m4, "e5m2": ml_dtypes.float8_e5m2,
    "e5m2fnuz": ml_dtypes.float8_e5m2fnuz, "e8m0": ml_dtypes.float8_e8m0fnu,
    "e3m2": ml_dtypes.float6_e3m2fn, "e2m3": ml_dtypes.float6_e2m3fn, "e2m1": ml_dtypes.float4_e2m1fn,
}
BITS = {"f16": 16, "bf16": 16, "e3m2": 6, "e2m3": 6, "e2m1": 4}


def tool(mode, name, data=b""):
    return subprocess.run(["numerics-convert", mode, name], input=data, capture_output=True, check=True).stdout


def main():
    count = 10_000_000 if os.environ.get("TERRAZZO_FULL") == "1" else 300_000
    rng = np.random.default_rng(1)
    codes = np.arange(1 << 16, dtype=np.uint16)
    with np.errstate(all="ignore"):
        halves = [codes.view(np.float16).astype(np.float32), codes.view(ml_dtypes.bfloat16).astype(np.float32)]
        status = 0
        for name, dtype in FORMATS.items():
            bits = BITS.get(name, 8)
            raw = np.arange(1 << bits).astype(np.uint16 if bits == 16 else np.uint8)
            numbers = raw.view(dtype).astype(np.float64)
            ours = np.frombuffer(tool("decode", name), np.float64)
            same = (ours == numbers) & (np.signbit(ours) == np.signbit(numbers)) | np.isnan(ours) & np.isnan(numbers)
            if not same.all():
                status = 1
                print(f"{name}: decode differs at codes {np.nonzero(~same)[0][:8]}")
            finite = np.unique(numbers[np.isfinite(numbers)])
            ties = ((finite[1:] + finite[:-1]) / 2).astype(np.float32)
            near = [np.nextafter(ties, np.float32(np.inf)), np.nextafter(ties, np.float32(-np.inf))]
            sample = rng.integers(0, 1 << 32, count, dtype=np.uint32).view(np.float32)
            scaled = (rng.standard_normal(count) * np.abs(finite).max() ** rng.random(count)).astype(np.float32)
            x = np.concatenate([*halves, ties, -ties, *near, sample, scaled]).astype(np.float32)
            want = x.astype(dtype).view(np.uint16 if bits == 16 else np.uint8).astype(np.uint16)
            got = np.frombuffer(tool("encode", name, x.tobytes()), np.uint16)
            # A NaN may carry any payload and sign; it must be a NaN.
            nan = np.isnan(got.astype(np.uint16 if bits == 16 else np.uint8).view(dtype).astype(np.float32))
            nan &= np.isnan(want.astype(np.uint16 if bits == 16 else np.uint8).view(dtype).astype(np.float32))
            bad = (got != want) & ~nan
            if name == "e8m0":
                # ml_dtypes rounds the subnormal numbers of f32 up to 2^-126 there.
                bad &= np.abs(x) >= np.finfo(np.float32).tiny
            if bad.any():
                status = 1
                at = np.nonzero(bad)[0][:5]
                print(f"{name}: {bad.sum()} of {len(x)} differ, as {[(float(x[i]), int(got[i]), int(want[i])) for i in at]}")
            else:
                print(f"{name}: {len(x)} numbers alike")
    return status


if __name__ == "__main__":
    sys.exit(main())
