# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# One suite for everything: lit tests, GoogleTests (each a lit test by itself)
# and the end-to-end runs. `--param build=DIR` names the build folder,
# `--param full=1` runs the long samples too.
import os
import sys

import lit.formats

sys.path.insert(0, os.path.dirname(__file__))
from GoogleTestAndShell import GoogleTestAndShell

source = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
build = os.path.abspath(
    lit_config.params.get("build", os.path.join(source, "build", "release"))
)
full = lit_config.params.get("full", "0") not in ("", "0")

config.name = "Terrazzo"
config.test_source_root = os.path.join(source, "test")
config.test_exec_root = os.path.join(build, "test")
config.suffixes = [".mlir", ".test"]
config.excludes = ["lit.cfg.py", "GoogleTestAndShell.py", "Inputs", "CMakeLists.txt", "Fuzz"]
config.test_format = GoogleTestAndShell(
    unit_folder=os.path.join(build, "test", "Unit"), execute_external=False
)

llvm_bin = "/usr/lib/llvm-22/bin"
config.environment["PATH"] = os.pathsep.join(
    [os.path.join(build, "bin"), llvm_bin, os.environ.get("PATH", "")]
)
config.environment["TERRAZZO_SOURCE"] = source
config.environment["TERRAZZO_BUILD"] = build
config.environment["TERRAZZO_FULL"] = "1" if full else "0"
# The user's own cache is never touched by a test.
config.environment["XDG_CACHE_HOME"] = os.path.join(build, "test", "cache")
config.environment["HOME"] = os.path.join(build, "test", "home")
for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LLVM_PROFILE_FILE"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

# The Python that runs lit has the oracles' packages (NumPy, ml_dtypes, PyYAML).
config.substitutions.append(("%python", sys.executable))
config.substitutions.append(("%build", build))
# What is linked to a sanitized library must be sanitized too.
flags = ""
with open(os.path.join(build, "CMakeCache.txt")) as cache:
    for line in cache:
        if line.startswith("CMAKE_CXX_FLAGS:"):
            flags = line.split("=", 1)[1].strip()
config.substitutions.append(("%cxxflags", "'" + flags + "'"))
# Python cannot load a library that wants the runtime of a sanitizer or of
# counters.
if "-fsanitize" in flags or "-fprofile" in flags:
    config.available_features.add("instrumented")
config.substitutions.append(("%source", source))
config.substitutions.append(("%examples", os.path.join(source, "examples")))
if full:
    config.available_features.add("full")
with open("/proc/cpuinfo") as cpus:
    if "amx_tile" in cpus.read().split():
        config.available_features.add("amx")
if os.geteuid() == 0:
    config.available_features.add("root")
