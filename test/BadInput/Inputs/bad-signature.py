import triton


@triton.jit
def k(x):
    #: sig(*fp33)
    pass
