# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Terrazzo as a contender: a kernel's object file, linked with lib/Runtime and
called as include/terrazzo-c/Runtime.h says."""
import ctypes
import hashlib
import os
import struct
import subprocess
import sys
import tempfile

TRITON = {"f32": "fp32", "bf16": "bf16", "i8": "i8", "i32": "i32"}
Entry = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


def evaluate(text, problem, constexpr):
    """An expression of cases.yaml."""
    names = {**vars(problem), **constexpr, "cdiv": lambda a, b: -(-a // b)}
    if hasattr(type(problem), "eps"):
        names["eps"] = type(problem).eps
    return eval(str(text), {"__builtins__": {}}, names)  # our own file, not input


def word(value, kind):
    """One argument as its 64 bits."""
    if kind.startswith("*"):
        return value
    if kind.startswith("fp32"):
        return struct.unpack("<I", struct.pack("<f", value))[0]
    return int(value) & (2**64 - 1)


def signature_of(parameters, constexpr, dtype):
    """As --sig takes it. Integers are summed in i32, all else keeps its type."""
    types = {"in": TRITON[dtype], "out": TRITON["i32" if dtype == "i8" else dtype]}
    return ", ".join(f"{p}: {v['type'].format(**types) if isinstance(v, dict) else v}"
                     for p, v in {**parameters, **constexpr}.items())


class Terrazzo:
    about = "Terrazzo"

    def __init__(self, root, build, folder, given_object=None):
        self.root, self.build, self.object = root, build, given_object
        self.count = 1
        archive = os.path.join(build, "lib", "libTerrazzoRuntime.a")
        if not os.path.exists(archive):
            sys.exit("the runtime library is not built: " + archive)
        os.makedirs(folder, exist_ok=True)
        self.made = tempfile.TemporaryDirectory(dir=folder)  # two benches may run at once
        library = os.path.join(self.made.name, "libruntime.so")
        subprocess.run(["clang++-22", "-shared", "-pthread", "-Wl,--whole-archive", archive, "-Wl,--no-whole-archive",
                        "-o", library], check=True)
        self.runtime = ctypes.CDLL(library).terrazzoRuntime
        self.runtime.restype, self.runtime.argtypes = ctypes.c_void_p, [ctypes.c_uint32]

    def threads(self, count):
        self.count = count

    def compiled(self, kernel, name, parameters, problem, constexpr):
        """The object file of one specialisation."""
        signature = signature_of(parameters, constexpr, problem.dtype)
        tag = hashlib.sha256(signature.encode()).hexdigest()[:12]
        out = os.path.join(self.made.name, f"{name}-{tag}.o")
        subprocess.run([os.path.join(self.build, "bin", "terrazzo"), "compile", os.path.join(self.root, kernel["source"]),
                        "-k", name, "--sig", signature, "--emit", "object",
                        "--no-cache", "-o", out], check=True)
        return out

    def contender(self, problem, case, kernel, constexpr):
        """A function that launches the case's kernel once."""
        name, parameters = case["kernel"], kernel["parameters"]
        made = self.object or self.compiled(kernel, name, parameters, problem, constexpr)
        library = os.path.splitext(os.path.join(self.made.name, os.path.basename(made)))[0] + ".so"
        subprocess.run(["clang-22", "-shared", made, "-lm", "-o", library], check=True)
        entry = Entry((name, ctypes.CDLL(library)))
        words = []
        for value in parameters.values():
            if not isinstance(value, dict):
                continue  # a constant of the specialisation
            if value["type"].startswith("*"):
                words.append(problem.buffers[value["value"]].ctypes.data)
            else:
                words.append(word(evaluate(value["value"], problem, constexpr), value["type"]))
        arguments = (ctypes.c_uint64 * len(words))(*words)
        axes = [int(evaluate(axis, problem, constexpr)) for axis in kernel["grid"]]
        grid = (ctypes.c_int64 * 3)(*axes, *[1] * (3 - len(axes)))
        runtime = {n: self.runtime(n) for n in (1, 2)}

        def run():
            if entry(arguments, grid, runtime[self.count]):
                raise MemoryError("the kernel had no scratch memory")

        return run
