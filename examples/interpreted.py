# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""An example, unchanged, under real Triton's interpreter: no GPU, no torch, only
`pip install triton numpy ml_dtypes pyyaml`. That interpreter (3.9) is wrong on
bf16: f32, f16 and integers only. Exit code 77: Triton is not installed."""
import os
import sys
import tempfile

os.environ["TRITON_INTERPRET"] = "1"
try:
    import triton
except ImportError:
    print("SKIPPED: real Triton is not installed (pip install triton)")
    sys.exit(77)

import numpy as np

import launches

NAMES = {"f32": "fp32", "f16": "fp16"}  # the others have one name


class Array:
    """What the interpreter asks of a tensor, over NumPy's memory."""

    def __init__(self, data, dtype):
        self.data, self.type = data, "*" + NAMES.get(dtype, dtype)

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


def arrays(p):
    """The arguments of the launch: arrays, and numbers."""
    arguments = {}
    for name, spec in p.launch["args"].items():
        if isinstance(spec, dict) and "shape" in spec:
            data = np.zeros([launches.number(d, p.names) for d in spec["shape"]], launches.NUMPY[spec["dtype"]])
            if name in p.inputs:
                data[...] = p.inputs[name]
            arguments[name] = Array(data, spec["dtype"])
        elif isinstance(spec, dict) and "strideof" in spec:
            whole = arguments[spec["strideof"]].data
            arguments[name] = whole.strides[spec["dim"]] // whole.itemsize
        elif isinstance(spec, dict):
            arguments[name] = spec["value"]
        else:
            arguments[name] = launches.number(spec, p.names)
    return arguments


def steps(example, p, arguments):
    """Each launch: the kernel's name, its arguments by parameter, its grid."""
    numbers = {**p.names, **{k: v for k, v in arguments.items() if isinstance(v, int)}}
    if "launches" not in p.launch:
        constants = {name: p.names.get(name, value) for name, value in p.launch.get("constexpr", {}).items()}
        yield example.replace("-", "_"), {**arguments, **constants}, [launches.number(g, numbers) for g in p.launch["grid"]]
    for step in p.launch.get("launches", []):
        given = {name: arguments[value] if value in arguments else launches.number(value, numbers)
                 for name, value in step["args"].items()}
        given |= {name: numbers.get(value, value) for name, value in step["constexpr"].items()}
        own = {**numbers, **{k: v for k, v in given.items() if isinstance(v, int)}}
        yield step["kernel"], given, [launches.number(g, own) for g in step["grid"]]


def run(example, p):
    """The outputs, by name, of the prepared launch `p`."""
    mangle = triton.runtime.jit.mangle_type
    triton.runtime.jit.mangle_type = lambda a, *rest: a.type if isinstance(a, Array) else mangle(a, *rest)
    arguments = arrays(p)
    for kernel, given, grid in steps(example, p, arguments):
        launches.load(p.kernel, kernel)[tuple(grid)](**given)
    return {name: arguments[name].data for name in p.launch["outputs"]}


def main(example, overrides):
    with tempfile.TemporaryDirectory() as work:
        p = launches.prepare(example, overrides, work)
        print(example, overrides, "under Triton", triton.__version__)
        return launches.compare(example, p, run(example, p))
