# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`terrazzo trace`: a file that Chrome's trace viewers read, a summary whose
numbers are those of `run --timing-only`, and what is refused."""
import json
import os
import re
import shutil
import subprocess
import sys

FOLDER, EXAMPLES = sys.argv[1], sys.argv[2]
shutil.rmtree(FOLDER, ignore_errors=True)
os.makedirs(FOLDER)
KERNEL = [os.path.join(EXAMPLES, "softmax", n) for n in ("softmax.py", "launch.yaml")]
TARGET = ["--target", "tpu-v5e"]


def terrazzo(command, *arguments):
    p = subprocess.run(["terrazzo", command, KERNEL[0], "--launch", KERNEL[1], *arguments],
                       capture_output=True, text=True, timeout=300)
    return p.returncode, p.stdout, p.stderr


trace = os.path.join(FOLDER, "trace.json")
code, summary, err = terrazzo("trace", *TARGET, "-o", trace)
assert code == 0, err
code, out, err = terrazzo("run", *TARGET, "--timing-only", "--json", "-")
assert code == 0, err
run = json.loads(out)
seconds = run["time"]["seconds"]

# The fields of the trace event format: complete events and names of rows.
with open(trace) as f:
    events = json.load(f)["traceEvents"]
names = {(e["pid"], e["tid"]): e["args"]["name"] for e in events if e["ph"] == "M" and e["name"] == "thread_name"}
last, busy = {}, {}
for e in events:
    assert e["ph"] in ("M", "X") and isinstance(e["pid"], int) and isinstance(e["tid"], int), e
    if e["ph"] == "M":
        continue
    row = (e["pid"], e["tid"])
    assert e["dur"] > 0 and e["ts"] >= last.get(row, 0) - 1e-6, e
    last[row] = e["ts"] + e["dur"]
    assert last[row] <= seconds * 1e6 * (1 + 1e-9), (e, seconds)
    assert re.search(r"softmax\.py:\d+$", e["args"]["at"]), e
    busy[names[row]] = busy.get(names[row], 0) + e["dur"]
assert len(busy) > 2, busy
# An engine that works in the order of the stream is as busy as its spans are long.
for engine in ("vpu",):
    counted = run["counters"]["engines"][engine]["busy_s"] * 1e6
    assert abs(busy[engine] - counted) <= 0.05 * counted, (busy, counted)

# The summary: the same time, and every promise of more speed is one.
figure = re.match(r"softmax: ([\d.]+) (\w+) on", summary)
unit = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3}[figure.group(2)]
assert abs(float(figure.group(1)) * unit - seconds) <= 1e-3 * seconds, (summary, seconds)
gains = [float(g) for g in re.findall(r"\(-([\d.]+)%\)", summary)]
assert gains and gains == sorted(gains, reverse=True) and max(gains) <= 100, summary

# Without -o only the summary; with `-o -` only the trace.
assert terrazzo("trace", *TARGET)[1] == summary
assert json.loads(terrazzo("trace", *TARGET, "-o", "-")[1])["traceEvents"] == events

# A chip that is here has no simulator.
code, out, err = terrazzo("trace")
assert code == 2 and "simulator" in err, (code, out, err)
code, out, err = terrazzo("trace", *TARGET, "-o", os.path.join(FOLDER, "no", "such"))
assert code == 1 and "cannot write" in err, (code, out, err)
