# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels drawn at random, run on this machine's CPU and held against the
oracle, for several chips. A decision that the oracle's own error bounds leave
open counts as undecided, not as wrong.

usage: fuzz.py [first [count [chip]]]      with KEEP=folder, what fails stays there;
                                           for chip=amx see amx.py
"""
import json
import os
import random
import subprocess
import sys
import tempfile

import numpy as np
import yaml

import amx

CHIPS = ["cpu-zen5", "cpu-avx2", "cpu-portable"]
FLOATS, INTS = ["f32", "f16", "bf16", "f64"], ["i32", "i8", "i16", "i64", "u8", "u32", "u16"]
NAMES = {"f32": "float32", "f16": "float16", "bf16": "bfloat16", "f64": "float64", "i32": "int32", "i8": "int8", "i16": "int16",
         "i64": "int64", "u8": "uint8", "u32": "uint32", "u16": "uint16", "i1": "int1"}
SIZE = 16384  # elements of every array


class Value:
    def __init__(self, name, dtype, shape):
        self.name, self.dtype, self.shape = name, dtype, tuple(shape)


class Drawer:
    """One kernel. Blocks of few elements: what goes wrong does at their edges."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.lines, self.values, self.count, self.indent = [], [], 0, 4
        self.arrays, self.outputs, self.depth = {}, {}, 0
        self.grid = self.r.choice([1, 1, 2, 3])

    # Small words.
    def put(self, text):
        self.lines.append(" " * self.indent + text)

    def new(self, text, dtype, shape):
        self.count += 1
        name = f"v{self.count}"
        self.put(f"{name} = {text}")
        value = Value(name, dtype, shape)
        self.values.append(value)
        return value

    def shape(self):
        r = self.r
        rank = r.choice([1, 1, 1, 2, 2, 2, 3])
        sizes = [[1, 2, 4, 8, 16, 64, 128, 48, 7, 33], [1, 2, 4, 8, 16, 32, 12, 5], [1, 2, 4, 8, 3]][rank - 1]
        return tuple(r.choice(sizes) for _ in range(rank))

    def array(self, dtype):
        self.arrays.setdefault("in_" + dtype, dtype)
        return "in_" + dtype

    def index(self, shape, strides=None, start="0"):
        """The offsets of a block, each dimension with a stride."""
        if strides is None:
            strides, below = [], 1
            for size in reversed(shape):
                strides.insert(0, below)
                below *= size
        parts = []
        for d, size in enumerate(shape):
            brackets = ", ".join(":" if k == d else "None" for k in range(len(shape)))
            part = f"tl.arange(0, {size})" + (f"[{brackets}]" if len(shape) > 1 else "")
            parts.append(f"{part} * {strides[d]}" if strides[d] != 1 else part)
        return " + ".join([start] * (start != "0") + parts)

    def mask(self, shape):
        """One of several styles of masks."""
        r, parts = self.r, []
        for d, size in enumerate(shape):
            brackets = ", ".join(":" if k == d else "None" for k in range(len(shape)))
            i = f"tl.arange(0, {size})" + (f"[{brackets}]" if len(shape) > 1 else "")
            bound = r.choice([f"{r.randrange(size + 2)}", f"n - {r.randrange(size + 2)}", f"{size}", "n"])
            parts.append(r.choice([f"({i} < {bound})", f"({bound} > {i})", f"({i} <= {bound})", f"({i} >= {r.randrange(size + 1)})",
                                   f"({i} + {r.randrange(3)} < {bound})", f"({i} % 3 != 1)", f"(n - {r.randrange(9)} > {i})",
                                   f"(({i} ^ 5) < {bound})", f"({i} * 2 < {bound})", f"(tl.program_id(0) * 3 + {i} < {bound})", "(n > 4)"]))
        r.shuffle(parts)
        text = " & ".join(parts[: r.randrange(1, len(parts) + 1)])
        if r.random() < 0.15:
            text = f"~({text})"
        return f"tl.broadcast_to({text}, {shape})" if "arange" in text else text

    # What is drawn.
    def load(self, shape=None, dtype=None):
        r = self.r
        shape, dtype = shape or self.shape(), dtype or r.choice(FLOATS + INTS + ["f32"] * 3 + ["i32"] * 2)
        array = self.array(dtype)
        kind = r.choice(["plain", "plain", "strided", "repeated", "masked", "masked", "gathered", "moved", "back", "swapped"])
        start, strides = "0", None
        if 20 * sum(size - 1 for size in shape) > 12000:
            kind = "plain"
        if kind == "strided":
            strides = [r.choice([1, 2, 3, 16, 20]) for _ in shape]
        elif kind == "repeated":
            strides = [r.choice([0, 1, 4]) for _ in shape]
        elif kind == "moved":
            start = f"tl.program_id(0) * {r.choice([1, 64, 100])}"
        elif kind == "back":
            strides, start = [-r.choice([1, 2, 9]) for _ in shape], "12000"
        elif kind == "swapped":
            strides = [1] + [shape[0]] * (len(shape) - 1)
        index = self.index(shape, strides, start)
        if kind == "gathered":
            which = self.load(shape[:1], "i32")
            index = f"({which.name} & 1023)" + (f"[:, {', '.join(['None'] * (len(shape) - 1))}]" if len(shape) > 1 else "")
            if len(shape) > 1:
                index += " + " + self.index(shape, [0] + [1] * (len(shape) - 1))
            elif r.random() < 0.5:
                index = f"{index} * 2 + tl.arange(0, {shape[0]})"
        other = ""
        if kind == "masked" or r.random() < 0.2:
            filler = r.choice([0, 1, 3]) if dtype in INTS else r.choice(["0.0", "1.5", "-2.0"])
            other = f", mask={self.mask(shape)}, other={filler}"
        return self.new(f"tl.load({array} + ({index}){other})", dtype, shape)

    def pick(self, dtypes=None, shape=None, rank=None):
        fits = [v for v in self.values if (dtypes is None or v.dtype in dtypes) and (shape is None or v.shape == shape)
                and (rank is None or len(v.shape) == rank) and v.shape]
        if fits and self.r.random() < 0.8:
            return self.r.choice(fits[-8:])
        shape = shape or (self.shape() if rank is None else tuple(self.r.choice([1, 2, 4, 8, 16]) for _ in range(rank)))
        return self.load(shape, self.r.choice(dtypes) if dtypes else None)

    def elementwise(self):
        r = self.r
        a = self.pick()
        if a.dtype in FLOATS:
            b = self.pick([a.dtype], a.shape)
            text = r.choice(["{a} + {b}", "{a} - {b}", "{a} * {b}", "{a} * 0.5 + 1.0", "tl.maximum({a}, {b})", "tl.minimum({a}, {b})", "-{a}",
                             "tl.abs({a})", "tl.where({a} > {b}, {a}, {b})", "{a} / (tl.abs({b}) + 1.0)", "tl.clamp({a}, -1.0, 1.0)",
                             "tl.exp(tl.minimum({a}, 1.0).to(tl.float32)).to(" + "tl." + NAMES[a.dtype] + ")",
                             "tl.sqrt(tl.abs({a}).to(tl.float32)).to(" + "tl." + NAMES[a.dtype] + ")", "{a} + s"])
            return self.new(f"({text.format(a=a.name, b=b.name)}).to(tl.{NAMES[a.dtype]})", a.dtype, a.shape)
        b, bits = self.pick([a.dtype], a.shape), {"i32": 32, "u32": 32, "i64": 64, "i16": 16, "u16": 16}.get(a.dtype, 8)
        text = r.choice(["{a} + {b}", "{a} - {b}", "{a} * {b}", "{a} & {b}", "{a} | {b}", "{a} ^ {b}", "~{a}", "{a} >> 3", "{a} << 2",
                         "{a} >> ({b} & " + str(bits - 1) + ")", "{a} << ({b} & " + str(bits - 1) + ")",
                         "tl.where({b} != 0, {a} // tl.where({b} == 0, 1, {b}), 5)", "{a} % tl.where({b} == 0, 7, {b})", "{a} // 7", "{a} % 5",
                         "tl.maximum({a}, {b})", "tl.minimum({a}, {b})", "tl.where({a} > {b}, {a}, {b} - 1)", "{a} + n"])
        return self.new(f"({text.format(a=a.name, b=b.name)}).to(tl.{NAMES[a.dtype]})", a.dtype, a.shape)

    def cast(self):
        a = self.pick()
        to = self.r.choice(FLOATS + INTS if a.dtype in INTS else FLOATS)
        return self.new(f"{a.name}.to(tl.{NAMES[to]})", to, a.shape)

    def reduce(self):
        r, a = self.r, self.pick()
        axis, kind = r.randrange(len(a.shape)), r.choice(["sum", "max", "min", "argmax", "argmin", "xor_sum"])
        if kind in ("argmax", "argmin", "xor_sum") and a.dtype not in ("i32", "i8", "i16", "i64") or a.dtype == "f16" and kind == "sum":
            kind = "max"
        rest = a.shape[:axis] + a.shape[axis + 1:]
        dtype = "i32" if kind.startswith("arg") else a.dtype
        to = "" if kind.startswith("arg") else f".to(tl.{NAMES[dtype]})"
        if not rest:
            return self.new(f"tl.full({a.shape}, 0, tl.{NAMES[dtype]}) + tl.{kind}({a.name}, {axis}){to}", dtype, a.shape)
        out = self.new(f"tl.{kind}({a.name}, axis={axis}){to}", dtype, rest)
        if r.random() < 0.6:
            return self.new(f"tl.broadcast_to(tl.expand_dims({out.name}, {axis}), {a.shape})", dtype, a.shape)
        return out

    def scan(self):
        r, a = self.r, self.pick(["i32", "f32", "i64", "u32"])
        axis, reverse = r.randrange(len(a.shape)), r.choice(["", ", reverse=True"])
        if r.random() < 0.7:
            return self.new(f"tl.cumsum({a.name}, {axis}{reverse}).to(tl.{NAMES[a.dtype]})", a.dtype, a.shape)
        return self.new(f"tl.associative_scan({a.name}, {axis}, larger{reverse})", a.dtype, a.shape)

    def move(self):
        """What changes places only."""
        r, a = self.r, self.pick()
        rank, size = len(a.shape), int(np.prod(a.shape))
        power = all(d & (d - 1) == 0 for d in a.shape)
        kinds = ["reshape", "gather", "join", "ravel"] + ["trans"] * 2 * (rank == 2) + ["permute"] * 2 * (rank == 3)
        kinds += ["flip", "sort"] * (power and a.shape[-1] > 1) + ["split"] * (a.shape[-1] == 2 and rank > 1)
        kind = r.choice(kinds)
        if kind == "trans":
            return self.new(f"tl.trans({a.name})", a.dtype, a.shape[::-1])
        if kind == "permute":
            order = r.sample(range(3), 3)
            return self.new(f"tl.permute({a.name}, {tuple(order)})", a.dtype, [a.shape[k] for k in order])
        if kind == "reshape" or kind == "ravel":
            factors = [d for d in (1, 2, 3, 4, 7, 8, 16) if size % d == 0]
            to = (size,) if kind == "ravel" else r.choice([(d, size // d) for d in factors] + [(size // d, d) for d in factors])
            return self.new(f"tl.reshape({a.name}, {to})", a.dtype, to)
        if kind == "gather":
            axis = r.randrange(rank)
            which = self.pick(["i32"], a.shape)
            return self.new(f"tl.gather({a.name}, ({which.name} & 0x7fffffff) % {a.shape[axis]}, {axis})", a.dtype, a.shape)
        if kind == "join" and size <= 1024 and rank < 3:
            return self.new(f"tl.join({a.name}, {self.pick([a.dtype], a.shape).name})", a.dtype, a.shape + (2,))
        if kind == "split":
            self.count += 1
            self.put(f"v{self.count}, w{self.count} = tl.split({a.name})")
            self.values += [Value(f"v{self.count}", a.dtype, a.shape[:-1]), Value(f"w{self.count}", a.dtype, a.shape[:-1])]
            return self.values[-1]
        if kind in ("flip", "sort") and a.dtype in ("f32", "i32", "i16"):
            return self.new(f"tl.{kind}({a.name})", a.dtype, a.shape)
        return self.elementwise()

    def dot(self):
        r = self.r
        dtype, (m, n, k) = r.choice(["f32", "f16", "bf16", "i8"]), (r.choice([16, 32, 64]) for _ in range(3))
        batch = (r.choice([2, 3]),) if r.random() < 0.2 else ()
        a, b = self.pick([dtype], batch + (m, k)), self.pick([dtype], batch + (k, n))
        acc = "i32" if dtype == "i8" else "f32"
        more = ', input_precision="ieee"' if dtype == "f32" else ""
        if r.random() < 0.4:
            more += f", acc={self.pick([acc], batch + (m, n)).name}"
        return self.new(f"tl.dot({a.name}, {b.name}{more})", acc, batch + (m, n))

    def atomic(self):
        r = self.r
        a = self.pick(["i32", "i64", "u32"])
        out, base = self.output(a.dtype, 64)
        kind = r.choice(["add", "max", "min", "and", "or", "xor"])
        mask = f", mask={self.mask(a.shape)}" if r.random() < 0.4 else ""
        self.put(f"tl.atomic_{kind}({out} + {base} + (({self.index(a.shape)}) % 64), {a.name}{mask})")

    def loop(self):
        """Carried blocks, a moving pointer, a swap."""
        if self.depth > 1:
            return self.elementwise()
        r = self.r
        a = self.pick()
        b = self.pick([a.dtype], a.shape)
        x, y, p = f"x{self.count}", f"y{self.count}", f"p{self.count}"
        self.put(f"{x} = {a.name}")
        self.put(f"{y} = {b.name}")
        self.put(f"{p} = {self.array(a.dtype)} + ({self.index(a.shape)})")
        trips = r.choice(["0", "1", "3", "n - 5", "n - 20"])
        i = f"i{self.count}"
        self.count += 1
        kind = r.choice(["for", "for", "while", "if"])
        if kind == "for":
            self.put(f"for {i} in range({r.choice(['0', '1'])}, {trips}):")
        elif kind == "while":
            self.put(f"{i} = 0")
            self.put(f"while {i} < {trips}:")
        else:
            self.put(f"{i} = {r.randrange(4)}")
            self.put(f"if n > {r.choice([2, 30])}:")
        outside, self.indent, self.depth = list(self.values), self.indent + 4, self.depth + 1
        self.values += [Value(x, a.dtype, a.shape), Value(y, a.dtype, a.shape)]
        for _ in range(r.randrange(3)):
            self.step()
        new = self.pick([a.dtype], a.shape)
        way = r.choice(["swap", "sum", "load", "replace", "leave"])
        half = " * 0.5" if a.dtype in FLOATS else ""
        if way == "swap":
            self.put(f"{x}, {y} = {y}, {x}")
        elif way == "sum":
            self.put(f"{x} = ({x}{half} + {new.name}{half}).to(tl.{NAMES[a.dtype]})")
        elif way == "load":
            self.put(f"{y} = ({y}{half} + tl.load({p}){half}).to(tl.{NAMES[a.dtype]})")
            self.put(f"{p} += {r.choice([1, 5, 64])}")
        elif way == "replace":
            self.put(f"{x} = {new.name}")
        elif kind == "for":
            self.put(f"if {i} > 1:\n{' ' * self.indent}    break\n{' ' * self.indent}{x} = {y}")
        else:
            self.put(f"{y} = {x}")
        if kind == "while":
            self.put(f"{i} += 1")
        self.indent, self.depth, self.values = self.indent - 4, self.depth - 1, outside
        self.values += [Value(x, a.dtype, a.shape), Value(y, a.dtype, a.shape)]

    def output(self, dtype, size):
        name = f"out{len(self.outputs)}"
        self.outputs[name] = (dtype, size)
        return name, f"tl.program_id(0) * {size}"

    def store(self, v=None):
        v = v or self.r.choice(self.values)
        size = int(np.prod(v.shape))
        name, base = self.output(v.dtype, size)
        mask = f", mask={self.mask(v.shape)}" if self.r.random() < 0.4 else ""
        strides = None
        if len(v.shape) == 2 and self.r.random() < 0.3:
            strides = [1, v.shape[0]]
        at = f"{name} + {base} + ({self.index(v.shape, strides)})"
        self.put(f"tl.store({at}, {v.name}{mask})")
        if self.r.random() < 0.2:  # in place, and read again
            w = self.new(f"tl.load({at})", v.dtype, v.shape)
            self.put(f"tl.store({at}, ({w.name} + {w.name}).to(tl.{NAMES[v.dtype]}){mask})")

    def step(self):
        r = self.r
        r.choice([self.elementwise] * 5 + [self.load] * 2 + [self.cast, self.reduce, self.reduce, self.scan, self.move, self.move, self.loop, self.dot])()

    def kernel(self):
        self.load()
        for _ in range(self.r.randrange(3, 10)):
            self.step()
        if self.r.random() < 0.3:
            self.atomic()
        for v in self.values[-3:]:
            self.store(v)
        parameters = ", ".join(list(self.arrays) + list(self.outputs) + ["n", "s"])
        head = "import triton\nimport triton.language as tl\n\n\n@triton.jit\ndef larger(a, b):\n    return tl.maximum(a, b)\n\n\n"
        return head + f"@triton.jit\ndef kernel({parameters}):\n" + "\n".join(self.lines) + "\n"

    def launch(self):
        args = {name: {"shape": [SIZE], "dtype": dtype, "init": f"file({dtype}.npy)"} for name, dtype in self.arrays.items()}
        for name, (dtype, size) in self.outputs.items():
            args[name] = {"shape": [size * self.grid], "dtype": dtype, "init": "zeros"}
        args.update(n=17, s={"value": 0.75, "dtype": "f32"})
        return {"kernel": "kernel", "args": args, "grid": [self.grid], "outputs": list(self.outputs)}


def write_data(folder):
    g = np.random.default_rng(11)
    for dtype in FLOATS:
        x = g.integers(-32, 33, SIZE) / 8
        np.save(os.path.join(folder, dtype + ".npy"), x.astype({"f16": np.float16, "f64": np.float64}.get(dtype, np.float32)))
    for dtype in INTS:
        t = np.dtype(NAMES[dtype])
        x = g.integers(np.iinfo(t).min, np.iinfo(t).max, SIZE, dtype=t, endpoint=True)
        few = g.random(SIZE) < 0.5  # half of them small: equal ones, zeros
        np.save(os.path.join(folder, dtype + ".npy"), np.where(few, x % 8, x).astype(t))


def verdict(done):
    """wrong, undecided, refused or ok"""
    if done.returncode == 4:
        check = json.loads(done.stdout)["check"]
        exact = all(o["error_over_bound"] is not None and o["error_over_bound"] <= 1 for o in check["outputs"])
        return ("undecided" if exact else "wrong"), json.dumps(check)
    return ("ok" if done.returncode == 0 else "wrong"), done.stderr


def schedules(seed):
    """Half of the kernels run under one: the first that can be done; the last always can."""
    r = random.Random(-seed)
    coarsen = [r.choice([2, 2, 3, 4])]
    if seed % 2:
        return ["none"]
    return [json.dumps({"coarsen": coarsen, "kmerge": r.choice([2, 3])}), json.dumps({"subtile": [r.choice([2, 4]), r.choice([1, 2])]}),
            json.dumps({"coarsen": coarsen})]


def main():
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 3000 if os.environ.get("TERRAZZO_FULL") == "1" else 40
    chips = sys.argv[3:4] or CHIPS
    if chips == ["amx"]:
        chips = [amx.emulated()]
    keep, tally, failures = os.environ.get("KEEP"), {}, 0
    with tempfile.TemporaryDirectory() as work:
        write_data(work)
        for seed in range(first, first + count):
            drawer = Drawer(seed)
            with open(os.path.join(work, "k.py"), "w") as f:
                f.write(drawer.kernel())
            with open(os.path.join(work, "l.yaml"), "w") as f:
                yaml.safe_dump(drawer.launch(), f, sort_keys=False)
            chip = chips[seed % len(chips)]
            command = ["terrazzo", "run", "k.py", "--launch", "l.yaml", "--check", "--no-cache", "--json", "-", "--target", chip]
            try:
                for schedule in schedules(seed):
                    done = subprocess.run(command + ["--schedule", schedule], cwd=work, capture_output=True, text=True, timeout=120)
                    if "error: the schedule's" not in done.stderr:
                        break
                what, why = verdict(done)
            except subprocess.TimeoutExpired:
                what, why = "wrong", "it took more than 120 s"
            tally[what] = tally.get(what, 0) + 1
            if what == "wrong":
                failures += 1
                print(f"seed {seed} on {chip}: {why[:1500]}")
                if keep:
                    os.makedirs(f"{keep}/{seed}", exist_ok=True)
                    for name in os.listdir(work):
                        with open(os.path.join(work, name), "rb") as a, open(f"{keep}/{seed}/{name}", "wb") as b:
                            b.write(a.read())
    print(f"{count} kernels from seed {first}: {tally}")
    return bool(failures) or tally.get("ok", 0) < count * 3 // 4


if __name__ == "__main__":
    sys.exit(main())
