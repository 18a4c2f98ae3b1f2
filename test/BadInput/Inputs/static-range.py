import triton
import triton.language as tl


@triton.jit
def k(x, n, B: tl.constexpr):
    #: sig(*fp32, i32, B=64)
    for i in tl.static_range(10**9):
        tl.store(x + i, 1.0)
