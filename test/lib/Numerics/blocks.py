# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""MX and nvfp4 blocks against the rules of torchao, written here a second time
in NumPy and ml_dtypes: every scale, code and number read back, bit by bit."""
import os
import subprocess

import ml_dtypes
import numpy as np

np.seterr(all="ignore")
COUNT = (1 << 22) if os.environ.get("TERRAZZO_FULL") == "1" else (1 << 16)
f32 = np.float32
ELEMENTS = {  # name: type, largest number, exponent of it, bits of mantissa
    "e4m3fn": (ml_dtypes.float8_e4m3fn, 448.0, 8, 3),
    "e5m2": (ml_dtypes.float8_e5m2, 57344.0, 15, 2),
    "e3m2": (ml_dtypes.float6_e3m2fn, 28.0, 4, 2),
    "e2m3": (ml_dtypes.float6_e2m3fn, 7.5, 2, 3),
    "e2m1": (ml_dtypes.float4_e2m1fn, 6.0, 2, 1),
}


def inputs(block):
    rng = np.random.default_rng(7)
    any_bits = rng.integers(0, 1 << 32, COUNT, dtype=np.uint32).view(f32)
    plain = rng.standard_normal(COUNT).astype(f32)
    # One exponent for each block, so that all scales occur.
    wide = (plain.reshape(-1, block)
            * np.exp2(rng.uniform(-149, 126, (COUNT // block, 1)))).astype(f32).ravel()
    ties = (rng.integers(-64, 65, COUNT) / 32).astype(f32)
    edge = np.array([0, -0.0, 2.0**-149, 2.0**-127, 2.0**-126, 448, 464, 465, 6, 6.5, 7,
                     1.75, 1.9375, *(2.0**-127 * v[1] for v in ELEMENTS.values()), 3.4028235e38, np.inf, -np.inf, np.nan], f32)
    edges = np.concatenate([np.full(block, e, f32) for e in edge])
    mixed = np.concatenate([np.r_[e, plain[: block - 1]] for e in edge]).astype(f32)
    return np.concatenate([any_bits, plain, wide, ties, edges, mixed])


def mx_scale(amax, rule, largest, top, mantissa):
    if rule == 3:
        amax = amax * f32(1.0 / largest)
    bits = amax.view(np.uint32).astype(np.int64)
    if rule == 1:
        bits = (bits + (1 << (22 - mantissa))) & ~0x7FFFFF
    exponent, fraction = bits >> 23, bits & 0x7FFFFF
    if rule == 3:
        scale = exponent + np.where(exponent == 0, fraction > 0x400000, fraction != 0)
    else:
        scale = np.maximum(exponent + ((fraction != 0) if rule == 2 else 0) - top, 0)
    return np.where((exponent == 255) | ~np.isfinite(amax), 255, scale).astype(np.uint8)


def run(data, block, *arguments):
    out = subprocess.run(["numerics-blocks", *arguments], input=data.tobytes(),
                         stdout=subprocess.PIPE, check=True).stdout
    n = len(data)
    scales = np.frombuffer(out, np.uint8, n // block)
    codes = np.frombuffer(out, np.uint8, n, n // block)
    back = np.frombuffer(out[n // block + n:], f32)
    return scales, codes.reshape(-1, block), back.reshape(-1, block)


def equal(what, got, want):
    same = (got == want) | ((got != got) & (want != want))
    if not same.all():
        at = tuple(np.argwhere(~same)[0])
        raise SystemExit(f"{what}: {(~same).sum()} differ; first at {at}: {got[at]} != {want[at]}")


def check_mx():
    data = inputs(32)
    blocks = data.reshape(-1, 32)
    amax = np.max(np.abs(blocks), axis=1)  # NaN if one is
    for name, (kind, largest, top, mantissa) in ELEMENTS.items():
        for rule in range(4):
            what = f"mx {name} rule {rule}"
            scales, codes, back = run(data, 32, "mx", name, str(rule))
            want = mx_scale(amax, rule, largest, top, mantissa)
            equal(what + " scale", scales, want)
            scaled = blocks * np.exp2(127.0 - want)[:, None].astype(f32)
            expect = np.clip(scaled, -largest, largest).astype(kind)
            good = want != 255  # a NaN scale says all
            equal(what + " code", codes[good], expect.view(np.uint8)[good])
            value = (expect.astype(np.float64) * np.exp2(want - 127.0)[:, None]).astype(f32)
            value[~good] = np.nan
            equal(what + " value", back, value)


def check_nvfp4():
    data = inputs(16)
    blocks = data.reshape(-1, 16)
    amax = np.max(np.abs(blocks), axis=1)
    for tensor in (1.0, 0.0009765625, 0.3):
        g = f32(tensor)
        scales, codes, back = run(data, 16, "nvfp4", repr(tensor))
        s8 = np.clip(amax / f32(6) / g, f32(2.0**-6), f32(448)).astype(ml_dtypes.float8_e4m3fn)
        good = ~np.isnan(amax)
        equal("nvfp4 scale", scales[good], s8.view(np.uint8)[good])
        assert np.isnan(back[~good]).all()
        inverse = (f32(1) / g) / s8.astype(f32)
        scaled = np.clip(blocks * inverse[:, None], f32(-6), f32(6))
        expect = scaled.astype(ml_dtypes.float4_e2m1fn)
        equal("nvfp4 code", codes[good], expect.view(np.uint8)[good])
        value = expect.astype(f32) * (g * s8.astype(f32))[:, None]
        equal("nvfp4 value", back[good], value[good])


check_mx()
check_nvfp4()
