# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Damages the cache's entry in every way: the kernel is compiled again, and right."""
import hashlib
import json
import os
import shutil
import subprocess
import sys

FOLDER = os.path.join(sys.argv[1], "torn")
shutil.rmtree(FOLDER, ignore_errors=True)
CACHE = os.path.join(FOLDER, "terrazzo")
EXAMPLE = os.path.join(os.environ["TERRAZZO_SOURCE"], "examples", "vector-add")


def run(*more):
    p = subprocess.run(["terrazzo", "run", os.path.join(EXAMPLE, "vector_add.py"), "--launch",
                        os.path.join(EXAMPLE, "launch.yaml"), "--check", "--json", "-", *more],
                       capture_output=True, text=True, env={**os.environ, "XDG_CACHE_HOME": FOLDER})
    assert p.returncode == 0, (p.stdout, p.stderr)
    answer = json.loads(p.stdout)
    assert answer["check"]["ok"]
    return answer["compile_s"]


assert "lower" in run()
(name,) = os.listdir(CACHE)
entry = os.path.join(CACHE, name)
with open(entry, "rb") as f:
    good = f.read()
assert list(run()) == ["cache"], "the second time it is found"
assert hashlib.sha256(good[44:]).digest() == good[12:44], "the checksum is SHA-256 of what follows"


def whole(payload):
    return good[:12] + hashlib.sha256(payload).digest() + payload


payload = good[44:]
for bad in (b"", good[:100], good[:-1], good[:60] + bytes([good[60] ^ 1]) + good[61:], b"\x7fELF" + good,
            good + b"more", good[:8] + b"\x63\0\0\0" + good[12:],  # another version
            whole(payload[:50]),                                    # fields that do not fit
            whole(payload.replace(b"vector_add", b"vector_sub", 1)),  # of another kernel
            whole(payload.replace(b"terrazzo 0", b"terrazza 0", 1))):  # of another compiler
    with open(entry, "wb") as f:
        f.write(bad)
    assert "lower" in run(), ("a miss", bad[:20])
    with open(entry, "rb") as f:
        assert f.read() == good, "and it is put right"

# A folder that others can write to is not used, and nothing is put there.
os.remove(entry)
os.chmod(CACHE, 0o777)
assert "lower" in run() and "lower" in run() and not os.listdir(CACHE)
os.chmod(CACHE, 0o700)
assert "lower" in run("--no-cache") and not os.listdir(CACHE)
