import triton
import triton.language as tl


@triton.jit
def k(x, n, B: tl.constexpr):
    #: sig(*fp32, i32, B=64)
    i = tl.arange(0, B)
    tl.store(x + i, valeu, mask=i < n)
    value = 1
