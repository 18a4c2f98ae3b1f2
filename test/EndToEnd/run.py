# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs an example with inputs that NumPy made and compares with NumPy's float64.

usage: run.py EXAMPLE [name=value ...]   numbers and constexprs of the launch,
                                         dtype=bf16 for all f32 tensors that are
                                         listed in `dtypes=a,b`, target=CHIP for
                                         code for a chip (amx: see amx.py)
"""
import os
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples"))
import launches

import amx


def main(example, overrides):
    targets = [o.partition("=")[2] for o in overrides if o.startswith("target=")] or ["cpu"]
    target = amx.emulated() if targets[0] == "amx" else targets[0]
    overrides = [o for o in overrides if not o.startswith("target=")]
    with tempfile.TemporaryDirectory() as work:
        p = launches.prepare(example, overrides, work)
        own = "simulator" if target.startswith(("tpu-", "mtia-", "ascend-")) else "device"
        return max(judge(example, overrides, p, os.path.join(work, executor), executor, target)
                   for executor in ("interpreter", own))


def judge(example, overrides, p, folder, executor, target):
    """What one executor leaves, against the oracle's bounds and NumPy's."""
    run = subprocess.run(["terrazzo", "run", p.kernel, "--launch", p.path, "--executor", executor,
                          "--target", target, "--check", "--save", folder], capture_output=True, text=True)
    if run.returncode:
        print(executor, run.stdout, run.stderr)
        return run.returncode
    print(executor, overrides)
    return launches.compare(example, p, {name: np.load(os.path.join(folder, name + ".npy")) for name in p.launch["outputs"]})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
