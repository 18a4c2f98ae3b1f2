# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""break, continue and return in loops: kernels over scalars are Python, so
Python runs the same text, and both must store the same numbers. First by hand,
then programs drawn at random."""
import os
import random
import re
import sys
import tempfile
from types import SimpleNamespace

import numpy as np

import executors

PROGRAMS, SLOTS = 24, 8
HEAD = "import triton\nimport triton.language as tl\n\n\n"
KERNEL = ("@triton.jit\ndef kernel(x, out, N: tl.constexpr):\n    p = tl.program_id(0)\n    a = tl.load(x + p * 3)\n"
          "    b = tl.load(x + p * 3 + 1)\n    c = tl.load(x + p * 3 + 2)\n    out += p * N\n")
LAUNCH = (f"kernel: kernel\nargs:\n  x: {{shape: [{PROGRAMS * 3}], dtype: i32, init: file(x.npy)}}\n"
          f"  out: {{shape: [{PROGRAMS * SLOTS}], dtype: i32, init: zeros}}\nconstexpr: {{N: {SLOTS}}}\ngrid: [{PROGRAMS}]\noutputs: [out]\n")
FIND = "@triton.jit\ndef find(x, n, key):\n    for i in range(n):\n        if tl.load(x + i) == key:\n            return i\n    return -1\n\n\n"
ROW = "@triton.jit\ndef row(a, b):\n    for i in range(a):\n        for j in range(b):\n            if i * j > 12:\n                return i, j\n    return a, b\n\n\n"
WALK = "@triton.jit\ndef walk(a, b):\n    while True:\n        if a > b:\n            return a\n        if b > 90:\n            break\n        a += 7\n        b += 2\n    return b\n\n\n"
END = "\n    tl.store(out, a)\n    tl.store(out + 1, b)\n    tl.store(out + 2, c)"
BY_HAND = {
    "break": ("", "for i in range(a):\n        if i * i > b:\n            break\n        c += i" + END),
    "break takes its value along": ("", "for i in range(a):\n        b += i\n        if b > c:\n            b = 0\n            break" + END),
    "continue": ("", "for i in range(a):\n        if i % 3 == 1:\n            continue\n        c += i" + END),
    "both": ("", "for i in range(a):\n        if i == b:\n            continue\n        if i > c:\n            break\n        b += 2" + END),
    "while": ("", "while a < 100:\n        a += b % 7 + 1\n        if a % 5 == 0:\n            break\n        c += 1" + END),
    "while True": ("", "while True:\n        a += 3\n        if a > 60:\n            break" + END),
    "the condition is not asked after a break": ("", "i = p * 3\n    while tl.load(x + i) >= 0:\n        i += 1\n        c += 1\n        if i == 71:\n            break" + END),
    "first statement": ("", "for i in range(a):\n        break" + END),
    "last statement": ("", "for i in range(a):\n        c += 1\n        continue" + END),
    "inner break": ("", "for i in range(a % 6):\n        for j in range(b):\n            if i + j > 8:\n                break\n            c += j\n        a += 1" + END),
    "break after an inner loop": ("", "for i in range(a):\n        for j in range(3):\n            if j == b % 4:\n                break\n            c += 1\n        if c > 20:\n            break" + END),
    "return from a loop of the kernel": ("", "for i in range(a):\n        if i == b % 8:\n            tl.store(out, i)\n            return\n        c += 1" + END),
    "return from two loops": ("", "for i in range(a):\n        j = 0\n        while j < i:\n            if i * j == b:\n                tl.store(out, 77)\n                return\n            j += 1" + END),
    "return in a nested if": ("", "if a > 20:\n        if b > 20:\n            return\n        c += 1\n    c += 2" + END),
    "return in both, deeper": ("", "if a > 20:\n        if b > 20:\n            return\n        else:\n            if c > 20:\n                tl.store(out, 5)\n                return\n            a = 1\n    else:\n        b = 7\n        if c > 30:\n            return\n    c += a + b" + END),
    "a name of the rest": ("", "if a > 20:\n        if b > 20:\n            return\n        t = a\n    else:\n        t = b\n    u = t * 2\n    if u > c:\n        c = u" + END),
    "find": (FIND, "a = find(x, 72, a)\n    b = find(x, b, c)" + END),
    "tuples": (ROW, "a, b = row(a % 9, b % 9)" + END),
    "walk": (WALK, "a = walk(a, b)\n    b = walk(c, b)" + END),
    "call in a loop": (FIND, "for i in range(a % 8):\n        if find(x, 72, i) < 0:\n            continue\n        c += find(x, 72, i)" + END),
    "static loop": ("", "for i in tl.static_range(6):\n        if i > a % 9:\n            break\n        if i == b % 5:\n            continue\n        c += i" + END),
    "static loop, known break": ("", "for i in tl.static_range(100):\n        if i == 5:\n            break\n        last = i\n    c += last" + END),
    "static loop, return": ("", "for i in tl.static_range(6):\n        if i == a % 9:\n            tl.store(out, i)\n            return\n        c += 1" + END),
    "static in counted": ("", "for k in range(b % 6):\n        for i in tl.static_range(4):\n            if i == a % 5:\n                break\n            c += i\n        else_ = c\n        if else_ > 30:\n            break\n        a += 1" + END),
    "counting down": ("", "for i in range(a, 0, -2):\n        if i < b:\n            break\n        c += i" + END),
    "tuple items": ("", "for k in (3, 5, 9):\n        if k > a % 11:\n            continue\n        c += k" + END),
    "loop variable kept in a name": ("", "at = -1\n    for i in range(a):\n        if i * 3 > b:\n            at = i\n            break\n    c = at" + END),
}


BLOCKS = HEAD + """@triton.jit
def kernel(x, out, N: tl.constexpr):
    r = tl.arange(0, 16)
    acc = tl.zeros([16], tl.int32)
    last = -1
    pair = (0, 0)
    b = tl.make_block_ptr(x, (72,), (1,), (0,), (16,), (0,))
    for i in range(40 + tl.program_id(0)):
        if i % 2 == 0:
            if tl.load(x + i) > 25:
                b = tl.advance(b, (1,))
                continue
            p = x + i
            q = tl.load(b)
        else:
            p = x
            q = tl.zeros([16], tl.int32)
            if tl.load(x + i) == 9:
                pair = (i, -1)
                break
        b = tl.advance(b, (1,))
        acc = acc + q + tl.load(p)
        pair = (i, tl.sum(tl.where(r == 0, acc, 0), 0))
        last = i
    u, v = pair
    tl.store(out + r, acc)
    tl.store(out + 16, last)
    tl.store(out + 17, u)
    tl.store(out + 18, v)
"""


def blocks(x):
    """What BLOCKS stores: blocks, pointers and tuples over ways out."""
    acc, last, pair = np.zeros(16, int), -1, (0, 0)
    for i in range(40):
        p, q = (i, x[i : i + 16]) if i % 2 == 0 else (0, 0)
        if i % 2 == 0 and x[i] > 25:
            continue
        if i % 2 and x[i] == 9:
            pair = (i, -1)
            break
        acc = acc + q + x[p]
        pair, last = (i, acc[0]), i
    return [*acc, last, *pair]


class Pointer:
    """What a kernel does with a pointer, over a list."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def __add__(self, n):
        return Pointer(self.data, self.at + n)


def python(text, x):
    """The numbers that Python stores."""
    out, names = [0] * (PROGRAMS * SLOTS), {}
    tl = SimpleNamespace(load=lambda p: p.data[p.at], store=lambda p, v: p.data.__setitem__(p.at, v), static_range=range,
                         constexpr=None, program_id=lambda axis: program[0])
    program = [0]
    body = re.sub(r"^import .*\n", "", text, flags=re.M)
    exec(body, {"tl": tl, "triton": SimpleNamespace(jit=lambda f: f)}, names)
    names["kernel"].__globals__.update(names)
    for program[0] in range(PROGRAMS):
        names["kernel"](Pointer(x), Pointer(out), SLOTS)
    return out


class Drawer:
    """A random program: every loop ends, every name has a value."""

    def __init__(self, seed):
        self.random, self.counters = random.Random(seed), 0

    def expression(self, names):
        r = self.random
        a, b = r.choice(names), r.choice(names + [str(r.randrange(60))])
        return r.choice([f"{a} + {b}", f"({a} * 5 + {b}) % 61", f"{a} - {b}", f"{a} ^ {b}", f"tl.load(x + ({a} & 63))"])

    def condition(self, names):
        r = self.random
        one = f"{r.choice(names)} {r.choice(['<', '>', '==', '!=', '<='])} {r.choice(names + [str(r.randrange(40))])}"
        return one if r.random() < 0.7 else f"({one}) {r.choice(['and', 'or'])} {r.choice(names)} > {r.randrange(30)}"

    def suite(self, indent, depth, loops, names, returns):
        r, pad, lines = self.random, " " * indent, []
        for _ in range(r.randrange(1, 4)):
            kind = r.choice(["assign", "assign", "if", "if", "loop", "leave"] + ["leave", "if"] * (loops > 0))
            if kind == "assign" or depth == 0:
                lines.append(f"{pad}{r.choice('abc')} = ({self.expression(names)}) & 255")
            elif kind == "if":
                lines.append(f"{pad}if {self.condition(names)}:")
                lines += self.suite(indent + 4, depth - 1, loops, names, returns)
                if r.random() < 0.3:
                    lines.append(f"{pad}elif {self.condition(names)}:")
                    lines += self.suite(indent + 4, depth - 1, loops, names, returns)
                if r.random() < 0.5:
                    lines.append(f"{pad}else:")
                    lines += self.suite(indent + 4, depth - 1, loops, names, returns)
            elif kind == "loop" and loops < 3:
                self.counters += 1
                i, how = f"i{self.counters}", r.choice(["range", "range", "while", "static"])
                if how == "while":
                    lines.append(f"{pad}{i} = 0")
                    lines.append(f"{pad}while {i} < 6 and ({self.condition(names)}):")
                    lines.append(f"{pad}    {i} += 1")
                elif how == "range":
                    lines.append(f"{pad}for {i} in range({r.choice(['0', '1'])}, {r.choice(names)} % 7):")
                else:
                    lines.append(f"{pad}for {i} in tl.static_range({r.randrange(1, 5)}):")
                lines += self.suite(indent + 4, depth - 1, loops + 1, names + [i], returns)
            elif kind == "leave" and (loops or returns):
                word = r.choice(["break", "break", "continue", "continue", "return"]) if loops else "return"
                if word == "return":
                    if returns == "kernel":
                        lines.append(f"{pad}tl.store(out + 3, a + b)")
                        word = "return"
                    else:
                        word = f"return {r.choice('abc')} + {r.randrange(5)}"
                lines.append(pad + word)
                return lines
        return lines or [pad + "pass"]

    def program(self):
        helper = "@triton.jit\ndef helper(x, a, b, c):\n" + "\n".join(self.suite(4, 4, 0, list("abc"), "helper")) + "\n    return a - c\n\n\n"
        body = "\n".join(self.suite(4, 4, 0, list("abc"), "kernel"))
        return HEAD + helper + KERNEL + body + "\n    a = helper(x, a, b, c)" + END + "\n"


def main():
    count = 1500 if os.environ.get("TERRAZZO_FULL") == "1" else 150
    texts = {name: HEAD + helpers + KERNEL + "    " + body + "\n" for name, (helpers, body) in BY_HAND.items()}
    texts.update({f"drawn {seed}": Drawer(seed).program() for seed in range(count)})
    x = np.random.default_rng(3).integers(0, 40, PROGRAMS * 3).astype(np.int32)
    failures, constructs = 0, {}
    with tempfile.TemporaryDirectory() as work:
        path = lambda p: os.path.join(work, p)
        np.save(path("x.npy"), x)
        with open(path("l.yaml"), "w") as file:
            file.write(LAUNCH)
        for name, text in texts.items():
            with open(path("k.py"), "w") as file:
                file.write(text)
            for word in ("break", "continue", "return"):
                constructs[word] = constructs.get(word, 0) + text.count(word)
            want = python(text, x.tolist())
            for executor in executors.EXECUTORS:
                run = executors.run(path("k.py"), path("l.yaml"), executor, work)
                got = np.load(path("out.npy")).tolist() if run.returncode == 0 else None
                if got != want:
                    print(f"FAIL {name} ({executor}):\n{text}\n{run.stdout[:500]}{run.stderr[:2000]}\nwanted {want}\ngot    {got}")
                    failures += 1
            if failures > 3:
                break
        with open(path("k.py"), "w") as file:
            file.write(BLOCKS)
        with open(path("l.yaml"), "w") as file:
            file.write(LAUNCH.replace(f"grid: [{PROGRAMS}]", "grid: [1]"))
        for nine in (27, 60):  # where the loop is left: once within, once never
            x[1::2][x[1::2] == 9] = 8
            x[nine] = 9
            np.save(path("x.npy"), x)
            for executor in executors.EXECUTORS:
                run = executors.run(path("k.py"), path("l.yaml"), executor, work)
                got = np.load(path("out.npy"))[:19].tolist() if run.returncode == 0 else run.stderr
                if got != blocks(x):
                    print(f"FAIL blocks ({executor}): wanted {blocks(x)}, got {got}")
                    failures += 1
    print(f"{len(texts)} programs against Python on {len(executors.EXECUTORS)} executors, {failures} wrong; {constructs}")
    return bool(failures)


sys.exit(main())
