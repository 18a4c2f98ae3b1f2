# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The libraries that Terrazzo is measured against, as contenders: a name and a
function that solves the problem once into its output buffer."""
import ctypes
import glob
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
P, I, F = ctypes.c_void_p, ctypes.c_int64, ctypes.c_float


def built(folder, name, *flags):
    """One of the C++ files beside this one as a shared library, made anew when it changed."""
    source, library = os.path.join(HERE, name + ".cpp"), os.path.join(folder, f"lib{name}.so")
    if not os.path.exists(library) or os.path.getmtime(library) < os.path.getmtime(source):
        os.makedirs(folder, exist_ok=True)
        subprocess.run(["clang++-22", "-std=c++20", "-O3", "-march=native", "-fPIC", "-shared", "-pthread", source,
                        *flags, "-o", library], check=True)
    return ctypes.CDLL(library)


def peaks(folder):
    """Operations a second of one core at most, by type; a type that peak.cpp does not know is missing."""
    lib, found = built(folder, "peak"), {}
    for dtype in ("f32", "bf16", "i8"):
        function = getattr(lib, "peak_" + dtype)
        function.restype = ctypes.c_double
        rate = function()
        if rate > 0:
            found[dtype] = rate / 1e9
    return found


def address(array):
    return P(array.ctypes.data)


class OpenBlas:
    """Debian's, the pthread build: the OpenMP one shares its threads with oneDNN."""

    def __init__(self):
        self.lib = ctypes.CDLL(glob.glob("/usr/lib/*/openblas-pthread/libopenblas.so.0")[0])
        for function in (self.lib.openblas_get_config, self.lib.openblas_get_corename):
            function.restype = ctypes.c_char_p
        self.core = self.lib.openblas_get_corename().decode()
        self.about = f"OpenBLAS {self.lib.openblas_get_config().decode().split()[1]}, core type {self.core}"

    def threads(self, count):
        self.lib.openblas_set_num_threads(count)

    def contenders(self, problem, kind):
        if kind != "matmul" or problem.dtype != "f32":
            return
        a, b, c = (address(problem.buffers[n]) for n in "abc")
        m, n, k = problem.m, problem.n, problem.k
        call = self.lib.cblas_sgemm
        call.argtypes = [ctypes.c_int] * 6 + [F, P, ctypes.c_int, P, ctypes.c_int, F, P, ctypes.c_int]
        yield f"OpenBLAS {self.core}", lambda: call(101, 111, 111, m, n, k, 1.0, a, k, b, n, 0.0, c, n)


class OneDnn:
    """Debian's. Matmul with B as it lies, and with B in the layout it likes best."""
    TYPE = {"f32": 0, "bf16": 1, "i8": 2, "i32": 3}

    def __init__(self, folder):
        lib = self.lib = built(folder, "onednn", "-ldnnl", "-l:libgomp.so.1")
        lib.onednn_version.restype = lib.onednn_implementation.restype = ctypes.c_char_p
        for make, types in ((lib.onednn_matmul, [I] * 3 + [ctypes.c_int] * 3), (lib.onednn_softmax, [I, I]),
                            (lib.onednn_layernorm, [I, I, F])):
            make.restype, make.argtypes = P, types
        lib.onednn_implementation.argtypes = [P]
        lib.onednn_run.argtypes = [P, P]
        self.about = "oneDNN " + lib.onednn_version().decode()

    def threads(self, count):
        self.lib.onednn_threads(count)

    def runs(self, name, plan, *arrays):
        if not plan:
            return
        pointers = (P * len(arrays))(*(a.ctypes.data for a in arrays))
        yield f"oneDNN {name}", lambda: self.lib.onednn_run(plan, pointers)

    def contenders(self, problem, kind):
        b = problem.buffers
        if kind == "matmul":
            types = self.TYPE[problem.dtype], self.TYPE[problem.out]
            for own, name in enumerate(("row-major", "reorder")):
                plan = self.lib.onednn_matmul(problem.m, problem.n, problem.k, *types, own)
                yield from self.runs(name, plan, b["a"], b["b"], b["c"])
        elif kind == "softmax":
            yield from self.runs(kind, self.lib.onednn_softmax(problem.rows, problem.columns), b["x"], b["out"])
        elif kind == "layernorm":
            plan = self.lib.onednn_layernorm(problem.rows, problem.columns, problem.eps)
            yield from self.runs(kind, plan, b["x"], b["out"], b["weight"], b["bias"])


class Torch:
    """Into the given output wherever it has an overload for that."""

    def __init__(self):
        import torch
        self.torch = torch
        torch.set_grad_enabled(False)
        self.about = "torch " + torch.__version__

    def threads(self, count):
        self.torch.set_num_threads(count)

    def view(self, array):
        if array.dtype == "uint16":
            return self.torch.from_numpy(array.view("int16")).view(self.torch.bfloat16)
        return self.torch.from_numpy(array)

    def contenders(self, problem, kind):
        torch, aten = self.torch, self.torch.ops.aten
        b = {name: self.view(array) for name, array in problem.buffers.items()}
        if kind == "matmul":
            multiply = torch._int_mm if problem.dtype == "i8" else torch.mm
            yield "torch", lambda: multiply(b["a"], b["b"], out=b["c"])
        elif kind == "attention":
            q, k, v = (b[n].unsqueeze(0) for n in "qkv")
            attend = torch.nn.functional.scaled_dot_product_attention
            last = [None]

            def run():
                last[0] = attend(q, k, v, is_causal=problem.causal, scale=problem.scale)

            # It has no output argument: the copy for the check is not timed.
            run.finish = lambda: b["out"].copy_(last[0][0])
            yield "torch", run
        elif kind == "softmax":
            yield "torch", lambda: aten._softmax.out(b["x"], -1, False, out=b["out"])
        elif kind == "layernorm":
            mean, rstd = torch.empty(problem.rows, 1), torch.empty(problem.rows, 1)
            yield "torch", lambda: aten.native_layer_norm.out(
                b["x"], [problem.columns], b["weight"], b["bias"], problem.eps, out0=b["out"], out1=mean, out2=rstd)
        elif kind == "rmsnorm":
            last = [None]

            def run():
                last[0] = torch.nn.functional.rms_norm(b["x"], [problem.columns], b["weight"], problem.eps)

            run.finish = lambda: b["out"].copy_(last[0])
            yield "torch", run
        elif kind == "copy":
            yield "torch", lambda: b["out"].copy_(b["x"])


class BestCopy:
    """The yardstick of everything that streams rows: it does not solve the problem."""

    def __init__(self, folder):
        lib = self.lib = built(folder, "copy")
        lib.copy_name.restype = ctypes.c_char_p
        lib.copy_run.argtypes = [ctypes.c_int, P, P, ctypes.c_uint64, ctypes.c_int]
        self.about, self.count = "our copies in C++", 1

    def threads(self, count):
        self.count = count

    def contenders(self, problem, kind):
        if kind not in ("softmax", "layernorm", "rmsnorm", "copy"):
            return
        to, source, size = address(problem.output), address(problem.buffers["x"]), problem.output.nbytes
        for variant in range(self.lib.copy_variants()):
            def run(variant=variant):
                self.lib.copy_run(variant, to, source, size, self.count)

            run.yardstick = True
            yield f"copy {self.lib.copy_name(variant).decode()}", run


def everyone(folder, torch):
    found = [OpenBlas(), OneDnn(folder), BestCopy(folder)]
    if torch:
        try:
            found.append(Torch())
        except ImportError:
            sys.exit("torch is not installed here: start with tools/dev bench --torch")
    return found
