# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def mxfp4_matmul(
    a_ptr, a_scale_ptr, w_ptr, w_scale_ptr, c_ptr, M, N, K,
    BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr, A_FORMAT: tl.constexpr = "fp16",
):
    #: sig(*fp16, *u8, *u8, *u8, *fp32, i32, i32, i32, BLOCK_M=16, BLOCK_N=64, BLOCK_K=64)
    m = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)
    n = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    k = tl.arange(0, BLOCK_K)
    pair = tl.arange(0, BLOCK_K // 2)
    block = tl.arange(0, BLOCK_K // 32)
    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.float32)
    for start in range(0, K, BLOCK_K):
        kk = start + k
        pairs = start // 2 + pair
        blocks = start // 32 + block
        a = tl.load(a_ptr + m[:, None] * K + kk[None, :], mask=(m[:, None] < M) & (kk[None, :] < K), other=0.0)
        # The weights are N x K, two to a byte; a scale is the exponent of 32 of them.
        w = tl.load(w_ptr + n[None, :] * (K // 2) + pairs[:, None], mask=(n[None, :] < N) & (pairs[:, None] < K // 2), other=0)
        w_scale = tl.load(w_scale_ptr + n[:, None] * (K // 32) + blocks[None, :],
                          mask=(n[:, None] < N) & (blocks[None, :] < K // 32), other=0)
        if A_FORMAT == "e4m3" or A_FORMAT == "e5m2":
            a_scale = tl.load(a_scale_ptr + m[:, None] * (K // 32) + blocks[None, :],
                              mask=(m[:, None] < M) & (blocks[None, :] < K // 32), other=0)
            acc = tl.dot_scaled(a, a_scale, A_FORMAT, w, w_scale, "e2m1", acc)
        else:
            acc = tl.dot_scaled(a, None, A_FORMAT, w, w_scale, "e2m1", acc)
    tl.store(c_ptr + m[:, None] * N + n[None, :], acc.to(c_ptr.dtype.element_ty), mask=(m[:, None] < M) & (n[None, :] < N))
