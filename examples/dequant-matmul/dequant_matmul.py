# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def dequant_matmul(
    a_ptr, w_ptr, scale_ptr, c_ptr, M, N, K,
    stride_am, stride_wk, stride_wn, stride_sg, stride_cm,
    BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr, GROUP: tl.constexpr,
):
    #: sig(*fp16, *i8, *fp32, *fp32, i32, i32, i32, i32, i32, 1, i32, i32, BLOCK_M=16, BLOCK_N=64, BLOCK_K=64, GROUP=0)
    m = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)
    n = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    k = tl.arange(0, BLOCK_K)
    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.float32)
    for start in range(0, K, BLOCK_K):
        kk = start + k
        a = tl.load(a_ptr + m[:, None] * stride_am + kk[None, :], mask=(m[:, None] < M) & (kk[None, :] < K), other=0.0)
        w = tl.load(w_ptr + kk[:, None] * stride_wk + n[None, :] * stride_wn, mask=(kk[:, None] < K) & (n[None, :] < N), other=0.0)
        if GROUP:  # a scale for GROUP elements of each column; BLOCK_K divides it
            scale = tl.load(scale_ptr + start // GROUP * stride_sg + n, mask=n < N, other=0.0)
            acc += tl.dot(a, w.to(a.dtype), input_precision="ieee") * scale[None, :]
        else:
            acc = tl.dot(a, w.to(a.dtype), acc, input_precision="ieee")
    if not GROUP:  # one for the whole column
        acc = acc * tl.load(scale_ptr + n, mask=n < N, other=0.0)[None, :]
    tl.store(c_ptr + m[:, None] * stride_cm + n[None, :], acc.to(c_ptr.dtype.element_ty), mask=(m[:, None] < M) & (n[None, :] < N))
