# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the simulator says of launches that others have measured.

usage: calibration.py [--write]   a table; with --write it becomes docs/Calibration.md
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KERNEL = os.path.join(SOURCE, "examples", "matmul", "matmul.py")

# name, chip, dtype, M, N, K, blocks, measured seconds, whether it was fitted, where it comes from. The times of
# the TPU are a host's, with its dispatch. `pair`: two schedules of one problem.
TPU = "jax-ml/jax@cec06d1 docs/pallas/tpu/matmul.ipynb"
CATLASS = "hicann/catlass@0dfcf9d"
ROWS = [
    ("pallas 1024, blocks of 128", "tpu-v5e", "bf16", 1024, 1024, 1024, (128, 128, 128), 0.298e-3, False, TPU, "p1"),
    ("pallas 1024, 512x1024x1024", "tpu-v5e", "bf16", 1024, 1024, 1024, (512, 1024, 1024), 0.127e-3, False, TPU, "p1"),
    ("pallas 8192, blocks of 128", "tpu-v5e", "bf16", 8192, 8192, 8192, (128, 128, 128), 91.84e-3, True, TPU, "p2"),
    ("pallas 8192, 512x1024x1024", "tpu-v5e", "bf16", 8192, 8192, 8192, (512, 1024, 1024), 6.099e-3, False, TPU, "p2"),
    ("catlass 06, 128·256·256", "ascend-910b3", "f16", 1024, 576, 6144, (128, 256, 256), 72.5e-6, True, CATLASS, "c06"),
    ("catlass 06, 256·128·256", "ascend-910b3", "f16", 1024, 576, 6144, (256, 128, 256), 48.6e-6, True, CATLASS, "c06"),
    ("catlass 21, first (its tile is a guess)", "ascend-910b3", "f16", 20, 6144, 16384, (32, 256, 256), 181.4e-6, False, CATLASS, "c21"),
    ("catlass 21, 32·320·128", "ascend-910b3", "f16", 20, 6144, 16384, (32, 320, 128), 139.6e-6, False, CATLASS, "c21"),
    ("catlass 00, 16·128·256", "ascend-910b2", "f32", 1, 768, 5120, (16, 128, 256), 36.3e-6, False, CATLASS, "c00"),
    ("catlass 00, 16·32·1024", "ascend-910b2", "f32", 1, 768, 5120, (16, 32, 1024), 15.5e-6, True, CATLASS, "c00"),
]
for m, tflops in ((128, 138), (640, 220), (4224, 260)):
    ROWS.append((f"torch.matmul, M = {m} (read off a plot)", "ascend-910b2", "f16", m, 8192, 8192, (128, 256, 256),
                 2 * m * 8192 * 8192 / (tflops * 1e12), False, "huawei-csl/pto-dsl@c26eab7", None))

# What Meta says of its chips: no times. (what, problem, blocks, the share of the peak or of the memory's bandwidth)
MTIA = [
    ("2i: GEMM of 2048³ in fp16, more than 92 % of the peak", (2048, 2048, 2048), (128, 128, 64), "flops", 0.92),
    ("2i: 512x26592x2048 in fp16, more than 95 % of DRAM's bandwidth", (512, 26592, 2048), (128, 128, 64), "bytes", 0.95),
]


def launch(dtype, m, n, k, blocks, chip):
    text = f"""kernel: matmul
args:
  a_ptr: {{shape: [{m}, {k}], dtype: {dtype}, init: zeros}}
  b_ptr: {{shape: [{k}, {n}], dtype: {dtype}, init: zeros}}
  c_ptr: {{shape: [{m}, {n}], dtype: {dtype}}}
  bias_ptr: {{shape: [{n}], dtype: f32, init: zeros}}
  M: {m}
  N: {n}
  K: {k}
  stride_am: {k}
  stride_ak: 1
  stride_bk: {n}
  stride_bn: 1
  stride_cm: {n}
  stride_cn: 1
constexpr: {{BLOCK_M: {blocks[0]}, BLOCK_N: {blocks[1]}, BLOCK_K: {blocks[2]}, GROUP_M: {1 if chip.startswith("tpu") else 8}}}
grid: ["cdiv(M, BLOCK_M) * cdiv(N, BLOCK_N)"]
outputs: [c_ptr]
"""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "launch.yaml")
        with open(path, "w") as f:
            f.write(text)
        run = subprocess.run(["terrazzo", "run", KERNEL, "--launch", path, "--target", chip, "--timing-only", "--no-cache",
                              "--json", "-"], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def compare():
    """The lines of the page, and whether the claim holds."""
    lines = ["| launch | chip | measured, us | modeled, us | error | |", "|---|---|---|---|---|---|"]
    held, pairs = {}, {}
    for name, chip, dtype, m, n, k, blocks, measured, fitted, source, pair in ROWS:
        time = launch(dtype, m, n, k, blocks, chip)["time"]
        modeled = time["seconds"] + (time["dispatch"] if chip.startswith("tpu") else 0)
        error = modeled / measured - 1
        lines.append(f"| {name} ({source}) | {chip} | {measured * 1e6:.1f} | {modeled * 1e6:.1f} | {error:+.1%} | {'fitted' if fitted else ''} |")
        if not fitted:
            held.setdefault(chip.split("-")[0], []).append(abs(error))
        if pair:
            pairs.setdefault(pair, []).append((measured, modeled))
    ok = True
    lines.append("")
    for family, errors in held.items():
        ok &= statistics.median(errors) <= 0.2 and max(errors) <= 0.6
        lines.append(f"{family}: {len(errors)} rows that were not fitted: median error {statistics.median(errors):.0%}, worst {max(errors):.0%}.")
    right = sum((a[0] < b[0]) == (a[1] < b[1]) for a, b in pairs.values())
    ok &= right >= 0.9 * len(pairs)
    lines += ["", f"Pairs of schedules of one problem in the right order: {right} of {len(pairs)}.", "",
              "MTIA's sources give no times:", "", "| claim | modeled |", "|---|---|"]
    for what, (m, n, k), blocks, kind, least in MTIA:
        report = launch("f16", m, n, k, blocks, "mtia-2i")
        seconds = report["time"]["seconds"]
        share = 2 * m * n * k / 177e12 / seconds if kind == "flops" else 2 * (m * k + k * n + m * n) / 204.8e9 / seconds
        lines.append(f"| {what} | {share:.1%}{'' if share >= least else ': **below it**'} |")
    return lines, ok


HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception -->
# Calibration

Made by `python3 test/Claims/calibration.py --write`; `tools/dev claim calibration` measures it again. The kernel is
`examples/matmul`, with the blocks that the source names; the rows are those of public measurements. One number of
tpu-v5e (a DMA's latency) and three of the Ascend 910B (bandwidth and burst from GM to L1, the start of a kernel) were
fitted to the rows marked so. **It is no clean test**: who fitted saw all rows. Everything else in the chip files is
published, derived or assumed, as they say.

"""


def main():
    lines, ok = compare()
    print("\n".join(lines))
    if "--write" in sys.argv:
        with open(os.path.join(SOURCE, "docs", "Calibration.md"), "w") as f:
            f.write(HEAD + "\n".join(lines) + "\n")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
