# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`--target`: this machine's kind, a chip by name, a file; a chip whose features
no machine has together is refused with exit code 5, never run on something else."""
import os
import subprocess
import sys

FOLDER = sys.argv[1]
os.makedirs(FOLDER, exist_ok=True)
EXAMPLE = os.path.join(os.environ["TERRAZZO_SOURCE"], "examples", "vector-add")
RUN = ["run", os.path.join(EXAMPLE, "vector_add.py"), "--launch", os.path.join(EXAMPLE, "launch.yaml")]


def terrazzo(*arguments):
    p = subprocess.run(["terrazzo", *arguments], capture_output=True, text=True, timeout=60)
    return p.returncode, p.stdout, p.stderr


def chip(name, features):
    path = os.path.join(FOLDER, name + ".yaml")
    with open(path, "w") as f:
        f.write(f"chip: {{name: {name}, family: cpu, inherits: cpu-portable}}\n"
                f"code: {{cpu: x86-64, features: [{', '.join(features)}]}}\n")
    return path


# AMD alone had SSE4a, Intel alone has AMX.
both = chip("chimera", ["sse4a", "amx-tile", "amx-int8"])
code, out, err = terrazzo(*RUN, "--target", both)
assert code == 5 and not out, (code, out, err)
assert "this machine lacks" in err and "`chimera`" in err and "amx" in err, err
assert "may use; `terrazzo compile` makes that code" in err, err
# The interpreter needs no such machine.
assert terrazzo(*RUN, "--target", both, "--executor", "interpreter")[0] == 0

code, _, err = terrazzo(*RUN, "--target", "cpu-386")
assert code == 2 and "unknown target `cpu-386`; known are cpu, " in err and ", cpu-portable" in err, (code, err)
code, _, err = terrazzo(*RUN, "--target", os.path.join(FOLDER, "none.yaml"))
assert code == 1 and "cannot read" in err, (code, err)
code, _, err = terrazzo("compile", RUN[1], "--emit", "object", "--target", "cpu-386")
assert code == 2 and "unknown target" in err, (code, err)

# What LLVM does not know is an error of the chip file's, not a crash.
strange = chip("strange", ["avx1024"])
code, _, err = terrazzo("compile", RUN[1], "--emit", "asm", "--target", strange)
assert code == 1 and "avx1024" in err, (code, err)

# A chip that no family makes code for is refused, never taken for a CPU.
with open(os.path.join(FOLDER, "foreign.yaml"), "w") as f:
    f.write("chip: {name: foreign, family: abacus, vendor: any}\nmemories:\n- {name: global, scope: chip}\n")
foreign = os.path.join(FOLDER, "foreign.yaml")
code, _, err = terrazzo("compile", RUN[1], "--emit", "asm", "--target", foreign)
assert code == 5 and "`foreign` is known only as data" in err and "the family abacus" in err, (code, err)
# Its numbers can be read all the same.
assert terrazzo("chips", foreign)[0] == 0
