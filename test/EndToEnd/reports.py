# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""device_print and device_assert on this machine: what is said, and how the
launch ends. The oracle's lines are the model."""
import os
import subprocess
import tempfile

KERNEL = """import triton
import triton.language as tl


@triton.jit
def kernel(x, out, limit, B: tl.constexpr):
    p = tl.program_id(0)
    i = p * B + tl.arange(0, B)
    k = tl.load(x + i)
    {body}
    tl.store(out + i, k)
"""
LAUNCH = """kernel: kernel
args: {x: {shape: [256], dtype: i32, init: arange}, out: {shape: [256], dtype: i32, init: zeros}, limit: %d}
constexpr: {B: 64}
grid: [4]
outputs: [out]
"""


def main():
    with tempfile.TemporaryDirectory() as work:
        kernel, launch = os.path.join(work, "k.py"), os.path.join(work, "l.yaml")

        def run(body, limit, *options):
            with open(kernel, "w") as f:
                f.write(KERNEL.format(body=body))
            with open(launch, "w") as f:
                f.write(LAUNCH % limit)
            return subprocess.run(["terrazzo", "run", kernel, "--launch", launch, "-q", *options], capture_output=True, text=True, timeout=60)

        # All of the block holds: nothing is said. One element fails: exit code 1, the message, and no result.
        for body in ("tl.device_assert(k < limit, 'too large')", "tl.device_assert(tl.max(k, 0) < limit, 'too large')"):
            done = run(body, 256, "--check")
            assert done.returncode == 0 and not done.stderr, done
            done = run(body, 255, "--save", os.path.join(work, "out"))
            assert done.returncode == 1 and "assertion failed: too large (program 3, 0, 0)" in done.stderr, done
            assert not os.path.exists(os.path.join(work, "out")), "a failed launch has no result"
            # The oracle, before a checked run, says the same at its line.
            done = run(body, 255, "--check")
            assert done.returncode == 1 and "k.py:10:5: error: assertion failed: too large" in done.stderr, done
        # Prints: the same lines as the oracle's, in any order.
        body = "tl.device_print('k', k, p)\n    tl.device_print('none')\n    tl.device_print('small', (k - 3).to(tl.int8), k > 50)"
        lines = sorted(run(body, 0).stdout.splitlines())
        want = sorted(run(body, 0, "--executor", "interpreter").stdout.splitlines())
        # Four programs, each with 64 elements of three blocks, two numbers, and one line without a value.
        assert len(lines) == 4 * (64 + 1 + 1 + 64 + 64) and lines == want, set(lines) ^ set(want)
        for body in ("tl.device_print('f', k * 0.5)", "tl.device_print('h', k, hex=True)", "tl.device_print('u', k.to(tl.uint8))"):
            lines = sorted(run(body, 0).stdout.splitlines())
            assert len(lines) == 256 and lines == sorted(run(body, 0, "--executor", "interpreter").stdout.splitlines()), body
    print("ok")


main()
