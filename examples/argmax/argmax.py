# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def argmax(x_ptr, out_ptr, cols, BLOCK: tl.constexpr):
    #: sig(*fp32, *i32, i32, BLOCK=1024)
    row = tl.program_id(0)
    column = tl.arange(0, BLOCK)
    x = tl.load(x_ptr + row * cols + column, mask=column < cols, other=float("-inf"))
    tl.store(out_ptr + row, tl.argmax(x, axis=0))
