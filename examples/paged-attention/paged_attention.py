# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def paged_attention(
    q_ptr, k_ptr, v_ptr, table_ptr, lengths_ptr, out_ptr, scale,
    stride_page, stride_token, stride_table, group,
    GROUP: tl.constexpr, PAGE: tl.constexpr, HEAD: tl.constexpr,
):
    #: sig(*fp32, *fp32, *fp32, *i32, *i32, *fp32, fp32, i32, i32, i32, i32, GROUP=16, PAGE=16, HEAD=64)
    batch = tl.program_id(0)
    kv_head = tl.program_id(1)
    length = tl.load(lengths_ptr + batch)
    g = tl.arange(0, GROUP)
    n = tl.arange(0, PAGE)
    d = tl.arange(0, HEAD)
    head = (batch * tl.num_programs(1) + kv_head) * group + g
    q = tl.load(q_ptr + head[:, None] * HEAD + d[None, :], mask=g[:, None] < group, other=0.0)
    inside_page = kv_head * HEAD + n[:, None] * stride_token + d[None, :]
    most = tl.full([GROUP], float("-inf"), dtype=tl.float32)
    total = tl.zeros([GROUP], dtype=tl.float32)
    acc = tl.zeros([GROUP, HEAD], dtype=tl.float32)
    for i in range(0, tl.cdiv(length, PAGE)):
        # Pages lie anywhere; only the table knows their order.
        page = tl.load(table_ptr + batch * stride_table + i).to(tl.int64)
        where = page * stride_page + inside_page
        token = i * PAGE + n
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
    out = tl.where(total[:, None] > 0, acc / total[:, None], 0.0)
    tl.store(out_ptr + head[:, None] * HEAD + d[None, :], out.to(out_ptr.dtype.element_ty), mask=g[:, None] < group)
