# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""@triton.autotune and @triton.heuristics as data: what nothing else gives comes
from the first configuration and from heuristics, and a remark says so."""
import os
import subprocess
import sys
import tempfile

import numpy as np

HEAD = """import itertools
import torch
import triton
import triton.language as tl
from triton import Config

SIZES = [64, 128]


def is_hip():
    return triton.runtime.driver.active.get_current_target().backend == "hip"


def some_configs(first):
    return [Config({"BLOCK": b}, num_warps=w) for b in [first, 256] for w in (4, 8)]


def round_up(args):
    if args["n"] > 1000:
        return 1024
    return triton.next_power_of_2(args["n"])

"""
BODY = """@triton.jit
def kernel(x, out, n, BLOCK: tl.constexpr, EVEN: tl.constexpr = False, ACC: tl.constexpr = tl.int32):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    v = tl.load(x + i, mask=i < n, other=0).to(ACC)
    tl.store(out + i, (v * 2).to(tl.int32) + (1000 if EVEN else 0) + BLOCK * 10000, mask=i < n)
"""
LAUNCH = """kernel: kernel
args:
  x: {shape: [n], dtype: i32, init: arange}
  out: {shape: [n], dtype: i32}
  n: 200
constexpr: {%s}
grid: ["cdiv(n, BLOCK)"]
outputs: [out]
"""
# decorators, what the launch file gives, BLOCK, EVEN, a remark or None
TAKEN = {
    "first of a list": ('@triton.autotune(configs=[triton.Config({"BLOCK": 32}, num_warps=4), triton.Config({"BLOCK": 64})], key=["n"])\n', "", 32, False,
                        "remark: `BLOCK` of `kernel` is constexpr 32, from the first of 2 configurations"),
    "the file wins": ('@triton.autotune(configs=[triton.Config({"BLOCK": 32})], key=["n"])\n', "BLOCK: 128", 128, False, None),
    "comprehension": ('@triton.autotune(configs=[triton.Config({"BLOCK": b * k}, num_stages=s) for b in SIZES for s in [2, 3] for k in (1, 2) if b * k > 64], key=[])\n', "", 128, False,
                      "from the first of 6 configurations"),
    "a function of the file": ("@triton.autotune(some_configs(16), ['n'])\n", "", 16, False, "from the first of 4 configurations"),
    "sum of lists": ('@triton.autotune(configs=[Config({"BLOCK": 8})] + some_configs(16), key=["n"], prune_configs_by={"early": torch.prune})\n', "", 8, False, "from the first of 5 configurations"),
    "a hook is not asked": ('@triton.autotune(configs=[triton.Config({"BLOCK": 64}, pre_hook=torch.zero)], key=["n"])\n', "", 64, False, "from its only configuration"),
    "a dtype": ('@triton.autotune(configs=[triton.Config({"BLOCK": 64, "ACC": tl.float32, "EVEN": True})], key=["n"])\n', "", 64, True, "`ACC` of `kernel` is dtype fp32"),
    "heuristic": ('@triton.heuristics({"BLOCK": lambda args: triton.next_power_of_2(args["n"]), "EVEN": lambda args: args["n"] % args["BLOCK"] == 0})\n', "", 256, False,
                  "remark: `BLOCK` of `kernel` is constexpr 256, from its heuristic"),
    "heuristic over a configuration": ('@triton.autotune(configs=[triton.Config({"BLOCK": 8})], key=["n"])\n@triton.heuristics({"EVEN": lambda args: args["n"] % args["BLOCK"] == 0 and not (args["n"] < 10)})\n', "", 8, True,
                                       "`EVEN` of `kernel` is constexpr True, from its heuristic"),
    "heuristic of arithmetic": ('@triton.heuristics(values={"BLOCK": lambda META: min(64, max(16, triton.cdiv(META["n"], 7) + 3)) if META["n"] > 5 or False else 4 * 2 ** 3})\n', "", 32, False, None),
    "heuristic of a tensor": ('@triton.heuristics({"BLOCK": lambda args: 64 if args["x"] is not None else 32})\n', "", 64, False, None),
    "heuristic by a function": ('@triton.heuristics({"BLOCK": round_up})\n', "", 256, False, None),
    "what is not needed is not asked": ("@triton.autotune(configs=torch.load('best'), key=['n'])\n", "BLOCK: 16", 16, False, None),
    "a heuristic instead of configurations": ("@triton.autotune(configs=torch.load('best'), key=['n'])\n@triton.heuristics({'BLOCK': lambda args: 32})\n", "", 32, False, None),
}
REFUSED = {
    "configurations": ("@triton.autotune(configs=get_best(), key=['n'])\n", ["k.py:23:2: error: `BLOCK` of `kernel` would come from the configurations of `@triton.autotune`, which cannot be evaluated here; give `BLOCK` a value",
                                                                            "k.py:23:26: note: because of this: unknown name `get_best`"]),
    "inside a comprehension": ("@triton.autotune(configs=[Config({'BLOCK': 64 if is_hip() else 32})], key=['n'])\n", ["would come from the configurations of `@triton.autotune`", "k.py:11:12: note: because of this: `triton.runtime.driver.active.get_current_target`"]),
    "heuristic": ("@triton.heuristics({'BLOCK': lambda args: args['x'].numel()})\n", ["`BLOCK` of `kernel` would come from `@triton.heuristics`", "because of this: no method `numel` of the argument `x`"]),
    "heuristic of a dtype": ("@triton.heuristics({'BLOCK': lambda args: 1 if args['x'] == 3 else 2})\n", ["because of this: `==` does not take the argument `x` and constexpr 3"]),
    "no number": ("@triton.heuristics({'BLOCK': lambda args: args['m'] + 1})\n", ["because of this: no argument `m` of `a dict`"]),
    "no list": ("@triton.autotune(configs=3, key=['n'])\n", ["because of this: constexpr 3 is not a tuple"]),
    "endless": ("@triton.autotune(configs=[Config({'BLOCK': i}) for i in (1,) * 1000 for j in (1,) * 2000], key=['n'])\n", ["because of this: more than 1000000 steps at compile time"]),
}


def main():
    failures = 0
    with tempfile.TemporaryDirectory() as work:
        path = lambda p: os.path.join(work, p)

        def run(decorators, given):
            with open(path("k.py"), "w") as f:
                f.write(HEAD + decorators + BODY)
            with open(path("l.yaml"), "w") as f:
                f.write(LAUNCH % given)
            return subprocess.run(["terrazzo", "run", path("k.py"), "--launch", path("l.yaml"), "--executor", "interpreter", "--save", work, "-v"],
                                  capture_output=True, text=True, timeout=60)

        for name, (decorators, given, block, even, remark) in TAKEN.items():
            done = run(decorators, given)
            want = np.arange(200) * 2 + 1000 * even + 10000 * block
            if done.returncode or not np.array_equal(np.load(path("out.npy")), want) or (remark or "") not in done.stderr:
                print(f"FAIL {name}: {done.returncode}, wanted BLOCK={block}, `{remark}`\n{done.stderr}")
                failures += 1
        for name, (decorators, texts) in REFUSED.items():
            done = run(decorators, "")
            if done.returncode != 1 or not all(t in done.stderr for t in texts):
                print(f"FAIL {name}: {done.returncode}, wanted {texts}\n{done.stderr}")
                failures += 1
        # Without a launch only what the signature says is known.
        with open(path("k.py"), "w") as f:
            f.write(HEAD + TAKEN["heuristic over a configuration"][0] + BODY)
        for signature, code, text in (("*i32, *i32, 16", 0, "EVEN = true"), ("*i32, *i32, i32", 1, "error: `EVEN` of `kernel` would come from `@triton.heuristics`"),
                                      ("*i32, *i32, i32, EVEN=False", 0, "BLOCK = 8 : i64")):
            done = subprocess.run(["terrazzo", "compile", path("k.py"), "-k", "kernel", "--sig", signature], capture_output=True, text=True)
            if done.returncode != code or text not in done.stdout + done.stderr:
                print(f"FAIL {signature}: {done.returncode}\n{done.stdout[:600]}{done.stderr}")
                failures += 1
    print(f"{failures} wrong")
    return bool(failures)


sys.exit(main())
