# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Where the kernels of these tests run: in the oracle, and on this machine's
CPU, where the run is also held against the oracle, and every level of IR
against the one before."""
import subprocess

EXECUTORS = {"interpreter": ["--executor", "interpreter"], "device": ["--executor", "device", "--no-cache", "--check", "--verify-semantics"]}


def run(kernel, launch, executor, save, check=True):
    """One run; without \\p check where the oracle itself finds a decision that its error bounds leave open."""
    options = [o for o in EXECUTORS[executor] if check or o != "--check"]
    return subprocess.run(["terrazzo", "run", kernel, "--launch", launch, "--save", save, *options],
                          capture_output=True, text=True, timeout=60)
