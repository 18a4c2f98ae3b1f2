# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The rules of the house that a script can check. Prints `file:line: rule` for
each breach and exits 1 if there is one.

  arrows    who may include whom (docs/Architecture.md, "Arrows")
  licence   the SPDX line
  length    no source file over 600 lines
  options   no static command-line option outside tools/
  shell     shellcheck, python's compiler
"""
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MAX_LINES = 600
SPDX = "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception"
CODE = (".cpp", ".h", ".c", ".td", ".g4")


def allowed(includer, included):
    """May a file of the room `includer` include one of `included`? Both are
    paths from the root."""
    kind, target = includer.split("/")[0], included.split("/")[0]
    if target == "include":
        return kind != "dialects" or included.endswith("Diagnostics.def")
    if kind in ("tools", "test", "examples"):
        return True
    if kind == "targets":
        return target in ("lib", "dialects") or (
            target == "targets" and includer.split("/")[1] == included.split("/")[1]
        )
    if kind == "lib":
        if includer.startswith("lib/Runtime/"):
            return included.startswith("lib/Runtime/")
        return target in ("lib", "dialects")
    if kind == "dialects":
        return target == "dialects" or included.startswith("lib/Numerics/")
    if kind == "include":
        return False
    return True


def files():
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()
    return sorted({f for f in listing if os.path.isfile(os.path.join(ROOT, f))})


def check_arrows(path, lines):
    for number, line in enumerate(lines, 1):
        found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not found:
            continue
        name = found.group(1)
        if name.startswith(("terrazzo/", "terrazzo-c/")):
            name = "include/" + name
        if name.split("/")[0] not in ("lib", "dialects", "targets", "tools", "include"):
            continue
        if not allowed(path, name):
            yield f"{path}:{number}: arrow: {path.split('/')[0]} may not include {name}"


def check_file(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as f:
        lines = f.read().splitlines()
    head = "\n".join(lines[:3])
    is_code = path.endswith(CODE)
    if is_code or path.endswith((".py", ".cmake", "CMakeLists.txt")) or head.startswith("#!"):
        # Inputs of tests are data: a licence line would change what they test.
        if SPDX not in head and "/Inputs/" not in path and "/BadInput/" not in path:
            yield f"{path}:1: licence: the SPDX line is missing"
    if is_code and len(lines) > MAX_LINES:
        yield f"{path}:{MAX_LINES}: length: {len(lines)} lines; split it by concept"
    if is_code:
        yield from check_arrows(path, lines)
    if is_code and not path.startswith(("tools/", "test/")):
        for number, line in enumerate(lines, 1):
            if re.match(r"\s*(static\s+)?(llvm::)?cl::(opt|list|bits)<", line):
                yield f"{path}:{number}: options: options are structs passed down, not cl::opt"


def check_scripts(paths):
    shell = []
    for path in paths:
        with open(os.path.join(ROOT, path), "rb") as f:
            if f.read(64).startswith((b"#!/usr/bin/env bash", b"#!/bin/sh", b"#!/bin/bash")):
                shell.append(path)
    if shutil.which("shellcheck"):
        run = subprocess.run(["shellcheck", "-f", "gcc", *shell], cwd=ROOT,
                             capture_output=True, text=True)
        yield from run.stdout.splitlines()
    else:
        print("lint: shellcheck is missing, shell scripts were not checked", file=sys.stderr)
    for path in paths:
        if path.endswith(".py") and "/Inputs/" not in path and "/BadInput/" not in path:
            with open(os.path.join(ROOT, path), encoding="utf-8") as f:
                try:
                    compile(f.read(), path, "exec")
                except SyntaxError as error:
                    yield f"{path}:{error.lineno}: python: {error.msg}"


def main():
    paths = files()
    breaches = [b for p in paths for b in check_file(p)]
    breaches += list(check_scripts(paths))
    print("\n".join(breaches) if breaches else f"lint: {len(paths)} files, nothing to say")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
