# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a terminal sees, through one made by Python's pty module; and what a pipe
must not see. Ctrl-C ends with 130 and leaves nothing half-written."""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time

FOLDER = sys.argv[1]
shutil.rmtree(FOLDER, ignore_errors=True)
os.makedirs(FOLDER)
ERASE = b"\r\x1b[K"


def path(name, text=None):
    if text is not None:
        with open(os.path.join(FOLDER, name), "w") as f:
            f.write(text)
    return os.path.join(FOLDER, name)


def terminal(*arguments, environment=None, interrupt_at=None):
    """The exit code, and all that the program writes to its terminal. Presses
    Ctrl-C when `interrupt_at` was written."""
    child, fd = pty.fork()
    if child == 0:
        os.environ.pop("NO_COLOR", None)
        os.environ.update({"TERM": "xterm"} | (environment or {}))
        os.execvp("terrazzo", ["terrazzo", *arguments])
    out, end = b"", time.time() + 120
    while select.select([fd], [], [], end - time.time())[0]:
        try:
            part = os.read(fd, 4096)
        except OSError:  # Linux says EIO when the other side is gone
            part = b""
        if not part:
            break
        out += part
        if interrupt_at and interrupt_at in out:
            os.write(fd, b"\x03")
            interrupt_at = None
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), out


def piped(*arguments):
    p = subprocess.run(["terrazzo", *arguments], capture_output=True, timeout=120, env={**os.environ, "TERM": "xterm"})
    return p.returncode, p.stdout + p.stderr


def screen(out):
    """What is left to see: each line from its last erasure on."""
    return [line.split(ERASE)[-1].rstrip(b"\r") for line in out.split(b"\n")]


SLOW = path("slow.py", """import triton
import triton.language as tl


@triton.jit
def slow(x, out, passes, BLOCK: tl.constexpr):
    i = tl.arange(0, BLOCK)
    total = tl.zeros([BLOCK], tl.float32)
    for p in range(passes):
        total += tl.load(x + i)
    tl.store(out + tl.program_id(0) * BLOCK + i, total)
""")


def launch(name, passes):
    return path(name, f"""kernel: slow
args:
  x: {{shape: [1024], dtype: f32, init: ones}}
  out: {{shape: [16, 1024], dtype: f32}}
  passes: {passes}
constexpr: {{BLOCK: 1024}}
grid: [16]
outputs: [out]
""")


# --- Colours --------------------------------------------------------------------
bad = path("bad.py", "import triton\n\n\n@triton.jit\ndef bad(x):\n    return nothing\n")
compile_bad = ("compile", bad, "--sig", "*fp32")
code, out = terminal(*compile_bad)
assert code == 1 and re.search(rb"\x1b\[[0-9;]*31m(\x1b\[[0-9;]*m)*error: ", out), out  # in red, as clang
assert re.search(rb"\x1b\[[0-9;]*32m\s*\^", out), out  # the caret in green
plain = re.sub(rb"\x1b\[[0-9;]*[mK]", b"", out).replace(b"\r", b"")
assert b"bad.py:6:12: error: " in plain, plain
# The same text, without any escape: NO_COLOR, a terminal that can do nothing, a pipe.
for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
    code, out = terminal(*compile_bad, environment=environment)
    assert code == 1 and b"\x1b" not in out and out.replace(b"\r", b"") == plain, (environment, out)
assert b"\x1b" in terminal(*compile_bad, environment={"NO_COLOR": ""})[1]  # empty is not set
assert piped(*compile_bad) == (1, plain)

# --- How far ----------------------------------------------------------------------
check = ("run", SLOW, "--launch", path("slow.yaml"), "--executor", "interpreter", "--threads", "1")
passes, spent = 1000, 0
while spent < 1:  # long enough here, whatever this machine is
    passes, start = 2 * passes, time.time()
    launch("slow.yaml", passes)
    assert piped(*check)[0] == 0
    spent = time.time() - start
code, out = terminal(*check)
counts = [int(n) for n in re.findall(rb"oracle: program (\d+)/16", out)]
assert code == 0 and counts == sorted(counts) and len(set(counts)) > 2, (code, out)
assert screen(out) == [b"slow: 16 programs on the interpreter", b""], out
assert b"oracle: program" in terminal(*check, environment={"NO_COLOR": "1"})[1]
for quiet in (terminal(*check, "-q"), terminal(*check, environment={"TERM": "dumb"}), piped(*check)):
    assert quiet[0] == 0 and b"oracle" not in quiet[1] and b"\x1b" not in quiet[1], quiet
# Short work says nothing.
short = ("run", SLOW, "--launch", launch("short.yaml", 1), "--executor", "interpreter")
assert terminal(*short) == (0, b"slow: 16 programs on the interpreter\r\n")
# What is printed meanwhile stands in a line of its own.
talks = path("talks.py", open(SLOW).read().replace("    tl.store", "    tl.device_print('done', passes)\n    tl.store"))
code, out = terminal("run", talks, *check[2:])
lines = screen(out)
assert code == 0 and b"oracle: program" in out and len([l for l in lines if l.startswith(b"pid (")]) >= 16, out
assert not [l for l in lines if b"oracle" in l], out
# Timing says its rounds.
code, out = terminal("run", SLOW, "--launch", path("slow.yaml"), "--time")
rounds = [int(n) for n in re.findall(rb"timing: round (\d+)", out)]
assert code == 0 and rounds and rounds == sorted(rounds) and b"timing" not in b"".join(screen(out)), (code, out)

# --- Ctrl-C -----------------------------------------------------------------------
outputs = path("outputs")
long_run = ("run", SLOW, "--launch", launch("long.yaml", 10**8), "--executor", "interpreter", "--save", outputs,
            "--json", path("result.json"))
start = time.time()
code, out = terminal(*long_run, interrupt_at=b"oracle: program 0/16")
assert code == 130 and time.time() - start < 60, (code, out)
assert b"oracle" not in screen(out)[-1], out
assert not os.path.exists(outputs) and not os.path.exists(path("result.json"))

# In the middle of writing: a library that presses Ctrl-C where a whole file gets its name.
shim = path("interrupt.c", "#include <signal.h>\nint rename(const char *a, const char *b) { raise(SIGINT); return -1; }\n")
subprocess.run(["clang-22", "-shared", "-fPIC", shim, "-o", path("interrupt.so")], check=True)
results = path("written")
os.makedirs(results)
kernel = os.path.join(os.environ["TERRAZZO_SOURCE"], "examples", "vector-add", "vector_add.py")
yaml = os.path.join(os.path.dirname(kernel), "launch.yaml")
for arguments in (("compile", kernel, "--emit", "object", "--no-cache", "-o", os.path.join(results, "add.o")),
                  ("run", kernel, "--launch", yaml, "--no-cache", "--save", results),
                  ("run", kernel, "--launch", yaml, "--no-cache", "--json", os.path.join(results, "x.json"))):
    p = subprocess.run(["terrazzo", *arguments], capture_output=True, timeout=120,
                       env={**os.environ, "LD_PRELOAD": path("interrupt.so"), "ASAN_OPTIONS": os.environ.get(
                           "ASAN_OPTIONS", "") + ":verify_asan_link_order=0"})
    assert p.returncode == 130, (arguments, p.returncode, p.stderr)
    assert not os.listdir(results), (arguments, os.listdir(results))
