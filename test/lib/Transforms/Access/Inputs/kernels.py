# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def tail(x, n):
    #: sig(*f32, i32)
    i = tl.program_id(0) * 64 + tl.arange(0, 64)
    tl.store(x + i, tl.load(x + i, mask=i < n, other=2.0), mask=i < n)


@triton.jit
def both_ends(x, low, n):
    #: sig(*f32, i32, i32)
    i = tl.arange(0, 64)
    tl.store(x + i, 1.0, mask=(i >= low) & (n > i))


@triton.jit
def rectangle(x, m, n, stride):
    #: sig(*f32, i32, i32, i32)
    r, c = tl.arange(0, 16), tl.arange(0, 32)
    tl.store(x + r[:, None] * stride + c[None, :], 1.0, mask=(r[:, None] < m) & (c[None, :] < n))


@triton.jit
def uniform(x, n):
    #: sig(*f32, i32)
    tl.store(x + tl.arange(0, 64), 1.0, mask=n > 3)


@triton.jit
def every_second(x):
    #: sig(*f32)
    i = tl.arange(0, 64)
    tl.store(x + i * 2, 1.0, mask=i % 2 == 0)


@triton.jit
def block_pointer(x, n):
    #: sig(*f32, i32)
    p = tl.make_block_ptr(x, (n, 8), (8, 1), (4, 0), (4, 8), (1, 0))
    tl.store(p, tl.load(p, boundary_check=(0,), padding_option="zero"), boundary_check=(0,))


@triton.jit
def moving(x, out, n):
    #: sig(*f32, *f32, i32)
    p = x + tl.arange(0, 64)
    a = tl.zeros((64,), tl.float32)
    for k in range(n):
        a += tl.load(p)
        p += 64
    tl.store(out + tl.arange(0, 64), a)


@triton.jit
def rows(x, index, out):
    #: sig(*f32, *i32, *f32)
    r, c = tl.arange(0, 16), tl.arange(0, 32)
    which = tl.load(index + r)
    v = tl.load(x + which[:, None] * 32 + c[None, :])
    tl.store(out + r[:, None] * 32 + c[None, :], v)


@triton.jit
def two_arrays(x, y, out, n):
    #: sig(*f32, *f32, *f32, i32)
    i = tl.arange(0, 64)
    if n > 3:
        p = x + i
    else:
        p = y + (63 - i)
    tl.store(out + i, tl.load(p))


@triton.jit
def reshaped(x):
    #: sig(*f32)
    i = tl.arange(0, 64)
    tl.store(x + i, tl.load(tl.reshape(x + i, (8, 8))).reshape(64))


@triton.jit
def large(x):
    #: sig(*f64)
    i = tl.arange(0, 1048576)
    v = tl.load(x + i)
    for k in tl.static_range(140):
        v = tl.cumsum(v, 0)
    tl.store(x + i, v)


@triton.jit
def flag(x):
    #: sig(*i32)
    tl.atomic_add(x, 1)
    while tl.atomic_cas(x, 4, 4) != 4:
        pass


@triton.jit
def first(a, b):
    return a


@triton.jit
def reduced(x):
    #: sig(*f32)
    tl.store(tl.reduce(x + tl.arange(0, 4), 0, first), 1.0)
