# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Assembly for a chip with AMX: a step of k is four loads and four products, the
sums stay in their tiles, the shapes are set once; B is packed by one permutation
a line. Which chips use which instruction hangs on their features alone."""
import os
import re
import subprocess
import tempfile

KERNELS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Inputs", "kernels.py")


def assembly(kernel, element, result, target):
    signature = f"*{element}:16, *{element}:16, *{result}:16, i32:16"
    return subprocess.run(["terrazzo", "compile", KERNELS, "--no-cache", "-k", kernel, "--sig", signature, "--target", target, "--emit", "asm"],
                          capture_output=True, text=True, check=True).stdout.splitlines()


def words(line):
    return line.split("#")[0].replace(",", " ").split()


def check(kernel, element, result, target, product, permutation):
    lines = [words(line) for line in assembly(kernel, element, result, target)]
    lines = [w for w in lines if w and not w[0].startswith((".", "#"))]
    count = {}
    for w in lines:
        count[w[0]] = count.get(w[0], 0) + 1
    # One register tile: its sums are cleared or loaded, and stored.
    want = {"ldtilecfg": 1, "tilerelease": 1, "tilezero": 4, "tilestored": 4, "tileloaddt1": 2, "tileloadd": 4 + 2, product: 4}
    for name, n in want.items():
        assert count.get(name) == n, (element, name, count.get(name), n)
    assert permutation in count and "vpermt2w" not in count, (element, count)
    first = next(i for i, w in enumerate(lines) if w[0] == "tileloaddt1")
    last = max(i for i, w in enumerate(lines) if w[0] == product)
    step = lines[first:last + 1]
    assert not any("(%rsp)" in word or word.startswith("j") for w in step for word in w), step
    tiles = [(w[0], w[-1]) if w[0] != product else (w[0], *w[1:]) for w in step if w[0].startswith("t")]
    assert tiles == [("tileloaddt1", "%tmm4"), ("tileloadd", "%tmm6"), (product, "%tmm6", "%tmm4", "%tmm0"),
                     ("tileloadd", "%tmm7"), (product, "%tmm7", "%tmm4", "%tmm1"),
                     ("tileloaddt1", "%tmm5"), (product, "%tmm6", "%tmm5", "%tmm2"), (product, "%tmm7", "%tmm5", "%tmm3")], tiles
    assert not re.search("vdpbf16ps|vpdpbusd|vfmadd", " ".join(count)), count


check("product", "bf16", "fp32", "cpu-emerald-rapids", "tdpbf16ps", "vpermw")
check("integers", "i8", "i32", "cpu-emerald-rapids", "tdpbssd", "vpermb")
# f16 has no such instruction on this chip.
assert not any(line.strip().startswith("tdp") for line in assembly("product", "fp16", "fp32", "cpu-emerald-rapids"))
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "granite.yaml")
    with open(path, "w") as f:
        f.write("chip: {name: cpu-granite, family: cpu, vendor: Intel, inherits: cpu-emerald-rapids}\n"
                "code: {cpu: graniterapids, features: [avx, avx2, fma, f16c, avx512f, avx512bw, avx512dq, avx512vl, amx-tile, amx-fp16]}\n")
    check("product", "fp16", "fp32", path, "tdpfp16ps", "vpermw")
    assert not any(line.strip().startswith("tdp") for line in assembly("product", "bf16", "fp32", path))
