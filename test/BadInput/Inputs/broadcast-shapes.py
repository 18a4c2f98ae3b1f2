import triton
import triton.language as tl


@triton.jit
def k(x, n, B: tl.constexpr):
    #: sig(*fp32, i32, B=64)
    a = tl.arange(0, 64)
    b = tl.arange(0, 32)
    tl.store(x + a, a + b)
