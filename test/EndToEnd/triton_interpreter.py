# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs an example, unchanged, under real Triton's interpreter, and lets our
oracle judge what comes out: the same file must mean the same to both.

usage: triton_interpreter.py EXAMPLE [name=value ...]   as for run.py

Needs `pip install triton` (no GPU, no torch). Triton 3.9's interpreter is wrong
on bf16, so f32, f16 and integers only. Exit code 77: Triton is not installed.
"""
import importlib.util
import os
import subprocess
import sys
import tempfile

os.environ["TRITON_INTERPRET"] = "1"
try:
    import triton  # noqa: F401  (the kernels import it too)
except ImportError:
    print("SKIPPED: real Triton is not installed (pip install triton)")
    sys.exit(77)

import numpy as np

import run as runner

NAMES = {"f32": "fp32", "f16": "fp16", "i8": "i8", "i32": "i32", "i64": "i64"}


class Array:
    """What the interpreter asks of a tensor, over NumPy's memory."""

    def __init__(self, data, dtype):
        self.data, self.type = data, "*" + NAMES[dtype]

    def data_ptr(self):
        return self.data.ctypes.data

    def untyped_storage(self):
        return self

    def cpu(self):
        return self

    def copy_(self, other):
        pass  # both are the same memory

    def new_empty(self, *_, **__):
        return Array.__new__(Array)

    def set_(self, storage, *_):
        self.data, self.type = storage.data, storage.type

    def storage_offset(self):
        return 0

    size = stride = storage_offset


def load(path, name):
    spec = importlib.util.spec_from_file_location("example", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


def main(example, overrides):
    mangle = triton.runtime.jit.mangle_type
    triton.runtime.jit.mangle_type = lambda a, *rest: a.type if isinstance(a, Array) else mangle(a, *rest)
    with tempfile.TemporaryDirectory() as work:
        p = runner.prepare(example, overrides, work)
        arguments, shapes = {}, {}
        for name, spec in p.launch["args"].items():
            if isinstance(spec, dict) and "shape" in spec:
                shapes[name] = [runner.number(d, p.names) for d in spec["shape"]]
                data = np.zeros(shapes[name], runner.NUMPY[spec["dtype"]])
                if name in p.inputs:
                    data[...] = p.inputs[name]
                arguments[name] = Array(data, spec["dtype"])
            elif isinstance(spec, dict) and "strideof" in spec:
                whole = arguments[spec["strideof"]].data
                arguments[name] = whole.strides[spec["dim"]] // whole.itemsize
            elif isinstance(spec, dict):
                arguments[name] = spec["value"]
            else:
                arguments[name] = runner.number(spec, p.names)
        for name, value in p.launch.get("constexpr", {}).items():
            arguments[name] = runner.number(value, p.names) if isinstance(value, str) and "(" in value else value
        grid = tuple(runner.number(g, {**p.names, **{k: v for k, v in arguments.items() if isinstance(v, int)}})
                     for g in p.launch["grid"])
        load(p.kernel, example.replace("-", "_"))[grid](**arguments)
        out = os.path.join(work, "out")
        os.makedirs(out)
        for name in p.launch["outputs"]:
            np.save(os.path.join(out, name + ".npy"), arguments[name].data)
        judged = subprocess.run(["terrazzo", "run", p.kernel, "--launch", p.path, "--executor", "interpreter",
                                 "--check-against", out], capture_output=True, text=True)
        print(example, overrides, "under Triton", triton.__version__)
        print(judged.stdout, judged.stderr)
        return judged.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
