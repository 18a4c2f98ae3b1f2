# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs every example in Tile IR, as it is made and after `root-views`."""
import os
import re
import subprocess
import sys
import tempfile

import numpy as np
import yaml

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "..")
sys.path.insert(0, os.path.join(SOURCE, "examples"))
import launches  # noqa: E402

# Sizes for the oracle; how many windows there are, how many of them are cut from
# a view made before the launch, and how many with `assume-inside`: the grouped
# order of matmul's programs divides by what is not seen to be positive.
EXAMPLES = {
    "argmax": (["rows=20"], (1, 1, 1)),
    "attention": (["heads=2", "length=80"], (4, 4, 4)),
    "cumsum": (["rows=5"], (2, 2, 2)),
    "dropout": ([], (2, 2, 2)),
    "embedding": (["tokens=9"], (2, 2, 2)),
    "layernorm": (["rows=7"], (6, 6, 6)),
    "matmul": (["M=100", "N=130", "K=70"], (3, 0, 3)),
    "rmsnorm": (["rows=7"], (3, 3, 3)),
    "softmax": (["rows=9"], (2, 2, 2)),
    "splitk-matmul": ([], (3, 3, 3)),
    "transpose": ([], (2, 2, 2)),
    "vector-add": (["n=5000"], (3, 3, 3)),
}


def tool(*arguments):
    p = subprocess.run(arguments, capture_output=True, text=True, timeout=300)
    assert p.returncode == 0, (arguments, p.stdout[-2000:], p.stderr[-2000:])
    return p.stdout


def run(text, launch, work):
    path = os.path.join(work, "program.mlir")
    with open(path, "w") as f:
        f.write(text)
    out = os.path.join(work, "out")
    tool("terrazzo-interpret", path, "--launch", launch, "--save", out)
    return {name: np.load(os.path.join(out, name)).tobytes() for name in sorted(os.listdir(out))}


def launch_of(p, text, work):
    """The launch file for the function: its arguments in its order, then the grid."""
    args = {name: p.launch["args"][name] for name in re.findall(r'kernel\.name = "(\w+)"', text.split("tile.launch")[0])}
    grid = [launches.number(g, p.names) for g in p.launch["grid"]] + [1, 1]
    for axis in range(3):
        args[f"grid{axis}"] = grid[axis]
    path = os.path.join(work, "tile.yaml")
    with open(path, "w") as f:
        let = {**p.launch.get("let", {}), **{k: p.names[k] for k in p.launch.get("constexpr", {})}}
        yaml.safe_dump({"args": args, "let": let, "grid": [1], "outputs": p.launch["outputs"]}, f, sort_keys=False)
    return path


def rooted(text):
    """Windows whose view was made before the launch, of all windows."""
    before, inside = text.split("tile.launch", 1)
    made = set(re.findall(r"(%\w+) = tile\.view", before))
    cut = re.findall(r"= tile\.slice (%\w+)\[", inside)
    return sum(view in made for view in cut), len(cut)


def main():
    for example, (overrides, expected) in EXAMPLES.items():
        with tempfile.TemporaryDirectory() as work:
            p = launches.prepare(example, overrides, work)
            text = tool("terrazzo", "compile", p.kernel, "--emit", "tile", "--no-cache")
            launch = launch_of(p, text, work)
            want = run(text, launch, work)
            before, windows = rooted(text)
            assert before == 0, example
            counts = [windows]
            for option in ("", "=assume-inside=true"):
                path = os.path.join(work, "made.mlir")
                with open(path, "w") as f:
                    f.write(text)
                made = tool("terrazzo-opt", path, "-root-views" + option)
                count, same = rooted(made)
                assert same == windows, example
                counts.append(count)
                assert run(made, launch, work) == want, (example, option, "other bits")
            assert tuple(counts) == expected, (example, counts)


if __name__ == "__main__":
    main()
