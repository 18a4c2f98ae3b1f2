# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def decode(out, q, k, v, scale, length, stride, HEAD: tl.constexpr, BLOCK: tl.constexpr):
    # One query a program against all keys of its head.
    head = tl.program_id(0)
    d = tl.arange(0, HEAD)
    n = tl.arange(0, BLOCK)
    query = tl.load(q + head * HEAD + d).to(tl.float32)
    most = float("-inf")
    total = 0.0
    acc = tl.zeros([HEAD], dtype=tl.float32)
    for start in range(0, length, BLOCK):
        rows = start + n
        inside = rows[:, None] < length
        keys = tl.load(k + head * stride + rows[:, None] * HEAD + d[None, :], mask=inside, other=0.0).to(tl.float32)
        scores = tl.sum(query[None, :] * keys, 1) * scale
        scores = tl.where(rows < length, scores, float("-inf"))
        higher = tl.maximum(most, tl.max(scores, 0))
        weights = tl.exp(scores - higher)
        shrink = tl.exp(most - higher)
        values = tl.load(v + head * stride + rows[:, None] * HEAD + d[None, :], mask=inside, other=0.0).to(tl.float32)
        total = total * shrink + tl.sum(weights, 0)
        acc = acc * shrink + tl.sum(weights[:, None] * values, 0)
        most = higher
    tl.store(out + head * HEAD + d, (acc / total).to(out.dtype.element_ty))
