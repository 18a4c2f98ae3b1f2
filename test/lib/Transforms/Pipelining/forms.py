# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a program of form 1 and what a pass makes of it: the bits must be equal.

usage: forms.py KIND FILE.mlir -PASS... [name=number ...]
"""
import os
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("TERRAZZO_SOURCE", os.path.join(os.path.dirname(__file__), "..", "..", "..", ".."))
sys.path.insert(0, os.path.join(SOURCE, "test", "dialects", "Tile", "programs"))
import run as programs  # noqa: E402


def outputs(kind, path, numbers, options):
    with tempfile.TemporaryDirectory() as work:
        code, said, got, _ = programs.run(kind, path, numbers, options, work)
    if code:
        print(said)
        sys.exit(code)
    return {name: value.tobytes() for name, value in got.items()}


def main(kind, path, *rest):
    passes = [a for a in rest if a.startswith("-")]
    given = [a for a in rest if not a.startswith("-")]
    numbers = {k: float(v) for k, v in (a.split("=") for a in given)}
    if programs.main([kind, path, *given]):
        return 1
    before = outputs(kind, path, numbers, [])
    with tempfile.TemporaryDirectory() as work:
        second = os.path.join(work, "second.mlir")
        subprocess.run(["terrazzo-opt", path, *passes, "-o", second], check=True)
        with open(second) as f:
            assert "tile.channel" in f.read(), "the pass made no channel"
        for order in ("producers", "consumers", "3", "4"):
            if outputs(kind, second, numbers, ["--roles=" + order]) != before:
                print(f"{path} {passes}: other bits, {order}")
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
