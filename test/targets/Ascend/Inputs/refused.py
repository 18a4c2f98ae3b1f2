# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def ticket(a_ptr, c_ptr, lock_ptr, N: tl.constexpr):
    i = tl.arange(0, N)
    a = tl.load(a_ptr + i[:, None] * N + i[None, :])
    mine = tl.atomic_add(lock_ptr, 1)
    acc = tl.zeros((N, N), dtype=tl.float32)
    for _ in range(0, mine):
        acc = tl.dot(a, a, acc)
    tl.store(c_ptr + i[:, None] * N + i[None, :], acc)


@triton.jit
def large(a_ptr, c_ptr, N: tl.constexpr):
    i = tl.arange(0, N)
    k = tl.arange(0, 16)
    a = tl.load(a_ptr + i[:, None] * 16 + k[None, :])
    tl.store(c_ptr + i[:, None] * N + i[None, :], tl.dot(a, tl.trans(a)))
