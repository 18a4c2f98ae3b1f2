# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A launch that asks for more memory than there is ends with a message."""
import os
import resource
import subprocess
import sys

if "ASAN_OPTIONS" in os.environ:
    print("skipped: AddressSanitizer maps more address space than this test leaves")
    sys.exit(0)
LAUNCH = os.path.join(sys.argv[1], "large.yaml")
with open(LAUNCH, "w") as f:
    f.write("""args:
  x_ptr: {shape: [n], dtype: f32, init: ones}
  y_ptr: {shape: [n], dtype: f32, init: ones}
  out_ptr: {shape: [n], dtype: f32}
  n: 300000000
constexpr: {BLOCK: 1024}
grid: ["cdiv(n, BLOCK)"]
outputs: [out_ptr]
""")
kernel = os.path.join(os.environ["TERRAZZO_SOURCE"], "examples", "vector-add", "vector_add.py")
run = subprocess.run(["terrazzo", "run", kernel, "--launch", LAUNCH], capture_output=True, text=True, timeout=60,
                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30)))
assert run.returncode == 1 and run.stderr == "terrazzo: error: out of memory\n", (run.returncode, run.stderr)
