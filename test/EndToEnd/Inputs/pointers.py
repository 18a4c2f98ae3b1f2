# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import triton
import triton.language as tl


@triton.jit
def nested(out, ptrs, B: tl.constexpr):
    i = tl.arange(0, B)
    p = tl.load(ptrs.to(tl.pointer_type(tl.pointer_type(tl.float32))) + tl.program_id(0))
    tl.store(out + tl.program_id(0) * B + i, tl.load(p + i))


@triton.jit
def gather(out, ptrs, B: tl.constexpr):
    i = tl.arange(0, B)
    p = tl.load(ptrs + i % 2).to(tl.pointer_type(tl.float32))
    tl.store(out + i, tl.load(p + i))


@triton.jit
def through(out, ptrs, x, B: tl.constexpr):
    i = tl.arange(0, B)
    v = tl.load(x + i)
    p = tl.load(ptrs).to(tl.pointer_type(tl.float32))
    tl.store(p + i, v + 1)
    tl.store(out + i, v)
    tl.store(out + B + i, tl.load(x + i))


@triton.jit
def moved(out, x, y, B: tl.constexpr):
    i = tl.arange(0, B)
    p = tl.join(x + i, y + i)
    tl.store(out + i[:, None] + tl.arange(0, 2)[None, :] * B, tl.load(p) + 1)
    q = tl.reshape(x + i, (2, B // 2))
    v = tl.load(tl.trans(q))
    tl.store(tl.reshape(out + 2 * B + i, (B // 2, 2)), v)
    a, b = tl.split(p)
    tl.store(out + 3 * B + i, tl.load(a) * 2 + tl.load(b))
    c = tl.cat(x + i, y + i, can_reorder=True)
    tl.store(out + 4 * B, tl.sum(tl.load(c), 0))


@triton.jit
def swap(out, ptrs, B: tl.constexpr):
    i = tl.arange(0, B)
    both = ptrs.to(tl.pointer_type(tl.pointer_type(tl.float32)))
    first = tl.load(both)
    tl.store(both, tl.load(both + 1))
    tl.store(both + 1, first)
    tl.store(out + i, tl.load(tl.load(both) + i))
    tl.store(out + B + i, tl.load(tl.load(both + 1) + i))


@triton.jit
def outside(out, ptrs, B: tl.constexpr):
    i = tl.arange(0, B)
    p = tl.load(ptrs).to(tl.pointer_type(tl.float32))
    tl.store(out + i, tl.load(p + 1 + i))


@triton.jit
def mistyped(out, ptrs, B: tl.constexpr):
    i = tl.arange(0, B)
    p = tl.load(ptrs).to(tl.pointer_type(tl.float16))
    tl.store(out + i, tl.load(p + i).to(tl.float32))


@triton.jit
def beyond(out, ptrs, B: tl.constexpr):
    i = tl.arange(0, B)
    p = tl.load(ptrs + 2).to(tl.pointer_type(tl.float32))
    tl.store(out + i, tl.load(p + i))
