# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def add(x, y, out, n, B: tl.constexpr):
    i = tl.program_id(0) * B + tl.arange(0, B)
    mask = i < n
    tl.store(out + i, tl.load(x + i, mask=mask) + tl.load(y + i, mask=mask), mask=mask)


@triton.jit
def product(a, b, out, K):
    m, n, k = tl.arange(0, 64), tl.arange(0, 64), tl.arange(0, 64)
    acc = tl.zeros((64, 64), tl.float32)
    for j in range(0, K, 64):
        u = tl.load(a + m[:, None] * K + (k + j)[None, :])
        v = tl.load(b + (k + j)[:, None] * 64 + n[None, :])
        acc = tl.dot(u, v, acc, input_precision="ieee")
    tl.store(out + m[:, None] * 64 + n[None, :], acc)


@triton.jit
def integers(a, b, out, K):
    m, n, k = tl.arange(0, 64), tl.arange(0, 64), tl.arange(0, 64)
    acc = tl.zeros((64, 64), tl.int32)
    for j in range(0, K, 64):
        u = tl.load(a + m[:, None] * K + (k + j)[None, :])
        v = tl.load(b + (k + j)[:, None] * 64 + n[None, :])
        acc = tl.dot(u, v, acc)
    tl.store(out + m[:, None] * 64 + n[None, :], acc)


@triton.jit
def hints(out, x, w, n, B: tl.constexpr):
    i = tl.program_id(0) * n + tl.arange(0, B)
    v = tl.load(x + i)
    total = tl.sum(v * tl.load(w + i, eviction_policy="evict_first"), axis=0)
    tl.store(out + i, v * total, eviction_policy="evict_first")
