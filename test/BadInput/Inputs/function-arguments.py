import triton
import triton.language as tl


@triton.jit
def f(a):
    return a


@triton.jit
def k(x, n):
    #: sig(*i32, i32)
    tl.store(x, f(n, n))
