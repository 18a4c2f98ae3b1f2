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
Y = "y_ptr: {shape: [n], dtype: f32, init: normal, seed: 2}"
STEP = 'launches:\n  - {kernel: vector_add, args: {x_ptr: x_ptr, y_ptr: y_ptr, out_ptr: out_ptr, n: n}, constexpr: {BLOCK: 64}, grid: ["cdiv(n, BLOCK)"]}\n'
# What says how to launch, which `launches` says instead.
ONE = GOOD[GOOD.index("constexpr:"):GOOD.index("outputs:")]
CASES = {
    "wrong key": (("outputs:", "output:"), "unknown key `output` in the launch file"),
    "wrong argument key": (("seed: 1", "sed: 1"), "unknown key `sed` in the launch file"),
    "wrong argument": (("y_ptr:", "z_ptr:"), "no argument `z_ptr` of `vector_add`"),
    "LaunchBadDtype": (("dtype: f32, init: normal, seed: 1", "dtype: f33"), "`f33` is not a dtype"),
    "LaunchBadInit": (("out_ptr: {shape: [n], dtype: f32}", "out_ptr: {shape: [n], dtype: f32, init: wine}"), "`init: wine` is not known"),
    "LaunchInitCount": (("out_ptr: {shape: [n], dtype: f32}", "out_ptr: {shape: [n], dtype: f32, init: [1, 2, 3]}"), "`init` lists 3 numbers, and the shape holds 100"),
    "a word in a list of numbers": (("out_ptr: {shape: [n], dtype: f32}", "out_ptr: {shape: [2], dtype: f32, init: [1, two]}"), "unknown name `two`"),
    "a fraction in a list of integers": (("out_ptr: {shape: [n], dtype: f32}", "out_ptr: {shape: [2], dtype: i32, init: [1, 0.5]}"), "`.` is not expected here"),
    "LaunchBadExpression": (('"cdiv(n, BLOCK)"', '"cdiv(n BLOCK)"'), "`)` is missing"),
    "four grid extents": (('["cdiv(n, BLOCK)"]', "[1, 1, 1, 1]"), "a grid has one to three extents"),
    "unknown grid name": (('"cdiv(n, BLOCK)"', '"rows"'), "unknown name `rows`"),
    "grid by zero": (('"cdiv(n, BLOCK)"', '"n // 0"'), "division by zero"),
    "LaunchTooLarge": (("n: 100", "n: 1000000000000000"), "at most 2147483648 elements"),
    "negative shape": (("n: 100", "n: -1"), "a dimension cannot be -1"),
    "alias bomb": (("args:", "a: &a [x, x]\nb: [*a, *a]\nargs:"), "anchors and aliases are not allowed"),
    "anchor in a line": (("init: normal, seed: 1", "init: &how normal, seed: 1"), "anchors and aliases are not allowed"),
    "anchor behind a stray quote": (("outputs:", "let: {a: it 's, b: &c 1}\noutputs:"), "anchors and aliases are not allowed"),
    "two documents": (("outputs:", "---\noutputs:"), "not valid YAML: there is more than one document"),
    "a million brackets": (("outputs:", "budget: " + "[" * 1000000 + "\noutputs:"), "not valid YAML: more than 64 lists and mappings in each other"),
    "a million keys": (("outputs:", "budget:\n  " + "? " * 500000 + "\noutputs:"), "not valid YAML: more than 64 lists and mappings in each other"),
    "full does not fit": ((Y, "y_ptr: {shape: [n], dtype: i8, init: full(300)}"), "300 does not fit int8"),
    "full of a fraction": ((Y, "y_ptr: {shape: [n], dtype: i32, init: full(2.5)}"), "2.5 does not fit int32"),
    "full below zero": ((Y, "y_ptr: {shape: [n], dtype: u8, init: full(-1)}"), "-1 does not fit uint8"),
    "full beyond a double": ((Y, "y_ptr: {shape: [n], dtype: f64, init: full(1e400)}"), "1e400 does not fit fp64"),
    "full beyond a half": ((Y, "y_ptr: {shape: [n], dtype: f16, init: full(70000)}"), "70000 does not fit fp16"),
    "randint does not fit": ((Y, "y_ptr: {shape: [n], dtype: i8, init: 'randint(0, 129)'}"), "128 does not fit int8"),
    "number does not fit": (("n: 100", "n: {value: 300, dtype: i8}"), "300 does not fit int8"),
    "float does not fit": ((Y, "y_ptr: 1e39"), "1e39 does not fit fp32"),
    "full of nothing": ((Y, "y_ptr: {shape: [n], dtype: f32, init: full()}"), "`init: full()` is not known"),
    "ones with a number": ((Y, "y_ptr: {shape: [n], dtype: f32, init: ones(3)}"), "`init: ones(3)` is not known"),
    "an open bracket": ((Y, "y_ptr: {shape: [n], dtype: f32, init: 'zeros('}"), "`init: zeros(` is not known"),
    "an argument of nothing": ((Y, "y_ptr:"), "`y_ptr` must be one value"),
    "the cause of an unknown name": (("n: 100", "n: 100 // 0"), "division by zero"),
    "let and argument of one name": (("outputs:", "let: {n: 5}\noutputs:"), "the key `n` stands twice"),
    "grid of too many programs": (('["cdiv(n, BLOCK)"]', "[2147483647, 2147483647, 2147483647]"), "and less than 2^63 programs"),
    "view far outside": ((Y, "y_ptr: {viewof: x_ptr, shape: [2], strides: [9223372036854775807], offset: 9223372036854775807}"), "the view `y_ptr` reaches outside its memory"),
    "output that repeats an element": ((Y, "y_ptr: {viewof: x_ptr, shape: [1099511627776, 1099511627776], strides: [0, 0]}"), "at most 2147483648 elements"),
    "expect without a file": (("outputs:", "expect: {out_ptr: {rtol: 1}}\noutputs:"), "`file` of `out_ptr` is missing"),
    "expect of no output": (("outputs:", "expect: {x_ptr: {file: long.npy}}\noutputs:"), "`x_ptr` of `outputs` is missing"),
    "expect of no number": (("outputs:", "expect: {out_ptr: {file: long.npy, rtol: -1}}\noutputs:"), "a tolerance is a number from 0 on"),
    "expect of a missing file": (("outputs:", "expect: {out_ptr: {file: absent.npy}}\noutputs:"), "cannot read `{work}/absent.npy`"),
    "expect of another shape": (("outputs:", "expect: {out_ptr: {file: long.npy}}\noutputs:"), "has another shape"),
    "broken yaml": (("outputs: [out_ptr]", "outputs: [out_ptr"), "not valid YAML"),
    "unknown output": (("outputs: [out_ptr]", "outputs: [result]"), "no tensor argument `result`"),
    "missing file": (("init: normal, seed: 1", "init: file(absent.npy)"), "cannot read `{work}/absent.npy`"),
    "truncated file": (("init: normal, seed: 1", "init: file(short.npy)"), "the file is truncated"),
    "object file": (("init: normal, seed: 1", "init: file(object.npy)"), "arrays of Python objects are not read"),
    "no npy file": (("init: normal, seed: 1", "init: file(text.npy)"), "not a .npy file"),
    "number of a file that no integer is": ((Y, "y_ptr: {shape: [n], dtype: i32, init: file(wide.npy)}"), "does not fit i32"),
    "LaunchFileShape": (("init: normal, seed: 1", "init: file(long.npy)"), "has another shape"),
    "LaunchRepeatedKey": (("grid:", "kernel: x\ngrid:"), "the key `kernel` stands twice"),
    "launches of nothing": (("grid:", "launches: []\ngrid:"), "`kernel` of `launches` is missing"),
    "LaunchBesideLaunches, kernel": (("grid:", "launches: [{kernel: vector_add}]\ngrid:"), "`kernel` stands beside `launches`; each launch has its own"),
    "LaunchBesideLaunches, constexpr": (("kernel: vector_add", "launches: [{kernel: vector_add}]"), "`grid` stands beside `launches`; each launch has its own"),
    "LaunchBesideLaunches": ((ONE, "launches: [{kernel: vector_add}]\nconstexpr: {BLOCK: 64}\n"), "`constexpr` stands beside `launches`; each launch has its own"),
    "launches as a mapping": ((ONE, "launches: {kernel: vector_add}\n"), "`launches` must be a list in brackets"),
    "a launch as a word": ((ONE, "launches: [vector_add]\n"), "`launches` must be a mapping of names to values"),
    "key of a launch": ((ONE, STEP.replace("grid", "gird")), "unknown key `gird` in the launch file"),
    "kernel of a launch": ((ONE, STEP.replace("vector_add", "vector_ad")), "no kernel `vector_ad` in this file"),
    "file of a launch": ((ONE, STEP.replace("{kernel", "{file: absent.py, kernel")), "cannot read `{work}/absent.py`"),
    "parameter of a launch": ((ONE, STEP.replace("y_ptr: y_ptr", "z_ptr: y_ptr")), "no argument `z_ptr` of `vector_add`"),
    "LaunchNotAnArgument": ((ONE, STEP.replace("y_ptr: y_ptr", "y_ptr: z_ptr")), "`z_ptr` is no argument above and no number"),
    "number for a shared pointer": ((ONE, STEP.replace("y_ptr: y_ptr", "y_ptr: 3")), "needs a pointer"),
    "expression of a launch": ((ONE, STEP.replace("n: n", "n: n +")), "the expression ends too early"),
    "constexpr of a launch": ((ONE, STEP.replace("BLOCK: 64", "BLOK: 64")), "no argument `BLOK` of `vector_add`"),
    "grid of a launch": ((ONE, STEP.replace(', grid: ["cdiv(n, BLOCK)"]', "")), "`grid` of `launches` is missing"),
    "extent of a launch": ((ONE, STEP.replace("cdiv(n, BLOCK)", "-1")), "a grid has one to three extents"),
    "missing parameter of a launch": ((ONE, STEP.replace("y_ptr: y_ptr, ", "")), "`y_ptr` of `args` is missing"),
    "too many launches": ((ONE, "launches: [" + "{kernel: vector_add}, " * 257 + "]\n"), "the list `launches` is too long"),
    "addressof of nobody": ((Y, "y_ptr: {addressof: [x_ptr, q]}"), "no tensor argument `q` above"),
    "addressof of a number": ((Y, "y_ptr: {addressof: [n]}"), "no tensor argument `n` above"),
    "addressof of itself": ((Y, "y_ptr: {addressof: [y_ptr]}"), "no tensor argument `y_ptr` above"),
    "addressof as a word": ((Y, "y_ptr: {addressof: x_ptr}"), "`addressof` must be a list in brackets"),
    "LaunchTwoKinds": ((Y, "y_ptr: {addressof: [x_ptr], dtype: i64}"), "`addressof` of `y_ptr` stands beside a key of another kind of argument"),
    "desc": ((Y, "y_ptr: {desc: x_ptr, block: [64]}"), "`desc: x_ptr` cannot be compiled yet"),
    "desc as a list": ((Y, "y_ptr: {desc: [x_ptr], block: [64]}"), "`desc` must be one value"),
    "block without desc": ((Y, "y_ptr: {block: [64]}"), "`desc` of `y_ptr` is missing"),
    "block as a number": ((Y, "y_ptr: {desc: x_ptr, block: 64}"), "`block` must be a list in brackets"),
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
    "anchor in a line": "3:41",
    "anchor behind a stray quote": "9:20",
    "two documents": "10:1",
    "a million brackets": "9:74",
    "full does not fit": "4:40",
    "number does not fit": "6:14",
    "an argument of nothing": "4:3",
    "the cause of an unknown name": "6:6",
    "view far outside": "4:3",
    "expect of no number": "9:42",
    "unknown output": "9:11",
    "missing file": "3:41",
    "truncated file": "3:41",
    "object file": "3:41",
    "no npy file": "3:41",
    "LaunchFileShape": "3:41",
    "LaunchRepeatedKey": "8:1",
    "launches of nothing": "8:1",
    "LaunchBesideLaunches, kernel": "1:9",
    "LaunchBesideLaunches, constexpr": "8:1",
    "LaunchBesideLaunches": "8:1",
    "launches as a mapping": "7:11",
    "a launch as a word": "7:12",
    "key of a launch": "8:110",
    "kernel of a launch": "8:14",
    "parameter of a launch": "8:47",
    "LaunchNotAnArgument": "8:54",
    "expression of a launch": "8:82",
    "constexpr of a launch": "8:104",
    "grid of a launch": "8:5",
    "missing parameter of a launch": "8:5",
    "extent of a launch": "8:117",
    "addressof of nobody": "4:30",
    "addressof of a number": "4:23",
    "addressof of itself": "4:23",
    "addressof as a word": "4:22",
    "LaunchTwoKinds": "4:3",
    "desc": "4:11",
    "desc as a list": "4:17",
    "block without desc": "4:19",
    "block as a number": "4:31",
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
    np.save(path("wide.npy"), np.full(100, 1e20))
    with open(path("short.npy"), "r+b") as f:
        f.truncate(200)
    np.save(path("object.npy"), np.array([{}] * 100), allow_pickle=True)
    with open(path("text.npy"), "w") as f:
        f.write("hello")
    status = 0
    for name, ((old, new), want) in CASES.items():
        assert old in GOOD, name
        with open(path("launch.yaml"), "w") as f:
            text = GOOD.replace(old, new)
            if "repeats" in name:
                text = text.replace("[out_ptr]", "[y_ptr]")
            # A launch of its own names its kernel.
            if new.startswith("launches:") and old == ONE:
                text = text.replace("kernel: vector_add\n", "# no kernel here\n", 1)
            f.write(text)
        run = subprocess.run(["terrazzo", "run", KERNEL, "--launch", path("launch.yaml"), "--executor", "interpreter", "--check"],
                             capture_output=True, text=True, timeout=60)
        want = want.replace("{work}", work)
        place = f"launch.yaml:{PLACES[name]}: error: " if name in PLACES else ""
        if run.returncode != 1 or want not in run.stderr or place not in run.stderr:
            print(f"{name}: exit code {run.returncode}, wanted {place}`{want}`, got:\n{run.stderr}")
            status = 1
    # What is said where no single launch can be named by -k, and where a tool takes one launch only.
    with open(path("launch.yaml"), "w") as f:
        f.write(GOOD.replace(ONE, STEP).replace("kernel: vector_add\n", "", 1))
    with open(path("silent.yaml"), "w") as f:
        f.write(GOOD.replace("outputs: [out_ptr]\n", ""))
    with open(path("none.mlir"), "w") as f:
        f.write("func.func @vector_add() attributes {kernel.entry} { return }\n")
    for command, code, want in (
            (["terrazzo", "run", KERNEL, "--launch", path("launch.yaml"), "-k", "vector_add"], 2,
             "launch.yaml:6:1: error: `-k` names one kernel, and the launch file has several launches"),  # KernelBesideLaunches
            (["terrazzo-interpret", path("none.mlir"), "--launch", path("launch.yaml")], 1,
             "launch.yaml:6:1: error: `launches` in a launch file cannot be used here"),  # LaunchUnsupportedKey
            (["terrazzo", "run", KERNEL, "--launch", path("launch.yaml"), "--check"], 0, ""),
            (["terrazzo", "run", KERNEL, "--launch", path("silent.yaml"), "--check"], 0,
             "silent.yaml:1:1: warning: `--check` compares nothing: the launch file names no `outputs`")):  # ComparesNothing
        run = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if run.returncode != code or want not in run.stderr:
            print(f"{command}: exit code {run.returncode}, wanted `{want}`, got:\n{run.stderr}")
            status = 1
    return status


sys.exit(main(sys.argv[1]))
