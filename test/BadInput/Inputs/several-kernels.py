import triton


@triton.jit
def one(x):
    pass


@triton.jit
def two(x):
    pass
