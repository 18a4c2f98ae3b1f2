# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Schedules change no result. Kernels whose programs are neighbours and kernels
that only look so, under coarsen, kmerge and subtile: each is held against the
oracle, which runs what the author wrote, and must be merged just where it can.

usage: schedules.py
"""
import json
import os
import subprocess
import sys
import tempfile

import yaml

HEAD = "import triton\nimport triton.language as tl\n\n\n@triton.jit\n"

ROWS = """def k(x, out, n, B: tl.constexpr):
    {index}
    tl.store(out + {where}, tl.load(x + i, mask=i < n, other=0.0) * 2.0, mask={mask})
"""
PLAIN = "i = tl.program_id(0) * B + tl.arange(0, B)"


def rows(index=PLAIN, where="i", mask="i < n"):
    return ROWS.format(index=index, where=where, mask=mask)


TILE = """def k(x, out, n, B: tl.constexpr):
    rows = tl.program_id(0) * 8 + tl.arange(0, 8)
    columns = tl.program_id(1) * 16 + tl.arange(0, 16)
    i = rows[:, None] * 40 + columns[None, :]
    inside = (rows[:, None] < 27) & (columns[None, :] < 40)
    v = tl.load(x + i, mask=inside, other=0.0)
    {body}
    tl.store(out + i, v, mask=inside)
"""

PRODUCT = """def k(x, out, n, B: tl.constexpr):
    pid = tl.program_id(0)
    {ids}
    m = pm * 16 + tl.arange(0, 16)
    c = pn * 16 + tl.arange(0, 16)
    k = tl.arange(0, 16)
    acc = tl.zeros((16, 16), dtype=tl.float32)
    {start}
    for step in range({steps}):
        {body}
    tl.store(out + m[:, None] * 48 + c[None, :], acc, mask=(m[:, None] < 64) & (c[None, :] < 48))
"""


def product(ids="pm = pid // 3\n    pn = pid % 3", start="pass", steps="0, 5", body=None):
    body = body or ("kk = step * 16 + k\n        acc += tl.dot(tl.load(x + m[:, None] * 72 + kk[None, :], mask=kk[None, :] < n, other=0.0), "
                    "tl.load(x + kk[:, None] * 48 + c[None, :], mask=kk[:, None] < n, other=0.0), input_precision=\"ieee\")")
    return PRODUCT.format(ids=ids, start=start, steps=steps, body=body)


POINTERS = ("a = x + m[:, None] * 72 + k[None, :]\n    b = x + k[:, None] * 48 + c[None, :]")
MOVE = ("acc += tl.dot(tl.load(a, mask=k[None, :] < n - step * 16, other=0.0), tl.load(b, mask=k[:, None] < n - step * 16, other=0.0), "
        "input_precision=\"ieee\")\n        a += 16\n        b += 16 * 48")
SUMS = """def k(x, out, n, B: tl.constexpr):
    row = tl.program_id(0)
    i = tl.arange(0, B)
    total = 0.0
    most = float("-inf")
    for start in range(0, n, B):
        v = tl.load(x + row * n + start + i, mask=start + i < n, other={other})
        total += tl.sum(v, axis=0)
        most = tl.maximum(most, tl.max({inner}, axis=0))
    tl.store(out + row, total + most)
"""

# A step moves on by what it reads, or adds up what it reads: no step is known before the ones ahead of it.
READS = """def k(x, out, n, B: tl.constexpr):
    i = tl.arange(0, B)
    total = 0.0
    at = 0
    for start in range(0, n, B):
        v = tl.load(x + {place} + i)
        total += tl.sum(v, axis=0)
        at += {by}
    tl.store(out + tl.program_id(0), total + at)
"""

# Nothing that a program keeps for the next one may lie where a branch has its scratch.
KEPT = """def k(x, out, n, B: tl.constexpr):
    m = tl.program_id(1) * B + tl.arange(0, B)
    c = tl.program_id(0) * B + tl.arange(0, B)
    k = tl.arange(0, B)
    acc = tl.zeros((B, B), tl.float32)
    total = tl.zeros((B,), tl.float32)
    for s in range(0, n + 16, B):
        a = tl.load(x + m[:, None] * 77 + (s + k)[None, :], mask=(m[:, None] < 33) & ((s + k)[None, :] < n + 16), other=0)
        b = tl.load(x + 4096 + (s + k)[:, None] * 29 + c[None, :], mask=(c[None, :] < 29) & ((s + k)[:, None] < n + 16), other=0)
        acc += tl.dot(a, b, input_precision="ieee")
        total += tl.sum(a, 1)
    tl.store(out + m[:, None] * 29 + c[None, :], acc - total[:, None], mask=(m[:, None] < 33) & (c[None, :] < 29))
"""

# name: (kernel, grid, schedule, merged?, B). "merged" says whether a block must
# have become longer (coarsen, kmerge) or shorter (subtile); where only the
# programs can tell whether they agree, the longer one is made and then not used.
# None: it cannot be done, and is refused.
CASES = {
    "elements": (rows(), [9], {"coarsen": [4]}, True, 16),
    "elements-odd": (rows(), [7], {"coarsen": [3]}, True, 16),
    "one-program": (rows(), [1], {"coarsen": [8]}, True, 64),
    "no-program": (rows(), [0], {"coarsen": [8]}, True, 64),
    "backwards": (rows("i = (tl.num_programs(0) - 1 - tl.program_id(0)) * B + tl.arange(0, B)"), [9], {"coarsen": [2]}, False, 16),
    "gaps": (rows("i = tl.program_id(0) * B * 2 + tl.arange(0, B)"), [4], {"coarsen": [2]}, False, 16),
    "overlap": (rows(where="i", index="i = tl.program_id(0) * (B // 2) + tl.arange(0, B)"), [9], {"coarsen": [2]}, False, 16),
    "interleaved": (rows("i = tl.program_id(0) + tl.arange(0, B) * tl.num_programs(0)"), [9], {"coarsen": [3]}, False, 16),
    "place-in-block": (rows(PLAIN + "\n    i = tl.where(tl.arange(0, B) % 2 == 0, i, i)"), [9], {"coarsen": [2]}, False, 16),
    "mask-in-block": (rows(mask="(i < n) & (tl.arange(0, B) < 5)"), [9], {"coarsen": [2]}, False, 16),
    "mask-of-program": (rows(mask="(i < n) & (tl.program_id(0) % 2 == 0)"), [9], {"coarsen": [2]}, True, 16),
    "other-order": (rows("p = tl.program_id(0) ^ 1\n    i = p * B + tl.arange(0, B)"), [8], {"coarsen": [2]}, True, 16),
    "short-number": (rows("p = (tl.program_id(0) ^ 1).to(tl.int16)\n    i = p * B + tl.arange(0, B)"), [8], {"coarsen": [2]}, True, 16),
    "reads-ahead": (rows("i = tl.program_id(0) * B + tl.arange(0, B)", where="i + B"), [7], {"coarsen": [2]}, True, 16),
    "tile": (TILE.format(body="v = v + 1.0"), [4, 3], {"coarsen": [2, 3]}, True, 16),
    "tile-sum-rows": (TILE.format(body="v = v - tl.sum(v, axis=1)[:, None]"), [4, 3], {"coarsen": [2]}, True, 16),
    "tile-sum-columns": (TILE.format(body="v = v - tl.sum(v, axis=0)[None, :]"), [4, 3], {"coarsen": [2]}, False, 16),
    "tile-scan": (TILE.format(body="v = tl.cumsum(v, axis=1)"), [4, 3], {"coarsen": [2]}, True, 16),
    "tile-scan-across": (TILE.format(body="v = tl.cumsum(v, axis=0)"), [4, 3], {"coarsen": [2]}, False, 16),
    "tile-transposed": (TILE.format(body="v = tl.trans(tl.trans(v) * 2.0)"), [4, 3], {"coarsen": [2, 2]}, True, 16),
    "tile-loop": (TILE.format(body="for t in range(3):\n        v = v * 0.5 + tl.program_id(1)"), [4, 3], {"coarsen": [4]}, True, 16),
    "tile-loop-of-program": (TILE.format(body="for t in range(tl.program_id(0)):\n        v = v * 0.5"), [4, 3], {"coarsen": [2]}, False, 16),
    "tile-branch-of-program": (TILE.format(body="if tl.program_id(0) > 1:\n        v = v * 0.5"), [4, 3], {"coarsen": [2]}, True, 16),
    "tile-reshaped": (TILE.format(body="v = tl.reshape(tl.reshape(v, (128,)) + 1.0, (8, 16))"), [4, 3], {"coarsen": [2]}, False, 16),
    "product-columns": (product(), [12], {"coarsen": [3]}, True, 16),
    "product-half": (product(), [12], {"coarsen": [2]}, True, 16),
    "product-grouped": (product("group = pid // 6\n    pm = group * 2 + (pid % 6) % 2\n    pn = (pid % 6) // 2"), [12], {"coarsen": [2]}, True, 16),
    "product-grouped-odd": (product("group = pid // 6\n    pm = group * 2 + (pid % 6) % 2\n    pn = (pid % 6) // 2"), [11], {"coarsen": [3]}, True, 16),
    "steps": (product(), [12], {"kmerge": 2}, True, 16),
    "steps-more-than-there-are": (product(), [12], {"kmerge": 8}, True, 16),
    "steps-none": (product(steps="5, 2"), [12], {"kmerge": 2}, True, 16),
    "steps-and-programs": (product(), [12], {"kmerge": 3, "coarsen": [3]}, True, 16),
    "moving-pointers": (product(start=POINTERS, body=MOVE), [12], {"kmerge": 2, "coarsen": [3]}, True, 16),
    "steps-of-two": (product(steps="0, 5, 2"), [12], {"kmerge": 2}, None, 16),
    "sums": (SUMS.format(other="0.0", inner="v"), [7], {"kmerge": 3}, True, 16),
    "sums-of-place": (SUMS.format(other="0.0", inner="v * i"), [7], {"kmerge": 3}, None, 16),
    "sums-of-integers": (SUMS.replace("0.0", "0").replace('float("-inf")', "-100").replace("{inner}", "v.to(tl.int32)").replace("sum(v", "sum(v.to(tl.int32)").format(other=0),
                         [7], {"kmerge": 3}, True, 16),
    "counts": (READS.format(place="start", by="tl.sum((v > 0.0).to(tl.int32), axis=0)"), [2], {"kmerge": 2}, True, 16),
    "moves-by-what-it-reads": (READS.format(place="at", by="(tl.load(x + start) > 0.0).to(tl.int32)"), [2], {"kmerge": 2}, None, 16),
    "adds-what-it-reads": (READS.format(place="start", by="(tl.load(x + start) > 0.0).to(tl.int32)"), [2], {"kmerge": 2}, None, 16),
    "kept-panels": (KEPT, [2, 3], {"kmerge": 3, "coarsen": [2]}, True, 16),
    "parts": (rows(), [9], {"subtile": [4]}, True, 16),
    "parts-tile": (TILE.format(body="v = v - tl.sum(v, axis=1)[:, None]"), [4, 3], {"subtile": [2, 1]}, True, 16),
    "parts-sum": (TILE.format(body="v = v - tl.sum(v, axis=1)[:, None]"), [4, 3], {"subtile": [1, 2]}, None, 16),
    "parts-product": (product(), [12], {"subtile": [2, 4]}, True, 16),
    "parts-of-nothing": (rows(), [9], {"subtile": [3]}, None, 16),
    "all": (product(start=POINTERS, body=MOVE), [12], {"kmerge": 2, "coarsen": [3], "subtile": [1, 2]}, True, 16),
}


def shapes(text):
    import re
    return set(re.findall(r"tensor<([0-9x]+)xf32>", text))


def run(name, work):
    kernel, grid, schedule, merged, block = CASES[name]
    with open(os.path.join(work, "k.py"), "w") as f:
        f.write(HEAD + kernel)
    sums = "total" in kernel
    n = 61 if sums or "acc" in kernel else 131
    launch = {"kernel": "k", "args": {"x": {"shape": [8192], "dtype": "f32", "init": "normal", "seed": 3},
                                      "out": {"shape": [8192], "dtype": "f32", "init": "zeros"}, "n": n},
              "constexpr": {"B": block}, "grid": grid, "outputs": ["out"], "schedule": schedule}
    with open(os.path.join(work, "l.yaml"), "w") as f:
        yaml.safe_dump(launch, f, sort_keys=False)
    problems = []
    done = subprocess.run(["terrazzo", "run", "k.py", "--launch", "l.yaml", "--check", "--verify-semantics", "--no-cache", "--json", "-",
                           "--threads", "1"], cwd=work, capture_output=True, text=True, timeout=120)
    if merged is None:  # cannot be done, and says so
        if done.returncode != 1 or "error: the schedule's" not in done.stderr:
            problems.append(f"was not refused: {done.returncode} {done.stderr[:300]}")
        return problems
    if done.returncode != 0:
        problems.append(f"exit code {done.returncode}: {done.stderr[:600]} {done.stdout[:300]}")
    elif json.loads(done.stdout)["schedule"] != schedule:
        problems.append("the JSON names another schedule: " + done.stdout[:300])
    tiles = []
    for s in ("none", json.dumps(schedule)):
        out = subprocess.run(["terrazzo", "compile", "k.py", "-k", "k", "--sig", f"*fp32, *fp32, i32, B={block}", "--emit", "tile",
                              "--schedule", s], cwd=work, capture_output=True, text=True, timeout=120)
        tiles.append(shapes(out.stdout))
    changed = not tiles[1] <= tiles[0]
    if changed != merged:
        problems.append(f"blocks {sorted(tiles[0])} became {sorted(tiles[1])}")
    return problems


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        for name in CASES:
            for problem in run(name, work):
                failed += 1
                print(f"{name}: {problem}")
    print(f"{len(CASES)} schedules, {failed} wrong")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
