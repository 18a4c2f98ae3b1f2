# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def embedding(index_ptr, table_ptr, out_ptr, width, BLOCK: tl.constexpr):
    #: sig(*i64, *fp32, *fp32, i32, BLOCK=128)
    token = tl.program_id(0)
    column = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = column < width
    row = tl.load(index_ptr + token)
    tl.store(out_ptr + token * width + column, tl.load(table_ptr + row * width + column, mask=inside), mask=inside)
