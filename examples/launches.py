# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the examples share: a launch file made concrete with inputs from NumPy, and
the reference beside a kernel."""
import importlib.util
import os
from types import SimpleNamespace

import ml_dtypes
import numpy as np
import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
NUMPY = {"f32": np.float32, "f16": np.float16, "bf16": ml_dtypes.bfloat16, "i8": np.int8, "i32": np.int32, "i64": np.int64,
         "u8": np.uint8, "fp8e4nv": ml_dtypes.float8_e4m3fn, "fp8e5": ml_dtypes.float8_e5m2,
         "fp8e4b8": ml_dtypes.float8_e4m3fnuz, "fp8e5b16": ml_dtypes.float8_e5m2fnuz}
FUNCTIONS = {"cdiv": lambda a, b: -(-a // b), "min": min, "max": max,
             "next_power_of_2": lambda n: 1 << max(0, int(n - 1).bit_length())}


def number(text, names):
    return eval(str(text), {"__builtins__": {}}, {**FUNCTIONS, **names})


def parse(value):
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            pass
    if value.startswith("["):
        return [parse(item) for item in value[1:-1].split(",")]
    return {"True": True, "False": False, "None": None}.get(value, value)


def change(launch, key, value):
    """Sets an argument, a name or a constant; of an array its numbers, or `NAME.dtype`."""
    name, _, part = key.partition(".")
    if part:
        launch["args"][name][part] = value
        return
    for room in ("args", "let", "constexpr"):
        if key in launch.get(room, {}):
            if isinstance(value, list):
                launch[room][key]["init"] = value
            else:
                launch[room][key] = value
            return
    launch.setdefault("constexpr", {})[key] = value


def known(launch):
    """The numbers that names of the launch stand for."""
    names, texts = {}, {}
    for room in ("let", "args", "constexpr"):
        for key, value in launch.get(room, {}).items():
            if isinstance(value, (int, float, bool)):
                names[key] = value
            elif isinstance(value, str):
                texts[key] = value
    for _ in range(len(texts)):  # in any order, as they build on each other
        for key, text in texts.items():
            try:
                names[key] = number(text, names)
            except NameError:
                pass
    return {**{key: text for key, text in texts.items() if key in launch.get("constexpr", {})}, **names}


def contents(spec, shape, names, rng, large):
    """What an array holds, as NumPy makes it, or None where no one wrote it."""
    init = spec.get("init")
    if init is None or init == "zeros":
        return None
    if isinstance(init, list):
        return np.array(init).reshape(shape)
    if init == "permutation":
        return rng.permutation(int(np.prod(shape))).reshape(shape)
    if init.startswith("randint"):
        low, high = [number(p, names) for p in init[8:-1].split(",")]
        return rng.integers(low, high, shape)
    if spec["dtype"] == "i8":
        return rng.integers(-128, 128, shape)
    return (rng.random(shape) if init == "uniform" else rng.standard_normal(shape)) * (float(large) if large else 1)


def prepare(example, overrides, work):
    """An example's launch with inputs that NumPy made, written to the folder `work`."""
    folder = os.path.join(HERE, example)
    kernel = os.path.join(folder, example.replace("-", "_") + ".py")
    with open(os.path.join(folder, "launch.yaml")) as f:
        launch = yaml.safe_load(f)
    changes = dict(o.split("=", 1) for o in overrides)
    dtype, changed = changes.pop("dtype", None), changes.pop("dtypes", "").split(",")
    large = changes.pop("large", None)
    for key, value in changes.items():
        change(launch, key, parse(value))
    names = known(launch)
    rng = np.random.default_rng(20261124)
    inputs, types = {}, {}
    for key, spec in launch["args"].items():
        if not isinstance(spec, dict) or "shape" not in spec:
            continue
        if dtype and key in changed:
            spec["dtype"] = dtype
        if dtype == "i8" and key == "c_ptr" and "a_ptr" in changed:
            spec["dtype"] = "i32"
        types[key] = spec["dtype"]
        data = contents(spec, [number(d, names) for d in spec["shape"]], names, rng, large)
        if data is None:
            continue
        data = np.asarray(data).astype(NUMPY[spec["dtype"]])
        wide = data if data.dtype.isbuiltin == 1 else data.astype(np.float32)
        inputs[key] = np.asarray(wide).astype(np.float64)
        if isinstance(spec["init"], list):
            continue
        np.save(os.path.join(work, key + ".npy"), wide)
        spec["init"] = f"file({key}.npy)"
        spec.pop("seed", None)
    path = os.path.join(work, "launch.yaml")
    with open(path, "w") as f:
        yaml.safe_dump(launch, f)
    return SimpleNamespace(kernel=kernel, launch=launch, names=names, inputs=inputs, types=types, path=path)


def load(path, name):
    """What a Python file calls `name`."""
    spec = importlib.util.spec_from_file_location("example", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


def reference(example):
    return load(os.path.join(HERE, example, "reference.py"), "reference")


def compare(example, p, outputs):
    """Holds the outputs (by name) against the reference; 0 when all lie within its bounds."""
    expected = reference(example)(p.inputs, p.names, p.types)
    status = 0
    for name in p.launch["outputs"]:
        got = np.asarray(outputs[name]).astype(np.float64)
        value, bound = expected[name]
        assert got.shape == value.shape, (name, got.shape, value.shape)
        if not np.isfinite(got).all() and np.isfinite(value).all():
            print(f"{name}: not finite where NumPy is")
            status = 1
            continue
        over = np.abs(got - value) > bound
        worst = np.max(np.abs(got - value) / np.maximum(bound, 1e-300), initial=0.0)
        print(f"{example} {name}: {got.shape}, worst {worst:.3g} of the bound")
        if over.any():
            at = tuple(int(i[0]) for i in np.nonzero(over))
            print(f"  differs at {at}: {got[at]} and {value[at]}, bound {bound[at]}")
            status = 1
    return status
