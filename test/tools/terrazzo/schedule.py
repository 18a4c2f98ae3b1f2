# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Where a schedule comes from, who wins, and what is refused, to line and column."""
import json
import os
import subprocess
import sys

FOLDER = sys.argv[1]
os.makedirs(FOLDER, exist_ok=True)
KERNEL = """import triton
import triton.language as tl


@triton.jit
def double(x, out, n, B: tl.constexpr):
    i = tl.program_id(0) * B + tl.arange(0, B)
    tl.store(out + i, tl.load(x + i, mask=i < n, other=0.0) * 2.0, mask=i < n)


@triton.autotune(configs=[triton.Config({"B": 32}), triton.Config({"B": 128})], key=["n"])
@triton.jit
def tuned(x, out, n, B: tl.constexpr):
    i = tl.program_id(0) * B + tl.arange(0, B)
    tl.store(out + i, tl.load(x + i, mask=i < n, other=0.0) * 2.0, mask=i < n)


@triton.jit
def summed(x, out, n, B: tl.constexpr):
    i = tl.arange(0, B)
    tl.store(out, tl.sum(tl.load(x + i, mask=i < n, other=0.0), axis=0))


@triton.jit
def stopped(x, out, n, B: tl.constexpr):
    total = 0.0
    for s in range(0, n, B):
        if s > 300:
            break
        total += tl.sum(tl.load(x + s + tl.arange(0, B), mask=s + tl.arange(0, B) < n, other=0.0), axis=0)
    tl.store(out, total)


@triton.jit
def within(x, out, n, B: tl.constexpr):
    total = 0.0
    if n > 3:
        for s in range(0, n, B):
            total += tl.sum(tl.load(x + s + tl.arange(0, B), mask=s + tl.arange(0, B) < n, other=0.0), axis=0)
    tl.store(out, total)
"""
LAUNCH = """kernel: double
args: {x: {shape: [n], dtype: f32, init: normal}, out: {shape: [n], dtype: f32}, n: 1000}
constexpr: {B: 64}
grid: ["cdiv(n, B)"]
outputs: [out]
"""


def write(name, text):
    with open(os.path.join(FOLDER, name), "w") as f:
        f.write(text)


def remove(name):
    os.remove(os.path.join(FOLDER, name))


def terrazzo(*arguments):
    p = subprocess.run(["terrazzo", *arguments], cwd=FOLDER, capture_output=True, text=True, timeout=60)
    return p.returncode, p.stdout, p.stderr


def taken(launch, *options):
    """The schedule and the number of programs of a run that must be right."""
    write("l.yaml", launch)
    code, out, err = terrazzo("run", "k.py", "--launch", "l.yaml", "--check", "--no-cache", "--json", "-", *options)
    assert code == 0, (options, code, err)
    found = json.loads(out)
    return found["schedule"], found["counters"]["programs"]


def refused(launch, message, place, *options, code=1):
    write("l.yaml", launch)
    got, out, err = terrazzo("run", "k.py", "--launch", "l.yaml", *options)
    assert got == code and not out and message in err, (options, got, err)
    assert place + ": error: " in err or not place, (place, err)


write("k.py", KERNEL)
KMERGE = "schedule: {coarsen: [2]}\n"

# Nobody says anything; the launch file; the command line wins key by key.
assert taken(LAUNCH) == ({}, 16)
assert taken(LAUNCH + KMERGE) == ({"coarsen": [2]}, 16)
assert taken(LAUNCH + KMERGE, "--schedule", "{subtile: [4]}") == ({"coarsen": [2], "subtile": [4]}, 16)
assert taken(LAUNCH + KMERGE, "--schedule", "{coarsen: [4]}") == ({"coarsen": [4]}, 16)
assert taken(LAUNCH + KMERGE, "--schedule", "none") == ({}, 16)
# A file of schedules: by kernel and chip, the first that fits.
write("s.yaml", "- {kernel: tuned, schedule: {coarsen: [7]}}\n- {chip: cpu-386, schedule: {coarsen: [6]}}\n- {kernel: double, schedule: {coarsen: [5]}}\n")
assert taken(LAUNCH + KMERGE, "--schedule", "s.yaml") == ({"coarsen": [5]}, 16)
# One that lies beside the kernel counts unless the command line says none.
write("k.schedule.yaml", "kernel: double\nschedule: {coarsen: [3]}\n")
assert taken(LAUNCH + KMERGE) == ({"coarsen": [3]}, 16)
assert taken(LAUNCH, "--schedule", "{coarsen: [4]}") == ({"coarsen": [4]}, 16)
assert taken(LAUNCH + KMERGE, "--schedule", "none") == ({}, 16)
code, out, err = terrazzo("run", "k.py", "--launch", "l.yaml", "-v")
assert code == 0 and "remark: schedule {coarsen: [3]}, from `k.schedule.yaml`" in err, err
# The artifact says what it was made under, and so does Tile IR.
code, out, err = terrazzo("compile", "k.py", "-k", "double", "--sig", "*fp32, *fp32, i32, B=64", "--emit", "tile")
assert code == 0 and "schedule = #tile.schedule<{coarsen = [3]}>" in out, (err, out)
code, out, err = terrazzo("compile", "k.py", "-k", "double", "--sig", "*fp32, *fp32, i32, B=64", "--emit", "artifact", "-o", "a")
with open(os.path.join(FOLDER, "a"), "rb") as f:
    assert code == 0 and b"schedule {coarsen: [3]}" in f.read(), err
remove("k.schedule.yaml")

# The kernel's own parameters: only what a space or @triton.autotune opens; the
# grid is computed again.
SPACE = "space: {B: [32, 64, 256], coarsen: [[1], [2]]}\n"
assert taken(LAUNCH + SPACE + "schedule: {B: 256}\n") == ({"B": 256}, 4)
assert taken(LAUNCH + SPACE, "--schedule", "{B: 32, coarsen: [2]}") == ({"B": 32, "coarsen": [2]}, 32)
TUNED = LAUNCH.replace("kernel: double", "kernel: tuned")
assert taken(TUNED, "--schedule", "{B: 128}") == ({"B": 128}, 8)
assert taken(TUNED.replace("constexpr: {B: 64}\n", ""), "--schedule", "{B: 128}") == ({"B": 128}, 8)
refused(LAUNCH + SPACE + "schedule: {B: 128}\n", "`B: 128` is outside the space, which has 32, 64, 256", "l.yaml:7:12")
refused(LAUNCH + SPACE, "`coarsen: [4]` is outside the space, which has [1], [2]", "--schedule:1:2", "--schedule", "{coarsen: [4]}")
refused(TUNED + "schedule: {B: 64}\n", "`B: 64` is outside the space, which has 32, 128", "l.yaml:6:12")
refused(LAUNCH + "schedule: {B: 128}\n", "`B` is no key of a schedule, and no parameter that a `space` or `@triton.autotune` opens", "l.yaml:6:12")
refused(LAUNCH + "space: {C: [1, 2]}\n", "`C` is no key of a schedule", "l.yaml:6:9")
refused(LAUNCH + "space: {B: 64}\n", "`B` must be a list of values", "l.yaml:6:12")

# What is no schedule.
refused(LAUNCH + "schedule: {coarsn: [2]}\n", "note: did you mean `coarsen`?", "l.yaml:6:12")
refused(LAUNCH + "schedule: {coarsen: [2], coarsen: [3]}\n", "`coarsen` stands twice in one schedule", "l.yaml:6:26")
refused(LAUNCH + "schedule: {coarsen: [2, 0]}\n", "`coarsen` must be one to 3 whole numbers from 1 to 1024", "l.yaml:6:25")
refused(LAUNCH + "schedule: {coarsen: [1, 1, 1, 2]}\n", "`coarsen` must be one to 3 whole numbers", "l.yaml:6:12")
refused(LAUNCH + "schedule: {kmerge: two}\n", "`kmerge` must be a whole number from 1 to 1024", "l.yaml:6:20")
refused(LAUNCH + "schedule: {kmerge: 99999999999999999999}\n", "`kmerge` must be a whole number from 1 to 1024", "l.yaml:6:20")
refused(LAUNCH + "schedule: {kmerge: }\n", "`kmerge` must be given a value", "l.yaml:6:12")
refused(LAUNCH + "schedule: 4\n", "`schedule` must be a mapping of keys to values", "l.yaml:6:11")
refused(LAUNCH, "not valid YAML", "--schedule:1:12", "--schedule", "{coarsen: [2")
refused(LAUNCH, "cannot read `no.yaml`", "", "--schedule", "no.yaml")
write("s.yaml", "kernel: other\nschedule: {coarsen: [2]}\n")
refused(LAUNCH, "this schedule is for kernel `other`, not for `double`", "s.yaml:1:9", "--schedule", "s.yaml")
write("s.yaml", "chip: cpu-386\nschedule: {coarsen: [2]}\n")
refused(LAUNCH, "this schedule is for chip `cpu-386`, not for `cpu-portable`", "s.yaml:1:7", "--schedule", "s.yaml", "--target", "cpu-portable")
write("s.yaml", "chip: cpu-386\nschedul: {coarsen: [2]}\n")
refused(LAUNCH, "`schedul` must be one of `kernel`, `chip`, `schedule`", "s.yaml:2:1", "--schedule", "s.yaml")
write("s.yaml", "")
refused(LAUNCH, "`an entry` must be a mapping", "s.yaml:1:1", "--schedule", "s.yaml")

refused(LAUNCH, "`--schedule` must be a schedule, a file of them, or `none`", "terrazzo", "--schedule", "", code=2)
refused(LAUNCH + "schedule: {num_warps: -1}\n", "`num_warps` must be a whole number from 1 to 1024", "l.yaml:6:23")
refused(LAUNCH + "schedule: {num_ctas: [1]}\n", "`num_ctas` must be a whole number from 1 to 1024", "l.yaml:6:12")
refused(LAUNCH + "schedule: {num_stages: -1}\n", "`num_stages` must be a whole number from 0 to 1024", "l.yaml:6:24")
refused(LAUNCH, "not valid YAML: anchors and aliases are not read", "--schedule:1:11", "--schedule", "{coarsen: &a [2]}")
write("s.yaml", "schedule: {coarsen: &two [2], subtile: *two}\n")
refused(LAUNCH, "not valid YAML: anchors and aliases are not read", "s.yaml:1:21", "--schedule", "s.yaml")
write("s.yaml", "schedule: {}\n---\nschedule: {coarsen: [2]}\n")
refused(LAUNCH, "not valid YAML: there is more than one document", "s.yaml:3:1", "--schedule", "s.yaml")

# Of several launches a file may name one.
TWO = LAUNCH.replace("kernel: double\n", "").replace("constexpr: {B: 64}\ngrid: [\"cdiv(n, B)\"]\n", "launches:\n" + "".join(
    f"  - {{kernel: {k}, args: {{x: x, out: out, n: n}}, constexpr: {{B: {b}}}, grid: [{g}]}}\n" for k, b, g in (("summed", 1024, 1), ("double", 64, 16))))
write("l.yaml", TWO)
write("s.yaml", "kernel: double\nschedule: {coarsen: [2]}\n")
code, out, err = terrazzo("run", "k.py", "--launch", "l.yaml", "--check", "--no-cache", "--json", "-", "--schedule", "s.yaml")
assert code == 0 and [json.loads(line)["schedule"] for line in out.splitlines()] == [{}, {"coarsen": [2]}], (code, out, err)
write("s.yaml", "kernel: tuned\nschedule: {coarsen: [2]}\n")
refused(TWO, "this schedule is for kernel `tuned`, not for `summed`", "s.yaml:1:9", "--schedule", "s.yaml")

# What cannot be done is refused where it stands in the kernel; what is done in
# another way is a remark; what another target would want is one too.
SUM = LAUNCH.replace("kernel: double", "kernel: summed").replace('["cdiv(n, B)"]', "[1]").replace("B: 64", "B: 1024")
refused(SUM + "schedule: {kmerge: 2}\n", "the schedule's `kmerge` cannot be done: it has no loop", "k.py:19:5")
KNOWN = "how many steps it takes is not known before it (`while`, `break`, `return`)"
refused(SUM.replace("summed", "stopped") + "schedule: {kmerge: 2}\n", "the schedule's `kmerge` cannot be done: " + KNOWN, "k.py:27:14")
refused(SUM.replace("summed", "within") + "schedule: {kmerge: 2}\n", "the schedule's `kmerge` cannot be done: it stands inside of another statement", "k.py:38:18")
refused(SUM + "schedule: {subtile: [2]}\n", "the schedule's `subtile` cannot be done: no block that is stored divides so", "k.py:19:5")
# Parts one after the other need arguments apart: seen in a launch, not known of an object.
SHARED = LAUNCH.replace("out: {shape: [n], dtype: f32}", "out: {viewof: x, shape: [n], strides: [1]}").replace("outputs: [out]", "outputs: [x]")
refused(SHARED + "schedule: {subtile: [2]}\n", "the schedule's `subtile` cannot be done: an earlier part would store what a later reads", "k.py:8:5")
refused_object = terrazzo("compile", "k.py", "-k", "double", "--sig", "*fp32, *fp32, i32, B=64", "--emit", "object", "-o", "k.o", "--schedule", "{subtile: [2]}")
assert refused_object[0] == 1 and "an earlier part would store what a later reads" in refused_object[2], refused_object
write("l.yaml", SUM + "schedule: {coarsen: [2], stages: 3, roles: {load: 1}, hopper.mma_in_flight: 1}\n")
code, out, err = terrazzo("run", "k.py", "--launch", "l.yaml", "-v", "--no-cache")
assert code == 0 and "remark: `coarsen`: the programs are done one after the other, because " in err, err
for key in ("stages", "roles", "hopper.mma_in_flight"):
    assert f"remark: `{key}` says nothing to this target" in err, err
