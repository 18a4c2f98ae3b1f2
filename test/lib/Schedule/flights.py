# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a program with the waits of `engines-in-flight`, then without each one.

usage: flights.py KIND PROGRAM CHIP [-PASS ...] [name=number ...]
"""
import os
import re
import subprocess
import sys
import tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
PROGRAMS = os.path.join(SOURCE, "test", "dialects", "Tile", "programs")
sys.path.insert(0, PROGRAMS)
import run as programs  # noqa: E402

WAITS = re.compile(r", waits = \[\{.*?\}\]|waits = \[\{.*?\}\](, )?")
NOTICED = "read of a value in flight"


def run(kind, text, numbers, work):
    path = os.path.join(work, "program.mlir")
    with open(path, "w") as f:
        f.write(text)
    with tempfile.TemporaryDirectory() as inner:
        code, said, got, _ = programs.run(kind, path, numbers, [], inner)
    return code, said, {name: value.tobytes() for name, value in got.items()}


def main(kind, program, chip, *rest):
    passes = [a for a in rest if a.startswith("-")]
    numbers = {k: float(v) for k, v in (a.split("=") for a in rest if not a.startswith("-"))}
    path = os.path.join(PROGRAMS, program + ".mlir")
    with tempfile.TemporaryDirectory() as work:
        made = subprocess.run(["terrazzo-opt", path, *passes, f"-engines-in-flight=chip={chip}"],
                              capture_output=True, text=True, check=True).stdout
        with open(path) as f:
            code, said, before = run(kind, f.read(), numbers, work)
        assert code == 0, said
        code, said, after = run(kind, made, numbers, work)
        assert code == 0, said
        assert before == after, "other bits"
        # Without any wait the first use of what an engine makes is noticed.
        code, said, _ = run(kind, WAITS.sub("", made), numbers, work)
        assert code == 1 and NOTICED in said and "it is made here" in said, said
        assert re.search("engine `\\w+` may not have made it yet, and no wait covers it", said), said
        noticed = unneeded = 0
        for wait in list(WAITS.finditer(made)):
            code, said, _ = run(kind, made[:wait.start()] + made[wait.end():], numbers, work)
            if code:
                assert NOTICED in said, said
                noticed += 1
            else:
                unneeded += 1
        # One op more in flight than the wait allows.
        more = 0
        for wait in re.finditer(r"waits = \[\{[^]]*?newer = (\d+)", made):
            text = made[:wait.start(1)] + str(int(wait[1]) + 1) + made[wait.end(1):]
            code, said, _ = run(kind, text, numbers, work)
            assert code == 0 or NOTICED in said, said
            more += code != 0
        print(f"{program}: {noticed} waits noticed, {unneeded} not, {more} weakened noticed")
        assert noticed > 0 and more > 0, (noticed, unneeded, more)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
