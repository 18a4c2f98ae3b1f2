# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def grouped_gemm(
    a_ptr, b_ptr, c_ptr, offsets_ptr, groups, N, K,
    BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr, GROUPS: tl.constexpr,
):
    #: sig(*fp32, *fp32, *fp32, *i32, i32, i32, i32, BLOCK_M=32, BLOCK_N=32, BLOCK_K=32, GROUPS=8)
    pid = tl.program_id(0)
    # Each group has its own number of row tiles, maybe none: whose is this one?
    i = tl.arange(0, GROUPS)
    first = tl.load(offsets_ptr + i, mask=i < groups, other=0)
    last = tl.load(offsets_ptr + 1 + i, mask=i < groups, other=0)
    tiles = tl.cdiv(last - first, BLOCK_M)
    ends = tl.cumsum(tiles, 0)
    if pid >= tl.max(ends, 0):
        return
    group = tl.sum((ends <= pid).to(tl.int32), 0)
    mine = i == group
    row = tl.sum(tl.where(mine, first + (pid - ends + tiles) * BLOCK_M, 0), 0)
    end = tl.sum(tl.where(mine, last, 0), 0)
    m = row + tl.arange(0, BLOCK_M)
    n = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    k = tl.arange(0, BLOCK_K)
    base = b_ptr + group.to(tl.int64) * K * N
    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.float32)
    for start in range(0, K, BLOCK_K):
        kk = start + k
        a = tl.load(a_ptr + m[:, None] * K + kk[None, :], mask=(m[:, None] < end) & (kk[None, :] < K), other=0.0)
        b = tl.load(base + kk[:, None] * N + n[None, :], mask=(kk[:, None] < K) & (n[None, :] < N), other=0.0)
        acc = tl.dot(a, b, acc, input_precision="ieee")
    tl.store(c_ptr + m[:, None] * N + n[None, :], acc.to(c_ptr.dtype.element_ty), mask=(m[:, None] < end) & (n[None, :] < N))
