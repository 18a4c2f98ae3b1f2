# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`launches` of a launch file: c = a b; h = relu(c); d = h w; d += 0.5 h, twice, held against NumPy."""
import json
import os
import subprocess
import sys

import numpy as np

INPUTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Inputs")
M, K = 50, 40
FILE = f"""args:
  a: {{shape: [{M}, {K}], dtype: f32, init: file(a.npy)}}
  b: {{shape: [{K}, {K}], dtype: f32, init: file(b.npy)}}
  w: {{shape: [{K}, {K}], dtype: f32, init: file(w.npy)}}
  c: {{shape: [{M}, {K}], dtype: f32}}
  h: {{shape: [{M}, {K}], dtype: f32}}
  d: {{shape: [{M}, {K}], dtype: f32}}
  rows: {M}
  half: {{value: 0.5, dtype: f32}}
let: {{cols: {K}, tiles: "cdiv(rows, BM)"}}
launches:
  - {{kernel: gemm, args: {{c: c, a: a, b: b, M: rows, N: cols, K: {K}}}, constexpr: {{BM: 16, BN: 32, BK: 16}}, grid: [tiles, "cdiv(N, BN)"]}}
  - {{file: ACTIVATION, kernel: relu, args: {{out: h, x: c, n: rows * cols}}, constexpr: {{B: 256}}, grid: ["cdiv(n, B)"]}}
  - {{kernel: gemm, args: {{c: d, a: h, b: w, M: rows, N: cols, K: {K}}}, constexpr: {{BM: 32, BN: 16, BK: 8}}, grid: [tiles, "cdiv(N, BN)"]}}
  - {{kernel: accumulate, args: {{out: d, x: h, n: rows * cols, scale: half}}, constexpr: {{B: 128}}, grid: ["cdiv(n, B)"]}}
  - {{kernel: accumulate, args: {{out: d, x: h, n: rows * cols, scale: 0.5}}, constexpr: {{B: 512}}, grid: ["cdiv(n, B)"]}}
outputs: [c, d]
"""
KERNELS = ["gemm", "relu", "gemm", "accumulate", "accumulate"]


def terrazzo(work, *more):
    return subprocess.run(["terrazzo", "run", os.path.join(INPUTS, "chain.py"), "--launch",
                           os.path.join(work, "launch.yaml"), *more], capture_output=True, text=True, timeout=300)


def main(work):
    os.makedirs(work, exist_ok=True)
    random = np.random.default_rng(5)
    data = {name: random.standard_normal(shape).astype(np.float32)
            for name, shape in {"a": (M, K), "b": (K, K), "w": (K, K)}.items()}
    for name, array in data.items():
        np.save(os.path.join(work, name + ".npy"), array)
    with open(os.path.join(work, "launch.yaml"), "w") as f:
        f.write(FILE.replace("ACTIVATION", os.path.relpath(os.path.join(INPUTS, "activation.py"), work)))
    c = data["a"].astype(np.float64) @ data["b"]
    h = np.maximum(c, 0)
    want = {"c": c, "d": h @ data["w"] + h}
    for executor in ("device", "interpreter"):
        # Times come from many rounds: what the next launch reads must be of one.
        for more in (["--check"], ["--check", "--time"], ["--check", "--verify-semantics"]):
            out = os.path.join(work, executor + "".join(more))
            run = terrazzo(work, "--executor", executor, "--save", out, "--json", "-", *more)
            assert run.returncode == 0, (executor, more, run.stdout, run.stderr)
            records = [json.loads(line) for line in run.stdout.splitlines()]
            assert [r["kernel"] for r in records] == KERNELS, run.stdout
            # Only the last has a verdict, on what all of them left.
            assert [("check" in r) for r in records] == [False] * 4 + [True]
            check = records[-1]["check"]
            assert check["ok"] and [o["name"] for o in check["outputs"]] == ["c", "d"], check
            assert "ok" in check["exact"] or "why_not" in check["exact"]
            if executor == "device":
                assert all(r["time"]["rounds"] > 1 for r in records) == ("--time" in more), records
            if "--verify-semantics" in more:
                assert all(r["semantics"]["ok"] for r in records)
                # An array between two launches is compared where it is made.
                assert any(o["name"] == "h" and o["elements"] == M * K for o in records[1]["semantics"]["steps"][0]["outputs"])
            for name, expected in want.items():
                got = np.load(os.path.join(out, name + ".npy"))
                assert np.abs(got - expected).max() < 1e-4, (executor, more, name)
    plain = terrazzo(work, "--check")
    assert plain.stdout.splitlines()[0].startswith("gemm: 8 programs on ") and "5 launches, checked: ok" in plain.stdout, plain.stdout
    # A file of outputs that are not what the launches make is a mismatch.
    wrong = os.path.join(work, "wrong")
    os.makedirs(wrong, exist_ok=True)
    np.save(os.path.join(wrong, "c.npy"), want["c"].astype(np.float32))
    np.save(os.path.join(wrong, "d.npy"), (want["d"] - 0.5 * h).astype(np.float32))  # one launch short
    run = terrazzo(work, "--check-against", wrong)
    assert run.returncode == 4 and "MISMATCH" in run.stdout, (run.returncode, run.stdout, run.stderr)
    return 0


sys.exit(main(sys.argv[1]))
