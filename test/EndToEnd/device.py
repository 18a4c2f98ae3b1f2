# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small kernels for what a device gets wrong most easily: each runs on this
machine's CPU for several chips and is held against the oracle. `x` is arange as
i32, `f` sixteenths as f32, `n` 17. Each case is a body and its outputs."""
import os
import re
import subprocess
import sys
import tempfile

import numpy as np
import yaml

CHIPS = ["cpu-zen5", "cpu-avx2", "cpu-portable"]
HEAD = """import triton
import triton.language as tl


@triton.jit
def first(a, b):
    return a


@triton.jit
def larger(v, i, w, j):
    up = (v > w) | ((v == w) & (i < j))
    return tl.where(up, v, w), tl.where(up, i, j)


@triton.jit
def kernel({parameters}, n, zero, s):
    p, q, r = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    i = tl.arange(0, 64)
    h = tl.arange(0, 8)
    square = h[:, None] * 8 + h[None, :]
"""
SHAPES = {"i32": 4096, "f32": 4096, "f64": 256, "f16": 256, "bf16": 256, "i8": 256, "i64": 256, "u8": 256, "u32": 256, "i16": 256,
          "fp8e5": 256, "fp8e4nv": 256, "i1": 256, "wild": 64, "alias": 1024}
# name: (body, grid); arrays are named by their type: i32, f32, ..., and o_TYPE for results, all zeros at first
CASES = {
    # Masks.
    "a mask that begins where the block ends": ("tl.store(o_i32 + i, tl.load(i32 + i, mask=i >= 64, other=-2))", 1),
    "a mask whose constant bound is 0": ("tl.store(o_i32 + i, 3, mask=i <= -1)\n    tl.store(o_i32 + 64 + i, 3, mask=i < 0)", 1),
    "a mask whose bounds cross": ("tl.store(o_i32 + i, 3, mask=(i >= n - 7) & (i < n - 12))\n    tl.store(o_i32 + i, 4, mask=(i >= 6) & (i < 5))", 1),
    "a mask below all": ("tl.store(o_i32 + i, 3, mask=i < n - 18)\n    tl.store(o_i32 + i, 4, mask=i < -1)", 1),
    "a mask known for the whole block": ("tl.store(o_i32 + i, 3, mask=n > 3)\n    tl.store(o_i32 + 64 + i, 3, mask=(n > 30) & (i < 9))", 1),
    "a masked scalar": ("tl.store(o_i32 + 1, tl.load(i32 + 7, mask=n > 3, other=9), mask=n > 2)\n    tl.store(o_i32 + 2, tl.load(i32 + 7, mask=n > 30, other=9))", 1),
    "other that differs by element": ("tl.store(o_i32 + i, tl.load(i32 + i, mask=i < n, other=i * 5))", 1),
    # Integers.
    "division by zero where it is masked off": ("d = tl.load(i32 + i, mask=i < n, other=0) - 3\n    tl.store(o_i32 + i, tl.where(i < n, 100, 0) // tl.where(d == 0, 1, d), mask=i < n)\n"
        "    e = tl.load(i32 + i, mask=i < 5)\n    tl.store(o_i32 + 64 + i, 100 // (e + 1), mask=i < 5)", 1),
    "division by a masked-off block": ("e = tl.load(i32 + 1 + i, mask=i < 5)\n    tl.store(o_i32 + i, 100 // e, mask=i < 5)\n    tl.store(o_i32 + 64 + i, 100 % e, mask=i < 5)", 1),
    "the smallest number by -1": ("a = (i * 0 + 1) << 31\n    tl.store(o_i32 + i, a // (zero - 1))\n    tl.store(o_i32 + 64 + i, a % (zero - 1))", 1),
    "shifts by the width and more": ("a = i + 5\n    tl.store(o_i32 + i, a << i)\n    tl.store(o_i32 + 64 + i, (-a) >> i)\n    tl.store(o_u32 + i, (-a).to(tl.uint32) >> i.to(tl.uint32))\n"
        "    tl.store(o_i8 + i, (a.to(tl.int8) << i.to(tl.int8)))", 1),
    "floats beyond the integers": ("a = tl.load(wild + i)\n    tl.store(o_i32 + i, a.to(tl.int32))\n    tl.store(o_i8 + i, a.to(tl.int8))\n    tl.store(o_u8 + i, a.to(tl.uint8))\n    tl.store(o_u32 + i, a.to(tl.uint32))\n"
        "    tl.store(o_i64 + i, a.to(tl.int64))\n    tl.store(o_i16 + i, a.to(tl.float16).to(tl.int16))\n    tl.store(o_i64 + 64 + i, a.to(tl.float64).to(tl.int64))\n    tl.store(o_i32 + 64, tl.load(wild + 3).to(tl.int32))", 1),
    "signs of narrow numbers": ("a = tl.load(i32 + i * 7)\n    tl.store(o_u8 + i, a.to(tl.uint8) // 3)\n    tl.store(o_i8 + i, a.to(tl.int8) // 3)\n    tl.store(o_i64 + i, a.to(tl.int8).to(tl.uint8).to(tl.int64))\n"
        "    tl.store(o_f32 + i, a.to(tl.uint8).to(tl.float32) - a.to(tl.int8).to(tl.float32))\n    tl.store(o_i16 + i, tl.maximum(a.to(tl.uint8), 100).to(tl.int16))", 1),
    "64 bits": ("a = tl.load(i32 + i).to(tl.int64) * 3000000000\n    tl.store(o_i64 + i, a // 7 + a % 1000003)\n    tl.store(o_i64 + 64 + i, tl.cumsum(a, 0))\n    tl.store(o_i64 + 128 + i, tl.sum(a, 0) + (a >> 5))", 1),
    "truth values": ("a = tl.load(i32 + i) % 3 == 0\n    b = a ^ (i > 20)\n    tl.store(o_i1 + i, b)\n    tl.store(o_i32 + i, tl.sum(b.to(tl.int32), 0))\n    tl.store(o_i8 + i, tl.load(i1 + i).to(tl.int8))\n    tl.store(o_i32 + 64 + i, tl.max(tl.load(i1 + i).to(tl.int32), 0))", 1),
    # Floats.
    "f64": ("a = tl.load(f64 + i)\n    tl.store(o_f64 + i, tl.exp(a) + tl.sqrt(a) * tl.log(a + 1) / 3)\n    tl.store(o_f64 + 64 + i, tl.cumsum(a, 0) + tl.sum(a, 0))", 1),
    "f16 and bf16": ("a = tl.load(f16 + i)\n    tl.store(o_f16 + i, a * a - a / 3)\n    tl.store(o_f16 + 64 + i, tl.exp(a.to(tl.float32)).to(tl.float16))\n    b = tl.load(bf16 + i)\n    tl.store(o_bf16 + i, tl.maximum(b * b, 1.5))\n"
        "    tl.store(o_bf16 + 64 + i, b + tl.max(b, 0))\n    tl.store(o_f32 + i, tl.sum(a, 0) + tl.cumsum(b.to(tl.float32), 0))", 1),
    "fp8": ("tl.store(o_fp8e5 + i, tl.load(f32 + i).to(tl.float8e5))\n    tl.store(o_fp8e4nv + i, tl.load(f16 + i).to(tl.float8e4nv))\n    tl.store(o_f32 + i, tl.load(fp8e5 + i).to(tl.float32) * tl.load(fp8e4nv + i).to(tl.float32))\n"
        "    tl.store(o_f32 + 64 + square, tl.load(fp8e5 + tl.trans(square)).to(tl.float32))", 1),
    "a maximum with a number that is none": ("a = tl.load(f32 + i)\n    a = tl.where(i == 9, a * 0 / (a * 0), a)\n    tl.store(o_f32 + i, tl.maximum(a, 3.0))\n    tl.store(o_f32 + 64, tl.max(tl.where(i == 9, 0, a), 0))\n    tl.store(o_f32 + 128 + i, tl.maximum(a, 3.0, propagate_nan=tl.PropagateNan.ALL))", 1),
    # Reductions, scans.
    "ties": ("a = tl.load(i32 + i) // 16 % 2\n    tl.store(o_i32, tl.argmax(a, 0))\n    tl.store(o_i32 + 1, tl.argmin(a, 0))\n    tl.store(o_i32 + 2, tl.argmax(tl.load(f32 + i) * 0, 0))\n    tl.store(o_i32 + 8 + h, tl.argmax(tl.reshape(a, (8, 8)), 0))\n    tl.store(o_i32 + 16 + h, tl.argmax(tl.reshape(a, (8, 8)) * 0, 1))", 1),
    "reductions of three dimensions": ("a = tl.reshape(tl.load(i32 + i), (4, 2, 8))\n    tl.store(o_i32 + tl.arange(0, 16), tl.reshape(tl.sum(a, 0), (16,)))\n    tl.store(o_i32 + 64 + tl.arange(0, 32), tl.reshape(tl.max(a, 1), (32,)))\n    tl.store(o_i32 + 128 + h, tl.reshape(tl.min(a, 2), (8,)))", 1),
    "a reduction of several values": ("v, k = tl.reduce((tl.load(i32 + i) * 37 % 64, i), 0, larger)\n    tl.store(o_i32, v)\n    tl.store(o_i32 + 1, k)\n    v, k = tl.reduce((tl.load(i32 + square) * 37 % 64, square), 0, larger)\n    tl.store(o_i32 + 8 + h, v * 100 + k)", 1),
    "reductions of odd sizes": ("a = tl.arange(0, 7)\n    tl.store(o_i32, tl.sum(tl.load(i32 + a), 0))\n    tl.store(o_i32 + 1, tl.max(tl.load(i32 + tl.arange(0, 1)), 0))\n    b = tl.arange(0, 33)\n    tl.store(o_f32 + b, tl.load(f32 + b) - tl.sum(tl.load(f32 + b), 0))\n    tl.store(o_i32 + 64 + b, tl.cumsum(tl.load(i32 + b), 0))", 1),
    "scans both ways along both dimensions": ("a = tl.load(i32 + square) % 11\n    tl.store(o_i32 + square, tl.cumsum(a, 0))\n    tl.store(o_i32 + 64 + square, tl.cumsum(a, 1))\n    tl.store(o_i32 + 128 + square, tl.cumsum(a, 0, reverse=True))\n    tl.store(o_i32 + 192 + square, tl.cumsum(a, 1, reverse=True))\n    tl.store(o_i32 + 256 + square, tl.associative_scan(a, 1, first))\n    tl.store(o_i32 + 320 + square, tl.associative_scan(a, 0, first, reverse=True))", 1),
    "sort, flip, top": ("a = tl.load(i32 + i) * 37 % 64\n    tl.store(o_i32 + i, tl.sort(a))\n    tl.store(o_i32 + 64 + square, tl.sort(tl.reshape(a, (8, 8)), descending=True))\n    tl.store(o_i32 + 128 + square, tl.flip(tl.reshape(a, (8, 8)), 0))\n    tl.store(o_i32 + 192 + h, tl.topk(a, 8))", 1),
    "histogram with a mask": ("tl.store(o_i32 + tl.arange(0, 16), tl.histogram(tl.load(i32 + i) // 5, 16, mask=i % 3 != 0))", 1),
    # Shapes.
    "four dimensions": ("a = tl.reshape(tl.load(i32 + i), (2, 4, 2, 4))\n    tl.store(o_i32 + i, tl.reshape(tl.permute(a, (3, 1, 0, 2)), (64,)))\n    tl.store(o_i32 + 64 + tl.arange(0, 16), tl.reshape(tl.sum(tl.sum(a, 2), 1), (8,)).reshape(8, 1).broadcast_to(8, 2).reshape(16))", 1),
    "dimensions of 1": ("a = tl.load(i32 + tl.arange(0, 1)[:, None] + h[None, :])\n    tl.store(o_i32 + square, a + tl.arange(0, 1)[None, :])\n    b = tl.sum(a, 0)\n    tl.store(o_i32 + 64 + square, tl.broadcast_to(b[:, None] * tl.full((1, 1), 3, tl.int32), (8, 8)))", 1),
    "gathered rows and columns": ("w = tl.load(i32 + h * 3) % 7\n    tl.store(o_i32 + square, tl.load(i32 + w[:, None] * 8 + h[None, :]))\n    tl.store(o_i32 + 64 + square, tl.load(i32 + h[:, None] * 8 + w[None, :], mask=h[:, None] < 5, other=-1))\n    tl.store(o_i32 + 128 + w[:, None] * 8 + h[None, :], square * 0 + 5)", 1),
    "gathers along both dimensions": ("a = tl.load(i32 + square)\n    w = (square * 5) % 8\n    tl.store(o_i32 + square, tl.gather(a, w, 0))\n    tl.store(o_i32 + 64 + square, tl.gather(a, w, 1))", 1),
    # Addresses.
    "strides that are negative or none": ("tl.store(o_i32 + i, tl.load(i32 + 500 - i * 3))\n    tl.store(o_i32 + 127 - i, i)\n    tl.store(o_i32 + 128 + square, tl.load(i32 + h[:, None] * 0 + h[None, :] * 2))\n    tl.store(o_i32 + 192 + square, tl.load(i32 + tl.broadcast_to(h[:, None] * 5, (8, 8))))", 1),
    "pointers that move by different amounts": ("a, b = i32 + i, i32 + 1000 - i\n    t = i * 0\n    for k in range(n):\n        t += tl.load(a) * 3 - tl.load(b)\n        a += 5\n        b -= k\n    tl.store(o_i32 + i, t)", 1),
    "pointers of two arrays": ("if n > 3:\n        a = i32 + i\n    else:\n        a = o_i32 + 63 - i\n    for k in range(3):\n        a = tl.where(i % (k + 2) == 0, a, i32 + 2 * i)\n    tl.store(o_i32 + 64 + i, tl.load(a))", 1),
    "in place": ("for k in range(3):\n        a = tl.load(o_i32 + i)\n        b = tl.load(o_i32 + 63 - i)\n        tl.store(o_i32 + i, a + b + i)\n        tl.debug_barrier()\n    tl.store(o_i32 + 64 + i, tl.load(o_i32 + i + 1, mask=i < 63, other=0))", 1),
    "a block that was loaded before it was overwritten": ("a = tl.load(o_i32 + square)\n    tl.store(o_i32 + square, square + 1)\n    b = tl.load(o_i32 + tl.trans(square))\n    tl.store(o_i32 + square, b * 2 + a)", 1),
    "two names of one array": ("tl.store(o_i32 + i, i + 1)\n    a = tl.load(alias + h)\n    b = tl.load(o_i32 + h)\n    tl.store(o_i32 + h + 4, b * 100)\n    tl.store(alias + h, a + tl.load(alias + 7 - h))\n"
        "    for k in range(n):\n        a += tl.load(alias + k + h)\n        tl.store(o_i32 + k + 5 + h, a)\n    tl.store(o_i32 + 64 + h, a)", 1),
    "offsets beyond 32 bits": ("a = i8 + (i.to(tl.int64) + 5000000000)\n    tl.store(o_i8 + i, tl.load(a - 5000000000))\n    w = tl.load(i64 + 128 + i) * 4294967296\n    tl.store(o_i8 + 64 + i, tl.load(i8 + w + (i - w)))\n"
        "    b = i8 + n.to(tl.int64) * 1000000000\n    for k in range(3):\n        b -= 5666666666\n    tl.store(o_i8 + 128 + i, tl.load(b - 2 + i))", 1),
    "an index that was gathered by a gathered index": ("k = tl.arange(0, 4)\n    a = tl.load(i32 + k)\n    b = tl.load(i32 + (a & 1023))\n    c = tl.load(u32 + (b & 63))\n    tl.atomic_add(o_u32 + k, c, mask=k < 2)\n"
        "    tl.store(o_i32 + k, a)\n    tl.store(o_i32 + 64 + k, b)\n    tl.store(o_u32 + 64 + k, c)", 1),
    # Control.
    "carried blocks that swap": ("a, b, c = i, i * 2, i * 3\n    for k in range(n):\n        a, b, c = b, c, a + 1\n    tl.store(o_i32 + i, a)\n    tl.store(o_i32 + 64 + i, b * 3 + c)", 1),
    "an index that a loop carries": ("a, w = i, 63 - i\n    for k in range(n):\n        a, w = tl.load(i32 + w * 2) % 64, a\n    tl.store(o_i32 + i, a)\n    tl.store(o_i32 + 64 + i, w)", 1),
    "a long sort": ("a = tl.sort(tl.load(i32 + tl.arange(0, 512)) * 37 % 512)\n    tl.store(o_i32 + tl.arange(0, 512), a)\n    for k in tl.static_range(40):\n        a = a + tl.where(a > 3, tl.flip(a), a * 2)\n    tl.store(o_i32 + 1024 + tl.arange(0, 512), a)", 1),
    "no trip": ("a = tl.load(i32 + i)\n    for k in range(n, 3):\n        a += 7\n    while n < 0:\n        a *= 2\n    tl.store(o_i32 + i, a)", 1),
    "loops in loops": ("a = tl.zeros((8, 8), tl.int32)\n    for k in range(n):\n        b = tl.load(i32 + square + k)\n        for m in range(k % 4):\n            a, b = b + m, a\n            if m == 2:\n                a += 1\n        a += tl.sum(b, 1)[:, None]\n    tl.store(o_i32 + square, a)", 1),
    "a while that carries blocks": ("a, k = tl.load(i32 + i), 0\n    while tl.max(a, 0) > 3:\n        a, k = a // 2, k + 1\n    tl.store(o_i32 + i, a + k * 100)", 1),
    "a branch that leaves": ("a = tl.load(i32 + i)\n    if p == 1:\n        return\n    if p == 2:\n        a = a * 2\n    tl.store(o_i32 + p * 64 + i, a)", 4),
    "ids of three dimensions": ("tl.store(o_i32 + ((r * tl.num_programs(1) + q) * tl.num_programs(0) + p) * 8 + h, p * 100 + q * 10 + r + h * 1000)", [3, 2, 5]),
    "no program": ("tl.store(o_i32 + i, 1)", [3, 0, 2]),
    "scalars only": ("a = tl.load(i32 + p)\n    b = 1\n    for k in range(a):\n        b = (b * 3 + k) % 1000\n    tl.store(o_i32 + p, b)\n    tl.store(o_f32 + p, tl.exp(s) * tl.sqrt(a + 0.5) + tl.load(f32 + p))", 40),
    # Products.
    "a batch of products": ("b = tl.arange(0, 4)[:, None, None] * 16 + tl.arange(0, 4)[None, :, None] * 4 + tl.arange(0, 4)[None, None, :]\n    u = tl.load(f32 + b)\n    tl.store(o_f32 + b, tl.dot(u, tl.load(f32 + 64 + b), input_precision='ieee'))\n    tl.store(o_f32 + 64 + b, tl.dot(u, u, acc=u, input_precision='ieee'))", 1),
    "products in other types": ("u = tl.arange(0, 16)[:, None] * 16 + tl.arange(0, 16)[None, :]\n    tl.store(o_f32 + u, tl.dot(tl.load(f16 + u), tl.trans(tl.load(f16 + u))))\n    tl.store(o_f32 + 256 + u, tl.dot(tl.load(bf16 + u), tl.load(bf16 + u)))\n    tl.store(o_i32 + u, tl.dot(tl.load(i8 + u), tl.load(i8 + u)))\n    tl.store(o_f64 + u, tl.dot(tl.load(f64 + u), tl.load(f64 + u)))", 1),
    # Atomics.
    "atomics of several programs": ("tl.atomic_add(o_i32 + i % 8, i + p)\n    tl.atomic_max(o_i32 + 64 + i, i * (p % 5), mask=i < n)\n    tl.atomic_xor(o_i64 + h, (h + p).to(tl.int64))\n    tl.atomic_add(o_f32 + h, h * 0.5)", 50),
    "tickets": ("t = tl.atomic_add(o_i32, 1)\n    tl.store(o_i32 + 1 + t, 1)\n    tl.atomic_add(o_i32 + 100 + h, 2)", 64),
    "atomics on narrow floats": ("tl.atomic_add(o_f16 + h, (h * 0.5).to(tl.float16))\n    tl.atomic_add(o_bf16 + h, (h * 0.25).to(tl.bfloat16))\n    tl.atomic_max(o_f32 + i, tl.load(f32 + i) - 2)\n    tl.atomic_min(o_f32 + 64 + i, tl.load(f32 + i) - 2)", 4),
    "unsigned atomics": ("tl.atomic_max(o_u32 + i, (i - 3).to(tl.uint32))\n    tl.atomic_min(o_u32 + 64 + i, (i - 3).to(tl.uint32))", 2),
    "a lock": ("while tl.atomic_cas(o_u32 + 200, 0, 1) == 1:\n        pass\n    tl.store(o_i32 + i, tl.load(o_i32 + i) + 1)\n    a = tl.load(o_i32 + i)\n    tl.atomic_xchg(o_u32 + 200, 0)\n"
        "    tl.atomic_add(o_i64 + i, a.to(tl.int64), sem='relaxed')", 3000),
    "exchange and compare": ("tl.store(o_i32 + i, i)\n    a = tl.atomic_xchg(o_i32 + i, i * 2)\n    b = tl.atomic_cas(o_i32 + i, i * 0 + 8, i * 0 + 80)\n    tl.store(o_i32 + 64 + i, a * 100 + b)", 1),
}


def main():
    only, failures = set(sys.argv[1:]), 0
    with tempfile.TemporaryDirectory() as work:
        path = lambda p: os.path.join(work, p)
        np.save(path("f32.npy"), (np.arange(4096) / 16).astype(np.float32))
        edges = [0.0, -0.0, np.nan, np.inf, -np.inf, 1e30, -1e30, 0.99, -0.99, 127.5, -128.5, -129.0, 255.5, 256.0, 65504.0, -32769.0, 2147483520.0,
                 2147483648.0, -2147483648.0, -2147483904.0, 4294967040.0, 4294967296.0, 9.2233715e18, 9.223372e18, -9.223372e18, -9.3e18, 1.8e19, 1e-40]
        np.save(path("wild.npy"), np.resize(np.array(edges, np.float32), 64))
        for name, (body, grid) in CASES.items():
            if only and name not in only:
                continue
            used = [a for a in dict.fromkeys(re.findall(r"\b(?:o_)?(?:%s)\b(?= ?\+|,|\))" % "|".join(SHAPES), body)) if "tl." + a not in body]
            args = {a: {"shape": [SHAPES[a.removeprefix("o_")]], "dtype": "f32" if a == "wild" else a.removeprefix("o_"),
                        "init": "zeros" if a.startswith("o_") else f"file({a}.npy)" if a in ("f32", "wild") else "arange" if a in ("i32", "i64") else "randint(0, 2)" if a == "i1" else "randint(0, 9)"}
                    for a in used}
            if "alias" in args:
                args["alias"] = {"viewof": "o_i32", "offset": 3}
            launch = {"kernel": "kernel", "args": {**args, "n": 17, "zero": 0, "s": {"value": 0.25, "dtype": "f32"}},
                      "grid": grid if isinstance(grid, list) else [grid], "outputs": [a for a in used if a.startswith("o_")]}
            assert launch["outputs"], name
            with open(path("k.py"), "w") as f:
                f.write(HEAD.format(parameters=", ".join(used)) + "    " + body + "\n")
            with open(path("l.yaml"), "w") as f:
                yaml.safe_dump(launch, f, sort_keys=False)
            for chip in CHIPS:
                done = subprocess.run(["terrazzo", "run", path("k.py"), "--launch", path("l.yaml"), "--check", "--no-cache", "--target", chip],
                                      capture_output=True, text=True, timeout=60)
                if done.returncode:
                    failures += 1
                    print(f"FAIL {name} on {chip}: {done.returncode}\n{done.stdout}{done.stderr}")
    print(f"{len(CASES)} kernels on {len(CHIPS)} chips, {failures} wrong")
    return bool(failures)


sys.exit(main())
