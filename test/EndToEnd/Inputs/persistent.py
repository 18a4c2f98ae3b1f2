import triton
import triton.language as tl


@triton.jit
def persistent(a, b, c, tiles, BLOCK: tl.constexpr):
    """Each program computes every second block row of c = a b, 64 columns, and puts the
    first column of a in the first of c: what it stores first could be what it has read
    for the second, so that there are two versions of the code."""
    i, n, k = tl.arange(0, BLOCK), tl.arange(0, 64), tl.arange(0, 64)
    for tile in range(tl.program_id(0), tiles, tl.num_programs(0)):
        first = tl.load(a + (tile * BLOCK + i) * 128)
        acc = tl.zeros((BLOCK, 64), tl.float32)
        for j in range(0, 128, 64):
            x = tl.load(a + (tile * BLOCK + i)[:, None] * 128 + (k + j)[None, :])
            y = tl.load(b + (k + j)[:, None] * 64 + n[None, :])
            acc = tl.dot(x, y, acc)
        tl.store(c + (tile * BLOCK + i)[:, None] * 64 + n[None, :], acc)
        tl.store(c + (tile * BLOCK + i) * 64, first.to(tl.float32))
