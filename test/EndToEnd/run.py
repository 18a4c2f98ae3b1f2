# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs an example with inputs that NumPy made and compares with NumPy's float64.

usage: run.py EXAMPLE [name=value ...]   numbers and constexprs of the launch,
                                         dtype=bf16 for all f32 tensors that are
                                         listed in `dtypes=a,b`
"""
import os
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples"))
import launches


def main(example, overrides):
    with tempfile.TemporaryDirectory() as work:
        p = launches.prepare(example, overrides, work)
        run = subprocess.run(["terrazzo", "run", p.kernel, "--launch", p.path, "--executor", "interpreter",
                              "--check", "--save", os.path.join(work, "out")], capture_output=True, text=True)
        if run.returncode:
            print(run.stdout, run.stderr)
            return run.returncode
        print(overrides)
        return launches.compare(example, p, {name: np.load(os.path.join(work, "out", name + ".npy")) for name in p.launch["outputs"]})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
