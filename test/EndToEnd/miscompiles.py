# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Is the oracle sharp? Each fault is planted in the source of a kernel; its
outputs are judged by the honest kernel's reference and bounds and must be
rejected. Honest variants (other blocks, so another order of sums; other data)
must be accepted. Each runs in the oracle and on the device."""
import os
import subprocess
import sys
import tempfile
from random import Random

import yaml

EXAMPLES = os.path.join(os.environ["TERRAZZO_SOURCE"], "examples")
FULL = os.environ.get("TERRAZZO_FULL") == "1"
# (example, fault, old text, new text, changes to the launch file)
FAULTS = [
    ("matmul", "dropped K block", "range(0, tl.cdiv(K, BLOCK_K))", "range(1, tl.cdiv(K, BLOCK_K))", {}),
    ("matmul", "lost tail mask", "(k[:, None] < left)", "(k[:, None] <= left)", {"K": 300}),
    ("matmul", "operand rounded to bf16", "tl.dot(a, b,", "tl.dot(a.to(tl.bfloat16).to(tl.float32), b,", {}),
    ("matmul", "swapped stride", "n[None, :] * stride_bn", "n[None, :] * stride_bk", {"b_ptr": {"shape": [400, 400]}, "stride_bk": 1, "stride_bn": 192}),
    ("matmul", "stale accumulator", "acc = tl.dot(a, b, acc,", "acc = tl.dot(a, b, acc + tl.where(step == 1, acc, 0),", {}),
    ("splitk-matmul", "dropped K block", "range(part,", "range(part + SPLIT,", {}),
    ("splitk-matmul", "operand rounded to bf16", "tl.dot(x, y,", "tl.dot(x, y.to(tl.bfloat16).to(tl.float32),", {}),
    ("splitk-matmul", "stale accumulator", "acc += tl.dot(x, y,", "acc += acc + tl.dot(x, y,", {}),
    ("softmax", "lost tail mask", 'other=float("-inf")', "other=0.0", {"large": "uniform"}),
    ("softmax", "missing max-subtraction", "x - tl.max(x, axis=0)", "x", {"large": "full(100)"}),
    ("softmax", "operand rounded to bf16", "tl.exp(shifted)", "tl.exp(shifted.to(tl.bfloat16).to(tl.float32))", {}),
    ("attention", "dropped K block", "range(0, tl.minimum(", "range(BLOCK_N * (block > 1), tl.minimum(", {}),
    ("attention", "operand rounded to bf16", "tl.trans(k), ", "tl.trans(k.to(tl.bfloat16).to(tl.float32)), ", {}),
    ("attention", "stale accumulator", "acc * shrink[:, None]", "acc", {}),
    ("layernorm", "lost tail mask", "centred = tl.where(column < cols, x - mean, 0.0)", "centred = x - mean", {"x_ptr": {"init": "uniform"}}),
    ("layernorm", "stale accumulator", "squares = tl.zeros([BLOCK], dtype=tl.float32)", "squares = total", {}),
    ("rmsnorm", "operand rounded to bf16", "normal * w", "normal * w.to(tl.bfloat16).to(tl.float32)", {}),
    ("cumsum", "stale accumulator", "carry += tl.sum(x, axis=0)", "carry = carry + 0.0", {}),
    ("decode-attention", "parts not rescaled", "tl.exp(most - tl.max(most, 0))", "1.0", {}),
    ("paged-attention", "dropped page", "range(0, tl.cdiv(length, PAGE))", "range(0, tl.maximum(tl.cdiv(length, PAGE) - 1, 1))", {}),
    ("grouped-gemm", "matrix of the group before", "group.to(tl.int64)", "tl.maximum(group - 1, 0).to(tl.int64)", {}),
    ("embedding-bag", "dropped row", "range(first, last)", "range(first, tl.minimum(last, first + 52))", {}),
    ("swiglu", "operand rounded to bf16", "tl.sigmoid(gate)", "tl.sigmoid(gate.to(tl.bfloat16).to(tl.float32))", {}),
    ("rope", "turned the other way", "a * cos[None, :] - b", "a * cos[None, :] + b", {}),
    ("dequant-matmul", "scale of the column before", "scale_ptr + n, mask", "scale_ptr + tl.maximum(n - 1, 0), mask", {}),
    ("mxfp4-matmul", "swapped halves", 'w, w_scale, "e2m1"', '(w >> 4) | (w << 4), w_scale, "e2m1"', {}),
]
# (example, variants of its blocks, its sizes and their largest values): honest runs
# sum in another order, on other data, at other sizes.
HONEST = [
    ("matmul", {"BLOCK_K": [16, 64, 128], "BLOCK_M": [16, 32], "GROUP_M": [1, 3]}, {"M": 300, "N": 300, "K": 700}),
    ("splitk-matmul", {"SPLIT": [1, 2, 7], "BK": [16, 64]}, {"M": 200, "N": 200, "K": 900}),
    ("attention", {"BLOCK_N": [16, 64], "BLOCK_M": [16, 64]}, {"length": 400}),
    ("layernorm", {"BLOCK": [64, 1024]}, {"cols": 3000, "rows": 100}),
    ("cumsum", {"BLOCK": [64, 512]}, {"cols": 3000, "rows": 50}),
    ("softmax", {"BLOCK": [2048, 4096]}, {"cols": 1024, "rows": 100}),
    ("rmsnorm", {"BLOCK": [4096, 8192]}, {"n": 4096, "rows": 50}),
    ("grouped-gemm", {"BLOCK_M": [64], "BLOCK_K": [16]}, {"N": 150, "K": 200}),
    ("dequant-matmul", {"BLOCK_N": [16], "BLOCK_K": [128]}, {"M": 60, "N": 200, "K": 400}),
    ("mxfp4-matmul", {"BLOCK_M": [32], "BLOCK_K": [128]}, {"M": 60, "N": 200}),
]


def launch_of(example):
    with open(os.path.join(EXAMPLES, example, "launch.yaml")) as f:
        return yaml.safe_load(f)


def source_of(example):
    with open(os.path.join(EXAMPLES, example, example.replace("-", "_") + ".py")) as f:
        return f.read()


EXECUTORS = ("interpreter", "device")


def run(work, source, launch, *more, executor="interpreter"):
    kernel, path = os.path.join(work, "kernel.py"), os.path.join(work, "launch.yaml")
    with open(kernel, "w") as f:
        f.write(source)
    with open(path, "w") as f:
        yaml.safe_dump(launch, f)
    result = subprocess.run(["terrazzo", "run", kernel, "--launch", path, "--executor", executor, *more],
                            capture_output=True, text=True)
    return result.returncode, result.stdout + result.stderr


def vary(launch, sizes, seed, random):
    """Other data, and every size drawn between 1 and its largest."""
    for spec in launch["args"].values():
        if isinstance(spec, dict) and "seed" in spec:
            spec["seed"] += 10 * seed
    for name, most in sizes.items():
        launch["args" if name in launch["args"] else "let"][name] = random.randint(1, most)


def main():
    status = 0
    with tempfile.TemporaryDirectory() as work:
        out = os.path.join(work, "out")
        rejected = accepted = 0
        for example, fault, old, new, changes in FAULTS:
            launch, source = launch_of(example), source_of(example)
            assert old in source, (example, old)
            for key, value in changes.items():
                if key == "large":
                    launch["args"]["x_ptr"]["init"] = value
                elif isinstance(value, dict):
                    launch["args"][key].update(value)
                else:
                    launch["args"][key] = value
            code, text = run(work, source.replace(old, new), launch, "--save", out)
            if code == 1:  # the oracle itself refused it: that must be why
                if "is out of bounds" not in text and "never written" not in text:
                    print(f"no fair fault: {fault} in {example} does not compile\n{text}")
                    status = 1
                print(f"refused while running: {fault} in {example}")
                rejected += 1
                continue
            found = True
            for executor in EXECUTORS:
                code, text = run(work, source.replace(old, new), launch, "--save", out, executor=executor)
                assert code == 0, (example, fault, executor, text)
                code, text = run(work, source, launch, "--check-against", out)
                if code != 4:
                    print(f"NOT rejected: {fault} in {example} ({executor})\n{text}")
                    status, found = 1, False
            rejected += found
        random = Random(20261124)
        for example, space, sizes in HONEST:
            for key, value in [(k, v) for k, values in space.items() for v in values]:
                for seed in range(1, 11 if FULL else 2):
                    launch, source = launch_of(example), source_of(example)
                    vary(launch, sizes, seed, random)
                    honest = {**launch, "constexpr": {**launch["constexpr"], key: value}}
                    good = True
                    for executor in EXECUTORS:
                        code, text = run(work, source, honest, "--save", out, executor=executor)
                        assert code == 0, (example, key, value, executor, text)
                        code, text = run(work, source, launch, "--check-against", out)
                        if code != 0:
                            print(f"falsely rejected: {example} {key}={value} seed {seed} ({executor})\n{text}")
                            status, good = 1, False
                    accepted += good
        print(f"{rejected} faults rejected, {accepted} honest runs accepted")
    return status


if __name__ == "__main__":
    sys.exit(main())
