# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every op has a test that it parses and one that it is refused; every diagnostic
is shown by a test. What is not yet is listed by name in coverage-gaps.txt: an
entry there that a test does show is an error too, so that the list only shrinks."""
import glob
import os
import re
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GAPS = os.path.join(SOURCE, "test", "House", "coverage-gaps.txt")


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def ops():
    """(op, has a positive test, has an error test)"""
    rooms = [("dialects", "Kernel", ""), ("dialects", "Tile", "")]
    rooms += [("targets", os.path.basename(os.path.dirname(os.path.dirname(path))), "IR")
              for path in sorted(glob.glob(os.path.join(SOURCE, "targets", "*", "IR", "*Ops.td")))]
    for room, dialect, folder in rooms:
        prefix = dialect.lower()
        text = read(os.path.join(SOURCE, room, dialect, folder, f"{dialect}Ops.td"))
        tests = glob.glob(os.path.join(SOURCE, "test", room, dialect, "**", "*.mlir"), recursive=True)
        errors = "".join(read(t) for t in tests if os.path.basename(t).startswith("errors"))
        positive = "".join(read(t) for t in tests if not os.path.basename(t).startswith("errors"))
        definition = (rf'def {dialect}_\w+Op *: *\w+<(?:\w+_Dialect, *)?"(\w+)"' if folder
                      else rf'def \w+ *: *{dialect}_Op<"(\w+)"')
        for name in re.findall(definition, text):
            used = re.compile(rf"\b{prefix}\.{name}\b")
            yield f"{prefix}.{name}", bool(used.search(positive)), bool(used.search(errors))


def diagnostics():
    """(kind, is shown by a test): the longest fixed part of its text stands in one."""
    tests = ""
    for folder, _, files in os.walk(os.path.join(SOURCE, "test")):
        for name in files:
            if name.endswith((".test", ".py", ".mlir", ".cpp", ".md")) and folder != os.path.dirname(GAPS):
                tests += read(os.path.join(folder, name))
    tests += read(os.path.join(SOURCE, "docs", "Language.md"))
    for name, text in re.findall(r'^TERRAZZO_DIAGNOSTIC\((\w+), \w+,\s*"((?:[^"\\]|\\.)*)"\)',
                                 read(os.path.join(SOURCE, "include", "terrazzo", "Diagnostics.def")), re.M):
        parts = [p.strip(" `:;,()") for p in re.split(r"\{\d+\}", text)]
        longest = max(parts, key=len)
        yield name, (len(longest) > 3 and longest[:20] in tests) or re.search(rf"\b{name}\b", tests) is not None


def main():
    gaps = {line.strip() for line in read(GAPS).splitlines() if line.strip() and not line.startswith("#")}
    missing = set()
    for op, positive, error in ops():
        missing |= ({f"{op} positive"} if not positive else set()) | ({f"{op} error"} if not error else set())
    missing |= {f"diagnostic {name}" for name, shown in diagnostics() if not shown}
    if "--write" in sys.argv:
        print("\n".join(sorted(missing)))
        return 0
    for gap in sorted(missing - gaps):
        print(f"no test: {gap}")
    for gap in sorted(gaps - missing):
        print(f"a test shows it now, take it off coverage-gaps.txt: {gap}")
    return 1 if missing ^ gaps else 0


sys.exit(main())
