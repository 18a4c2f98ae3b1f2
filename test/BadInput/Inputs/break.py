import triton
import triton.language as tl


@triton.jit
def k(x, n):
    #: sig(*i32, i32)
    if n > 3:
        break
    tl.store(x, n)
