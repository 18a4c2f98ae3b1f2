# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The exit codes of the contract."""
import os
import subprocess

EXAMPLE = os.path.join(os.environ["TERRAZZO_SOURCE"], "examples", "vector-add")
KERNEL, LAUNCH = os.path.join(EXAMPLE, "vector_add.py"), os.path.join(EXAMPLE, "launch.yaml")
RUN = ["run", KERNEL, "--launch", LAUNCH]
CASES = [
    (["--version"], 0), (["--help"], 0), (["ops"], 0), ([], 2), (["frobnicate"], 2), (["compile"], 2),
    (["compile", KERNEL, "--emit", "wine"], 2), (["compile", KERNEL, "--no-such-option"], 2),
    (["compile", "/no/such/file.py"], 1), (RUN + ["--executor", "interpreter"], 0),
    (RUN + ["--json", ""], 2), (RUN + ["--save", ""], 2), (["compile", KERNEL, "-o", ""], 2),
    (["completion", "fish"], 2), (["completion", "bash"], 0), (["cache"], 0), (["doctor"], 0),
    (RUN + ["--executor", "abacus"], 2), (RUN + ["--target", "toaster"], 2),
    (RUN + ["--executor", "interpreter", "--check=perhaps"], 2),
    (RUN + ["--executor", "interpreter", "--check=sample(3)"], 0),
]
for arguments, want in CASES:
    run = subprocess.run(["terrazzo", *arguments], capture_output=True, text=True, timeout=60)
    assert run.returncode == want, (arguments, run.returncode, want, run.stderr)
    assert want == 0 or run.stderr, arguments

TEXTS = {
    "UnknownEmit": (["compile", KERNEL, "--emit", "wine"], "`--emit wine` is not known"),
    "UnknownExecutor": (RUN + ["--executor", "abacus"], "`--executor abacus` is not known"),
    "UnknownTarget": (RUN + ["--target", "toaster"], "unknown target `toaster`"),
    "an empty entry": (["compile", KERNEL, "--sig", "*fp32,*fp32,,i32,BLOCK=64"], "--sig:1:13: error: `` is neither a type nor a value of a signature"),
    "a constant twice": (["compile", KERNEL, "--sig", "*fp32,*fp32,*fp32,i32,BLOCK=64,BLOCK=32"], "`BLOCK` is given twice"),
    "a parameter twice": (["compile", KERNEL, "--sig", "*fp32,*fp32,*fp32,i32,64,n: i32"], "`n` is given twice"),
    "UnknownShell": (["completion", "fish"], "no completion for the shell `fish`"),
    "BadCheck": (RUN + ["--executor", "interpreter", "--check=perhaps"], "`--check=perhaps` is not known"),
}
for name, (arguments, want) in TEXTS.items():
    run = subprocess.run(["terrazzo", *arguments], capture_output=True, text=True, timeout=60)
    assert want in run.stderr, (name, run.stderr)
