# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def rope(
    x_ptr, cos_ptr, sin_ptr, position_ptr, out_ptr, heads,
    BLOCK: tl.constexpr, HALF: tl.constexpr, INTERLEAVED: tl.constexpr = False,
):
    #: sig(*fp32, *fp32, *fp32, *i32, *fp32, i32, BLOCK=4, HALF=32)
    token = tl.program_id(0)
    head = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    i = tl.arange(0, HALF)
    position = tl.load(position_ptr + token)
    cos = tl.load(cos_ptr + position * HALF + i)
    sin = tl.load(sin_ptr + position * HALF + i)
    if INTERLEAVED:  # pairs are neighbours
        first = 2 * i
        second = 2 * i + 1
    else:  # pairs are as far apart as the halves
        first = i
        second = HALF + i
    base = (token * heads + head[:, None]) * (2 * HALF)
    inside = head[:, None] < heads
    a = tl.load(x_ptr + base + first[None, :], mask=inside, other=0.0).to(tl.float32)
    b = tl.load(x_ptr + base + second[None, :], mask=inside, other=0.0).to(tl.float32)
    left = a * cos[None, :] - b * sin[None, :]
    right = b * cos[None, :] + a * sin[None, :]
    tl.store(out_ptr + base + first[None, :], left.to(out_ptr.dtype.element_ty), mask=inside)
    tl.store(out_ptr + base + second[None, :], right.to(out_ptr.dtype.element_ty), mask=inside)
