# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The rules (semantics.py) and names (names.py) that we hold against NumPy, under
real Triton's interpreter: is what we believe of the language so?"""
import os
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "..", "examples")]
import interpreted
import launches
import names
import semantics
from interpreted import Array, triton

# What Triton 3.9's interpreter cannot do, or does wrongly.
LEFT_OUT = {
    **dict.fromkeys(("block pointers", "block pointers pad", "the type under a block pointer", "tl.make_block_ptr", "tl.advance"), "removed there"),
    **dict.fromkeys(("libdevice", "imports inside try"), "its libdevice computes nothing"),
    **dict.fromkeys(("bf16 rounds", "tl.bfloat16", "tl.float8e4nv", "tl.float8e5", "tl.float8e4b8"), "its conversions do not round to nearest"),
}


def run(text, grid):
    """The two outputs of a kernel of the tables."""
    data = {"x": np.arange(64, dtype=np.int32), "f": None, "out": np.zeros(64, np.float32), "iout": np.zeros(64, np.int32)}
    data["f"] = (semantics if "WIDTH" in text else names).f.copy()
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "k.py")
        with open(path, "w") as file:
            file.write(text)
        kernel = launches.load(path, "kernel")
        kernel[(grid,)](*[Array(a, "i32" if a.dtype == np.int32 else "f32") for a in data.values()], 64, 0.25, B=64)
    return data


def main():
    mangle = triton.runtime.jit.mangle_type
    triton.runtime.jit.mangle_type = lambda a, *rest: a.type if isinstance(a, Array) else mangle(a, *rest)
    wrong = agree = 0
    for name, (helpers, body, output, want) in semantics.CASES.items():
        if name in LEFT_OUT:
            continue
        data = run(semantics.HEAD + helpers + semantics.KERNEL + "    " + body + "\n", 1)
        array, _, part = output.partition("[")
        got = data[array][: int(part.strip(":]"))] if part else data[array]
        good = np.array_equal(got, np.asarray(want).astype(got.dtype))
        wrong, agree = wrong + (not good), agree + good
        if not good:
            print(f"{name}: Triton has {got}, we want {want}")
    for name, case in names.CASES.items():
        if name in LEFT_OUT:
            continue
        data = run(names.HEAD + "    " + case[0] + "\n", 4 if "program" in name else 1)
        text = names.wrong(case, lambda n: data[n])
        wrong, agree = wrong + bool(text), agree + (not text)
        if text:
            print(f"{name}: {text}")
    print(f"{agree} of {agree + wrong} agree with Triton {triton.__version__}; {len(LEFT_OUT)} left out")
    return bool(wrong)


sys.exit(main())
