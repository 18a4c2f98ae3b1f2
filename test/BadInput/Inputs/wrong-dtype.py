import triton
import triton.language as tl


@triton.jit
def k(x, n, B: tl.constexpr):
    #: sig(*fp32, i32, B=64)
    a = tl.zeros((64,), tl.float32)
    b = a & 1.5
