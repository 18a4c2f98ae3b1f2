# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def partial(
    q_ptr, k_ptr, v_ptr, lengths_ptr, acc_ptr, most_ptr, total_ptr, scale,
    stride_batch, stride_token, kv_heads, group,
    GROUP: tl.constexpr, BLOCK_N: tl.constexpr, SPLITS: tl.constexpr, HEAD: tl.constexpr,
):
    #: sig(*fp32, *fp32, *fp32, *i32, *fp32, *fp32, *fp32, fp32, i32, i32, i32, i32, GROUP=16, BLOCK_N=32, SPLITS=4, HEAD=64)
    batch = tl.program_id(0)
    kv_head = tl.program_id(1)
    split = tl.program_id(2)
    length = tl.load(lengths_ptr + batch)
    part = tl.cdiv(tl.cdiv(length, SPLITS), BLOCK_N) * BLOCK_N
    g = tl.arange(0, GROUP)
    n = tl.arange(0, BLOCK_N)
    d = tl.arange(0, HEAD)
    # The queries of a group share their keys and values.
    head = (batch * kv_heads + kv_head) * group + g
    q = tl.load(q_ptr + head[:, None] * HEAD + d[None, :], mask=g[:, None] < group, other=0.0)
    base = batch.to(tl.int64) * stride_batch + kv_head * HEAD
    most = tl.full([GROUP], float("-inf"), dtype=tl.float32)
    total = tl.zeros([GROUP], dtype=tl.float32)
    acc = tl.zeros([GROUP, HEAD], dtype=tl.float32)
    for start in range(split * part, tl.minimum((split + 1) * part, length), BLOCK_N):
        token = start + n
        where = base + token[:, None] * stride_token + d[None, :]
        inside = token[:, None] < length
        k = tl.load(k_ptr + where, mask=inside, other=0.0)
        scores = tl.dot(q, tl.trans(k), input_precision="ieee") * scale
        scores = tl.where(token[None, :] < length, scores, float("-inf"))
        most_new = tl.maximum(most, tl.max(scores, 1))
        weights = tl.exp(scores - most_new[:, None])
        shrink = tl.exp(most - most_new)
        total = total * shrink + tl.sum(weights, 1)
        v = tl.load(v_ptr + where, mask=inside, other=0.0)
        acc = tl.dot(weights.to(v.dtype), v, acc * shrink[:, None], input_precision="ieee")
        most = most_new
    at = head * SPLITS + split
    tl.store(most_ptr + at, most, mask=g < group)
    tl.store(total_ptr + at, total, mask=g < group)
    tl.store(acc_ptr + at[:, None] * HEAD + d[None, :], acc, mask=g[:, None] < group)


@triton.jit
def combine(acc_ptr, most_ptr, total_ptr, out_ptr, SPLITS: tl.constexpr, HEAD: tl.constexpr):
    #: sig(*fp32, *fp32, *fp32, *fp32, SPLITS=4, HEAD=64)
    head = tl.program_id(0)
    s = tl.arange(0, SPLITS)
    d = tl.arange(0, HEAD)
    at = head * SPLITS + s
    most = tl.load(most_ptr + at)
    # A split without keys left minus infinity and zeros.
    shrink = tl.where(most == float("-inf"), 0.0, tl.exp(most - tl.max(most, 0)))
    total = tl.sum(tl.load(total_ptr + at) * shrink, 0)
    acc = tl.sum(tl.load(acc_ptr + at[:, None] * HEAD + d[None, :]) * shrink[:, None], 0)
    out = tl.where(total > 0, acc / total, 0.0)
    tl.store(out_ptr + head * HEAD + d, out.to(out_ptr.dtype.element_ty))
