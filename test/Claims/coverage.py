# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which lines the tests of a build with counters reached: by folder, and in all.

usage: coverage.py BUILD [--files]    (after TERRAZZO_PRESET=coverage tools/dev test)
"""
import collections
import glob
import json
import os
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LLVM = "/usr/lib/llvm-22/bin/"


def files_of(build):
    """{file: (lines, reached lines)} of our own sources, without what is generated and the tests themselves."""
    data = os.path.join(build, "coverage.profdata")
    profiles = glob.glob(os.path.join(build, "profiles", "*.profraw"))
    subprocess.run([LLVM + "llvm-profdata", "merge", "-sparse", *profiles, "-o", data], check=True)
    programs = [p for folder in ("bin/*", "test/Unit/*Tests") for p in sorted(glob.glob(os.path.join(build, folder)))]
    objects = [word for p in programs for word in ("-object", p)]
    report = subprocess.run([LLVM + "llvm-cov", "export", "-summary-only", "-instr-profile", data, *objects,
                             "-ignore-filename-regex", "(^/usr/|/build/|/test/)"],
                            stdout=subprocess.PIPE, check=True)
    return {os.path.relpath(f["filename"], SOURCE): (f["summary"]["lines"]["count"], f["summary"]["lines"]["covered"])
            for f in json.loads(report.stdout)["data"][0]["files"]}


def percent(lines, reached):
    return 100 * reached / max(lines, 1)


def measured(build, show_files=False):
    """Prints the table; the share of all lines in percent."""
    files = files_of(build)
    folders = collections.defaultdict(lambda: [0, 0])
    for name, counts in files.items():
        for sums in folders[os.path.dirname(name)], folders["all"]:
            sums[0] += counts[0]
            sums[1] += counts[1]
        if show_files:
            print(f"{percent(*counts):6.1f} %  {counts[0] - counts[1]:5} of {counts[0]:5} lines not reached  {name}")
    for name in sorted(folders, key=lambda n: (n == "all", n)):
        lines, reached = folders[name]
        print(f"{percent(lines, reached):6.1f} %  {lines - reached:5} of {lines:5} lines not reached  {name}")
    return percent(*folders["all"])


if __name__ == "__main__":
    measured(sys.argv[1], "--files" in sys.argv)
