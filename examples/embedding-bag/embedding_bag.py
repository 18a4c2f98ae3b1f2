# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def embedding_bag(index_ptr, offsets_ptr, table_ptr, out_ptr, width, BLOCK: tl.constexpr, MEAN: tl.constexpr = False):
    #: sig(*i64, *i32, *fp32, *fp32, i32, BLOCK=128)
    bag = tl.program_id(0)
    column = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = column < width
    first = tl.load(offsets_ptr + bag)
    last = tl.load(offsets_ptr + bag + 1)
    acc = tl.zeros([BLOCK], dtype=tl.float32)
    for i in range(first, last):
        row = tl.load(index_ptr + i)
        acc += tl.load(table_ptr + row * width + column, mask=inside, other=0.0).to(tl.float32)
    if MEAN:  # of an empty bag: zero
        acc = acc / tl.maximum(last - first, 1).to(tl.float32)
    tl.store(out_ptr + bag * width + column, acc.to(out_ptr.dtype.element_ty), mask=inside)
