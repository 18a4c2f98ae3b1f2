# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`terrazzo run` on the device: numbers of every type in and out against NumPy,
the verdict of --check, unwritten elements, faults, times, and the JSON."""
import json
import os
import shutil
import subprocess
import sys

import ml_dtypes
import numpy as np

FOLDER = sys.argv[1]
shutil.rmtree(FOLDER, ignore_errors=True) # the cache of an earlier run too
os.makedirs(FOLDER)
os.environ["XDG_CACHE_HOME"] = os.path.join(FOLDER, "cache")


def path(name):
    return os.path.join(FOLDER, name)


def run(source, launch, *more):
    with open(path("k.py"), "w") as f:
        f.write("import triton\nimport triton.language as tl\n\n\n@triton.jit\n" + source)
    with open(path("l.yaml"), "w") as f:
        f.write(launch)
    p = subprocess.run(["terrazzo", "run", path("k.py"), "--launch", path("l.yaml"), "--save", FOLDER, *more],
                       capture_output=True, text=True, timeout=120)
    return p.returncode, p.stdout, p.stderr


def good(*arguments):
    code, out, err = run(*arguments)
    assert code == 0, (arguments, code, out, err)
    return out


def saved(name):
    return np.load(path(name + ".npy"))


ADD = """def add(x, y, out, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(out + i, tl.load(x + i, mask=i < n) + tl.load(y + i, mask=i < n), mask=i < n)
"""
VECTORS = """args:
  x: {{shape: [n], dtype: {0}, init: file(x.npy)}}
  y: {{shape: [n], dtype: {0}, init: file(y.npy)}}
  out: {{shape: [n], dtype: {0}}}
  n: {1}
constexpr: {{BLOCK: 64}}
grid: ["cdiv(n, BLOCK)"]
outputs: [out]
"""

# Every type: the sum is rounded once, so NumPy's must come out to the bit.
rng = np.random.default_rng(11)
TYPES = {"f32": np.float32, "f64": np.float64, "f16": np.float16, "bf16": ml_dtypes.bfloat16,
         "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64}
for name, dtype in TYPES.items():
    for n in (1, 100, 1024):
        integer = np.issubdtype(dtype, np.integer)
        x, y = [(rng.integers(np.iinfo(dtype).min // 2, np.iinfo(dtype).max // 2, n) if integer
                 else rng.standard_normal(n)).astype(dtype) for _ in range(2)]
        for key, value in ("x", x), ("y", y):
            np.save(path(key + ".npy"), value.astype(np.float32) if name == "bf16" else value)
        good(ADD, VECTORS.format(name, n), "--check")
        want = x + y
        got = saved("out").astype(dtype)
        assert np.array_equal(got.view(np.uint8), want.view(np.uint8)), (name, n, got, want)

# Numbers as arguments, of every kind; an integer 1 and one divisible by 16 are
# specialised, the others are not.
SCALARS = """def scalars(out, f, d, i, big, flag, one, sixteen):
    tl.store(out, f)
    tl.store(out + 1, d)
    tl.store(out + 2, i)
    tl.store(out + 3, big)
    tl.store(out + 4, flag)
    tl.store(out + 5, one)
    tl.store(out + 6, sixteen)
"""
good(SCALARS, """args:
  out: {shape: [7], dtype: f64}
  f: {value: 0.1, dtype: f32}
  d: {value: 1e-1, dtype: f64}
  i: -7
  big: 1125899906842624
  flag: true
  one: 1
  sixteen: 48
grid: [1]
outputs: [out]
""", "--check")
assert saved("out").tolist() == [float(np.float32(0.1)), 0.1, -7, 2.0**50, 1, 1, 48], saved("out")

# What no program wrote is told apart, and is no mismatch.
HALF = """def half(out):
    i = tl.arange(0, 8)
    tl.store(out + 2 * i, i.to(tl.float32))
"""
HALF_LAUNCH = "args: {out: {shape: [16], dtype: f32}}\ngrid: [1]\noutputs: [out]\n"
assert ", 8 unwritten" in good(HALF, HALF_LAUNCH, "--check")
assert np.array_equal(saved("out")[::2], np.arange(8)) and np.isnan(saved("out")[1::2]).all()

# Memory that is written under two names.
SHIFT = """def shift(a, b, odd, n):
    for i in range(n):
        tl.store(b + i, tl.load(a + i) + 1)
"""
good(SHIFT, """args:
  m: {shape: [33], dtype: i32, init: zeros}
  a: {viewof: m, shape: [32], strides: [1]}
  b: {viewof: m, shape: [32], strides: [1], offset: 1}
  odd: {viewof: m, shape: [2, 2], strides: [-10, -2], offset: 31}
  n: 32
grid: [1]
outputs: [a, b, odd]
""", "--check")
assert saved("a").tolist() == list(range(32)), saved("a")
assert saved("b").tolist() == list(range(1, 33)), saved("b")
assert saved("odd").tolist() == [[31, 29], [21, 19]], saved("odd")

# A sample of the programs is compared, all of them run.
np.save(path("x.npy"), np.arange(1000, dtype=np.float32))
np.save(path("y.npy"), np.ones(1000, dtype=np.float32))
LAUNCH = VECTORS.format("f32", 1000)
assert "checked: ok" in good(ADD, LAUNCH, "--check=sample(3)")
assert np.array_equal(saved("out"), np.arange(1, 1001))

# The contract of --json; the artifact's bytes do not depend on when and where.
first = json.loads(good(ADD, LAUNCH, "--check", "--time", "--threads", "1", "--json", "-"))
assert first["kernel"] == "add" and first["target"] == "cpu" and first["chip"].startswith("cpu-")
assert first["time"]["kind"] == "measured" and first["time"]["rounds"] >= 7
assert 0 < first["time"]["min"] <= first["time"]["seconds"] <= first["time"]["max"]
assert first["check"]["ok"] and first["check"]["outputs"][0]["name"] == "out"
assert first["counters"] == {"programs": 16, "fallbacks": 0} and first["diagnostics"] == []
again = json.loads(good(ADD, LAUNCH, "--threads", "2", "--json", "-"))
assert again["artifact"] == first["artifact"] and list(again["compile_s"]) == ["cache"], again
fresh = json.loads(good(ADD, LAUNCH, "--no-cache", "--json", "-"))
assert fresh["artifact"] == first["artifact"], "the same bytes, compiled twice"
assert {"kernel", "lower", "translate", "optimize", "codegen"} <= set(fresh["compile_s"]), fresh
assert all(s > 0 for s in fresh["compile_s"].values())
other = json.loads(good(ADD + "    # a comment\n", LAUNCH, "--json", "-"))
assert "kernel" in other["compile_s"], "another source is not in the cache"
avx2 = json.loads(good(ADD, LAUNCH, "--target", "cpu-portable", "--check", "--json", "-"))
assert avx2["chip"] == "cpu-portable" and avx2["artifact"] != first["artifact"]

# An output over an input: in place the same version is right, one element on it
# is not. Which one ran is in the counters.
for offset, fallbacks in (0, 0), (1, 1), (1000, 0):
    overlap = json.loads(good(ADD, f"""args:
  m: {{shape: [2001], dtype: f32, init: arange}}
  x: {{viewof: m, shape: [1000], strides: [1]}}
  y: {{shape: [n], dtype: f32, init: file(y.npy)}}
  out: {{viewof: m, shape: [1000], strides: [1], offset: {offset}}}
  n: 1000
constexpr: {{BLOCK: 1024}}
grid: [1]
outputs: [out]
""", "--check", "--json", "-"))
    assert overlap["counters"]["fallbacks"] == fallbacks, (offset, overlap)
    assert np.array_equal(saved("out"), np.arange(1, 1001)), offset

# Rows that are normalised where they lie, by one name or two: several programs
# run ahead of each other there.
ROWS = """def rows(x, out, stride, n, BLOCK: tl.constexpr):
    i = tl.arange(0, BLOCK)
    at = tl.program_id(0) * stride + i
    v = tl.load(x + at, mask=i < n, other=-float("inf"))
    e = tl.exp(v - tl.max(v))
    tl.store({0} + at, e / tl.sum(e), mask=i < n)
"""
for name in "x", "out":
    rows = json.loads(good(ROWS.format(name), """args:
  x: {shape: [40, 500], dtype: f32, init: normal, seed: 3}
  out: {viewof: x, shape: [40, 500], strides: [500, 1]}
  stride: 500
  n: 500
constexpr: {BLOCK: 512}
grid: [40]
outputs: [x]
""", "--check", "--json", "-"))
    assert rows["counters"]["fallbacks"] == 0, rows
    assert np.allclose(saved("x").sum(axis=1), 1), name

# A launch that changes its inputs starts from the same numbers in every round.
TWICE = "def twice(x):\n    i = tl.arange(0, 16)\n    tl.store(x + i, tl.load(x + i) * 2)\n"
TWICE_LAUNCH = "args: {x: {shape: [16], dtype: f32, init: ones}}\ngrid: [1]\noutputs: [x]\n"
good(TWICE, TWICE_LAUNCH, "--check", "--time")
assert (saved("x") == 2).all()

# A wrong expectation is a mismatch, exit code 4.
np.save(path("want.npy"), np.full(16, 3, dtype=np.float32))
code, out, err = run(TWICE, TWICE_LAUNCH + "expect: {x: {file: want.npy}}\n", "--check")
assert code == 4 and "MISMATCH" in out, (code, out, err)

# A file's numbers are rounded to the argument's type, those without a sign too.
np.save(path("wide.npy"), np.full(16, 2**64 - 1, dtype=np.uint64))
good(TWICE, "args: {x: {shape: [16], dtype: f32, init: file(wide.npy)}}\ngrid: [1]\noutputs: [x]\n", "--check")
assert (saved("x") == 2.0**65).all()

# Outside the arguments: beside one it is seen afterwards, far away it ends the
# launch, and the oracle says where.
OUTSIDE = "def outside(x, by):\n    tl.store(x + by, 1.0)\n"
OUTSIDE_LAUNCH = "args: {x: {shape: [16], dtype: f32, init: zeros}, by: %d}\ngrid: [1]\noutputs: [x]\n"
code, _, err = run(OUTSIDE, OUTSIDE_LAUNCH % 17)
assert code == 1 and "the kernel wrote outside `x`; `--executor interpreter` says where" in err, (code, err)
COPIED = "def copied(x, y, B: tl.constexpr):\n    i = tl.arange(0, B)\n    tl.store(y + i, tl.load(x + i))\n"
code, _, err = run(COPIED, "args: {x: {shape: [100], dtype: f32, init: ones}, y: {shape: [100], dtype: f32}}\nconstexpr: {B: 128}\ngrid: [1]\noutputs: [y]\n")
assert code == 1 and "the kernel wrote outside `y`; `--executor interpreter` says where" in err, (code, err)
code, _, err = run(OUTSIDE, OUTSIDE_LAUNCH % 2000000001)
assert code == 1 and "is no argument's and was ended; `--executor interpreter` says where" in err, (code, err)
code, _, err = run(OUTSIDE, OUTSIDE_LAUNCH % 17, "--check")
assert code == 1 and "k.py:7:5: error: element 17 of `x` is out of bounds" in err, (code, err)

# What the lowering refuses is an error with its line, never another executor.
code, out, err = run("def first(a, b):\n    return a\n\n\n@triton.jit\ndef reduced(x):\n    tl.store(tl.reduce(x + tl.arange(0, 4), 0, first), 1.0)\n",
                     "kernel: reduced\nargs: {x: {shape: [4], dtype: f32, init: ones}}\ngrid: [1]\noutputs: [x]\n")
assert code == 1 and "yet; `--executor interpreter` runs it" in err and "k.py:" in err and not out, (code, out, err)

# A kernel named as what C cannot declare, or as a function of the C library.
for name in ("double", "exp"):
    good(TWICE.replace("twice", name), TWICE_LAUNCH, "--check")
