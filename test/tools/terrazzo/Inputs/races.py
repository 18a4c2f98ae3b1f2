# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Two programs write the same element: what stays depends on their order.
import triton
import triton.language as tl


@triton.jit
def races(out):
    x = tl.program_id(0)
    y = tl.program_id(1)
    if x != y:
        tl.store(out, x)


@triton.jit
def prints(out):
    x = tl.program_id(0)
    tl.device_print("x", x)
    tl.store(out + x, x * 2)
