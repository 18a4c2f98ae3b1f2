# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each example has all its files, and its README names commands that work:
the paths exist, and the launch it changes has the names that it changes.
With `interpret`, also runs each under real Triton as its README says."""
import glob
import os
import re
import subprocess
import sys

SOURCE = os.environ["TERRAZZO_SOURCE"]


def main():
    wrong, folders = [], sorted(glob.glob(os.path.join(SOURCE, "examples", "*", "launch.yaml")))
    for launch in folders:
        folder = os.path.dirname(launch)
        name = os.path.basename(folder)
        for file in ("README.md", "reference.py", "interpret.py", name.replace("-", "_") + ".py"):
            if not os.path.isfile(os.path.join(folder, file)):
                wrong.append(f"{name} has no {file}")
        with open(os.path.join(folder, "README.md")) as f:
            readme = f.read()
        for path in re.findall(r"examples/\S+\.(?:py|yaml)", readme):
            if not os.path.isfile(os.path.join(SOURCE, path)):
                wrong.append(f"{name}: its README names {path}")
        interpret = re.search(r"`python (examples/\S+/interpret\.py) ([^`]*)`", readme)
        if not interpret:
            wrong.append(f"{name}: its README does not run interpret.py")
        elif "interpret" in sys.argv:
            if subprocess.run([sys.executable, os.path.join(SOURCE, interpret[1]), *interpret[2].split()]).returncode:
                wrong.append(f"{name}: {interpret[0]} fails")
    print("\n".join(wrong) or f"{len(folders)} examples are whole")
    return bool(wrong) or len(folders) < 20


sys.exit(main())
