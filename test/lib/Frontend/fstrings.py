# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""f-strings in messages: what Python makes of them over the same constants."""
import os
import subprocess
import sys
import tempfile

NAMES = {"B": 64, "S": 0.1, "NAME": "rows", "FLAG": True, "PAIR": (3, "x"), "BIG": 2**70, "TINY": 1.5e-7, "NONE": None, "NEG": -9}
GOOD = [
    "B is {B}", "{B}{S}{NAME}", "{{B}} {{{B}}}", "{B + 1} {B // 7 * 2} {-B}", "{B:5d}|{B:x}", "{B:06d} {B:X} {B:o}", "{S:.3f} {S:8.2f} {S:e} {S:g}",
    "{NAME!r} {NAME!s} {NAME}", "{FLAG} {NONE} {PAIR} {BIG} {TINY}", "{B=} {B + 1=}", "{B == 64} {B != 64} {B <= 3}", "{'a' + NAME}", "{PAIR[1]} {(1, 2)[0]}",
    "{B if FLAG else 0}", "grüße {B} – {NAME}", "tab\\t{B}\\n{NEG:x} {NEG:5d}", "{S * 3} {1e16} {1e22} {123456789.0} {0.0001} {1e-05} {B / 3}", "", "{ B }", "{B:.2f}",
]
WRONG = {
    'f"{"': "`{` of an f-string is not closed", 'f"a } b"': "a single `}` in an f-string", 'f"{}"': "this part of an f-string is no expression",
    'f"{1 +}"': "this part of an f-string is no expression", 'f"{B B}"': "this part of an f-string is no expression",
    'f"{i}"': "a value in an f-string must be known at compile time, not int32[64]", 'f"{missing}"': "unknown name `missing`",
    'f"{B:^7}"': "the format `:^7` of an f-string cannot be compiled in a kernel", 'f"{B = 2}"': "of an f-string cannot be compiled",
}
KERNEL = "import triton\nimport triton.language as tl\n\n{}\n\n@triton.jit\ndef k(x):\n    #: sig(*i32)\n    i = tl.arange(0, 64)\n    {}\n"


def main():
    failures = 0
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "k.py")

        def compile(body):
            with open(path, "w") as f:
                f.write(KERNEL.format("\n".join(f"{name} = {value!r}" for name, value in NAMES.items()), body))
            return subprocess.run(["terrazzo", "compile", path, "-v"], capture_output=True, text=True, timeout=60)

        for text in GOOD:
            want = eval(f'f"{text}"', dict(NAMES))
            done = compile(f'tl.static_print(f"{text}" "|")')
            if done.returncode or f"remark: {want}|" not in done.stderr:
                print(f"FAIL {text}: wanted {want!r}\n{done.stderr}")
                failures += 1
        for text, want in WRONG.items():
            done = compile(f"tl.static_print({text})")
            if done.returncode != 1 or want not in done.stderr:
                print(f"FAIL {text}: wanted {want}\n{done.stderr}")
                failures += 1
        # Where an expression stands, behind letters of several bytes too.
        done = compile('tl.static_assert(False, f"grüße {B + missing}")')
        if "k.py:18:44: error: unknown name `missing`" not in done.stderr:
            print("FAIL place:\n" + done.stderr)
            failures += 1
        done = compile('tl.static_assert(B == 65, f"B={B}, not 65")')
        if "static assertion failed: B=64, not 65" not in done.stderr:
            print("FAIL static_assert:\n" + done.stderr)
            failures += 1
        done = compile('tl.device_print(f"B={B}: ", i)\n    tl.device_assert(i < B, f"below {B}")\n    assert B > 3, f"{B}"')
        if done.returncode or '" B=64: "' not in done.stdout or '"below 64"' not in done.stdout:
            print("FAIL device:\n" + done.stdout + done.stderr)
            failures += 1
    print(f"{failures} wrong")
    return bool(failures)


sys.exit(main())
