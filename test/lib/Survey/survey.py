# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`terrazzo survey`: on every chip the bound is max(bytes / bandwidth, FLOP / peak),
with bytes, FLOP and peaks computed here from the shapes and the YAML files; what
chips lack, what it costs, and the page."""
import html.parser
import json
import math
import os
import re
import subprocess
import sys

import yaml

import chipfile

SOURCE = chipfile.SOURCE
INPUTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Inputs")
FOLDER = sys.argv[1]
os.makedirs(FOLDER, exist_ok=True)


def write(name, text):
    path = os.path.join(FOLDER, name)
    with open(path, "w") as f:
        f.write(text if isinstance(text, str) else yaml.safe_dump(text))
    return path


def terrazzo(*arguments):
    p = subprocess.run(["terrazzo", *arguments], capture_output=True, text=True, timeout=120)
    return p.returncode, p.stdout, p.stderr


def survey(kernel, launch, *more):
    code, out, err = terrazzo("survey", kernel, "--launch", launch, "--json", "-", *more)
    assert code == 0, (code, err)
    return json.loads(out)


TEXTS = chipfile.texts()
CHIPS = {name: chipfile.resolve(data, TEXTS) for name, data in TEXTS.items()}


def check(result, moved, products, vector, precision="ieee"):
    """products and vector: operations by type."""
    assert result["bytes"] == moved, (result["bytes"], moved, result["traffic"])
    assert {p["a"]: p["flops"] for p in result["products"]} == products, (result["products"], products)
    assert result["vector"] == vector, (result["vector"], vector)
    assert result["flops"] == sum(products.values()) + sum(vector.values())
    assert {c["chip"] for c in result["chips"]} == set(CHIPS)
    bounds, kinds = 0, set()
    for row in result["chips"]:
        chip = CHIPS[row["chip"]]
        band = chipfile.bandwidth(chip)
        rates = {kind: chipfile.matrix(chip, kind, precision) for kind in products}
        if not band or not all(rates.values()):
            assert row["roofline"] is None and row["notes"], row
            continue
        used = [band[1]] + [r[1] for r in rates.values()]
        times = {"memory": moved / band[0], "matrix": sum(n / rates[k][0] for k, n in products.items()), "vector": 0}
        for kind, n in vector.items():
            if r := chipfile.vector(chip, kind):
                times["vector"] += n / r[0]
                used.append(r[1])
        roofline = row["roofline"]
        assert math.isclose(roofline["seconds"], max(times.values()), rel_tol=1e-12), (row, times)
        assert roofline["bound_by"] == max(times, key=times.get), (row, times)
        assert roofline["kind"] == "modeled"
        worst = chipfile.weaker(*used)
        assert roofline["calibration"] == ("modeled, uncalibrated" if worst == "assumed" else f"modeled ({worst})"), (row, used)
        if row["simulated"]:
            assert row["simulated"]["seconds"] >= roofline["seconds"], row
            assert math.isclose(row["percent_of_roofline"], 100 * roofline["seconds"] / row["simulated"]["seconds"])
        else:
            assert row["no_simulation"] and row["percent_of_roofline"] is None
        bounds += 1
        kinds.add(roofline["bound_by"])
    return bounds, kinds


# 1. A GEMM of decoding: blocks of 16 rows for 1, whose padding is no work.
MATMUL = os.path.join(SOURCE, "examples", "matmul", "matmul.py")
for rows in (1, 16, 64):
    for kind, size in (("bf16", 2), ("f32", 4)):
        n, k = 500, 1040
        launch = write("gemm.yaml", {
            "kernel": "matmul",
            "args": {"a_ptr": {"shape": [rows, k], "dtype": kind, "init": "normal"},
                     "b_ptr": {"shape": [k, n], "dtype": kind, "init": "file(nowhere.npy)"},
                     "c_ptr": {"shape": [rows, n], "dtype": kind}, "bias_ptr": {"shape": [n], "dtype": kind, "init": "zeros"},
                     "M": rows, "N": n, "K": k, "stride_am": k, "stride_ak": 1, "stride_bk": n, "stride_bn": 1,
                     "stride_cm": n, "stride_cn": 1},
            "constexpr": {"BLOCK_M": 16, "BLOCK_N": 64, "BLOCK_K": 32, "GROUP_M": 8},
            "grid": ["cdiv(M, BLOCK_M) * cdiv(N, BLOCK_N)"], "outputs": ["c_ptr"]})
        bounds, kinds = check(survey(MATMUL, launch), size * (rows * k + k * n + rows * n), {kind: 2.0 * rows * n * k}, {})
        assert bounds >= 30 and "memory" in kinds, (bounds, kinds)
# Long enough rows are bound by the matrix unit; a bias is read and added.
launch = write("large.yaml", open(launch).read().replace("M: 64", "M: 768").replace("64\n", "768\n")
               .replace("GROUP_M: 8", "GROUP_M: 8\n  HAS_BIAS: true"))
bounds, kinds = check(survey(MATMUL, launch), 4 * (768 * k + k * n + 768 * n + n), {"f32": 2.0 * 768 * n * k}, {"f32": 768.0 * n})
assert "matrix" in kinds, kinds

# 2. Attention of one query: arithmetic of f32 on bf16 data.
heads, length, size = 4, 301, 64
launch = write("decode.yaml", {
    "args": {"out": {"shape": [heads, size], "dtype": "bf16"}, "q": {"shape": [heads, size], "dtype": "bf16", "init": "normal"},
             "k": {"shape": [heads, length, size], "dtype": "bf16", "init": "normal"},
             "v": {"shape": [heads, length, size], "dtype": "bf16", "init": "normal"},
             "scale": 0.125, "length": length, "stride": length * size},
    "constexpr": {"HEAD": size, "BLOCK": 128}, "grid": [heads], "outputs": ["out"], "tokens": 1})
flops = 0
for start in range(0, length, 128):
    rows = min(128, length - start)
    flops += rows * size + rows * (size - 1) + rows  # products with the query, their sums, the scale
    flops += (rows - 1) + 1                          # maximum of the scores, and with the one before
    flops += 2 * rows + 2                            # exponentials of the scores and of the old maximum
    flops += (rows - 1) + 2                          # the sum of the weights, onto the scaled old one
    flops += rows * size + (rows - 1) * size + 2 * size
flops = heads * (flops + size)                       # and the division at the end
check(survey(os.path.join(INPUTS, "decode_attention.py"), launch), 2 * (2 * heads * size + 2 * heads * length * size), {},
      {"f32": float(flops)})
DECODE = (os.path.join(INPUTS, "decode_attention.py"), launch)

# 3. rmsnorm: blocks of 1024 for rows of 781.
rows, n = 151, 781
RMSNORM = (os.path.join(SOURCE, "examples", "rmsnorm", "rmsnorm.py"), os.path.join(SOURCE, "examples", "rmsnorm", "launch.yaml"))
check(survey(*RMSNORM), 4 * (2 * rows * n + n), {}, {"f32": float(rows * (n + (n - 1) + 3 + 2 * n))})

# 4. Only the rows of a table that an index picks; an index that the kernel itself made is refused.
rows = survey(os.path.join(SOURCE, "examples", "embedding", "embedding.py"),
              os.path.join(SOURCE, "examples", "embedding", "launch.yaml"))
with open(os.path.join(SOURCE, "examples", "embedding", "launch.yaml")) as f:
    table = yaml.safe_load(f)["args"]["table_ptr"]
read = {t["argument"]: t["read_bytes"] for t in rows["traffic"]}
width = read["table_ptr"] // 4 // table["shape"][1] if isinstance(table["shape"][1], int) else None
assert 0 < read["table_ptr"] <= [t for t in rows["traffic"] if t["written_bytes"]][0]["written_bytes"], read
write("steered.py", """import triton, triton.language as tl
@triton.jit
def steered(x, out):
    if tl.load(x) > 0:
        tl.store(out, 1.0)
@triton.jit
def first(x, index, y):
    tl.store(index + tl.arange(0, 8), tl.arange(0, 8))
@triton.jit
def second(x, index, y):
    tl.store(y + tl.arange(0, 8), tl.load(x + tl.load(index + tl.arange(0, 8))))
""")
steered = os.path.join(FOLDER, "steered.py")
code, out, err = terrazzo("survey", steered, "--launch", write("steered.yaml", """kernel: steered
args: {x: {shape: [1], dtype: f32, init: ones}, out: {shape: [1], dtype: f32}}
grid: [1]
outputs: [out]
"""))
assert code == 1 and not out and "steered.py:4:" in err and "the work of this kernel cannot be counted without running it: what it computes decides" in err, err
two = """args: {x: {shape: [64], dtype: f32, init: ones}, index: {shape: [8], dtype: i32%s}, y: {shape: [8], dtype: f32}}
outputs: [y]
launches:
%s  - {kernel: second, args: {x: x, index: index, y: y}, grid: [1]}
"""
assert survey(steered, write("one.yaml", two % (", init: arange", "")))["bytes"] == 3 * 32
code, out, err = terrazzo("survey", steered, "--launch", write("two.yaml", two % ("", "  - {kernel: first, args: {x: x, index: "
                                                                                  "index, y: y}, grid: [1]}\n")))
assert code == 1 and "which elements are accessed" in err, err

# 5. What a chip lacks, in words; f64 is refused where nothing has it.
by = {c["chip"]: c for c in survey(MATMUL, os.path.join(FOLDER, "gemm.yaml"))["chips"]}
assert by["tpu-v5e"]["notes"] == ["f32 as 6 products in bf16"] and by["ascend-950pr"]["notes"] == []
assert by["mtia-300"]["notes"] == ["f32 as 6 products in bf16"] or "tf32" in by["mtia-300"]["notes"][0]
write("double.py", """import triton, triton.language as tl
@triton.jit
def double(x, out):
    i = tl.arange(0, 64)
    tl.store(out + i, tl.load(x + i) + 1.0)
""")
double = survey(os.path.join(FOLDER, "double.py"), write("double.yaml", """args: {x: {shape: [64], dtype: f64}, out: {shape: [64], dtype: f64}}
grid: [1]
outputs: [out]
"""))
by = {c["chip"]: c for c in double["chips"]}
for chip in ("tpu-v5e", "mtia-2i", "ascend-910b2"):
    assert by[chip]["refused"] and by[chip]["roofline"] is None and by[chip]["notes"] == ["refused: no f64"], by[chip]
assert not by["nvidia-h100"]["refused"] and by["nvidia-h100"]["roofline"]

# 6. Energy and price.
own = write("own.yaml", """sources: {s: "a test"}
chip: {name: "own <b>&", family: roofline, vendor: me, summary: "mine \\"<i>\\""}
memories:
  - {name: global, scope: chip, bandwidth: {value: 100, unit: GB/s, tag: published, src: s}}
power:
  - name: chip
    static: {value: 10, unit: W, tag: published, src: s}
    byte: {value: 20, unit: pJ/B, tag: published, src: s}
    operation: {value: 3, unit: pJ, tag: published, src: s}
    price: {value: 3.6, unit: USD/h, tag: published, src: s}
""")
result = survey(*DECODE, "--chips", own + ",mtia-2i")
by = {c["chip"]: c for c in result["chips"]}
mine, meta = by["own <b>&"], by["mtia-2i"]
seconds = result["bytes"] / 100e9
assert math.isclose(mine["roofline"]["seconds"], seconds)
assert mine["notes"] == ["the rate of the vector unit is not known"]
joules = 10 * seconds + 20e-12 * result["bytes"] + 3e-12 * result["flops"]
assert math.isclose(mine["energy"]["joules"], joules) and mine["energy"]["kind"] == "bytes, operations and static power"
assert math.isclose(mine["dollars"], 0.001 * seconds) and math.isclose(mine["dollars_per_mtoken"], 1000 * seconds)
assert math.isclose(mine["joules_per_token"], joules)
assert meta["dollars"] is None and meta["dollars_per_mtoken"] is None
# For the simulated time, where there is one.
assert math.isclose(meta["energy"]["joules"], 85 * (meta["simulated"] or meta["roofline"])["seconds"])
assert meta["energy"]["kind"] == "TDP x time, an upper bound"

# 7. The text says the same, and names what is missing.
code, text, err = terrazzo("survey", DECODE[0], "--launch", DECODE[1], "--chips", own + ",mtia-2i,tesla-hw4")
assert code == 0 and "decode, as" in text and "modeled" in text, (text, err)
lines = {line.split("  ")[0]: line for line in text.splitlines()}
assert "<= " in lines["mtia-2i"] and "modeled" in lines["mtia-2i"] and "the bandwidth of its memory is not known" in lines["tesla-hw4"]
assert "$/Mtoken" in text and "$/Mtoken" not in terrazzo("survey", RMSNORM[0], "--launch", RMSNORM[1])[1]
for tokens in ("0", "-3", "many", "nan", "[1]"):
    path = write("tokens.yaml", re.sub("tokens: 1", "tokens: " + tokens, open(DECODE[1]).read()))
    code, _, err = terrazzo("survey", DECODE[0], "--launch", path)
    assert code == 1 and ("`tokens` is how many tokens one launch makes" in err or tokens == "[1]"), err
assert terrazzo("survey", DECODE[0], "--launch", DECODE[1], "--chips", "cpu-386")[0] == 2
code, _, err = terrazzo("survey", DECODE[0], "--launch", DECODE[1], "--chips", write("bad.yaml", "chip: {name: a, family: cpu, inherits: b}\n"))
assert code == 1 and "bad.yaml:1:" in err, err

# 8. Numbers that nothing rested on are named, with their place.
code, _, err = terrazzo("survey", DECODE[0], "--launch", DECODE[1], "--chips", own, "--unread", "--html", os.path.join(FOLDER, "page.html"))
assert code == 0 and "nothing read" not in err, err
unused = write("unused.yaml", open(own).read() + """links:
  - name: l
    latency: {value: 3, unit: ns, tag: published, src: s}
""")
code, _, err = terrazzo("survey", DECODE[0], "--launch", DECODE[1], "--chips", unused, "--unread", "--json", os.devnull)
assert code == 0 and len(re.findall("nothing read", err)) == 1, err
assert "unused.yaml:13:5: remark: nothing read `latency` of links l of the chip `own <b>&`: no result rests on it" in err, err


# 9. The page: well formed, all names escaped, nothing from elsewhere.
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.all, self.text = [], [], ""

    def handle_starttag(self, tag, attributes):
        assert not {"src", "href", "onclick", "onload", "style"} & dict(attributes).keys(), (tag, attributes)
        self.all.append((tag, dict(attributes)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.all.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text += data


strange = write("a<b>&'\"c.yaml", open(DECODE[1]).read())
path = os.path.join(FOLDER, "page.html")
code, out, err = terrazzo("survey", DECODE[0], "--launch", strange, "--html", path)
assert code == 0 and not out, err
code, out, err = terrazzo("survey", DECODE[0], "--launch", strange, "--html", path + ".own", "--chips", own)
assert code == 0, err
for name, chips in ((path, CHIPS), (path + ".own", ["own <b>&"])):
    text = open(name).read()
    page = Page()
    page.feed(text)
    page.close()
    assert not page.open and "://" not in text and "<script" not in text and "url(" not in text and "@import" not in text
    assert strange in page.text and "nan" not in text.lower().replace("finance", "") and "inf\"" not in text
    for chip in chips:
        assert chip in page.text, chip
    for word in ("roofline", "compulsory" if "compulsory" in page.text else "bytes", "uncalibrated", "$ a million tokens", "upper bound",
                 "How to read this", "TDP"):
        assert word in page.text, word
    drawn = [a["points"] for tag, a in page.all if tag == "polyline"]
    known = [c for c in chips if c not in CHIPS or chipfile.bandwidth(CHIPS[c])]  # no products: a band is enough
    assert len(drawn) == len(known), (len(drawn), len(known))
    kinds = [a["class"] for tag, a in page.all if tag == "g"]
    assert len(kinds) == len(drawn) and set(kinds) <= {"chip", "chip open"} and "chip open" in kinds, kinds
    assert ("chip" in kinds) == (chips is CHIPS), kinds
    for points in drawn:  # rising to the ridge, then level; within the picture
        pairs = [tuple(map(float, p.split(","))) for p in points.split()]
        assert len(pairs) in (2, 3) and all(0 <= x <= 900 and 0 <= y <= 630 for x, y in pairs), pairs
        assert all(b[0] > a[0] and b[1] <= a[1] for a, b in zip(pairs, pairs[1:])), pairs
