import triton
import triton.language as tl


@triton.jit
def k(f, u, o):
    #: sig(*fp32, *u8, *i32)
    i = tl.arange(0, 16)
    tl.device_print("hello")
    x = tl.load(f + tl.arange(0, 2))
    tl.device_print("x = ", x)
    tl.device_print("pair:", tl.load(u), tl.load(u).to(tl.int8, bitcast=True))
    tl.device_print("grid", tl.reshape(i, (2, 8)))
    tl.device_print("bits: ", i - 1 > 13, hex=True)
    tl.device_print("hex ", tl.load(u) + tl.full((), 1, tl.int32), hex=True)
    tl.device_print("", tl.load(f + tl.arange(0, 2), mask=tl.arange(0, 2) < 1))
    tl.store(o + i, i)
