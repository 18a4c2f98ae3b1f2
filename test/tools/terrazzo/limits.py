# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`--limits`: what exceeds a limit is named with it; a higher one lets it through; each one is listed."""
import os
import re
import subprocess
import sys

HEAD = "import triton\nimport triton.language as tl\n\n\n"
KERNEL = "@triton.jit\ndef k(x):\n    #: sig(*fp32)\n"
CHAIN = "".join(f"@triton.jit\ndef f{i}(a):\n    return f{i + 1}(a)\n\n\n" for i in range(70)) + "@triton.jit\ndef f70(a):\n    return a\n\n\n"
ADDS = "".join("    v += 1.0\n" for _ in range(50))
# limit: source, a value that is too low, what is said, one that is enough
COMPILE = {
    "steps": (KERNEL + "    n = 0\n    for i in tl.static_range(1000):\n        n += 1\n    tl.store(x, n)\n", 1000,
              "10:9: error: more than 1000 steps at compile time (`--limits steps=N` allows more)", 100000),
    "unroll": (KERNEL + "    n = 0\n    for i in tl.static_range(1000):\n        n += 1\n    tl.store(x, n)\n", 999,
               "9:14: error: more than 999 passes or items are unrolled here (`--limits unroll=N` allows more)", 1000),
    "operations": (KERNEL + "    v = tl.load(x)\n" + ADDS + "    tl.store(x, v)\n", 20,
                   "error: the kernel needs more than 20 operations (`--limits operations=N` allows more)", 1000),
    "block": (KERNEL + "    tl.store(x + tl.arange(0, 512), 0.0)\n", 511,
              "8:18: error: a block has at most 511 elements (`--limits block=N` allows more)", 512),
    "calls": (CHAIN + KERNEL + "    tl.store(x, f0(1.0))\n", 64,
              "error: calls are nested more than 64 deep (`--limits calls=N` allows up to 200)", 100),
    "nesting": (KERNEL + "    tl.store(x, ((((((((((1.0)))))))))))\n", 10,
                "8:26: error: nested more than 10 levels deep (the limit `nesting`)", 11),
    "source": (KERNEL + "    tl.store(x, 0.0)\n", 50,
               "at most 50 are read\nnote: `--limits source=N` allows more", 1000),
}


def terrazzo(*arguments):
    return subprocess.run(["terrazzo", *arguments], capture_output=True, text=True, timeout=300)


def main(work):
    os.makedirs(work, exist_ok=True)
    source, launch = os.path.join(work, "k.py"), os.path.join(work, "l.yaml")

    def check(name, command, low, says, enough, code=1):
        run = terrazzo(*command, "--limits", f"{name}={low}")
        assert run.returncode == code and says in run.stderr, (name, run.returncode, run.stderr[:500])
        # A later value wins, and parts of one list too.
        run = terrazzo(*command, "--limits", f"{name}={low}", "--limits", f"seconds=500,{name}={enough}")
        assert run.returncode == 0, (name, run.stderr[:500])

    for name, (text, low, says, enough) in COMPILE.items():
        with open(source, "w") as f:
            f.write(HEAD + text)
        check(name, ["compile", source, "-k", "k"], low, says, enough)
    # The defaults: the chain of calls above, and the loop of the manual.
    for text, says in ((COMPILE["calls"][0], "calls are nested more than 64 deep"),
                       (KERNEL + "    for i in tl.static_range(10**9):\n        tl.store(x, 0.0)\n",
                        "error: more than 100000 passes or items are unrolled here")):
        with open(source, "w") as f:
            f.write(HEAD + text)
        run = terrazzo("compile", source, "-k", "k")
        assert run.returncode == 1 and says in run.stderr, run.stderr[:500]

    with open(source, "w") as f:
        f.write(HEAD + KERNEL.replace("    #: sig(*fp32)\n", "") + "    for i in range(10):\n        tl.store(x, 1.0)\n")
    with open(launch, "w") as f:
        f.write("args: {x: {shape: [100], dtype: f32}}\ngrid: [1]\noutputs: [x]\n")
    run = ["run", source, "--launch", launch, "--executor", "interpreter"]
    check("elements", run, 99, "1:20: error: the arguments of a launch have at most 99 elements (`--limits elements=N` allows more)", 100)
    check("passes", run, 9, "error: the loops of one program took more than 9 passes (`--limits passes=N` allows more); does this one end?", 10)

    # What the arguments take is known before any of it is taken: three doubles and a flag each in the oracle, read from the
    # device beside the inputs, and all of it twice with --check (f64: 2 * (2 * 25 + 8) bytes).
    whole = ["run", source, "--launch", launch]
    with open(launch, "w") as f:
        f.write("args: {x: {shape: [1024, 1048576], dtype: f64}}\ngrid: [1]\noutputs: [x]\n")
    for more, need in ((["--executor", "interpreter"], 25), (["--executor", "interpreter", "--check"], 50), ([], 58), (["--check"], 116)):
        run = terrazzo(*whole, *more, "--limits", "memory=20000000000")
        assert run.returncode == 1 and f"l.yaml:1:20: error: this run needs {need * 1024} MiB of memory or more for its arguments, and " in run.stderr, \
            (more, run.returncode, run.stderr)
    with open(launch, "w") as f:  # more than any machine has, without a limit
        f.write("args: {x: {shape: [1099511627776], dtype: f64}}\ngrid: [1]\noutputs: [x]\n")
    run = terrazzo(*whole, "--check", "--limits", "elements=1099511627776")
    assert run.returncode == 1 and f"error: this run needs {116 << 20} MiB of memory or more for its arguments, and " in run.stderr, run.stderr  # LaunchNoMemory

    # A second is enough for this kernel nowhere: each of 4000 sums is a loop of its own.
    if "ASAN_OPTIONS" not in os.environ:
        with open(source, "w") as f:
            f.write(HEAD + "@triton.jit\ndef k(x):\n    #: sig(*fp32)\n    i = tl.arange(0, 128)[:, None] * 128 + tl.arange(0, 128)[None, :]\n"
                    "    for j in tl.static_range(4000):\n        v = tl.load(x + i)\n        tl.store(x + i, tl.trans(v) + tl.sum(v, 0)[None, :])\n")
        run = terrazzo("compile", source, "--emit", "asm", "--target", "cpu-zen4", "--limits", "seconds=1")
        assert run.returncode == 1 and "error: compiling took more than 1 seconds (`--limits seconds=N` allows more)" in run.stderr, \
            (run.returncode, run.stderr)
        run = terrazzo("compile", source, "--emit", "asm", "--target", "cpu-zen4", "--limits", "memory=400000000")
        assert run.returncode == 1 and run.stderr == "terrazzo: error: out of memory; `--limits memory` is 400000000\n", (run.returncode, run.stderr[-500:])

    # Calls and brackets within their limits may be too deep together.
    nested = "".join(f"@triton.jit\ndef f{i}(a):\n    return {'abs(' * 190}f{i + 1}(a){')' * 190}\n\n\n" for i in range(60))
    with open(source, "w") as f:
        f.write(HEAD + nested + "@triton.jit\ndef f60(a):\n    return a\n\n\n" + KERNEL + "    tl.store(x, f0(tl.load(x)))\n")
    run = terrazzo("compile", source, "-k", "k")
    assert run.returncode == 1 and "error: calls and expressions are nested too deep together for the compiler's stack" in run.stderr, (run.returncode, run.stderr[:300])

    # Bad values are the command line's fault.
    for text, says in (("wine=3", "no limit `wine`; there are steps, unroll, operations, block"),
                       ("steps=0", "the limit `steps` goes from 1 to 1000000000000, not `0`"),
                       ("nesting=1000", "the limit `nesting` goes from 1 to 200, not `1000`"),
                       ("steps", "the limit `steps` goes from 1 to 1000000000000, not ``"),
                       ("steps=1,unroll=5,steps=2", "the limit `steps` is given twice"),  # RepeatedLimit
                       ("steps=-1", "not `-1`"), ("steps=99999999999999999999999", "not `99999999999999999999999`")):
        run = terrazzo("compile", source, "--limits", text)
        assert run.returncode == 2 and says in run.stderr, (text, run.returncode, run.stderr)

    # --help and the manual list each of them with its default.
    with open(os.path.join(os.environ["TERRAZZO_SOURCE"], "include", "terrazzo", "Limits.h")) as f:
        limits = re.findall(r"TERRAZZO_LIMIT\((\w+), (\d+), \d+, \d+,", f.read())
    assert len(limits) >= 12
    shown = terrazzo("run", "--help").stdout
    with open(os.path.join(os.environ["TERRAZZO_SOURCE"], "docs", "Language.md")) as f:
        manual = f.read()
    for name, default in limits:
        assert re.search(rf"^  {name} +{default}  \w", shown, re.M), name
        assert re.search(rf"^\| `{name}` \| {default} \|", manual, re.M), f"docs/Language.md does not list {name}"
    return 0


sys.exit(main(sys.argv[1]))
