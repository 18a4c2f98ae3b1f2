# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def softmax(out_ptr, x_ptr, out_row, x_row, cols, BLOCK: tl.constexpr):
    #: sig(*fp32, *fp32, i32, i32, i32, BLOCK=1024)
    row = tl.program_id(0)
    column = tl.arange(0, BLOCK)
    inside = column < cols
    x = tl.load(x_ptr + row * x_row + column, mask=inside, other=float("-inf"))
    shifted = x - tl.max(x, axis=0)
    numerator = tl.exp(shifted)
    result = numerator / tl.sum(numerator, axis=0)
    tl.store(out_ptr + row * out_row + column, result, mask=inside)
