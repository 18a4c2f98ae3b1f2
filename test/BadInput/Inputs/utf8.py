x = "ÿ"
@triton.jit
def k(): pass
