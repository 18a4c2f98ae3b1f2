# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def attention(
    q_ptr, k_ptr, v_ptr, out_ptr, scale, length,
    stride_head, stride_row,
    BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, HEAD: tl.constexpr,
):
    #: sig(*fp32, *fp32, *fp32, *fp32, fp32, i32, i32, i32, BLOCK_M=32, BLOCK_N=32, HEAD=64)
    block = tl.program_id(0)
    base = tl.program_id(1) * stride_head
    m = block * BLOCK_M + tl.arange(0, BLOCK_M)
    n = tl.arange(0, BLOCK_N)
    d = tl.arange(0, HEAD)
    q = tl.load(q_ptr + base + m[:, None] * stride_row + d[None, :], mask=m[:, None] < length, other=0.0)
    most = tl.full([BLOCK_M], float("-inf"), dtype=tl.float32)
    total = tl.zeros([BLOCK_M], dtype=tl.float32)
    acc = tl.zeros([BLOCK_M, HEAD], dtype=tl.float32)
    # Causal: columns behind the last row of this block are never looked at.
    for start in range(0, tl.minimum((block + 1) * BLOCK_M, length), BLOCK_N):
        column = start + n
        inside = column[:, None] < length
        k = tl.load(k_ptr + base + column[:, None] * stride_row + d[None, :], mask=inside, other=0.0)
        scores = tl.dot(q, tl.trans(k), input_precision="ieee") * scale
        scores = tl.where((m[:, None] >= column[None, :]) & (column[None, :] < length), scores, float("-inf"))
        most_new = tl.maximum(most, tl.max(scores, 1))
        weights = tl.exp(scores - most_new[:, None])
        shrink = tl.exp(most - most_new)
        total = total * shrink + tl.sum(weights, 1)
        v = tl.load(v_ptr + base + column[:, None] * stride_row + d[None, :], mask=inside, other=0.0)
        acc = tl.dot(weights.to(v.dtype), v, acc * shrink[:, None], input_precision="ieee")
        most = most_new
    out = (acc / total[:, None]).to(out_ptr.dtype.element_ty)
    tl.store(out_ptr + base + m[:, None] * stride_row + d[None, :], out, mask=m[:, None] < length)
