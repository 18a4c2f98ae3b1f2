# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every emitted program without one of its syncs, or with one weakened, must be
caught by the simulator, and the program itself must raise no alarm
(terrazzo-mutate). With --full, eight kernels on each family."""
import glob
import os
import re
import subprocess
import sys

EXAMPLES = os.path.join(os.environ["TERRAZZO_SOURCE"], "examples")
FULL = os.environ["TERRAZZO_FULL"] == "1"
CHIPS = ["tpu-v5e", "ascend-910b2"]
KERNELS = ["matmul", "softmax"]
if FULL:
    KERNELS += ["attention", "cumsum", "embedding", "paged-attention", "splitk-matmul", "transpose"]

mutants = caught = 0
for chip in CHIPS:
    for kernel in KERNELS:
        folder = os.path.join(EXAMPLES, kernel)
        source = os.path.join(folder, kernel.replace("-", "_") + ".py")
        p = subprocess.run(["terrazzo-mutate", source, "--launch", os.path.join(folder, "launch.yaml"), "--target", chip],
                           capture_output=True, text=True, timeout=600)
        print(p.stdout, end="")
        assert p.returncode == 0, (chip, kernel, p.stderr)
        for all_of, ways in re.findall(r": (\d+) mutants(.*)", p.stdout):
            assert int(all_of) > 0, p.stdout
            unreached = sum(int(n) for n in re.findall(r", (\d+) NotReached", ways))
            mutants += int(all_of) - unreached
            caught += sum(int(n) for n in re.findall(r", (\d+) ", ways)) - unreached
print(f"{caught} of {mutants} mutants are caught")
# What survives would be explained here, one by one.
assert caught == mutants
