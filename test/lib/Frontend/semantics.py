# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small kernels for the rules of the language, each result computed by hand or
by NumPy. `x` is arange(64), `f` its square roots as f32, `out` f32, `iout` i32."""
import itertools
import os
import sys
import tempfile

import numpy as np
import yaml

import executors

HEAD = "import triton\nimport triton.language as tl\n\nWIDTH = tl.constexpr(4)\nSHIFT: tl.constexpr = 3\n\n\n"
JIT = "@triton.jit\ndef {}({}):\n"
KERNEL = "\n\n@triton.jit\ndef kernel(x, f, out, iout, n, s, B: tl.constexpr):\n    i = tl.arange(0, B)\n"
x = np.arange(64)
f = np.sqrt(x).astype(np.float32)

# name: (helpers, body, output, expected)
CASES = {
    "floor division truncates on tensors": ("", "tl.store(iout + i, (tl.load(x + i) - 32) // 5)", "iout", np.trunc((x - 32) / 5)),
    "remainder has the dividend's sign": ("", "tl.store(iout + i, (tl.load(x + i) - 32) % 5)", "iout", np.fmod(x - 32, 5)),
    "constants divide as in Python": ("", "tl.store(iout + i, i * 0 + (-7 // 2) * 10 + (-7 % 3))", "iout", x * 0 - 40 + 2),
    "true division of integers": ("", "tl.store(out + i, tl.load(x + i) / 4)", "out", x / 4),
    "shifts": ("", "tl.store(iout + i, ((i << SHIFT) >> 1) ^ 5)", "iout", ((x << 3) >> 1) ^ 5),
    "module constants": ("", "tl.store(iout + i, i + WIDTH)", "iout", x + 4),
    "conditional expression": ("", "tl.store(iout + i, i + (1 if B > 32 else 2) + (10 if n > 5 else 20))", "iout", x + 11),
    "runtime if merges names": ("", "if n > 100:\n        y = 1\n    else:\n        y = 2\n    tl.store(iout + i, i * y)", "iout", x * 2),
    "elif": ("", "y = 0\n    if n < 5:\n        y = 1\n    elif n < 50:\n        y = 2\n    elif n == 64:\n        y = 3\n    else:\n        y = 4\n    tl.store(iout + i, i + y)", "iout", x + 3),
    "early return": ("", "tl.store(iout + i, i)\n    if n == 64:\n        return\n    tl.store(iout + i, i * 0)", "iout", x),
    "no early return": ("", "tl.store(iout + i, i)\n    if n == 63:\n        return\n    tl.store(iout + i, i * 2)", "iout", x * 2),
    "while": ("", "a = 0\n    b = n\n    while b > 1:\n        b = b // 2\n        a += 1\n    tl.store(iout + i, i * 0 + a)", "iout", x * 0 + 6),
    "while with and": ("", "a = 0\n    while a < 100 and a * a < n:\n        a += 1\n    tl.store(iout + i, i * 0 + a)", "iout", x * 0 + 8),
    "range with a step": ("", "a = 0\n    for k in range(1, n, 10):\n        a += k\n    tl.store(iout + i, i * 0 + a)", "iout", x * 0 + sum(range(1, 64, 10))),
    "range downwards": ("", "a = 0\n    for k in range(10, 0, -3):\n        a = a * 10 + k\n    tl.store(iout + i, i * 0 + a)", "iout", x * 0 + 10 * 1000 + 700 + 40 + 1),
    "nested loops": ("", "a = tl.zeros((B,), tl.int32)\n    for k in range(3):\n        for m in range(k):\n            a += m + 1\n    tl.store(iout + i, a)", "iout", x * 0 + 1 + 1 + 2),
    "static_range": ("", "a = i\n    for k in tl.static_range(3):\n        a += k * WIDTH\n    tl.store(iout + i, a)", "iout", x + 12),
    "tuples": (JIT.format("pair", "a, b") + "    return b, a\n", "p, q = pair(i, i * 2)\n    tl.store(iout + i, p - q)", "iout", x),
    "function with early return": (JIT.format("pick", "a, n") + "    if n > 10:\n        return a\n    return a * 2\n", "tl.store(iout + i, pick(i, n))", "iout", x),
    "defaults and keywords": (JIT.format("scale", "a, by: tl.constexpr = 3, plus=1") + "    return a * by + plus\n", "tl.store(iout + i, scale(i, plus=2))", "iout", x * 3 + 2),
    "broadcasting": ("", "a = tl.arange(0, 8)\n    b = a[:, None] * 8 + a[None, :]\n    tl.store(iout + b, b * 2)", "iout", x * 2),
    "transpose": ("", "a = tl.arange(0, 8)\n    b = tl.load(x + a[:, None] * 8 + a[None, :])\n    tl.store(iout + a[:, None] * 8 + a[None, :], tl.trans(b))", "iout", x.reshape(8, 8).T.ravel()),
    "reshape and sum": ("", "v = tl.reshape(tl.load(x + i), (8, 8))\n    tl.store(iout + tl.arange(0, 8), tl.sum(v, axis=1))", "iout[:8]", x.reshape(8, 8).sum(1)),
    "max with indices": ("", "v = (tl.load(x + i) * 37) % 64\n    m, k = tl.max(v, axis=0, return_indices=True)\n    tl.store(iout + i, m * 100 + k)", "iout", x * 0 + 6300 + int(((x * 37) % 64).argmax())),
    "argmin takes the first": ("", "v = tl.load(x + i) // 32\n    tl.store(iout + i, tl.argmin(v, 0) + tl.argmax(v, 0))", "iout", x * 0 + 32),
    "associative scan": (JIT.format("combine", "a, b") + "    return a + b\n", "tl.store(iout + i, tl.associative_scan(tl.load(x + i), 0, combine))", "iout", np.cumsum(x)),
    "reduce with a function": (JIT.format("larger", "a, b") + "    return tl.maximum(a, b)\n", "tl.store(iout + i, i * 0 + tl.reduce((tl.load(x + i) * 37) % 64, 0, larger))", "iout", x * 0 + 63),
    "a constant in a combine function": (JIT.format("add_positive", "a, b") + "    return tl.where(a > -1, a, 0) + b * 1\n", "tl.store(iout + i, i * 0 + tl.reduce(tl.load(x + i), 0, add_positive))", "iout", x * 0 + x.sum()),
    "a constant in a float combine": (JIT.format("halved", "a, b") + "    return (a + b) / 1.0\n", "tl.store(iout + i, (i * 0 + tl.reduce(tl.load(x + i).to(tl.float32), 0, halved)).to(tl.int32))", "iout", x * 0 + x.sum()),
    "a branch in a combine function": (JIT.format("most", "a, b") + "    if a > b:\n        return a\n    return b\n", "v = (tl.load(x + i) * 37) % 64\n    tl.store(iout + i, tl.associative_scan(v, 0, most) * 100 + tl.reduce(v, 0, most))", "iout", np.maximum.accumulate((x * 37) % 64) * 100 + 63),
    "a block for a constexpr of a function": (JIT.format("shift", "a: tl.constexpr, by: tl.constexpr") + "    return a + by\n", "tl.store(iout + i, shift(i, 3))", "iout", x + 3),
    "imports inside try": ("try:\n    from triton.language.extra.libdevice import tanh as squash\nexcept ModuleNotFoundError:\n    from triton.language.extra.cuda.libdevice import tanh as squash\n\n\n", "tl.store(iout + i, squash(tl.load(f + i) * 100.0).to(tl.int32) + i)", "iout", x + (x > 0)),
    "constants of math": ("import math\n\n\n", "tl.store(out + i, i * math.sqrt(B) + math.floor(math.pi) + math.ceil(math.log2(B - 1)))", "out", x * 8.0 + 3 + 6),
    "logical methods": ("", "tl.store(iout + i, ((i & 1) != 0).logical_and((i & 2) != 0).to(tl.int32) + ((i & 4) != 0).logical_or((i & 8) != 0).to(tl.int32) * 2)", "iout", ((x & 3) == 3) + ((x & 12) != 0) * 2),
    "the type under a block pointer": ("", "q = tl.make_block_ptr(iout, (64,), (1,), (0,), (B,), (0,))\n    tl.store(q, (i * 1.5).to(q.dtype.element_ty))", "iout", np.trunc(x * 1.5)),
    "names of tl.core": ("", "tl.core.static_assert(tl.core.get_int_dtype(16, False) == tl.uint16)\n    tl.store(iout + i, tl.standard.cdiv(i, 3))", "iout", -(-x // 3)),
    "an unsigned range": ("", "a = 0\n    for k in range(2147483648, n, 16):\n        a += 1\n    for k in range(2147483648, (i * 0 + 1).to(tl.uint32).max(0) * 0 + 2147483680, 16):\n        a += 100\n    tl.store(iout + i, i * 0 + a)", "iout", x * 0 + 200),
    "reverse cumsum": ("", "tl.store(iout + i, tl.cumsum(tl.load(x + i), 0, reverse=True))", "iout", np.cumsum(x[::-1])[::-1]),
    "histogram": ("", "tl.store(iout + tl.arange(0, 8), tl.histogram(tl.load(x + i) // 8, 8))", "iout[:8]", np.full(8, 8)),
    "gather": ("", "tl.store(iout + i, tl.gather(tl.load(x + i) * 2, 63 - i, 0))", "iout", (63 - x) * 2),
    "join and split": ("", "a, b = tl.split(tl.join(i, i * 2))\n    tl.store(iout + i, b - a)", "iout", x),
    "interleave": ("", "h = tl.arange(0, 32)\n    tl.store(iout + i, tl.interleave(h, h + 100))", "iout", np.stack([x[:32], x[:32] + 100], 1).ravel()),
    "flip": ("", "tl.store(iout + i, tl.flip(tl.load(x + i), 0))", "iout", x[::-1]),
    "where and masks": ("", "v = tl.load(x + i, mask=i % 2 == 0, other=-1)\n    tl.store(iout + i, tl.where(v < 0, 7, v))", "iout", np.where(x % 2, 7, x)),
    "atomics": ("", "tl.store(iout + i, 0)\n    tl.atomic_add(iout + i // 8, 1)\n    tl.atomic_max(iout + 63, 5)", "iout", np.where(x < 8, 8, np.where(x == 63, 5, 0))),
    "atomic add returns the old": ("", "tl.store(iout, 5)\n    a = tl.atomic_add(iout, 3)\n    tl.store(iout + 1, a)", "iout[:2]", np.array([8, 5])),
    "compare and swap": ("", "tl.store(iout, 5)\n    a = tl.atomic_cas(iout, 5, 9)\n    b = tl.atomic_cas(iout, 5, 11)\n    tl.store(iout + 1, a * 100 + b)", "iout[:2]", np.array([9, 509])),
    "block pointers": ("", "p = tl.make_block_ptr(x, (8, 8), (8, 1), (0, 0), (4, 8), (1, 0))\n    p = tl.advance(p, (4, 0))\n    q = tl.make_block_ptr(iout, (8, 8), (8, 1), (0, 0), (4, 8), (1, 0))\n    tl.store(q, tl.load(p, boundary_check=(0, 1)))", "iout[:32]", x[32:]),
    "block pointers pad": ("", "p = tl.make_block_ptr(x, (6, 8), (8, 1), (4, 0), (4, 8), (1, 0))\n    q = tl.make_block_ptr(iout, (8, 8), (8, 1), (0, 0), (4, 8), (1, 0))\n    tl.store(q, tl.load(p, boundary_check=(0,), padding_option='zero'))", "iout[:32]", np.where(np.arange(32) < 16, x[32:], 0)),
    "bitcast": ("", "tl.store(iout + i, tl.load(f + i).to(tl.int32, bitcast=True))", "iout", f.view(np.int32)),
    "float to int truncates": ("", "tl.store(iout + i, (tl.load(f + i) - 4).to(tl.int32))", "iout", np.trunc(f - 4)),
    "bf16 rounds": ("", "tl.store(out + i, tl.load(f + i).to(tl.bfloat16).to(tl.float32))", "out", (((f.view(np.uint32).astype(np.uint64) + 0x7FFF + ((f.view(np.uint32) >> 16) & 1)) >> 16) << 16).astype(np.uint32).view(np.float32)),
    "f16 arithmetic": ("", "h = tl.load(f + i).to(tl.float16)\n    tl.store(out + i, (h * h).to(tl.float32))", "out", (f.astype(np.float16) * f.astype(np.float16)).astype(np.float32)),
    "int8 sums widen": ("", "tl.store(iout + i, i * 0 + tl.sum((i * 0 + 100).to(tl.int8), 0))", "iout", x * 0 + 6400),
    "int8 wraps": ("", "tl.store(iout + i, ((i * 4).to(tl.int8) + 1).to(tl.int32))", "iout", ((x * 4 + 1 + 128) % 256) - 128),
    "uint32 division": ("", "u = (i - 1).to(tl.uint32)\n    tl.store(iout + i, (u // 2).to(tl.int32, bitcast=True))", "iout", (((x - 1) % 2**32) // 2).astype(np.int64).astype(np.int32)),
    "unsigned offsets above 127": ("", "u = i.to(tl.uint8) + 100\n    tl.store(iout - 100 + u, tl.load(x - 100 + u))", "iout", x),
    "an unsigned offset that a loop moves": ("", "u = (i * 0 + 60).to(tl.uint8)\n    for k in range(3):\n        u += 60\n    tl.store(iout + i, tl.load(x - 200 + u))", "iout", x * 0 + 40),
    "promotion with a float constant": ("", "tl.store(out + i, i * 0.5)", "out", x * 0.5),
    "comparison chain by and": ("", "tl.store(iout + i, ((i > 3) & (i < 9)).to(tl.int32))", "iout", ((x > 3) & (x < 9)).astype(int)),
    "minus flips the sign of a zero": ("", "z = -(tl.load(f + i) * 0)\n    tl.store(out + i, z)\n    tl.store(iout + i, z.to(tl.int32, bitcast=True))", "iout", x * 0 - 2**31),
    "not": ("", "tl.store(iout + i, (~(i > 3)).to(tl.int32))", "iout", (x <= 3).astype(int)),
    "scalar load": ("", "tl.store(iout + i, i + tl.load(x + 7))", "iout", x + 7),
    "assume and hints": ("", "tl.assume(n > 0)\n    k = tl.multiple_of(i, 4)\n    tl.store(iout + k, tl.max_contiguous(k, B))", "iout", x),
    "dtype queries": ("", "if x.dtype.element_ty == tl.int32:\n        y = i\n    else:\n        y = i * 2\n    if f.dtype.element_ty.is_floating():\n        y += 1\n    tl.store(iout + i, y)", "iout", x + 1),
    "is None": (JIT.format("maybe", "a, b=None") + "    if b is None:\n        return a\n    else:\n        return a + b\n", "tl.store(iout + i, maybe(i) + maybe(i, 1))", "iout", 2 * x + 1),
    "augmented assignment in a loop": ("", "p = x\n    a = 0\n    for k in range(4):\n        a += tl.load(p)\n        p += 16\n    tl.store(iout + i, i * 0 + a)", "iout", x * 0 + 96),
    "loop over int64": ("", "a = tl.full((), 0, tl.int64)\n    for k in range(4):\n        a += k\n    tl.store(iout + i, (i + a).to(tl.int32))", "iout", x + 6),
    "dot of small blocks": ("", "a = tl.arange(0, 8)\n    m = tl.load(x + a[:, None] * 8 + a[None, :]).to(tl.float32)\n    tl.store(out + a[:, None] * 8 + a[None, :], tl.dot(m, m))", "out", (x.reshape(8, 8) @ x.reshape(8, 8)).ravel()),
    "scalar float argument": ("", "tl.store(out + i, i * s)", "out", x * 0.25),
    "continued lines and strings": ("", 'tl.static_assert(B == 64, "B " "is 64")\n    y = (i +\n         1) \\\n        + 2\n    tl.store(iout + i, y)  # comment', "iout", x + 3),
}


# Where the oracle itself finds a decision that its error bounds leave open.
OPEN = {"float to int truncates", "a constant in a float combine", "imports inside try",
        "the type under a block pointer", "minus flips the sign of a zero"}


def main():
    failures = 0
    with tempfile.TemporaryDirectory() as work:
        path = lambda p: os.path.join(work, p)
        launch = {"kernel": "kernel", "args": {
            "x": {"shape": [64], "dtype": "i32", "init": "arange"}, "f": {"shape": [64], "dtype": "f32", "init": "file(f.npy)"},
            "out": {"shape": [64], "dtype": "f32"}, "iout": {"shape": [64], "dtype": "i32"}, "n": 64, "s": {"value": 0.25, "dtype": "f32"}},
            "constexpr": {"B": 64}, "grid": [1], "outputs": ["out", "iout"]}
        np.save(path("f.npy"), f)
        with open(path("l.yaml"), "w") as file:
            yaml.safe_dump(launch, file)
        for (name, (helpers, body, output, expected)), executor in itertools.product(CASES.items(), executors.EXECUTORS):
            with open(path("k.py"), "w") as file:
                file.write(HEAD + helpers + KERNEL + "    " + body + "\n")
            run = executors.run(path("k.py"), path("l.yaml"), executor, work, check=name not in OPEN)
            if run.returncode:
                print(f"FAIL {name} ({executor}):\n{run.stdout}{run.stderr}")
                failures += 1
                continue
            array, _, part = output.partition("[")
            got = np.load(path(array + ".npy"))
            if part:
                got = got[: int(part.strip(":]"))]
            if not np.array_equal(got, np.asarray(expected).astype(got.dtype)):
                print(f"FAIL {name} ({executor}): got {got}, wanted {expected}")
                failures += 1
    print(f"{len(CASES)} rules on {len(executors.EXECUTORS)} executors, {failures} wrong")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
