import triton
import triton.language as tl


@triton.jit
def k(x, n, B: tl.constexpr):
    #: sig(*fp32, i32, B=64)
    a = tl.zeros((16, 32), tl.float32)
    b = tl.zeros((16, 32), tl.float32)
    c = tl.dot(a, b)
