# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Assembly of two examples for every chip: the widest registers and the
instructions that the features allow, and none beyond."""
import os
import re
import subprocess

EXAMPLES = os.path.join(os.environ["TERRAZZO_SOURCE"], "examples")
FMA = r"\bvfn?m(add|sub)"
# chip: (must be there, must not be there)
CHIPS = {
    "cpu-portable": (r"%xmm\d", rf"%ymm|%zmm|{FMA}|\bv(add|mul)ps"),
    "cpu-avx2": (r"%ymm\d", r"%zmm|%k[0-7]\b|%ymm(1[6-9]|2\d|3\d)"),
    "cpu-zen4": (r"%zmm\d", r"\bt(dp|ileload)"),
    "cpu-zen5": (r"%zmm\d", r"\bt(dp|ileload)"),
    "cpu-emerald-rapids": (r"%zmm\d", None),
}
for chip, (there, absent) in CHIPS.items():
    for example in ("softmax", "matmul"):
        path = os.path.join(EXAMPLES, example, example + ".py")
        text = subprocess.run(["terrazzo", "compile", path, "--emit", "asm", "--target", chip],
                              capture_output=True, text=True, check=True).stdout
        assert re.search(there, text), (chip, example)
        found = re.search(absent, text) if absent else None
        assert not found, (chip, example, found)
        if example == "matmul" and chip != "cpu-portable":
            assert re.search(FMA, text), "a dot product is made of fused multiply-adds"
