# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def transpose(x_ptr, out_ptr, rows, cols, BLOCK: tl.constexpr):
    #: sig(*fp32, *fp32, i32, i32, BLOCK=32)
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    j = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = (i[:, None] < rows) & (j[None, :] < cols)
    tile = tl.load(x_ptr + i[:, None] * cols + j[None, :], mask=inside)
    tl.store(out_ptr + j[:, None] * rows + i[None, :], tl.trans(tile), mask=tl.trans(inside))
