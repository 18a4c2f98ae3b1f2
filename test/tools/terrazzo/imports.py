# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`-I DIR`: what is imported, what is refused, what a diagnostic shows, and that the cache sees a change."""
import json
import os
import shutil
import subprocess
import sys

import numpy as np

HEAD = "import triton\nimport triton.language as tl\n"
SAVE = "@triton.jit\ndef k(x):\n    #: sig(*fp32)\n    tl.store(x, {})\n"
FILES = {
    "lib/helpers.py": HEAD + "from .deep.consts import SCALE as S, twice\nSIZE = 3\n_HIDDEN = 9\nBOTH = SIZE * S\n\n\n"
                             "@triton.jit\ndef scaled(a, by=S):\n    return twice(a) * by + SIZE\n\n\n"
                             "@triton.jit\ndef larger(a, b):\n    return tl.maximum(a, b)\n\n\n"
                             "@triton.jit\ndef wrong(a):\n    return a.too()\n\n\n@triton.jit\ndef typed(a):\n    return a + tl.arange(0, 3)[:, None, None, None] + a\n",
    "lib/deep/__init__.py": "NAME = 11\n",
    "lib/deep/consts.py": HEAD + "from ..helpers import SIZE\nSCALE = 5\nTOTAL = SIZE + SCALE\n\n\n@triton.jit\ndef twice(a):\n    return a * 2 + SIZE\n",
    "lib/plain/part.py": "VALUE = 21\n",
    "lib/broken.py": "def good(a):\n    return a\n\n\ndef bad(a:\n    return a\n",
    "lib/nul.py": "A = 1\n\0\n",
    "lib/circle.py": "from circle2 import A, C\nB = A + 1\nD = 2\n",
    "lib/circle2.py": "from circle import B, C, D\nA = B + 1\nE = D + 1\n",
    "lib/mutual.py": HEAD + "import mutual2\n\n\n@triton.jit\ndef even(n):\n    return mutual2.half(n) + 1\n\n\n@triton.jit\ndef one(n):\n    return n * 0 + 1\n",
    "lib/mutual2.py": HEAD + "import mutual\n\n\n@triton.jit\ndef half(n):\n    return n + mutual.one(n)\n",
    "second/helpers.py": "SIZE = 100\nONLY = 7\n",
    "second/late.py": "LATE = 8\n",
    "elsewhere/secret.py": "KEY = 1\n",
}


def main(work):
    shutil.rmtree(work, ignore_errors=True)
    os.environ["XDG_CACHE_HOME"] = os.path.join(work, "cache")  # else an earlier run has cached what this one changes
    for name, text in FILES.items():
        os.makedirs(os.path.dirname(os.path.join(work, name)), exist_ok=True)
        with open(os.path.join(work, name), "w") as f:
            f.write(text)
    path = lambda name: os.path.join(work, name)
    os.symlink("../elsewhere/secret.py", path("lib/linked.py"))
    os.symlink("../elsewhere", path("lib/linkedfolder"))
    os.symlink("deep/consts.py", path("lib/inner.py"))
    os.symlink("lib", path("alias"))

    def compile(header, value, *options, code=0, file="k.py", more=()):
        os.makedirs(os.path.dirname(path(file)), exist_ok=True)
        with open(path(file), "w") as f:
            f.write(HEAD + header + "\n\n\n" + SAVE.format(value))
        run = subprocess.run(["terrazzo", "compile", path(file), "-k", "k", *options, *more], capture_output=True, text=True, timeout=120)
        assert run.returncode == code, (header, value, options, run.returncode, run.stderr)
        return run.stdout + run.stderr

    lib = ("-I", path("lib"))
    # What Python gives for the same files: the constant that is stored.
    for header, value, want in (
            ("from helpers import SIZE", "SIZE * 1.0", 3),
            ("from helpers import SIZE as N, BOTH", "N + BOTH * 1.0", 18),
            ("import helpers", "helpers.SIZE * 1.0", 3),
            ("import helpers as h", "h.BOTH * 1.0", 15),
            ("import deep.consts", "deep.consts.TOTAL + deep.NAME * 1.0", 19),
            ("import deep.consts as c", "c.TOTAL * 1.0", 8),
            ("from deep import consts, NAME", "consts.SCALE + NAME * 1.0", 16),
            ("import plain.part", "plain.part.VALUE * 1.0", 21),
            ("from plain import part", "part.VALUE * 1.0", 21),
            ("from plain.part import VALUE", "VALUE * 1.0", 21),
            ("from helpers import *", "SIZE + BOTH * 1.0", 18),
            ("try:\n    from .gone import SIZE\nexcept ImportError:\n    from helpers import SIZE", "SIZE * 1.0", 3),
            ("from inner import SCALE", "SCALE * 1.0", 5),  # a link that stays inside
            ("from circle2 import E", "E * 1.0", 3),  # a circle of files that is none of names
            ("from helpers import SIZE\nSIZE = 4", "SIZE * 1.0", 4)):
        got = compile(header, value, *lib)
        assert f"arith.constant {want:.6e} : f32" in got.replace("e+0", "e+0"), (header, value, got)
    # Two folders, in their order.
    assert "1.000000e+02" in compile("from helpers import SIZE", "SIZE * 1.0", "-I", path("second"), *lib)
    assert "3.000000e+00" in compile("from helpers import SIZE", "SIZE * 1.0", *lib, f"-I{path('second')}")
    assert "8.000000e+00" in compile("from late import LATE", "LATE * 1.0", *lib, "-I", path("second"))
    # A file within a folder of -I, relative to itself, and a folder by another name.
    assert "5.000000e+00" in compile("from .consts import SCALE", "SCALE * 1.0", *lib, file="lib/deep/k.py")
    assert "3.000000e+00" in compile("from ..helpers import SIZE", "SIZE * 1.0", "-I", path("alias"), file="lib/deep/k.py")

    # What is refused, and how.
    for header, value, options, says in (
            # The kernel's own folder is none that is looked into.
            ("from lib.helpers import scaled", "scaled(1.0)", (), "k.py:9:17: error: there is no file of the module `lib.helpers`"),
            ("from lib.helpers import scaled", "scaled(1.0)", (), "note: imports are looked for only in the folders that `-I DIR` names, and none is named"),
            ("from lib.helpers import SIZE", "SIZE", (), "error: there is no file of the module `lib.helpers`"),
            ("import helpers", "helpers.scaled(1.0)", (), "error: there is no file of the module `helpers`"),
            ("from .helpers import scaled", "scaled(1.0)", (), "error: there is no file of the module `.helpers`"),
            ("from gone.away import scaled", "scaled(1.0)", (*lib, "-I", path("second")), "k.py:9:17: error: there is no file of the module `gone.away`"),
            ("from gone.away import scaled", "scaled(1.0)", (*lib, "-I", path("second")),
             "note: looked for `" + "`, `".join(path(p) for p in ("lib/gone/away/__init__.py", "lib/gone/away.py", "second/gone/away/__init__.py", "second/gone/away.py"))),
            ("import gone", "gone.SIZE", lib, "k.py:9:5: error: there is no file of the module `gone`"),
            ("from linked import KEY", "KEY", lib, "linked.py` lies outside the folders of `-I`, so `linked` is not read"),
            ("from linkedfolder.secret import KEY", "KEY", lib, "secret.py` lies outside the folders of `-I`, so `linkedfolder.secret` is not read"),
            ("from .elsewhere.secret import KEY", "KEY", lib, "secret.py` lies outside the folders of `-I`, so `.elsewhere.secret` is not read"),
            ("from helpers import SZE", "SZE", lib, "k.py:9:17: error: `helpers` has no `SZE`\n    tl.store(x, SZE)\n                ^~~\nnote: did you mean `SIZE`?"),
            ("import helpers", "helpers.SZE", lib, "k.py:9:17: error: `helpers` has no `SZE`"),
            ("from helpers import *", "_HIDDEN", lib, "error: unknown name `_HIDDEN`"),
            ("from helpers import wrong", "wrong(tl.load(x))", lib, "lib/helpers.py:21:12: error: no method `too` of fp32\n    return a.too()\n           ^~~~~~~\n"),
            ("from helpers import wrong", "wrong(tl.load(x))", lib, "k.py:9:17: note: called from here\n    tl.store(x, wrong(tl.load(x)))\n                ^~~~~"),
            ("from broken import bad", "bad(1.0)", lib, "lib/broken.py:5:10: error: `:` is not expected here\ndef bad(a:\n"),
            ("import nul", "nul.A", lib, "lib/nul.py:2:1: error: a NUL byte in the source"),
            ("from circle import B", "B", lib, "lib/circle.py:2:1: error: `B` is defined by itself"),
            ("from circle import C", "C", lib, "error: `C` is defined by itself"),
            ("from helpers import SIZE", "SIZE", (*lib, "--limits", "files=1"), None),
            ("from deep.consts import TOTAL", "TOTAL", (*lib, "--limits", "files=1"), "more than 1 source files are imported (`--limits files=N` allows more)"),
            ("from helpers import SIZE", "SIZE", (*lib, "--limits", "source=300"), "lib/helpers.py` has more than 300 bytes; at most 300 are read\nnote: `--limits source=N` allows more")):
        got = compile(header, value, *options, code=1 if says else 0)
        assert not says or says in got, (header, value, got)
    assert "good" not in compile("from broken import good", "good(1.0)", *lib)  # nothing of the file that is not needed is seen
    run = subprocess.run(["terrazzo", "compile", path("k.py"), "-I", path("absent")], capture_output=True, text=True)
    assert run.returncode == 2 and f"error: `-I {path('absent')}` is no folder" in run.stderr, run.stderr

    # Functions run: with a default of their file, called by each other across files, as a combine function.
    kernel = (HEAD + "from helpers import scaled, larger\nimport mutual\n\n\n@triton.jit\ndef k(out, x, B: tl.constexpr):\n"
              "    i = tl.arange(0, B)\n    v = scaled(tl.load(x + i))\n    tl.store(out + i, v + mutual.even(v))\n"
              "    tl.store(out + B, tl.reduce(v, 0, larger))\n")
    with open(path("run.py"), "w") as f:
        f.write(kernel)
    with open(path("launch.yaml"), "w") as f:
        f.write("args: {out: {shape: [17], dtype: f32}, x: {shape: [16], dtype: f32, init: arange}}\nconstexpr: {B: 16}\ngrid: [1]\noutputs: [out]\n")

    def run(*more):
        r = subprocess.run(["terrazzo", "run", path("run.py"), "--launch", path("launch.yaml"), "--check", "--save", path("out"), "--json", "-",
                            *lib, *more], capture_output=True, text=True, timeout=120)
        assert r.returncode == 0, r.stderr
        return np.load(path("out/out.npy")), json.loads(r.stdout)["compile_s"]

    v = (np.arange(16) * 2 + 3) * 5 + 3.0
    want = np.append(v + (v + 1) + 1, v.max())
    for executor in ("device", "interpreter"):
        got, _ = run("--executor", executor)
        assert (got == want).all(), (got, want)
    # The cache knows the code by all of its files.
    _, again = run()
    assert "cache" in again, again
    with open(path("lib/deep/consts.py"), "w") as f:
        f.write(FILES["lib/deep/consts.py"].replace("SCALE = 5", "SCALE = 6"))
    v = (np.arange(16) * 2 + 3) * 6 + 3.0
    got, fresh = run()
    assert "cache" not in fresh and (got == np.append(v + (v + 1) + 1, v.max())).all(), (fresh, got)
    # And so do the decorators: their constants may come from a file too.
    with open(path("tuned.py"), "w") as f:
        f.write(HEAD + "from helpers import SIZE, BOTH\n\n\n@triton.autotune(configs=[triton.Config({'B': SIZE * 2 + 2})], key=[])\n"
                "@triton.heuristics({'C': lambda args: args['B'] + BOTH})\n@triton.jit\ndef k(x, B: tl.constexpr, C: tl.constexpr):\n"
                "    #: sig(*i32)\n    tl.store(x + tl.arange(0, B), C)\n")
    tuned = subprocess.run(["terrazzo", "compile", path("tuned.py"), *lib], capture_output=True, text=True)
    assert tuned.returncode == 0 and "B = 8" in tuned.stdout and "C = 26" in tuned.stdout, (tuned.stdout, tuned.stderr)
    return 0


sys.exit(main(sys.argv[1]))
