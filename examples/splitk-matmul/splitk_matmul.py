# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def splitk_matmul(a, b, c, M, N, K, am, bk, cm, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, SPLIT: tl.constexpr):
    #: sig(*fp32, *fp32, *fp32, i32, i32, i32, i32, i32, i32, BM=32, BN=32, BK=32, SPLIT=4)
    rows = tl.program_id(0) * BM + tl.arange(0, BM)
    columns = tl.program_id(1) * BN + tl.arange(0, BN)
    part = tl.program_id(2)
    acc = tl.zeros((BM, BN), dtype=tl.float32)
    for step in range(part, tl.cdiv(K, BK), SPLIT):
        k = step * BK + tl.arange(0, BK)
        x = tl.load(a + rows[:, None] * am + k[None, :], mask=(rows[:, None] < M) & (k[None, :] < K), other=0.0)
        y = tl.load(b + k[:, None] * bk + columns[None, :], mask=(k[:, None] < K) & (columns[None, :] < N), other=0.0)
        acc += tl.dot(x, y, input_precision="ieee")
    where = c + rows[:, None] * cm + columns[None, :]
    tl.atomic_add(where, acc, mask=(rows[:, None] < M) & (columns[None, :] < N), sem="relaxed")
