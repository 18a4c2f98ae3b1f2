# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Chips that exist as data: what `run`, `compile` and `chips` say of them."""
import json
import os
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
FOLDER = sys.argv[1]
os.makedirs(FOLDER, exist_ok=True)
CHIPS = ["tpu-v5e", "tpu-v6e", "mtia-2i", "mtia-300", "ascend-910b2", "ascend-950pr"]
ADD = os.path.join(SOURCE, "examples", "vector-add", "vector_add.py")
LAUNCH = os.path.join(SOURCE, "examples", "vector-add", "launch.yaml")


def terrazzo(*arguments, program="terrazzo"):
    p = subprocess.run([program, *arguments], capture_output=True, text=True, cwd=FOLDER, timeout=120)
    return p.returncode, p.stdout, p.stderr


def write(name, text):
    with open(os.path.join(FOLDER, name), "w") as f:
        f.write(text)
    return name


def run(*arguments, code=0, says=""):
    result, out, err = terrazzo("run", ADD, "--launch", LAUNCH, *arguments)
    assert result == code and says in out + err, (arguments, result, out, err)
    return out


# A time says that it is modeled; the bits are checked.
for chip in CHIPS:
    report = json.loads(run("--target", chip, "--check", "--json", "-"))
    assert report["chip"] == chip and report["check"]["ok"], chip
    assert report["time"]["kind"] == "modeled" and report["time"]["seconds"] > 0, chip
    assert report["time"]["calibration"] in ("uncalibrated", "published"), chip
    assert report["counters"]["bytes_written"] >= 98432 * 4, chip
    # The same time without the bits, and every time.
    again = json.loads(run("--target", chip, "--timing-only", "--json", "-"))
    assert again["time"]["seconds"] == report["time"]["seconds"], chip
    run("--target", chip, "--executor", "interpreter", "--check", says="the interpreter, checked: ok")

# Another executor is never chosen silently.
run("--target", "tpu-v5e", "--executor", "device", code=2,
    says="`tpu-v5e` has no device: `--executor simulator` runs the kernel")
run("--executor", "simulator", code=2, says="has no simulator: `--executor device` runs the kernel")
run("--target", "tpu-v5e", "--executor", "model", code=2, says="use `device`, `simulator` or `interpreter`")
run("--timing-only", code=2, says="`--timing-only` is the simulator's, and leaves nothing to compare or save")
run("--target", "mtia-2i", "--timing-only", "--check", code=2, says="leaves nothing to compare or save")
run("--target", "mtia-400", code=5, says="`mtia-400` is known only by its peaks and its bandwidth")

# The program as text: read again it is the same, and so is what is made twice.
for chip in CHIPS:
    for example in ("vector-add/vector_add", "softmax/softmax", "matmul/matmul"):
        kernel = os.path.join(SOURCE, "examples", example + ".py")
        name = os.path.basename(example)
        texts = []
        for _ in range(2):
            code, text, err = terrazzo("compile", kernel, "-k", name, "--target", chip, "--emit", "asm", "--no-cache")
            assert code == 0 and f"{chip.split('-')[0]}." in text, (chip, example, err)
            texts.append(text)
        assert texts[0] == texts[1], (chip, example)
        write("program.mlir", texts[0])
        code, text, err = terrazzo("program.mlir", program="terrazzo-opt")
        assert code == 0 and text.rstrip() == texts[0].rstrip(), (chip, example, err)

for level in ("llvm", "object"):
    code, out, err = terrazzo("compile", ADD, "--target", "tpu-v5e", "--emit", level, "-o", "never")
    assert code == 2 and f"there is no level `{level}` on the way to `tpu-v5e`: use `kernel`, `tile`, `asm`" in err, err
    assert not os.path.exists(os.path.join(FOLDER, "never"))

# What does not fit, and what no unit can do, is said where it stands.
BIG = write("big.py", '''import triton
import triton.language as tl


@triton.jit
def big(x, y, n, BLOCK: tl.constexpr):
    i = tl.arange(0, BLOCK)
    tl.store(y + i, tl.sort(tl.load(x + i)))
''')
code, out, err = terrazzo("compile", BIG, "--sig", "*f32, *f32, i32, BLOCK=1048576", "--target", "mtia-2i", "--emit", "asm")
assert code == 1 and "big.py:6:5: error: does not fit: ls of mtia-2i has 393216 bytes, and the program needs" in err, (code, err)
DOT = write("dot.py", '''import triton
import triton.language as tl


@triton.jit
def dot(x, y):
    i = tl.arange(0, 16)
    p = i[:, None] * 16 + i[None, :]
    a = tl.load(x + p)
    tl.store(y + p, tl.dot(a, a))
''')
for chip in CHIPS:
    code, out, err = terrazzo("compile", DOT, "--sig", "*f64, *f64", "--target", chip, "--emit", "asm")
    assert code == 1 and "dot.py:10:21: error: no matrix engine of this chip multiplies 'f64' and 'f64'" in err, (chip, err)

# What lies outside an argument is found there too, with the core.
OUTSIDE = write("outside.py", '''import triton
import triton.language as tl


@triton.jit
def outside(x, y):
    i = tl.arange(0, 16)
    tl.store(y + i, tl.load(x + 8 + i))
''')
write("outside.yaml", "args:\n  x: {shape: [16], dtype: f32, init: ones}\n  y: {shape: [16], dtype: f32}\n"
      "grid: [1]\noutputs: [y]\n")
for chip in CHIPS:
    code, out, err = terrazzo("run", OUTSIDE, "--launch", "outside.yaml", "--target", chip, "--no-cache")
    assert code == 1 and "outside.py:8:21: error: " in err and "on core 0 of the chip, instruction" in err, (chip, err)
