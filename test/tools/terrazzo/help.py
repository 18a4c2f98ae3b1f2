# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A newcomer's first minutes: the kernel, the launch file and the commands are
copied from `--help` as they stand there, and work."""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap

import numpy

FOLDER = sys.argv[1]
shutil.rmtree(FOLDER, ignore_errors=True)
os.makedirs(FOLDER)


def terrazzo(*arguments):
    return subprocess.run(["terrazzo", *arguments], capture_output=True, text=True, cwd=FOLDER, timeout=60)


def page(*command):
    p = terrazzo(*command, "--help")
    assert p.returncode == 0 and not p.stderr, p
    return p.stdout


def block(text, first):
    """The indented lines from the one that begins with `first`."""
    found = re.search(rf"^    {re.escape(first)}.*\n(?:(?:    .*)?\n)*", text, re.M)
    assert found, (first, text)
    return textwrap.dedent(found.group(0)).strip() + "\n"


top = page()
commands = re.search(r"SUBCOMMANDS:\n\n((?:  .*\n)+)", top).group(1)
commands = re.findall(r"^  (\w+) ", commands, re.M)
assert sorted(commands) == ["cache", "chips", "compile", "completion", "doctor", "ops", "run", "survey", "trace"], commands
pages = {command: page(command) for command in commands}
assert len({text.splitlines()[0] for text in pages.values()} | {top.splitlines()[0]}) == len(commands) + 1
for text in [top, *pages.values()]:
    assert max(map(len, text.splitlines())) <= 160, max(text.splitlines(), key=len)
for command in ("run", "compile"):
    codes = pages[command].split("exit codes:")[1]
    assert all(f"{code} " in codes for code in ((0, 1, 2, 3, 4, 5, 130) if command == "run" else (0, 1, 2, 3, 130)))

# The whole example of `run`.
run = pages["run"]
kernel = block(run, "import triton\n".strip())
for name, text in (("add.py", kernel), ("add.yaml", block(run, "kernel: add"))):
    with open(os.path.join(FOLDER, name), "w") as f:
        f.write(text)
command = shlex.split(block(run, "terrazzo run add.py"))
p = terrazzo(*command[1:], "--save", "out")
assert p.returncode == 0 and "checked: ok" in p.stdout and "the median of" in p.stdout, p
assert numpy.load(os.path.join(FOLDER, "out", "out.npy")).shape == (98432,)
p = terrazzo(*command[1:], "--json", "-")
result = json.loads(p.stdout)
assert result["check"]["ok"] and result["time"]["seconds"] > 0 and {"kernel", "chip", "compile_s"} <= result.keys()
assert "interpreter, checked: ok" in terrazzo(*command[1:-1], "--executor", "interpreter").stdout

# The commands of `compile`, the second with the comment that stands there.
compile_ = pages["compile"]
first, second = (shlex.split(line.split(" (and")[0]) for line in block(compile_, "terrazzo compile").splitlines())
p = terrazzo(*first[1:])
assert p.returncode == 0 and "add:" in p.stdout, p
with open(os.path.join(FOLDER, "add.py"), "w") as f:
    f.write(kernel.replace("constexpr):\n", "constexpr):\n    " + block(compile_, "#: sig(")))
p = terrazzo(*second[1:])
assert p.returncode == 0 and {"add.o", "add.h"} <= set(os.listdir(FOLDER)), p
levels = re.findall(r"^  (\w+)  +\S", compile_.split("--emit, each")[1].split("\n\n")[0], re.M)
assert levels == ["kernel", "tile", "llvm", "asm", "object", "artifact"], levels
for level in levels:
    assert terrazzo("compile", "add.py", "--emit", level, "-o", level).returncode == 0

# The types that are named there are types.
for kind in "fp64 fp32 fp16 bf16 fp8e4nv fp8e5 i8 i16 i32 i64 u8 u16 u32 u64".split():
    assert kind in compile_ or kind in ("u16", "u32")
    p = terrazzo("compile", "add.py", "--sig", f"*{kind}, *{kind}, *{kind}, i32, BLOCK=64")
    assert p.returncode == 0, p
p = subprocess.run(["terrazzo", "compile", "-"], input=open(os.path.join(FOLDER, "add.py")).read(),
                   capture_output=True, text=True)
assert p.returncode == 0 and "func.func @add" in p.stdout, p

# The other pages.
for text in (pages["ops"], pages["chips"], pages["cache"]):
    for line in re.findall(r"^    (terrazzo [^\n]*?)(?:   .*)?$", text, re.M):
        if "my.yaml" not in line and "--clear" not in line and "--calibrate" not in line:
            p = subprocess.run(line, shell=True, capture_output=True, cwd=FOLDER)
            assert p.returncode == 0 and p.stdout, (line, p)
surveys = re.findall(r"^    (terrazzo survey [^\n]*?)(?:   .*)?$", pages["survey"], re.M)
assert len(surveys) == 4, surveys
for line in surveys:
    p = subprocess.run(line.replace(",my.yaml", ""), shell=True, capture_output=True, text=True, cwd=FOLDER)
    assert p.returncode == 0 and ("mtia-2i" in p.stdout or "add.html" in line), (line, p)
assert "add on " in open(os.path.join(FOLDER, "add.html")).read()
script = re.search(r"source <\(.*?\)", pages["completion"]).group(0)
assert subprocess.run(["bash", "-c", script + " && complete -p terrazzo"], capture_output=True).returncode == 0
