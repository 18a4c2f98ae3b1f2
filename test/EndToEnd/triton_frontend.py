# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The examples through Triton's own front end: its IR text, run in our engine, gives
the same bits as our front end's. No tolerance.

usage: triton_frontend.py               compares the runs below, from the text in Inputs/ttir
       triton_frontend.py NAME ...      only these
       triton_frontend.py --write       makes Inputs/ttir again with real Triton
       triton_frontend.py --again       compares text that Triton makes now, before and after
                                        its optimisations, and that Inputs/ttir is what it makes
"""
import os
import subprocess
import sys
import tempfile

import numpy as np
import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples"))
import launches

INPUTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Inputs", "ttir")
TYPES = {"f32": "fp32", "f16": "fp16"}  # the others have one name

QKV = "dtypes=q_ptr,k_ptr,v_ptr,out_ptr"
ABC = "dtypes=a_ptr,b_ptr,c_ptr"
RUNS = {
    "argmax": ["argmax"],
    "argmax-bf16": ["argmax", "dtype=bf16", "dtypes=x_ptr", "rows=20"],
    "attention": ["attention", "length=129"],
    "attention-bf16": ["attention", "dtype=bf16", QKV, "length=70"],
    "attention-f16": ["attention", "dtype=f16", QKV, "length=70"],
    "cumsum": ["cumsum"],
    "cumsum-bf16": ["cumsum", "dtype=bf16", "dtypes=x_ptr,out_ptr", "rows=9"],
    "decode-attention.partial": ["decode-attention"],
    "decode-attention.partial-bf16": ["decode-attention", "dtype=bf16", "dtypes=q,k,v,out"],
    "decode-attention.combine": ["decode-attention"],
    "decode-attention.combine-bf16": ["decode-attention", "dtype=bf16", "dtypes=q,k,v,out"],
    "dequant-matmul": ["dequant-matmul"],
    "dequant-matmul-bf16-fp8": ["dequant-matmul", "dtype=bf16", "dtypes=a_ptr,c_ptr", "w_ptr.dtype=fp8e4nv", "GROUP=64", "groups=4", "M=3"],
    "dropout": ["dropout"],
    "dropout-bf16": ["dropout", "dtype=bf16", "dtypes=x_ptr,out_ptr"],
    "embedding": ["embedding"],
    "embedding-bf16": ["embedding", "dtype=bf16", "dtypes=table_ptr,out_ptr"],
    "embedding-bag": ["embedding-bag"],
    "embedding-bag-bf16": ["embedding-bag", "dtype=bf16", "dtypes=table_ptr,out_ptr", "MEAN=True"],
    "grouped-gemm": ["grouped-gemm"],
    "grouped-gemm-bf16": ["grouped-gemm", "dtype=bf16", "dtypes=a_ptr,b_ptr,c_ptr"],
    "layernorm": ["layernorm", "rows=50"],
    "layernorm-bf16": ["layernorm", "dtype=bf16", "dtypes=x_ptr,out_ptr,weight_ptr,bias_ptr", "rows=50"],
    "matmul": ["matmul", "M=127", "N=65", "K=129"],
    "matmul-bf16": ["matmul", "dtype=bf16", ABC],
    "matmul-f16": ["matmul", "dtype=f16", ABC, "M=127"],
    "matmul-i8": ["matmul", "dtype=i8", "dtypes=a_ptr,b_ptr", "N=65"],
    "matmul-bias-relu": ["matmul", "HAS_BIAS=True", "ACTIVATION=leaky_relu", "M=100", "N=77"],
    "matmul-bf16-bias-relu": ["matmul", "dtype=bf16", ABC, "HAS_BIAS=True", "ACTIVATION=leaky_relu", "M=100", "N=77"],
    "mxfp4-matmul": ["mxfp4-matmul"],
    "mxfp4-matmul-bf16": ["mxfp4-matmul", "dtype=bf16", "dtypes=a_ptr,c_ptr", "A_FORMAT=bf16", "M=3"],
    "mxfp4-matmul-e4m3": ["mxfp4-matmul", "a_ptr.dtype=fp8e4nv", "A_FORMAT=e4m3", "M=33"],
    "paged-attention": ["paged-attention"],
    "paged-attention-bf16": ["paged-attention", "dtype=bf16", "dtypes=q_ptr,k_ptr,v_ptr,out_ptr"],
    "rmsnorm": ["rmsnorm", "rows=50"],
    "rmsnorm-bf16": ["rmsnorm", "dtype=bf16", "dtypes=x,weight,out", "rows=50"],
    "rope": ["rope"],
    "rope-bf16-interleaved": ["rope", "dtype=bf16", "dtypes=x_ptr,out_ptr", "INTERLEAVED=True"],
    "softmax": ["softmax", "rows=50"],
    "softmax-bf16": ["softmax", "dtype=bf16", "dtypes=x_ptr,out_ptr", "rows=50"],
    "splitk-matmul": ["splitk-matmul"],
    "swiglu": ["swiglu"],
    "swiglu-bf16": ["swiglu", "dtype=bf16", "dtypes=x_ptr,out_ptr"],
    "transpose": ["transpose"],
    "transpose-bf16": ["transpose", "dtype=bf16", "dtypes=x_ptr,out_ptr"],
    "vector-add": ["vector-add", "n=10007"],
    "vector-add-bf16": ["vector-add", "dtype=bf16", "dtypes=x_ptr,y_ptr,out_ptr", "n=10007"],
}

# Triton's combine pass makes dot(a, b, acc) of acc + dot(a, b, 0): one rounding less, so only the oracle's
# bounds hold there.
REORDERED = {"splitk-matmul"}


class Triton:
    """Triton's front end: a kernel and a launch to the text of its IR."""

    def __init__(self):
        os.environ.setdefault("TRITON_DEFAULT_FP_FUSION", "0")
        import triton
        from triton._C.libtriton import ir
        from triton.backends.compiler import GPUTarget
        self.ir, self.target = ir, GPUTarget("cuda", 90, 32)
        self.backend = triton.compiler.make_backend(self.target)
        # Triton's own overflow checks would double the text; our engine has them.
        self.options = self.backend.parse_options({"sanitize_overflow": False, "debug": True})

    def module(self, function, signature, constants):
        from triton.compiler import ASTSource
        context = self.ir.context()
        self.ir.load_dialects(context)
        self.backend.load_dialects(context)
        source = ASTSource(function, signature, constants)
        return context, source.make_ir(self.target, self.options, self.backend.get_codegen_implementation(self.options),
                                       self.backend.get_module_map(), context)

    def text(self, function, signature, constants, optimised=False):
        context, module = self.module(function, signature, constants)
        if optimised:
            self.backend.make_ttir(module, {}, self.options, 90)
        return module.str_nodebug()


def load(path, name):
    import importlib.util
    spec = importlib.util.spec_from_file_location("example", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


def describe(p, function):
    """The signature and the constants of a launch, as Triton wants them."""
    given = p.launch.get("constexpr", {})
    constants = {k: p.names.get(k, v) for k, v in given.items()}
    signature = {}
    for parameter in function.params:
        name = parameter.name
        if name in constants or parameter.is_constexpr:
            signature[name] = "constexpr"
            constants.setdefault(name, parameter.default)
            continue
        spec = p.launch["args"][name]
        if isinstance(spec, dict) and "shape" in spec:
            signature[name] = "*" + TYPES.get(spec["dtype"], spec["dtype"])
        else:
            signature[name] = "fp32" if isinstance(spec, float) else "i32"
    return signature, constants


def alone(p, kernel):
    """The launch of one kernel of a sequence, by itself: what the others leave for it is any number."""
    steps = p.launch["launches"]
    at = next(i for i, step in enumerate(steps) if step["kernel"] == kernel)
    shared, arguments, outputs = p.launch["args"], {}, []
    given = [value for step in steps[:at] for value in step["args"].values()]
    for name, value in steps[at]["args"].items():
        spec = shared.get(value, p.names.get(value, value))
        if isinstance(spec, dict) and "strideof" in spec:
            shape = [launches.number(d, p.names) for d in shared[spec["strideof"]]["shape"]]
            spec = int(np.prod(shape[spec["dim"] + 1:]))
        elif isinstance(spec, dict) and "init" not in spec:
            if value in given:
                spec = {**spec, "init": "uniform"}
            else:
                outputs.append(name)
        arguments[name] = spec
    return {"kernel": kernel, "args": arguments, "let": {n: v for n, v in p.names.items() if n not in arguments and isinstance(v, int)},
            "constexpr": {n: p.names.get(v, v) for n, v in steps[at]["constexpr"].items()},
            "grid": [launches.number(g, p.names) for g in steps[at]["grid"]], "outputs": outputs}


def prepare(name, work):
    """The launch of a run; of a sequence that of the kernel behind the dot."""
    run = RUNS[name]
    p = launches.prepare(run[0], run[1:], work)
    if "launches" in p.launch:
        p.launch = alone(p, name.partition(".")[2].partition("-")[0])
        with open(p.path, "w") as f:
            yaml.safe_dump(p.launch, f)
    return p


def triton_text(triton, name, optimised=False):
    with tempfile.TemporaryDirectory() as work:
        p = prepare(name, work)
        function = load(p.kernel, p.launch["kernel"])
        return triton.text(function, *describe(p, function), optimised=optimised)


def outputs(command, folder):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return done.stdout + done.stderr
    return {name: np.load(os.path.join(folder, name)) for name in sorted(os.listdir(folder))}


def same_bits(a, b):
    """Also where both are NaN: the engine carries no payload."""
    kind = {2: np.uint16, 4: np.uint32, 8: np.uint64}.get(a.itemsize) if a.dtype.kind == "f" else None
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    equal = a.view(kind) == b.view(kind) if kind else a == b
    return bool((equal | (np.isnan(a) & np.isnan(b)) if kind else equal).all())


def compare(kernel, launch, text, work):
    """What differs between the two front ends, or nothing. The engine runs with one thread: atomics in order."""
    ours, theirs = os.path.join(work, "ours"), os.path.join(work, "theirs")
    a = outputs(["terrazzo", "run", kernel, "--launch", launch, "--executor", "interpreter", "-q", "--threads", "1",
                 "--save", ours], ours)
    b = outputs(["terrazzo-ttir", text, "--kernel", kernel, "--launch", launch, "--save", theirs], theirs)
    for failed, who in ((a, "our front end"), (b, "Triton's front end")):
        if isinstance(failed, str):
            return f"{who}: {failed}"
    if a.keys() != b.keys() or not a:
        return f"outputs {list(a)} and {list(b)}"
    for name in a:
        if not same_bits(a[name], b[name]):
            apart = np.abs(a[name].astype(np.float64) - b[name].astype(np.float64))
            return f"{name}: {int((apart != 0).sum())} of {apart.size} elements differ, by {np.nanmax(apart):.3g} at most"
    return None


def judged(kernel, launch, folder):
    """Whether the oracle accepts the outputs in a folder."""
    return subprocess.run(["terrazzo", "run", kernel, "--launch", launch, "--executor", "interpreter", "-q",
                           "--check-against", folder]).returncode == 0


def check(title, name, text, reordered=False):
    with tempfile.TemporaryDirectory() as work:
        p = prepare(name, work)
        wrong = compare(p.kernel, p.path, text, work)
        if wrong and reordered and judged(p.kernel, p.path, os.path.join(work, "theirs")):
            print(f"{title}: within the oracle's bounds", flush=True)
            return True
    print(f"{title}: {wrong or 'bit for bit'}", flush=True)
    return not wrong


def planted():
    """A fault in the text is noticed."""
    with open(os.path.join(INPUTS, "vector-add.ttir")) as f:
        text = f.read()
    assert text.count("arith.addf") == 1
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "fault.ttir")
        with open(path, "w") as f:
            f.write(text.replace("arith.addf", "arith.subf"))
        return not check("vector-add with a planted fault", "vector-add", path)


def again(names):
    """Text made now: what is committed is what Triton makes, and its optimised form means the same."""
    triton, good = Triton(), True
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            with open(os.path.join(INPUTS, name + ".ttir")) as f:
                if f.read() != triton_text(triton, name):
                    print(f"{name}: Inputs/ttir/{name}.ttir is not what Triton makes")
                    good = False
            path = os.path.join(folder, name + ".ttir")
            with open(path, "w") as f:
                f.write(triton_text(triton, name, optimised=True))
            good &= check(name + " optimised", name, path, name in REORDERED)
    return good


def main(arguments):
    names = [a for a in arguments if not a.startswith("-")] or list(RUNS)
    if "--write" in arguments:
        triton = Triton()
        os.makedirs(INPUTS, exist_ok=True)
        for name in names:
            with open(os.path.join(INPUTS, name + ".ttir"), "w") as f:
                f.write(triton_text(triton, name))
        return 0
    if "--again" in arguments:
        return 0 if again(names) else 1
    results = [check(name, name, os.path.join(INPUTS, name + ".ttir")) for name in names]
    print(f"{sum(results)} of {len(results)} runs agree bit for bit")
    return 0 if all(results) and planted() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
