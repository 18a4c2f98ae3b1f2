# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def swiglu(x_ptr, out_ptr, x_row, out_row, cols, BLOCK: tl.constexpr):
    #: sig(*fp32, *fp32, i32, i32, i32, BLOCK=256)
    row = tl.program_id(0).to(tl.int64)
    column = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = column < cols
    gate = tl.load(x_ptr + row * x_row + column, mask=inside, other=0.0).to(tl.float32)
    up = tl.load(x_ptr + row * x_row + cols + column, mask=inside, other=0.0).to(tl.float32)
    out = gate * tl.sigmoid(gate) * up
    tl.store(out_ptr + row * out_row + column, out.to(out_ptr.dtype.element_ty), mask=inside)
