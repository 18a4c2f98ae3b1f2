# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def grouped(a_ptrs, b_ptrs, c_ptrs, sizes, lds, groups, PROGRAMS: tl.constexpr, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr):
    tile = tl.program_id(0)
    done = 0
    for g in range(groups):
        m = tl.load(sizes + g * 3)
        n = tl.load(sizes + g * 3 + 1)
        k = tl.load(sizes + g * 3 + 2)
        across = tl.cdiv(n, BN)
        tiles = tl.cdiv(m, BM) * across
        while tile >= done and tile < done + tiles:
            a = tl.load(a_ptrs + g).to(tl.pointer_type(tl.float32))
            b = tl.load(b_ptrs + g).to(tl.pointer_type(tl.float32))
            c = tl.load(c_ptrs + g).to(tl.pointer_type(tl.float32))
            lda = tl.load(lds + g * 3)
            ldb = tl.load(lds + g * 3 + 1)
            ldc = tl.load(lds + g * 3 + 2)
            here = tile - done
            i = here // across * BM + tl.arange(0, BM)
            j = here % across * BN + tl.arange(0, BN)
            acc = tl.zeros((BM, BN), tl.float32)
            for at in range(0, k, BK):
                s = at + tl.arange(0, BK)
                x = tl.load(a + i[:, None] * lda + s[None, :], mask=(i[:, None] < m) & (s[None, :] < k), other=0.0)
                y = tl.load(b + s[:, None] * ldb + j[None, :], mask=(s[:, None] < k) & (j[None, :] < n), other=0.0)
                acc = tl.dot(x, y, acc)
            tl.store(c + i[:, None] * ldc + j[None, :], acc, mask=(i[:, None] < m) & (j[None, :] < n))
            tile += PROGRAMS
        done += tiles
