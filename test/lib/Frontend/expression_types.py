# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The type of every expression of Inputs/expression_types.tsv is the one that Triton 3.9
# gives it (the table was made by printing `r.type` under Triton).
import os
import re
import subprocess
import tempfile

TYPES = {"b": "i1", "i8": "i8", "u8": "u8", "i16": "i16", "i32": "i32", "u32": "u32", "i64": "i64",
         "u64": "u64", "h": "fp16", "bf": "bf16", "f": "fp32", "d": "fp64", "e": "fp8e5", "e4": "fp8e4nv"}
TABLE = os.path.join(os.environ["TERRAZZO_SOURCE"], "test", "lib", "Frontend", "Inputs", "expression_types.tsv")
CHUNK = 40  # expressions in one kernel


def kernel(expressions):
    lines = ["import triton", "import triton.language as tl", "@triton.jit",
             "def k(" + ", ".join(f"{n}_p" for n in TYPES) + ", s32, s64, sf):"]
    for n in TYPES:
        lines += [f"    {n} = tl.load({n}_p + tl.arange(0, 16))", f"    {n}0 = tl.load({n}_p)"]
    for i, e in enumerate(expressions):
        lines += [f"    r{i} = tl.to_tensor({e})", f"    tl.static_print('R{i}', r{i}.type)"]
    return "\n".join(lines) + "\n"


def main():
    rows = [line.rstrip("\n").split("\t") for line in open(TABLE)]
    signature = ", ".join(["*" + t for t in TYPES.values()] + ["i32", "i64", "fp32"])
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "k.py")
        for start in range(0, len(rows), CHUNK):
            part = rows[start:start + CHUNK]
            with open(path, "w") as f:
                f.write(kernel([e for e, _ in part]))
            done = subprocess.run(["terrazzo", "compile", path, "--sig", signature, "--emit", "kernel", "-v"],
                                  capture_output=True, text=True)
            if done.returncode:
                wrong.append(done.stderr[-2000:])
            got = dict(re.findall(r"remark: R(\d+) dtype (.*)", done.stderr))
            wrong += [f"{e}: {got.get(str(i))}, not {want}" for i, (e, want) in enumerate(part)
                      if got.get(str(i), "").replace(" ", "") != want.replace(" ", "")]
    print("\n".join(wrong[:40]))
    print(f"{len(rows)} expressions, {len(wrong)} wrong")
    raise SystemExit(bool(wrong))


main()
