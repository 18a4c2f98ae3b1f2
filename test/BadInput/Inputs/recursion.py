import triton
import triton.language as tl


@triton.jit
def f(a):
    return f(a)


@triton.jit
def k(x):
    #: sig(*fp32)
    tl.store(x, f(1.0))
