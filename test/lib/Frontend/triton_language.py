# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What semantics.py and expression_types.tsv list, through Triton's own front end: the IR
that it makes gives the same bits in our engine as the IR that ours makes.

usage: triton_language.py [WORD]   only kernels and expressions that contain WORD
"""
import os
import re
import sys
import tempfile

import numpy as np
import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "EndToEnd")]
import semantics
from triton_frontend import Triton, compare, load

# Parameter of an expression: its type in Triton's signature, in a launch file, and its contents there.
# No integer is 0, so that every division has a result. Booleans are bytes in memory: both front ends
# compare them with 0, Triton's in a load and ours by what the kernel below says.
PARAMETERS = {
    "b": ("i8", "i8", "randint(0, 2)"), "i8": ("i8", "i8", "randint(-100, 0)"), "u8": ("u8", "u8", "randint(1, 250)"),
    "i16": ("i16", "i16", "randint(-300, 0)"), "i32": ("i32", "i32", "randint(1, 100000)"),
    "u32": ("u32", "u32", "randint(1, 4000000000)"), "i64": ("i64", "i64", "randint(-5000000000, 0)"),
    "u64": ("u64", "u64", "randint(1, 5000000000)"), "h": ("fp16", "f16", "normal"), "bf": ("bf16", "bf16", "normal"),
    "f": ("fp32", "f32", "normal"), "d": ("fp64", "f64", "normal"), "e": ("fp8e5", "f8e5m2", "normal"),
    "e4": ("fp8e4nv", "fp8e4nv", "normal")}
RESULTS = {"int1": "i8", "int8": "i8", "uint8": "u8", "int16": "i16", "uint16": "u16", "int32": "i32", "uint32": "u32",
           "int64": "i64", "uint64": "u64", "fp16": "f16", "bf16": "bf16", "fp32": "f32", "fp64": "f64",
           "fp8e5": "f8e5m2", "fp8e4nv": "fp8e4nv"}
TRITON = {"f16": "fp16", "bf16": "bf16", "f32": "fp32", "f64": "fp64", "f8e5m2": "fp8e5"}
# What has no value on this data: a division by a bool, an index out of range.
NO_VALUE = re.compile(r"(//|%)b$|tl\.histogram\((i32|u32),|tl\.gather\(f,i32,")

# The same parameters at the edges of their types: NaN, infinities, both zeros, halves, subnormals.
REALS = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 0.5, 1.5, 2.5, -2.5, 1e-40, 65504.0, 3e38, -7.25, 100.0]


def edges(bits, signed):
    high = 2 ** (bits - signed) - 1
    low = -high - 1 if signed else 1
    return [low, low + 1, high, high - 1, high // 2, high // 2 + 1, 1, 2, 3, 5, 7, 16, 33, 100, 99, 13]


EDGES = {"b": [0, 1] * 8, "i8": edges(8, 1), "u8": edges(8, 0), "i16": edges(16, 1), "i32": edges(32, 1),
         "u32": edges(32, 0), "i64": edges(64, 1), "u64": edges(64, 0)}
REFUSED = "Triton refuses it:"
ROOM = 256  # elements that each result has
CHUNK = 40  # expressions in one kernel


# What the two lists leave out.
MORE = """
tl.add(i8,f) fp32[16]
tl.sub(u8,u8) uint8[16]
tl.mul(i32,i64) int64[16]
tl.mul(h,h) fp16[16]
tl.ceil(f) fp32[16]
tl.ceil(d) fp64[16]
tl.floor(d) fp64[16]
tl.sin(f) fp32[16]
tl.cos(f) fp32[16]
tl.cos(d) fp64[16]
tl.exp(d) fp64[16]
tl.exp2(f) fp32[16]
tl.log(f) fp32[16]
tl.log2(d) fp64[16]
tl.erf(f) fp32[16]
tl.rsqrt(f) fp32[16]
tl.sqrt(d) fp64[16]
tl.fma(f,f,f) fp32[16]
tl.fma(d,d,d) fp64[16]
tl.fma(h,h,h) fp16[16]
tl.div_rn(f,f) fp32[16]
tl.fdiv(f,f) fp32[16]
tl.sqrt_rn(f) fp32[16]
tl.umulhi(i32,i32) int32[16]
tl.umulhi(u32,u32) uint32[16]
tl.umulhi(i64,i64) int64[16]
tl.umulhi(u64,u64) uint64[16]
tl.expand_dims(f,0) fp32[1,16]
tl.broadcast_to(f[:,None],(16,2)) fp32[16,2]
tl.broadcast(f[:,None],u8[None,:])[0] fp32[16,16]
tl.permute(f[:,None]+bf[None,:],(1,0)) fp32[16,16]
tl.ravel(f[:,None]-h[None,:]) fp32[256]
tl.view(i16,(4,4)) int16[4,4]
tl.rand4x(7,i32)[2] fp32[16]
tl.randn4x(7,u32)[1] fp32[16]
tl.randint4x(9,i32)[3] int32[16]
tl.cdiv(s64,s32) int64
tl.clamp(f,-1.0,1.0) fp32[16]
tl.clamp(f,-1.0,1.0,tl.PropagateNan.ALL) fp32[16]
tl.maximum(f,sf,tl.PropagateNan.ALL) fp32[16]
tl.minimum(h,0.5,tl.PropagateNan.ALL) fp16[16]
f.to(tl.float8e5) fp8e5[16]
f.to(tl.float16,fp_downcast_rounding="rtz") fp16[16]
d.to(tl.int8) int8[16]
f.to(tl.uint32) uint32[16]
f.to(tl.int64) int64[16]
f.to(tl.bfloat16).to(tl.int16,bitcast=True) int16[16]
d.to(tl.float32).to(tl.uint32,bitcast=True) uint32[16]
d.to(tl.bfloat16).to(tl.int16,bitcast=True) int16[16]
u64.to(tl.float32) fp32[16]
i64.to(tl.bfloat16) bf16[16]
f!=f int1[16]
~(f<0) int1[16]
(f>sf)|(d<=0) int1[16]
"""
MEMORY = {
    "integer atomics": "tl.store(iout + i, i * 37 - 900)\n    tl.atomic_and(iout + i, 0x0F0F)\n    tl.atomic_or(iout + i // 2, 0x30)\n"
                       "    tl.atomic_xor(iout + i, i)\n    tl.atomic_min(iout + i, 40)\n    tl.atomic_xchg(iout + 3, 77)",
    # Not max and min of floats: Triton makes integer atomics on the same memory of them, which our engine refuses.
    "float atomics": "tl.store(out + i, 3.5 - tl.load(f + i))\n    tl.atomic_add(out + i, 0.1, mask=i > 5)\n    tl.atomic_xchg(out + 7, -0.5)",
    "integer minima": "tl.store(iout + i, i - 32)\n    tl.atomic_max(iout + i, -i)\n    tl.atomic_min(iout + i, i * 3 - 64)",
    "masked scalars": "tl.store(iout + i, i)\n    if n > 3:\n        tl.store(iout + 5, tl.load(x + n - 1))",
    "messages": "tl.debug_barrier()\n    tl.device_assert(i >= 0, 'positive')\n    tl.store(iout + i, i)",
}


def write(folder, source, launch):
    paths = [os.path.join(folder, name) for name in ("k.py", "launch.yaml", "k.ttir")]
    with open(paths[0], "w") as f:
        f.write(source)
    with open(paths[1], "w") as f:
        yaml.safe_dump(launch, f)
    return paths


def differs(triton, source, launch, signature):
    """What differs between the two front ends, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        np.save(os.path.join(folder, "f.npy"), semantics.f)
        for name in PARAMETERS:
            data = EDGES.get(name, REALS)
            kind = np.float64 if data is REALS else np.uint64 if name == "u64" else np.int64
            np.save(os.path.join(folder, name + "_p.npy"), np.array(data, kind))
        kernel, path, text = write(folder, source, launch)
        try:
            ir = triton.text(load(kernel, launch["kernel"]), {**signature, **{k: "constexpr" for k in launch["constexpr"]}},
                             launch["constexpr"])
        except Exception as error:  # Triton refuses what it cannot compile by any of its exceptions
            return f"{REFUSED} {str(error).splitlines()[-1]}"
        with open(text, "w") as f:
            f.write(ir)
        return compare(kernel, path, text, folder)


def rules(triton, word):
    launch = {"kernel": "kernel", "args": {
        "x": {"shape": [64], "dtype": "i32", "init": "arange"}, "f": {"shape": [64], "dtype": "f32", "init": "file(f.npy)"},
        "out": {"shape": [64], "dtype": "f32"}, "iout": {"shape": [64], "dtype": "i32"}, "n": 64,
        "s": {"value": 0.25, "dtype": "f32"}}, "constexpr": {"B": 64}, "grid": [1], "outputs": ["out", "iout"]}
    signature = {"x": "*i32", "f": "*fp32", "out": "*fp32", "iout": "*i32", "n": "i32", "s": "fp32"}
    cases = semantics.CASES | {name: ("", body, "", None) for name, body in MEMORY.items()}
    for name, (helpers, body, _, _) in cases.items():
        if word in name or word in body:
            source = semantics.HEAD + helpers + semantics.KERNEL + "    " + body + "\n"
            yield name, differs(triton, source, launch, signature)


def elements(shape):
    return int(np.prod([int(d) for d in re.findall(r"\d+", shape)], initial=1))


def kernel_of(rows, edge):
    """A kernel that stores each expression of the rows to a place of its own."""
    used = sorted({RESULTS[t] for _, t, _ in rows})
    lines = ["import triton", "import triton.language as tl", "", "", "@triton.jit",
             "def k(" + ", ".join([n + "_p" for n in PARAMETERS] + ["o_" + t for t in used]) + ", s32, s64, sf):"]
    for n in PARAMETERS:
        truth = " != 0" if n == "b" else ""
        lines += [f"    {n} = tl.load({n}_p + tl.arange(0, 16)){truth}", f"    {n}0 = tl.load({n}_p){truth}"]
    for i, (expression, type, shape) in enumerate(rows):
        n = elements(shape)
        lines.append(f"    r{i} = tl.to_tensor({expression})" + (".to(tl.int8)" if type == "int1" else ""))
        where = f"o_{RESULTS[type]} + {i * ROOM}"
        lines.append(f"    tl.store({where} + tl.arange(0, {n}), tl.reshape(r{i}, ({n},)))" if shape else
                     f"    tl.store({where}, r{i})")
    arguments = {n + "_p": {"shape": [16], "dtype": t, "init": f"file({n}_p.npy)" if edge else init, "seed": seed}
                 for seed, (n, (_, t, init)) in enumerate(PARAMETERS.items())}
    for t in used:
        arguments["o_" + t] = {"shape": [len(rows) * ROOM], "dtype": t, "init": "zeros"}
    arguments.update({"s32": {"value": 7, "dtype": "i32"}, "s64": {"value": 9, "dtype": "i64"}, "sf": {"value": 1.5, "dtype": "f32"}})
    signature = {n + "_p": "*" + t for n, (t, _, _) in PARAMETERS.items()}
    signature |= {"o_" + t: "*" + TRITON.get(t, t) for t in used} | {"s32": "i32", "s64": "i64", "sf": "fp32"}
    launch = {"kernel": "k", "args": arguments, "constexpr": {}, "grid": [1], "outputs": ["o_" + t for t in used]}
    return "\n".join(lines) + "\n", launch, signature


def expressions(triton, word, edge):
    rows = []
    with open(os.path.join(HERE, "Inputs", "expression_types.tsv")) as f:
        listed = [line.rstrip("\n").split("\t") for line in f] + [line.split(" ") for line in MORE.split("\n") if line]
    for expression, type in listed:
        base, _, shape = type.partition("[")
        if base in RESULTS and word in expression and not NO_VALUE.search(expression):
            rows.append((expression, base, shape))
    for start in range(0, len(rows), CHUNK):
        part = rows[start:start + CHUNK]
        if differs(triton, *kernel_of(part, edge)) is None:
            yield from ((expression, None) for expression, _, _ in part)
        else:
            yield from ((row[0], differs(triton, *kernel_of([row], edge))) for row in part)


def main(word=""):
    triton, agree, refused, wrong = Triton(), 0, 0, 0
    checks = [rules(triton, word), expressions(triton, word, False), expressions(triton, word, True)]
    for name, difference in (result for check in checks for result in check):
        if difference is None:
            agree += 1
            continue
        # What Triton itself does not compile cannot be compared.
        refused += difference.startswith(REFUSED)
        wrong += not difference.startswith(REFUSED)
        print(f"{name}: {difference}", flush=True)
    print(f"{agree} of {agree + wrong} kernels and expressions agree bit for bit; Triton refuses {refused}")
    return 1 if wrong or agree < (1 if word else 3700) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
