# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Broken launch files and .npy files, each with the diagnostic it must give."""
import os
import subprocess
import sys

import numpy as np

KERNEL = os.path.join(os.environ["TERRAZZO_SOURCE"], "examples", "vector-add", "vector_add.py")
GOOD = """kernel: vector_add
args:
  x_ptr: {shape: [n], dtype: f32, init: normal, seed: 1}
  y_ptr: {shape: [n], dtype: f32, init: normal, seed: 2}
  out_ptr: {shape: [n], dtype: f32}
  n: 100
constexpr: {BLOCK: 64}
grid: ["cdiv(n, BLOCK)"]
outputs: [out_ptr]
"""
CASES = {
    "wrong key": (("outputs:", "output:"), "unknown key `output` in the launch file"),
    "wrong argument key": (("seed: 1", "sed: 1"), "unknown key `sed` in the launch file"),
    "wrong argument": (("y_ptr:", "z_ptr:"), "no argument `z_ptr` of `vector_add`"),
    "LaunchBadDtype": (("dtype: f32, init: normal, seed: 1", "dtype: f33"), "`f33` is not a dtype"),
    "LaunchBadInit": (("out_ptr: {shape: [n], dtype: f32}", "out_ptr: {shape: [n], dtype: f32, init: wine}"), "`init: wine` is not known"),
    "LaunchBadExpression": (('"cdiv(n, BLOCK)"', '"cdiv(n BLOCK)"'), "`)` is missing"),
    "four grid extents": (('["cdiv(n, BLOCK)"]', "[1, 1, 1, 1]"), "a grid has one to three extents"),
    "unknown grid name": (('"cdiv(n, BLOCK)"', '"rows"'), "unknown name `rows`"),
    "grid by zero": (('"cdiv(n, BLOCK)"', '"n // 0"'), "division by zero"),
    "LaunchTooLarge": (("n: 100", "n: 1000000000000000"), "at most 2147483648 elements"),
    "negative shape": (("n: 100", "n: -1"), "a dimension cannot be -1"),
    "alias bomb": (("args:", "a: &a [x, x]\nb: [*a, *a]\nargs:"), "anchors and aliases are not allowed"),
    "broken yaml": (("outputs: [out_ptr]", "outputs: [out_ptr"), "not valid YAML"),
    "unknown output": (("outputs: [out_ptr]", "outputs: [result]"), "no tensor argument `result`"),
    "missing file": (("init: normal, seed: 1", "init: file(absent.npy)"), "cannot read `{work}/absent.npy`"),
    "truncated file": (("init: normal, seed: 1", "init: file(short.npy)"), "the file is truncated"),
    "object file": (("init: normal, seed: 1", "init: file(object.npy)"), "arrays of Python objects are not read"),
    "no npy file": (("init: normal, seed: 1", "init: file(text.npy)"), "not a .npy file"),
    "LaunchFileShape": (("init: normal, seed: 1", "init: file(long.npy)"), "has another shape"),
    "LaunchRepeatedKey": (("grid:", "kernel: x\ngrid:"), "the key `kernel` stands twice"),
    "LaunchUnsupportedKey": (("grid:", "launches: []\ngrid:"), "`launches` in a launch file cannot be used yet"),
    "LaunchNotAList": (("[out_ptr]", "out_ptr"), "`outputs` must be a list in brackets"),
    "LaunchNotAMapping": (("n: 100", "n: [1]"), "`n` must be a mapping of names to values"),
    "LaunchNotAScalar": (("kernel: vector_add", "kernel: [a]"), "`kernel` must be one value"),
    "LaunchViewOutside": (("y_ptr: {shape: [n], dtype: f32, init: normal, seed: 2}", "y_ptr: {viewof: x_ptr, shape: [n], strides: [2]}"), "the view `y_ptr` reaches outside its memory"),
    "LaunchBadDim": (("[n], dtype: f32, init: normal, seed: 1}", "[100], dtype: f32, init: ones}\n  BLOCK: {strideof: x_ptr, dim: 3}"), "dimension 3 is out of range for `x_ptr`"),
    "missing argument": (("  n: 100\n", ""), "unknown name `n`"),
    "number for a pointer": (("y_ptr: {shape: [n], dtype: f32, init: normal, seed: 2}", "y_ptr: 3"), "needs a pointer"),
    "LaunchTooLong": (("outputs: [out_ptr]", "outputs: [" + ", ".join(["x"] * 100) + "]"), "the list `outputs` is too long"),
    "empty": ((GOOD, ""), "the launch file says nothing"),
    "out of bounds": (("out_ptr: {shape: [n]", "out_ptr: {shape: [50]"), "element 50 of `out_ptr` is out of bounds: it has 50 elements"),
    "unwritten input": (("init: normal, seed: 2", "seed: 2"), "never written or was masked off is stored to `out_ptr`"),
}
# Where the mistake stands in the file, counted by hand: line and column.
PLACES = {
    "wrong key": "9:1",
    "wrong argument key": "3:49",
    "wrong argument": "4:3",
    "LaunchBadDtype": "3:30",
    "LaunchBadInit": "5:43",
    "LaunchBadExpression": "8:8",
    "four grid extents": "8:1",
    "unknown grid name": "8:8",
    "grid by zero": "8:8",
    "LaunchTooLarge": "3:19",
    "negative shape": "3:19",
    "alias bomb": "2:4",
    "unknown output": "9:11",
    "missing file": "3:41",
    "truncated file": "3:41",
    "object file": "3:41",
    "no npy file": "3:41",
    "LaunchFileShape": "3:41",
    "LaunchRepeatedKey": "8:1",
    "LaunchUnsupportedKey": "8:1",
    "LaunchNotAList": "9:10",
    "LaunchNotAMapping": "6:6",
    "LaunchNotAScalar": "1:9",
    "LaunchViewOutside": "4:3",
    "LaunchBadDim": "4:33",
    "missing argument": "3:19",
    "empty": "1:1",
    # 65 are read: the next stands behind `outputs: [` and 65 times `x, `.
    "LaunchTooLong": "9:206",
}


def main(work):
    os.makedirs(work, exist_ok=True)
    path = lambda name: os.path.join(work, name)
    np.save(path("long.npy"), np.zeros(101, np.float32))
    np.save(path("short.npy"), np.zeros(100, np.float32))
    with open(path("short.npy"), "r+b") as f:
        f.truncate(200)
    np.save(path("object.npy"), np.array([{}] * 100), allow_pickle=True)
    with open(path("text.npy"), "w") as f:
        f.write("hello")
    status = 0
    for name, ((old, new), want) in CASES.items():
        assert old in GOOD, name
        with open(path("launch.yaml"), "w") as f:
            f.write(GOOD.replace(old, new))
        run = subprocess.run(["terrazzo", "run", KERNEL, "--launch", path("launch.yaml"), "--executor", "interpreter", "--check"],
                             capture_output=True, text=True, timeout=60)
        want = want.replace("{work}", work)
        place = f"launch.yaml:{PLACES[name]}: error: " if name in PLACES else ""
        if run.returncode != 1 or want not in run.stderr or place not in run.stderr:
            print(f"{name}: exit code {run.returncode}, wanted {place}`{want}`, got:\n{run.stderr}")
            status = 1
    return status


sys.exit(main(sys.argv[1]))
