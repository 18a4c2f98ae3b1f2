# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products on matrix registers: sizes that fill no tile, operands from every
side, carried and given sums, two products of different shapes in one program.
Each kernel runs on the emulated chip and is held against the oracle, and bit for
bit on whole numbers; some at every level of IR. That the matrix registers were
used is read off the emulator's counts, where there is one.

usage: amx_products.py [first [count]]      with KEEP=folder, what fails stays there
"""
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

import amx

NAMES = {"bf16": "bfloat16", "f16": "float16", "i8": "int8"}
PRODUCT = {"bf16": "tdpbf16ps", "f16": "tdpfp16ps", "i8": "tdpbssd"}


class Drawn:
    """One kernel: c = a b in some way, for `grid` programs."""

    def __init__(self, seed):
        r = random.Random(seed)
        self.type = r.choice(["bf16", "bf16", "i8", "f16"])
        self.sum = "int32" if self.type == "i8" else "float32"
        group = 4 if self.type == "i8" else 2
        m = r.choice([1, 5, 16, 17, 32, 33, 48, 64, 80, 100, 128])
        n = r.choice([16, 32, 48, 64, 80, 128])
        k = group * r.choice([1, 4, 8, 12, 16, 16, 17, 32, 32, 64, 256, 300])
        self.m, self.n, self.k = m, n, k
        steps = r.choice([1, 1, 2, 3])
        self.lines, self.args = [], {}
        whole = r.random() < 0.4
        rows, columns, deep = (m, n, k * steps) if whole else (r.randrange(1, m + 1), r.randrange(1, n + 1), r.randrange(1, k * steps + 1))
        self.numbers = {"M": rows, "N": columns, "K": deep}
        a_by_columns, b_by_columns, by_tl = r.random() < 0.3, r.random() < 0.4, r.random() < 0.5
        first = [f"i = tl.arange(0, {m})", f"j = tl.arange(0, {n})", f"h = tl.arange(0, {k})", "p = tl.program_id(0)"]
        self.body = first

        def operand(name, row, column, sizes, turned):
            """Loads a block of `name`; `turned`: consecutive along its rows."""
            x, y = (row, column) if not (turned and by_tl) else (column, row)
            bounds = {"i": "M", "j": "N", "h": "K - step"}
            offset = {"i": "i", "j": "j", "h": "(step + h)"}
            stride = [1, sizes[row]] if turned else [sizes[column], 1]
            if turned and by_tl:
                stride = stride[::-1]
            text = (f"tl.load({name} + p * {self.size(name, sizes[row] * sizes[column])} + {offset[x]}[:, None] * {stride[0]} + "
                    f"{offset[y]}[None, :] * {stride[1]}")
            if not whole or r.random() < 0.3:
                text += f", mask=({x}[:, None] < {bounds[x]}) & ({y}[None, :] < {bounds[y]}), other=0"
            return f"tl.trans({text}))" if turned and by_tl else text + ")"

        sizes = {"i": m, "j": n, "h": k * steps}
        a, b = operand("a", "i", "h", sizes, a_by_columns), operand("b", "h", "j", sizes, b_by_columns)
        way = r.choice(["fresh", "given", "added", "loaded", "after"])
        zero = f"tl.zeros(({m}, {n}), dtype=tl.{self.sum})"
        if way == "loaded":
            self.body.append(f"s = tl.load(c + p * {m * n} + i[:, None] * {n} + j[None, :])")
        else:
            self.body.append(f"s = {zero}")
        # A bound that is known, or one that is not and may allow no step.
        bound = r.choice([str(k * steps), "K", "K * p // 2"])
        self.body.append(f"for step in range(0, {bound}, {k}):" if steps > 1 or r.random() < 0.3 else "for step in range(0, 1):")
        self.body.append(f"    x = {a}")
        self.body.append(f"    y = {b}")
        if r.random() < 0.2:  # an operand that is computed
            self.body.append("    x = x + x")
        if way == "added":
            self.body.append("    s += tl.dot(x, y)")
        elif way == "fresh":
            self.body.append("    s = tl.dot(x, y)")
        else:
            self.body.append("    s = tl.dot(x, y, s)")
        if way == "after":
            self.body.append("    s = s + step + 1")
        # Its result is the operand of another, of other sizes.
        if r.random() < 0.35 and n % group == 0:
            wide = r.choice([16, 32, 64])
            self.size("w", n * wide)
            self.body += [f"q = tl.arange(0, {wide})", f"w_block = tl.load(w + j[:, None] * {wide} + q[None, :])",
                          f"narrow = {'(s & 7)' if self.type == 'i8' else '(s * 0.0625)'}.to(tl.{NAMES[self.type]})",
                          f"t = tl.dot(narrow, w_block)",
                          f"tl.store(d + p * {m * wide} + i[:, None] * {wide} + q[None, :], t)"]
            self.d = m * wide
        else:
            self.d = 1
        self.body.append(f"tl.store(c + p * {m * n} + i[:, None] * {n} + j[None, :], s" +
                         ("" if whole else ", mask=(i[:, None] < M) & (j[None, :] < N)") + ")")
        self.grid = r.choice([1, 2, 3])
        self.levels = r.random() < 0.15

    def size(self, name, count):
        self.args[name] = count
        return count

    def write(self, folder):
        names = ", ".join(["a", "b", "c", "d", "w", "M", "N", "K"])
        with open(os.path.join(folder, "k.py"), "w") as f:
            f.write("import triton\nimport triton.language as tl\n\n\n@triton.jit\n" + f"def kernel({names}):\n    " + "\n    ".join(self.body) + "\n")
        result = "i32" if self.type == "i8" else "f32"
        init = "randint(-8, 8)" if self.type == "i8" else "normal"
        args = {name: {"shape": [max(1, self.args.get(name, 1)) * (1 if name == "w" else self.grid)], "dtype": self.type, "init": init, "seed": 3 + at}
                for at, name in enumerate("abw")}
        for name, count in (("c", self.m * self.n), ("d", self.d)):
            args[name] = {"shape": [count * self.grid], "dtype": result, "init": "ones"}
        args = {name: args[name] for name in "abcdw"} | self.numbers
        with open(os.path.join(folder, "l.yaml"), "w") as f:
            yaml.safe_dump({"kernel": "kernel", "args": args, "grid": [self.grid], "outputs": ["c", "d"]}, f, sort_keys=False)


def main():
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000 if os.environ.get("TERRAZZO_FULL") == "1" else 40
    chip, keep, failures, used = amx.emulated(), os.environ.get("KEEP"), 0, 0
    os.environ["TERRAZZO_AMX_COUNTS"] = "1"
    with tempfile.TemporaryDirectory() as work:
        for seed in range(first, first + count):
            drawn = Drawn(seed)
            drawn.write(work)
            command = ["terrazzo", "run", "k.py", "--launch", "l.yaml", "--no-cache", "--target", chip, "--threads", str(1 + seed % 2)]
            done = subprocess.run(command + ["--verify-semantics" if drawn.levels else "--check"], cwd=work, capture_output=True, text=True, timeout=300)
            used += bool(re.search(rf"\d {PRODUCT[drawn.type]}$", done.stderr, re.M)) or "nothing is emulated" in done.stderr
            if done.returncode:
                failures += 1
                print(f"seed {seed}: {drawn.type} {drawn.m} x {drawn.n} x {drawn.k}: {done.returncode} {done.stdout[-600:]} {done.stderr[-600:]}")
                if keep:
                    shutil.copytree(work, os.path.join(keep, str(seed)), dirs_exist_ok=True)
    print(f"{count} products from seed {first}: {failures} wrong, {used} on matrix registers")
    return bool(failures) or used < count * 9 // 10


if __name__ == "__main__":
    sys.exit(main())
