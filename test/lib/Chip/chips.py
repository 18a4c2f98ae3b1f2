# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Chip files: those that are built in, one of a user's own that inherits and
overrides, and every way in which one can be wrong, with line and column."""
import glob
import os
import re
import subprocess
import sys

import yaml

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
FOLDER = sys.argv[1]
os.makedirs(FOLDER, exist_ok=True)


def chips(*arguments):
    p = subprocess.run(["terrazzo", "chips", *arguments], capture_output=True, text=True, timeout=60)
    return p.returncode, p.stdout, p.stderr


def file(text):
    path = os.path.join(FOLDER, "own.yaml")
    with open(path, "w") as f:
        f.write(text)
    return path


# What is built in says what PyYAML, an independent reader, finds in the files.
code, listing, _ = chips()
assert code == 0
for path in sorted(glob.glob(os.path.join(SOURCE, "targets", "*", "chips", "*.yaml"))):
    with open(path) as f:
        data = yaml.safe_load(f)
    chip = data["chip"]["name"]
    line = re.search(rf"^{chip} +(run|code|simulate|roofline) +(none|\d+) of (\d+) assumed +(.*)$", listing, re.M)
    assert line and line[4].startswith(data["chip"]["summary"]), chip
    family = os.path.dirname(os.path.dirname(path))
    can = (["run", "code"] if data["chip"]["family"] == "cpu"
           else ["simulate", "roofline"] if os.path.exists(os.path.join(family, "Target.h")) else ["roofline"])
    assert line[1] in can, (chip, line[1])
    code, shown, _ = chips(chip)
    assert code == 0, chip
    tags = re.findall(r"^    \S+ .*\((\w+): .*\)$", shown, re.M)
    assert int(line[3]) == len(tags) and (line[2] == "none" and "assumed" not in tags
                                          or line[2] == str(tags.count("assumed"))), chip
    for section, parts in data.items():
        if section in ("sources", "chip", "code"):
            continue
        for part in parts:
            line = re.search(rf"^  {section} {re.escape(part['name'])}\b(.*)\n((?:    .*\n)*)", shown, re.M)
            if part.get("absent"):
                assert not line, (chip, part["name"])
                continue
            assert line, (chip, section, part["name"])
            for key, value in part.items():
                if isinstance(value, dict) and "value" in value:
                    number = re.search(rf"^    {key} (\S+).*\((\w+): (.*)\)$", line[2], re.M)
                    assert number and float(number[1]) == float(value["value"]), (chip, part["name"], key)
                    assert number[2] == value["tag"] and number[3] == data["sources"][value["src"]], (chip, key)
                elif isinstance(value, dict):  # the places of operands
                    for operand, memories in value.items():
                        assert f" {key}.{operand}={','.join(memories)}" in line[1], (chip, part["name"], key)
                elif isinstance(value, list):
                    assert f" {key}={','.join(map(str, value))}" in line[1], (chip, part["name"], key)
assert len(re.findall("this machine", listing)) == 1, listing
assert chips("cpu")[0] == 0

HEAD = """sources: {s: "a test"}
chip: {name: own, family: cpu, vendor: me, summary: mine, inherits: cpu-avx2}
"""
# Nothing of the list is missing.
for chip in """mtia-v1 mtia-2i mtia-300 mtia-400 mtia-450 mtia-500 tpu-v4 tpu-v5e tpu-v5p tpu-v6e tpu-v7x tpu-8i tpu-8t
        ascend-910b2 ascend-910b3 ascend-910b4 ascend-910c ascend-950pr ascend-950dt nvidia-h100 nvidia-h200 nvidia-h20
        nvidia-b200 nvidia-b300 nvidia-rubin amd-mi300x amd-mi350x amd-mi355x amd-mi450 aws-trainium2 aws-trainium3
        aws-inferentia2 microsoft-maia-200 cerebras-wse-3 groq-lpu tesla-hw4 tesla-ai5 qualcomm-hexagon
        huawei-cloudmatrix384""".split():
    assert re.search(rf"^{chip} ", listing, re.M), chip

code, shown, _ = chips(file(HEAD + """memories:
  - name: l2
    bytes: {value: 4096, unit: B, tag: assumed, src: s}
"""))
assert code == 0 and "    bytes 4096 B (assumed: a test)" in shown, shown
assert "    bytes 32768 B (published" in shown, "the parent's l1 is kept"
assert "bytes 262144" not in shown, "what the file says wins over the parent"
assert "uncalibrated" in shown

# A chip of several: what is said of the whole is multiplied, what is said of a part is not, and the file wins.
PARTS = """sources: {s: "a test"}
chip: {name: own, family: cpu, of: {chip: %s, as: %s, count: {value: 3, unit: 1, tag: secondary, src: s}}}
"""
one, code_one = chips("ascend-910b2")[1], 0
code, three, err = chips(file(PARTS % ("ascend-910b2", "dies") + """power:
  - {name: chip, tdp: {value: 5, unit: W, tag: assumed, src: s}}
"""))
assert code == 0, err


def number(shown, part, key):
    found = re.search(rf"^  {part}\b.*\n(?:    .*\n)*?    {key} (\S+).*?\((\w+): (.*)\)$", shown, re.M)
    return float(found[1]), found[2], found[3]


for part, key, factor in (("memories global", "bytes", 3), ("memories global", "bandwidth", 3), ("memories l2", "bytes", 3),
                          ("topology chip", "cores", 1), ("memories l1", "bytes", 1), ("memories l2", "bandwidth", 3),
                          ("paths load", "bandwidth", 1), ("engines m", "clock", 1), ("matrix f16", "rate", 1)):
    before, after = number(one, part, key), number(three, part, key)
    assert after[0] == factor * before[0], (part, key)
    assert factor == 1 and after == before or after[1:] == ("secondary", f"3 x ascend-910b2 ({before[2]})"), (part, key)
assert number(three, "power chip", "tdp")[0] == 5 and number(three, "topology chip", "dies")[0] == 3
code, three, err = chips(file(PARTS % ("mtia-300", "chips")))
assert code == 0 and number(three, "matrix bf16", "rate")[0] == 3 * 560, err
assert number(three, "power chip", "tdp")[:2] == (3 * 912, "secondary")
whole, die = chips("ascend-910c")[1], chips("ascend-910c-die")[1]
assert number(whole, "topology chip", "dies")[0] == 2 and number(whole, "memories global", "bandwidth")[0] == 3200

BAD = [
    ("memories: [", "this chip file is not valid YAML", 3),
    ("code: [a]", "`code` of a chip file must be a mapping", 3),
    ("memories: 5", "`memories` of a chip file must be a list", 3),
    ("code: {cpu: a, cpu: b}", "`cpu` stands twice in `code`", 3),
    ("memory: []", "`memory` is not a key of `the file` in a chip file; known are chip, sources, code, topology", 3),
    ("memories: [{name: l1, byte: 5}]", "`byte` is not a key of `memories`", 3),
    ("memories: [{policy: cache}]", "this chip file lacks `name` in memories", 3),
    ("memories:\n- name: l1\n  bytes: 4096", "the number `bytes` of a chip needs all of value, unit, tag and src", 5),
    ("memories: [{name: l1, bytes: {value: 1, unit: B, src: s}}]", "the number `bytes` of a chip needs all of", 3),
    ("memories: [{name: l1, bytes: {value: many, unit: B, tag: assumed, src: s}}]",
     "`many` is not a number that `bytes`", 3),
    ("memories: [{name: l1, bytes: {value: -1, unit: B, tag: assumed, src: s}}]", "`-1` is not a number that", 3),
    ("memories: [{name: l1, bytes: {value: 1, unit: KB, tag: assumed, src: s}}]", "`KB` is not a unit of `bytes`", 3),
    ("memories: [{name: l1, bytes: {value: 1, unit: B, tag: guessed, src: s}}]",
     "is not a tag of a chip's number; use published", 3),
    ("memories: [{name: l1, bytes: {value: 1, unit: B, tag: assumed, src: t}}]",
     "`t` is not among the `sources` of this chip file", 3),
    ("engines:\n- {name: e, kind: magic}", "`magic` cannot stand for `kind` of a chip; known are matrix, vector", 4),
    ("paths:\n- {name: p, from: global, to: l9}",
     "`l9` for `to` of paths p is none of this chip's memories: global, l1, l2", 4),
    ("paths:\n- {name: p, from: global}", "this chip file lacks `to` in paths p", 4),
    ("vector:\n- {name: v, engine: warp}", "`warp` for `engine` of vector v is none of this chip's engines: simd", 4),
    ("memories:\n- {name: l1, streams: [warps]}", "`warps` for `streams` of memories l1 is none of", 4),
    ("matrix:\n- {name: m, a: f32, b: f32, acc: f32, operands: {a: [l1], b: [tmem]}}",
     "`tmem` for `operands.b` of matrix m is none of", 4),
    ("matrix:\n- {name: m, a: f32, b: f32, acc: f32, operands: {c: [l1]}}", "`c` is not a key of `operands`", 4),
    ("matrix:\n- name: m\n  a: f64\n  b: f64\n  acc: f64\n  operands: {a: [l1]}\n"
     "  m: {value: 256, unit: 1, tag: assumed, src: s}\n  k: {value: 64, unit: 1, tag: assumed, src: s}",
     "the tile of `a` of matrix m, 131072 bytes, does not fit into memory `l1` of 32768 bytes", 8),
    ("memories:\n- {name: l7, absent: yes}", "`l7` for `absent` of this file is none of this chip's memories", 4),
    ("memories:\n- {name: global, absent: yes}", "for `from` of paths load is none of this chip's memories", None),
]
for text, message, line in BAD:
    code, _, err = chips(file(HEAD + text + "\n"))
    assert code == 1, (text, code, err)
    assert message in err, (text, err)
    found = re.search(r"own\.yaml:(\d+):\d+: error", err)
    assert line is None or found and int(found[1]) in (line, line + 1 if "YAML" in message else line), (text, err)

for text, message in [
    ("", "must be a mapping"),
    ("chip: {name: a}\n", "this chip file lacks `family` in chip"),
    ("chip: {family: cpu}\n", "this chip file lacks `name` in chip"),
    ("memories: []\n", "this chip file lacks `chip` in the file's head"),
    ("chip: {name: a, family: cpu, inherits: cpu-386}\n", "no chip `cpu-386` to inherit from is known"),
    ("chip: {name: a, family: cpu, of: {chip: cpu-avx2, as: dies}}\n", "this chip file lacks `count` in of"),
    ("chip: {name: a, family: cpu, of: {chip: cpu-avx2, as: wafers}}\n", "`wafers` cannot stand for `as` of a chip"),
    ("chip: {name: a, family: cpu, of: {chip: cpu-avx2, as: dies, count: 2}}\n", "the number `count` of a chip needs all"),
    ("sources: {s: x}\nchip: {name: a, of: {chip: cpu-avx2, as: dies, count: {value: 1.5, unit: 1, tag: assumed, src: s}}}\n",
     "is not a number that `count` of a chip can have"),
    ("chip: {name: a, family: cpu, of: {many: 2}}\n", "`many` is not a key of `of`"),
    ("chip: {name: a, of: {chip: cpu-386}}\n", "no chip `cpu-386` to inherit from is known"),
    ("sources: {s: x}\nchip: {name: a, inherits: cpu-avx2, of: {chip: cpu-avx2, as: dies, count: {value: 2, unit: 1, tag: assumed, "
     "src: s}}}\n", "`inherits` or `of` stands twice"),
    ("chip: {name: a, family: cpu, inherits: a}\n", "no chip `a` to inherit from is known"),
    ("chip: {name: a, family: cpu}\n", "this chip file lacks the memory `global`"),
    ("\0\0", ""),
    ("chip: &a [*a]\n", ""),
    ("chip: " + "[" * 2000, ""),
]:
    code, _, err = chips(file(text))
    assert code == 1 and message in err and "error" in err, (text[:40], code, err)

assert chips("cpu-386")[0] == 2 and "unknown chip `cpu-386`" in chips("cpu-386")[2]
assert "a file of your own ends in .yaml" in chips("cpu-386")[2]
assert chips(os.path.join(FOLDER, "none.yaml"))[0] == 1
assert chips(FOLDER + "/")[0] == 1
assert chips("/dev/zero")[0] == 1 and "/dev/zero" in chips("/dev/zero")[2]


# A file may inherit from one beside it, and not from itself, over however many files.
def beside(name, text):
    with open(os.path.join(FOLDER, name), "w") as f:
        f.write(text)
    return os.path.join(FOLDER, name)


base = beside("base.yaml", HEAD)
code, shown, err = chips(beside("heir.yaml", "chip: {name: heir, inherits: base.yaml}\n"))
assert code == 0 and "heir: mine" in shown and "    bytes 32768 B (published" in shown, err
first = beside("first.yaml", "\nchip: {name: first, inherits: second.yaml}\n")
beside("second.yaml", "chip: {name: second, inherits: ./third.yaml}\n")
beside("third.yaml", "chip:\n  name: third\n  inherits: first.yaml\n")
code, _, err = chips(first)
assert code == 1 and "third.yaml:3:3: error: this chip inherits from itself:" in err, err
assert re.search(r"first\.yaml -> \S+second\.yaml -> \S+third\.yaml -> \S+first\.yaml", err), err
code, _, err = chips(beside("alone.yaml", "chip: {name: alone, inherits: alone.yaml}\n"))
assert code == 1 and "this chip inherits from itself" in err, err
code, _, err = chips(beside("orphan.yaml", "chip: {name: orphan, inherits: nowhere.yaml}\n"))
assert code == 1 and "cannot read" in err and "nowhere.yaml" in err, err


def terrazzo(*arguments):
    p = subprocess.run(["terrazzo", *arguments], capture_output=True, text=True, timeout=120)
    return p.returncode, p.stderr


# A chip that is only data says so before it reads a kernel.
for arguments in (["run", "k.py", "--launch", "l.yaml"], ["compile", "k.py", "--emit", "asm"]):
    code, err = terrazzo(*arguments, "--target", "nvidia-h100")
    assert code == 5 and "`nvidia-h100` is known only as data" in err and "the family nvidia" in err, (code, err)
    # Nor is anything made for a chip of a family with code of which only peaks are known.
    for chip in ("mtia-500", "huawei-cloudmatrix384", "amd-mi300x"):
        code, err = terrazzo(*arguments, "--target", chip)
        assert code == 5 and f"`{chip}` is known only by its peaks and its bandwidth" in err, (code, err)
    code, err = terrazzo(*arguments, "--target", "tpu-v9")
    assert code == 2 and "unknown target `tpu-v9`; known are " in err and "cpu, " in err and ", ascend-910b2" in err, (code, err)
