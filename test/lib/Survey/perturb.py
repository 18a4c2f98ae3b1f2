# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What `--unread` names changes nothing when it is doubled, neither the bounds nor
the simulated times: no number is read behind its back. The others can."""
import json
import os
import re
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
FOLDER = sys.argv[1]
os.makedirs(FOLDER, exist_ok=True)
KERNELS = [[os.path.join(SOURCE, "examples", folder, kernel), "--launch", os.path.join(SOURCE, "examples", folder, "launch.yaml")]
           for folder, kernel in (("matmul", "matmul.py"), ("rmsnorm", "rmsnorm.py"))]
def survey(path, *more):
    """(the answers, the places of the numbers that none rested on)"""
    answers, unread = [], None
    for kernel in KERNELS:
        p = subprocess.run(["terrazzo", "survey", *kernel, "--chips", path, "--json", "-", "--unread", *more],
                           capture_output=True, text=True, timeout=60)
        assert p.returncode == 0, p.stderr
        row = json.loads(p.stdout)["chips"][0]
        answers.append({k: row[k] for k in ("energy", "dollars", "notes", "roofline", "simulated")})
        here = set(re.findall(rf"{re.escape(path)}:(\d+):(\d+): remark: nothing read", p.stderr))
        unread = here if unread is None else unread & here
    return answers, unread


path = os.path.join(FOLDER, "chip.yaml")
for chip in ("targets/Mtia/chips/mtia-2i.yaml", "targets/Tpu/chips/tpu-v5e.yaml", "targets/Ascend/chips/ascend-910b2.yaml",
             "targets/Mtia/chips/mtia-500.yaml"):
    with open(os.path.join(SOURCE, chip)) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(text)
    base, unread = survey(path)
    numbers = list(re.finditer(r"(\w+): \{value: ([0-9.e+-]+),", text))
    assert len(numbers) > 8
    changed = 0
    for number in numbers:
        line = text.count("\n", 0, number.start()) + 1
        column = number.start() - text.rfind("\n", 0, number.start())
        silent = (str(line), str(column)) in unread
        with open(path, "w") as f:
            f.write(text[:number.start(2)] + repr(2 * float(number[2])) + text[number.end(2):])
        p = subprocess.run(["terrazzo", "chips", path], capture_output=True, text=True)
        if p.returncode:  # a tile that no longer fits: the loader reads it
            assert "does not fit into memory" in p.stderr, p.stderr
            continue
        answers, _ = survey(path)
        assert not (silent and answers != base), (chip, line, number[0])
        changed += answers != base  # else another number hides it: the longest of several times is what counts
    assert changed >= 3, (chip, changed)
