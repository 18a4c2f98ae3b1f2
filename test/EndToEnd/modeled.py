# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every line of the examples' tests in the simulator: bits against the oracle's
bounds and NumPy's float64. Without an argument each line runs on one chip, the
next line on the next; with `all`, or chips by name, on all of them.

usage: modeled.py [all | CHIP ...]
"""
import glob
import os
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "examples"))
import launches

import run

CHIPS = ["tpu-v5e", "mtia-2i", "ascend-910b2", "tpu-v6e", "mtia-300", "ascend-950pr"]


def lines():
    for test in sorted(glob.glob(os.path.join(HERE, "*.test"))):
        with open(test) as f:
            for arguments in re.findall(r"^RUN:.*/run\.py (.*)$", f.read(), re.M):
                if "target=" not in arguments:
                    yield arguments.split()


def main(chosen):
    chips = CHIPS if chosen == ["all"] else chosen
    wrong = 0
    for number, (example, *overrides) in enumerate(lines()):
        for chip in chips or [CHIPS[number % len(CHIPS)]]:
            with tempfile.TemporaryDirectory() as work:
                p = launches.prepare(example, overrides, work)
                if run.judge(example, overrides, p, os.path.join(work, "out"), "simulator", chip):
                    wrong += 1
                    print(f"wrong: {example} {' '.join(overrides)} on {chip}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
