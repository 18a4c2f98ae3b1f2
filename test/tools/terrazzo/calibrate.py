# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`terrazzo chips --calibrate`: a file that the loader takes, whose own numbers are
all measured, that says of caches and cores what Linux says, that code is made
for and that gives this machine a roofline."""
import glob
import json
import os
import subprocess
import sys

import yaml

FOLDER = sys.argv[1]
os.makedirs(FOLDER, exist_ok=True)
EXAMPLE = os.path.join(os.environ["TERRAZZO_SOURCE"], "examples", "rmsnorm")
KERNEL = [os.path.join(EXAMPLE, "rmsnorm.py"), "--launch", os.path.join(EXAMPLE, "launch.yaml")]


def terrazzo(*arguments):
    p = subprocess.run(["terrazzo", *arguments], capture_output=True, text=True, timeout=500)
    return p.returncode, p.stdout, p.stderr


def read(path):
    with open(path) as f:
        return f.read().strip()


path = os.path.join(FOLDER, "here.yaml")
code, out, err = terrazzo("chips", "--calibrate", "-o", path)
assert code == 0 and not out and not err, (code, out, err)
data = yaml.safe_load(read(path))
numbers = [(part["name"], key, q) for section, parts in data.items() if section not in ("sources", "chip")
           for part in parts for key, q in part.items() if isinstance(q, dict)]
assert len(numbers) >= 8 and all(q["tag"] == "measured" and q["value"] > 0 for _, _, q in numbers), numbers
by = {(name, key): q["value"] for name, key, q in numbers}
assert {("simd", "clock"), ("simd", "f32"), ("simd", "f64"), ("global", "bandwidth"), ("chip", "cores")} <= by.keys(), by
assert by["chip", "cores"] <= len(os.sched_getaffinity(0))
for index in glob.glob("/sys/devices/system/cpu/cpu0/cache/index*"):
    if read(index + "/type") != "Instruction":
        size = read(index + "/size")
        assert by["l" + read(index + "/level"), "bytes"] == int(size[:-1]) * {"K": 1024, "M": 1024**2}[size[-1]], size

code, shown, err = terrazzo("chips", path)
assert code == 0 and f"clock {by['simd', 'clock']:g} GHz (measured: terrazzo chips --calibrate on " in shown, (shown, err)
code, out, err = terrazzo("run", *KERNEL, "--target", path, "--check", "--json", "-")
run = json.loads(out)
assert code == 0 and run["chip"] == "cpu-measured" and run["check"]["ok"], (code, out, err)
bandwidth = by["global", "bandwidth"] * 1e9
peak = by["simd", "f32"] * by["simd", "clock"] * 1e9 * by["chip", "cores"]
seconds = max(run["bytes"] / bandwidth, run["flops"] / peak)
assert abs(run["roofline"]["seconds"] / seconds - 1) < 1e-9, (run["roofline"], seconds)
code, out, err = terrazzo("survey", *KERNEL, "--chips", path, "--json", "-")
row = json.loads(out)["chips"][0]
assert row["roofline"]["calibration"] == "modeled (measured)" and row["roofline"]["seconds"] == run["roofline"]["seconds"], row
assert row["can"] == "run", row

# What this machine is not cannot be measured on it.
code, _, err = terrazzo("chips", "tpu-v5e", "--calibrate")
assert code == 2 and "this machine cannot be measured: `tpu-v5e` is no chip that this machine can be" in err, (code, err)
lacks = os.path.join(FOLDER, "lacks.yaml")
with open(lacks, "w") as f:
    f.write("chip: {name: lacks, family: cpu, inherits: cpu-portable}\ncode: {cpu: x86-64, features: [sse4a, amx-tile]}\n")
code, _, err = terrazzo("chips", lacks, "--calibrate")
assert code == 5 and "this machine lacks" in err, (code, err)
assert terrazzo("chips", "cpu-386", "--calibrate")[0] == 2
assert terrazzo("chips", "--calibrate", "-o", FOLDER)[0] == 1
