# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`terrazzo run --verify-semantics` on an example: no step changes a result.

usage: semantics.py EXAMPLE [name=value ...]   as of run.py
"""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples"))
import launches


def main(example, overrides):
    with tempfile.TemporaryDirectory() as work:
        p = launches.prepare(example, overrides, work)
        run = subprocess.run(["terrazzo", "run", p.kernel, "--launch", p.path, "--verify-semantics", "--json", "-"],
                             capture_output=True, text=True)
        if run.returncode:
            print(example, overrides, run.stdout, run.stderr)
            return run.returncode
        records = [json.loads(line)["semantics"] for line in run.stdout.splitlines()]
        good, written = all([whole(example, overrides, record) for record in records]), set()
        for record in records:
            written |= set.intersection(*({o["name"] for o in s["outputs"] if o["elements"] > 0} for s in record["steps"]))
        # With several launches, what they leave for each other is compared too.
        names = set(p.launch["outputs"])
        good &= len(records) == len(p.launch.get("launches", [0])) and (names == written if len(records) == 1 else names < written)
        return 0 if good else 1


def whole(example, overrides, semantics):
    """Whether every level of one launch took part."""
    steps = semantics["steps"]
    good = [(s["from"], s["to"].split(" for ")[0]) for s in steps] == [("Kernel IR", "Tile IR"), ("Tile IR", "code")]
    # Only what several programs add up in their own order may differ before code is made.
    if example != "splitk-matmul":
        good &= all(o["other_bits"] == 0 for o in steps[0]["outputs"])
    for s in steps:
        print(f"{example} {' '.join(overrides)}: {s['from']} to {s['to']}:",
              *(f"{o['name']} {o['other_bits']} of {o['elements']} bits differ, {o['error_over_bound']:.3f} of the bound"
                for o in s["outputs"]))
    return good and semantics["ok"] and semantics["levels"] == 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
