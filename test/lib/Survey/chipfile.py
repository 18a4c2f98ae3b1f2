# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads chip files with PyYAML and says what a chip can do in a second: written
from docs/Spec/Chip.md and docs/Guides/Survey.md, knowing nothing of the C++."""
import copy
import glob
import math
import os

import yaml

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
TRUST = ["published", "measured", "derived", "secondary", "assumed"]
# Bits of exponent and of mantissa.
FORMATS = {"f64": (11, 52), "f32": (8, 23), "tf32": (8, 10), "f16": (5, 10), "bf16": (8, 7), "f8E5M2": (5, 2),
           "f8E4M3FN": (4, 3), "f4E2M1FN": (2, 1)}


def texts():
    out = {}
    for path in glob.glob(os.path.join(SOURCE, "targets", "*", "chips", "*.yaml")):
        with open(path) as f:
            data = yaml.safe_load(f)
        out[data["chip"]["name"]] = data
    return out


def weaker(*tags):
    return max(tags, key=TRUST.index)


def multiplied(chip, count):
    if not chip["sections"].setdefault("topology", {}):
        chip["sections"]["topology"]["chip"] = {"name": "chip"}
    first = next(iter(chip["sections"]["topology"].values()))
    first.setdefault("dies", {"value": 1, "unit": 1, "tag": "derived"})
    for section, parts in chip["sections"].items():
        for part in parts.values():
            for key, q in part.items():
                if not isinstance(q, dict) or "value" not in q:
                    continue
                whole = (section == "topology" and key == "dies"
                         or section == "memories" and part.get("scope") == "chip" and
                         (key in ("bytes", "reserved") or key == "bandwidth" and q["unit"] == "GB/s")
                         or section == "power" and q["unit"] in ("W", "USD/h") or q["unit"] in ("TFLOP/s", "TOP/s"))
                if whole:
                    q["value"] = float(q["value"]) * count["value"]
                    q["tag"] = weaker("derived", q["tag"], count["tag"])


def resolve(data, all_texts):
    head = data["chip"]
    of = head.get("of")
    parent = head.get("inherits") or (of and of["chip"])
    chip = resolve(all_texts[parent], all_texts) if parent else {"sections": {}, "system": False}
    if of:
        multiplied(chip, of["count"])
        chip["system"] |= of["as"] == "chips"
    chip.update({k: v for k, v in head.items() if k in ("name", "family")})
    for section, parts in data.items():
        if section in ("sources", "chip", "code"):
            continue
        have = chip["sections"].setdefault(section, {})
        for part in copy.deepcopy(parts):
            if part.get("absent"):
                del have[part["name"]]
            else:
                have.setdefault(part["name"], {}).update(part)
    return chip


def parts(chip, section):
    return list(chip["sections"].get(section, {}).values())


def rate(chip, part, key):
    """(operations a second, the weakest tag), or None."""
    q = part.get(key)
    if not q:
        return None
    if q["unit"].startswith("T"):
        return float(q["value"]) * 1e12, q["tag"]
    engine = chip["sections"].get("engines", {}).get(part.get("engine"))
    topology = parts(chip, "topology")
    if not engine or "clock" not in engine or not topology or "cores" not in topology[0]:
        return None
    factors = [q, engine["clock"], topology[0]["cores"]] + [p[k] for p, k in ((engine, "count"), (topology[0], "dies")) if k in p]
    streams = [chip["sections"]["streams"][s]["count"] for s in engine.get("streams", [])
               if "count" in chip["sections"].get("streams", {}).get(s, {})]
    value = math.prod(float(f["value"]) for f in factors) * 1e9
    if streams:
        value *= sum(float(s["value"]) for s in streams)
    return value, weaker(*(f["tag"] for f in factors))


def bandwidth(chip):
    q = chip["sections"]["memories"]["global"].get("bandwidth")
    return (float(q["value"]) * 1e9, q["tag"]) if q and q["unit"] == "GB/s" else None


def holds(wide, narrow):
    if wide not in FORMATS or narrow not in FORMATS:
        return wide == narrow
    return all(w >= n for w, n in zip(FORMATS[wide], FORMATS[narrow]))


def best(rates):
    """The fastest; of two that are as fast, the one that is better known."""
    return max(rates, key=lambda r: (r[0], -TRUST.index(r[1])))


def vector(chip, kind):
    """The rate of arithmetic on a type, exact where there is one."""
    for keys in ([kind], [k for k in ("f64", "f32", "f16", "bf16") if k != kind and holds(k, kind)]):
        rates = [r for p in parts(chip, "vector") for k in keys if (r := rate(chip, p, k))]
        if rates:
            return best(rates)
    return None


def matrix(chip, kind, precision="ieee"):
    """The rate of a product kind x kind, by the type itself or by the fastest way that loses nothing."""
    rows = parts(chip, "matrix")

    def of_row(row):
        if "rate" in row:
            return rate(chip, row, "rate")
        for p in parts(chip, "vector"):
            if p.get("engine") == row.get("engine"):
                for key in (row["a"], "f32"):
                    if r := rate(chip, p, key):
                        return r
        return None

    exact = [r for r in rows if r["a"] == r["b"] == kind and "scale" not in r]
    if exact:
        return of_row(exact[0])
    ways = []
    for row in rows:
        if "scale" in row or not (r := of_row(row)):
            continue
        if row["a"] == row["b"] and holds(row["a"], kind):
            ways.append(r)
        elif kind == "f32" and row["a"] == "bf16":
            ways.append((r[0] / (3 if precision == "tf32" else 6), r[1]))
        elif kind == "f32" and row["a"] == "tf32":
            ways.append((r[0] / (1 if precision == "tf32" else 3), r[1]))
    for p in parts(chip, "vector"):
        for key in ("f32", "f64"):
            if holds(key, kind) and (r := rate(chip, p, key)):
                ways.append(r)
    return best(ways) if ways else None
