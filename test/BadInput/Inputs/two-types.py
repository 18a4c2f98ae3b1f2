import triton
import triton.language as tl


@triton.jit
def k(x, n, B: tl.constexpr):
    #: sig(*fp32, i32, B=64)
    if n > 1:
        y = tl.zeros((4,), tl.float32)
    else:
        y = tl.zeros((8,), tl.float32)
    tl.store(x, tl.sum(y))
