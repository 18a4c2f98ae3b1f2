# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Every example of docs/Language.md compiles, or fails with the error that the
# page gives in its last comment (`# error: ...`).
import os
import re
import subprocess
import tempfile

PAGE = os.path.join(os.environ["TERRAZZO_SOURCE"], "docs", "Language.md")


def main():
    blocks = re.findall(r"```python\n(.*?)```", open(PAGE).read(), re.S)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "k.py")
        for block in blocks:
            with open(path, "w") as f:
                f.write("import triton\nimport triton.language as tl\n" + block)
            done = subprocess.run(["terrazzo", "compile", path, "-k", "k", "--emit", "kernel"],
                                  capture_output=True, text=True)
            want = re.search(r"# (error: .*)", block)
            good = (done.returncode == 1 and want[1] in done.stderr) if want else done.returncode == 0
            if not good:
                wrong += 1
                print(block, done.returncode, done.stderr)
    print(f"{len(blocks)} examples, {wrong} wrong")
    raise SystemExit(bool(wrong) or len(blocks) < 10)


main()
