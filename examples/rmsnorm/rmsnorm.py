# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def rmsnorm(out, x, weight, stride, n, eps, BLOCK: tl.constexpr):
    #: sig(*fp32, *fp32, *fp32, i32, i32, fp32, BLOCK=1024)
    row = tl.program_id(0).to(tl.int64)
    k = tl.arange(0, BLOCK)
    valid = k < n
    values = tl.load(x + row * stride + k, mask=valid, other=0).to(tl.float32)
    mean_square = tl.sum(values * values, axis=0) / n
    normal = values * tl.rsqrt(mean_square + eps)
    w = tl.load(weight + k, mask=valid, other=0).to(tl.float32)
    tl.store(out + row * stride + k, (normal * w).to(out.dtype.element_ty), mask=valid)
