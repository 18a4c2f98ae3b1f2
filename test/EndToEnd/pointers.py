# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`addressof` in launch files, on the device and in the oracle, against NumPy."""
import os
import subprocess
import sys

import numpy as np

INPUTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Inputs")


def terrazzo(work, file, text, *more):
    launch = os.path.join(work, "launch.yaml")
    with open(launch, "w") as f:
        f.write(text)
    return subprocess.run(["terrazzo", "run", os.path.join(INPUTS, file), "--launch", launch, *more], capture_output=True, text=True,
                          timeout=300)


def grouped(work):
    """Products of three shapes, their operands rows of larger arrays, by programs that take tiles in turn."""
    random = np.random.default_rng(7)
    shapes = [(50, 30, 40), (20, 70, 64), (33, 17, 5)]
    args, want, pointers = "", {}, {"a": [], "b": [], "c": []}
    lds = []
    for g, (m, n, k) in enumerate(shapes):
        data = {"a": random.standard_normal((m, k + 3)), "b": random.standard_normal((k, n))}
        for name, array in data.items():
            np.save(os.path.join(work, f"{name}{g}.npy"), array.astype(np.float32))
            args += f"  {name}{g}: {{shape: [{array.shape[0]}, {array.shape[1]}], dtype: f32, init: file({name}{g}.npy)}}\n"
        args += f"  c{g}: {{shape: [{m}, {n}], dtype: f32}}\n"
        # A pointer may be to the middle of an array: here to its third column.
        args += f"  v{g}: {{viewof: a{g}, shape: [{m}, {k}], strides: [{k + 3}, 1], offset: 3}}\n"
        pointers["a"].append(f"v{g}"), pointers["b"].append(f"b{g}"), pointers["c"].append(f"c{g}")
        want[f"c{g}"] = data["a"].astype(np.float32)[:, 3:].astype(np.float64) @ data["b"].astype(np.float32)
        lds += [k + 3, n, n]
    np.save(os.path.join(work, "sizes.npy"), np.array(shapes, np.int32).flatten())
    np.save(os.path.join(work, "lds.npy"), np.array(lds, np.int32))
    for name, list in pointers.items():
        args += f"  {name}_ptrs: {{addressof: [{', '.join(list)}]}}\n"
    text = (f"args:\n{args}  sizes: {{shape: [9], dtype: i32, init: file(sizes.npy)}}\n"
            "  lds: {shape: [9], dtype: i32, init: file(lds.npy)}\n  groups: 3\n"
            "constexpr: {PROGRAMS: 3, BM: 16, BN: 32, BK: 16}\ngrid: [PROGRAMS]\noutputs: [c0, c1, c2]\n")
    for executor in ("device", "interpreter"):
        out = os.path.join(work, executor)
        run = terrazzo(work, "grouped.py", text, "--executor", executor, "--check", "--verify-semantics", "--save", out)
        assert run.returncode == 0, (run.stdout, run.stderr)
        assert "on exact integers: the same bits" in run.stdout, run.stdout
        for name, expected in want.items():
            assert np.abs(np.load(os.path.join(out, name + ".npy")) - expected).max() < 1e-4, name


HEAD = ("args:\n  x: {shape: [16], dtype: f32, init: file(x.npy)}\n  y: {shape: [16], dtype: f32, init: file(y.npy)}\n"
        "  out: {shape: [80], dtype: f32, init: zeros}\n  ptrs: {addressof: [x, y]}\nconstexpr: {B: 16}\n")


def small(work):
    random = np.random.default_rng(8)
    x, y = (random.standard_normal(16).astype(np.float32) for _ in "xy")
    np.save(os.path.join(work, "x.npy"), x), np.save(os.path.join(work, "y.npy"), y)
    both = np.stack([x, y], 1)
    want = {
        "nested": (2, [x, y]),
        "gather": (1, [np.where(np.arange(16) % 2, y, x)]),
        # What was loaded before the store through a pointer is what it was; what is loaded after is not.
        "through": (1, [x, x + np.float32(1)]),
        "swap": (1, [y, x]),
        "moved": (1, [x + np.float32(1), y + np.float32(1), x.reshape(2, 8).T.flatten(), x * np.float32(2) + y, [np.float32(both.sum())]]),
    }
    for name, (programs, parts) in want.items():
        expected = np.concatenate(parts).astype(np.float32)
        text = HEAD.replace("  ptrs:", "  # ptrs:") if name == "moved" else HEAD
        for executor in ("device", "interpreter"):
            for sample in ("--check", "--verify-semantics"):
                out = os.path.join(work, name)
                run = terrazzo(work, "pointers.py", f"{text}kernel: {name}\ngrid: [{programs}]\noutputs: [out]\n",
                               "--executor", executor, sample, "--save", out)
                assert run.returncode == 0, (name, executor, run.stdout, run.stderr)
                got = np.load(os.path.join(out, "out.npy"))
                assert np.abs(got[:len(expected)] - expected).max() <= (1e-5 if name == "moved" else 0), (name, executor, got, expected)
                assert not got[len(expected):].any()
    # The oracle knows whose a pointer is.
    for name, line, says in (("outside", 59, "element 16 of `x` is out of bounds: it has 16 elements"),
                             ("mistyped", 66, "`x` is accessed under another element type"),
                             ("beyond", 72, "element 2 of `ptrs` is out of bounds: it has 2 elements")):
        run = terrazzo(work, "pointers.py", f"{HEAD}kernel: {name}\ngrid: [1]\noutputs: [out]\n", "--check")
        assert run.returncode == 1 and f"pointers.py:{line}:" in run.stderr and says in run.stderr, (name, run.stderr)


def main(work):
    os.makedirs(work, exist_ok=True)
    grouped(work)
    small(work)
    return 0


sys.exit(main(sys.argv[1]))
