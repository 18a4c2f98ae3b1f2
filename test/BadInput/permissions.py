# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Files that the user may not read or write. Root may do all: the program is
run as somebody else then, with a copy where that one can reach it."""
import os
import shutil
import subprocess
import tempfile

NOBODY = 65534
EXAMPLE = os.path.join(os.environ["TERRAZZO_SOURCE"], "examples", "vector-add")


def main():
    with tempfile.TemporaryDirectory(dir="/tmp") as work:  # not the private one of lit
        os.chmod(work, 0o755)
        path = lambda name: os.path.join(work, name)
        shutil.copy(shutil.which("terrazzo"), path("terrazzo"))
        for name in ("vector_add.py", "launch.yaml"):
            shutil.copy(os.path.join(EXAMPLE, name), path(name))
            shutil.copy(os.path.join(EXAMPLE, name), path("secret-" + name))
            os.chmod(path("secret-" + name), 0)
        os.mkdir(path("closed"), 0o555)
        become = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        run = ["run", "--launch", path("launch.yaml"), "--executor", "interpreter"]
        for arguments, text in (
            (["compile", path("secret-vector_add.py")], f"error: cannot read `{path('secret-vector_add.py')}`: Permission denied"),
            ([*run, path("secret-vector_add.py")], f"error: cannot read `{path('secret-vector_add.py')}`: Permission denied"),
            (["run", path("vector_add.py"), "--launch", path("secret-launch.yaml"), "--executor", "interpreter"],
             f"error: cannot read `{path('secret-launch.yaml')}`: Permission denied"),
            (["compile", path("vector_add.py"), "-o", path("closed/x.mlir")], f"error: cannot write `{path('closed/x.mlir')}`: Permission denied"),
            ([*run, path("vector_add.py"), "--save", path("closed/out")], f"error: cannot write `{path('closed/out')}`: Permission denied"),
        ):
            done = subprocess.run([path("terrazzo"), *arguments], capture_output=True, text=True, **become)
            assert done.returncode == 1 and text in done.stderr, (arguments, done.returncode, done.stderr)
        os.chmod(path("closed"), 0o755)


main()
