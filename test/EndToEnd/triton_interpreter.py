# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs an example, unchanged, under real Triton's interpreter, and lets our
oracle judge what comes out: the same file must mean the same to both. What our
device computes of the same inputs is judged too.

usage: triton_interpreter.py EXAMPLE [name=value ...]   as for run.py

Needs `pip install triton`; what it can run says examples/interpreted.py.
"""
import os
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples"))
import interpreted
import launches


def main(example, overrides):
    with tempfile.TemporaryDirectory() as work:
        p = launches.prepare(example, overrides, work)
        outputs = interpreted.run(example, p)
        out = os.path.join(work, "out")
        os.makedirs(out)
        for name, data in outputs.items():
            np.save(os.path.join(out, name + ".npy"), data)
        judged = subprocess.run(["terrazzo", "run", p.kernel, "--launch", p.path, "--executor", "interpreter",
                                 "--check-against", out], capture_output=True, text=True)
        print(example, overrides, "under Triton", interpreted.triton.__version__)
        print(judged.stdout, judged.stderr)
        device = subprocess.run(["terrazzo", "run", p.kernel, "--launch", p.path, "--check"], capture_output=True, text=True)
        print(device.stdout, device.stderr)
        return judged.returncode or device.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
