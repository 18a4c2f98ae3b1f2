# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def cumsum(x_ptr, out_ptr, cols, BLOCK: tl.constexpr):
    #: sig(*fp32, *fp32, i32, BLOCK=256)
    row = tl.program_id(0)
    carry = tl.zeros([1], dtype=tl.float32)
    for start in range(0, cols, BLOCK):
        column = start + tl.arange(0, BLOCK)
        inside = column < cols
        x = tl.load(x_ptr + row * cols + column, mask=inside, other=0.0).to(tl.float32)
        tl.store(out_ptr + row * cols + column, tl.cumsum(x, axis=0) + carry, mask=inside)
        carry += tl.sum(x, axis=0)
