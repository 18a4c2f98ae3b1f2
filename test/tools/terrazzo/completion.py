# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the completion script in bash on half-typed command lines."""
import subprocess

script = subprocess.run(["terrazzo", "completion", "bash"], capture_output=True, text=True, check=True).stdout


def complete(*words):
    line = " ".join(f"'{w}'" for w in words)
    run = subprocess.run(["bash", "-c", script + f"""
COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _terrazzo; printf '%s\\n' "${{COMPREPLY[@]}}" """],
                         capture_output=True, text=True, check=True, cwd="/")
    assert not run.stderr, run.stderr
    return run.stdout.split()


commands = complete("terrazzo", "")
assert {"run", "compile", "chips", "cache", "doctor", "ops"} <= set(commands), commands
assert complete("terrazzo", "comp") == ["compile", "completion"]
assert complete("terrazzo", "run", "--thr") == ["--threads"]
assert complete("terrazzo", "run", "--emit") == []
assert complete("terrazzo", "compile", "--emit") == ["--emit"]
assert "object" in complete("terrazzo", "compile", "--emit", "")
assert complete("terrazzo", "run", "k.py", "--target", "cpu-av") == ["cpu-avx2"]
assert complete("terrazzo", "survey", "k.py", "--chips", "mtia-2") == ["mtia-2i"]
assert complete("terrazzo", "chips", "--cal") == ["--calibrate"] and complete("terrazzo", "chips", "tpu-v4") == ["tpu-v4"]
assert "etc" in complete("terrazzo", "run", "et"), "a file"

# Every option that the help of a command shows is known.
for command in commands:
    help = subprocess.run(["terrazzo", command, "--help"], capture_output=True, text=True).stdout
    if "General options:" not in help:
        continue
    shown = {w.split("=")[0].split("[")[0] for line in help.split("General options:")[-1].splitlines()
             for w in line.split()[:1] if w.startswith("-")} - {"--help", "--help-list"}
    known = set(complete("terrazzo", command, "-"))
    assert shown - known <= {"-h"}, (command, shown - known)
