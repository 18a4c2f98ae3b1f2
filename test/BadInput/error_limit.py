# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Of many errors 20 are shown, or as many as --error-limit says; 0 shows all."""
import os
import subprocess
import sys

FOLDER = sys.argv[1]
os.makedirs(FOLDER, exist_ok=True)
with open(os.path.join(FOLDER, "many.py"), "w") as f:
    f.write("import triton\n" + "".join(f"\n\n@triton.jit\ndef k{i}(x):\n    y = (3]\n" for i in range(25)))
with open(os.path.join(FOLDER, "many.yaml"), "w") as f:
    f.write("grid: [1]\nargs: {x: {shape: [4], dtype: i32}}\noutputs: [x]\n")
for options, shown in (((), 20), (("--error-limit", "3"), 3), (("--error-limit", "0"), 25)):
    done = subprocess.run(["terrazzo", "run", "many.py", "--launch", "many.yaml", *options], cwd=FOLDER, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.count("error: `]` closes no bracket") == shown, (options, done.stderr)
    assert ("note: too many errors; the rest is not shown (`--error-limit 0` shows all)" in done.stderr) == (shown < 25), done.stderr
