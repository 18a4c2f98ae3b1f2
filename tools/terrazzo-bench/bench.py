# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Terrazzo's speed on this CPU against the fastest rival of the same run.

All contenders solve the same problem in the same buffers, in turns, in one
process. What counts is the ratio of two times of one round; its median over the
rounds is reported with the smallest and the largest. Every result is compared
with float64 before anything is timed. `tools/dev bench` starts this.
"""
import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# Rivals are not to slow each other down: idle OpenMP threads must sleep, OpenBLAS's
# (NumPy's own too) after 2^20 ticks instead of 2^26. Memory is reused between calls,
# for those who allocate their result.
ENVIRONMENT = {
    "OMP_WAIT_POLICY": "passive",
    "OPENBLAS_THREAD_TIMEOUT": "20",
    "GLIBC_TUNABLES": "glibc.malloc.mmap_threshold=8589934592:glibc.malloc.trim_threshold=8589934592:"
                      "glibc.malloc.hugetlb=1",
}
CORES = ("Haswell", "Zen", "SkylakeX", "Cooperlake", "Sapphirerapids")
BLOCK = 0.02  # seconds of one contender in one round, at least
FOREIGN = 0.3  # cores that others may use during a round


def restart():
    """Libraries read their environment when they are loaded: set it before."""
    if os.environ.get("TERRAZZO_BENCH") == "1":
        return
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS_", "OMP_", "MKL_", "DNNL_"))}
    os.execve(sys.executable, [sys.executable, *sys.argv], {**kept, **ENVIRONMENT, "TERRAZZO_BENCH": "1"})


def probe_core():
    """For choose_core: speed of OpenBLAS as the environment has it."""
    import rivals
    from problems import Matmul
    import numpy as np
    blas = rivals.OpenBlas()
    blas.threads(1)
    (_, run), = blas.contenders(Matmul("f32", 1024, np.random.default_rng(1)), "matmul")
    run()
    times = []
    for _ in range(9):
        start = time.thread_time()
        run()
        times.append(time.thread_time() - start)
    print(2 * 1024**3 / min(times) / 1e9)


def choose_core():
    """The OpenBLAS core type that is the fastest here: what it detects may be too old
    a CPU, or one it has slow code for."""
    speed = {}
    for core in CORES:
        run = subprocess.run([sys.executable, __file__, "--probe-core"], capture_output=True, text=True,
                             env={**os.environ, "OPENBLAS_CORETYPE": core})
        if run.returncode == 0:
            speed[core] = float(run.stdout)
    best = max(speed, key=speed.get)
    os.environ["OPENBLAS_CORETYPE"] = best
    print("OpenBLAS by core type, f32 1024, GF/s: " + ", ".join(f"{c} {s:.0f}" for c, s in speed.items()))
    return best


def busy():
    """Core seconds that the whole machine has spent on anything, stolen ones too."""
    with open("/proc/stat") as f:
        fields = [int(x) for x in f.readline().split()[1:]]
    user, nice, system, _, _, irq, softirq, steal = fields[:8]
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def foreign(work):
    """Runs `work`; its result, and how many cores others used meanwhile."""
    everyone, own, start = busy(), time.process_time(), time.perf_counter()
    result = work()
    spent = time.perf_counter() - start
    return result, (busy() - everyone - (time.process_time() - own)) / spent


class Timed:
    """One contender at one problem."""

    def __init__(self, name, run):
        self.name, self.run, self.seconds, self.alone = name, run, [], True
        self.yardstick = getattr(run, "yardstick", False)

    def check(self, problem):
        problem.output.view("uint8").fill(0x7F)  # what an earlier contender left must not count
        self.run()
        getattr(self.run, "finish", lambda: None)()
        return 0.0 if self.yardstick else problem.errors()

    def warm(self):
        start = time.perf_counter()
        self.run()
        once = time.perf_counter() - start
        self.calls = max(1, int(BLOCK / max(once, 1e-7)))

    def measure(self, clock):
        start, process = clock(), time.process_time()
        for _ in range(self.calls):
            self.run()
        spent = clock() - start
        # One thread is timed by its own clock; work on others would not show there.
        if clock is time.thread_time and time.process_time() - process > 1.1 * spent + 0.001:
            self.alone = False
        return spent / self.calls


def rounds_of(contenders, threads, wanted, patience):
    """Times of all in turns. With two threads a round waits for a quiet machine, and is
    repeated when it was not quiet; one thread's own clock needs neither. Returns how
    many rounds were disturbed all the same."""
    clock = time.thread_time if threads == 1 else time.perf_counter
    disturbed = done = 0
    give_up = time.perf_counter() + patience
    while done < wanted:
        patient = threads > 1 and time.perf_counter() < give_up
        if patient and foreign(lambda: time.sleep(0.1))[1] > FOREIGN:
            continue
        start = done % len(contenders)

        def turn():
            for contender in contenders[start:] + contenders[:start]:
                time.sleep(0.002)  # until the last one's threads sleep
                contender.last = contender.measure(clock)

        others = foreign(turn)[1]
        if others > FOREIGN and patient:
            continue
        disturbed += others > FOREIGN
        for contender in contenders:
            contender.seconds.append(contender.last)
        done += 1
    return disturbed


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def compare(ours, rival):
    return spread([b / a for a, b in zip(ours.seconds, rival.seconds)])


def fastest(contenders):
    return min(contenders, key=lambda c: statistics.median(c.seconds), default=None)


def measure(problem, case, size, setting, parties, own, threads, options):
    """One line of the report: all contenders of one problem with so many threads."""
    contenders, wrong = [], []
    constexpr = {**case.get("constexpr", {}), **setting.get("constexpr", {})}
    for party in parties:
        party.threads(threads)
        contenders += [Timed(*c) for c in party.contenders(problem, case["problem"])]
    if own and "kernel" in case:
        own.threads(threads)
        for values in itertools.product(*options.constexpr.values()):
            name = " ".join(["Terrazzo", *(f"{n}={v}" for n, v in zip(options.constexpr, values))])
            blocks = constexpr | dict(zip(options.constexpr, values))
            try:
                run = own.contender(problem, case, own.kernels[case["kernel"]], blocks)
                contenders.append(Timed(name, run))
            except subprocess.CalledProcessError as failed:
                wrong.append({"name": name, "why": "%s failed" % os.path.basename(failed.cmd[0])})
    right = []
    for contender in contenders:
        error = contender.check(problem)
        if error <= 1:
            contender.warm()
            right.append(contender)
        else:
            wrong.append({"name": contender.name, "why": f"the error is {error:.3g} times the bound"})
    disturbed = rounds_of(right, threads, options.rounds, options.patience) if right else 0
    line = {"case": case["name"], "size": size, "threads": threads, "unit": problem.unit, "wrong": wrong,
            "disturbed_rounds": disturbed, "load": os.getloadavg()[0], "constexpr": constexpr,
            "speed": {c.name: spread([problem.work / s / 1e9 for s in c.seconds]) for c in right},
            "other_threads": [c.name for c in right if not c.alone]}
    ours = fastest([c for c in right if c.name.startswith("Terrazzo")])
    rival = fastest([c for c in right if not c.name.startswith("Terrazzo") and not c.yardstick])
    copy = fastest([c for c in right if c.yardstick])
    if ours:
        line["ours"] = ours.name
    for key, other in (("rival", rival), ("copy", copy)):
        if other:
            line[key] = other.name
            if ours:
                line["ratio_to_" + key] = compare(ours, other)
    if problem.unit == "GF/s" and problem.dtype in options.peaks:
        line["peak"] = options.peaks[problem.dtype] * threads
    # Row kernels are judged by the best copy, all others by the fastest rival.
    reached = line.get("ratio_to_copy", line.get("ratio_to_rival"))
    if "goal" in setting and threads == 1 and reached:
        line["goal"], line["met"] = setting["goal"], reached["median"] >= setting["goal"]
    if "peak" in line and rival:
        line["limit"] = line["peak"] / line["speed"][rival.name]["median"]
    return line


def scaling(lines, setting):
    """The goal of two threads against one, from the two lines of one problem."""
    speed = {l["threads"]: l["speed"].get(l.get("ours")) for l in lines}
    if "scaling" in setting and speed.get(1) and speed.get(2):
        ratio = speed[2]["median"] / speed[1]["median"]
        lines[-1]["scaling"] = ratio
        if not lines[-1]["disturbed_rounds"]:  # else it says how busy the machine was
            lines[-1] |= {"goal": setting["scaling"], "met": ratio >= setting["scaling"]}


def show(line):
    print(f"{line['case']} {line['size']}, {line['threads']} thread{'s' * (line['threads'] > 1)}, {line['unit']}"
          f" (load {line['load']:.1f}{', %d rounds disturbed' % line['disturbed_rounds'] if line['disturbed_rounds'] else ''})")
    for name, s in sorted(line["speed"].items(), key=lambda kv: -kv[1]["median"]):
        other = "  uses other threads!" if name in line["other_threads"] else ""
        share = f"  {s['median'] / line['peak']:.0%} of the peak" if "peak" in line else ""
        print(f"    {name:36} {s['median']:8.1f}  ({s['min']:.1f} to {s['max']:.1f}){share}{other}")
    for w in line["wrong"]:
        print(f"    {w['name']:36} WRONG: {w['why']}, not timed")
    for key in ("rival", "copy"):
        if "ratio_to_" + key in line:
            r = line["ratio_to_" + key]
            print(f"    {line['ours']} / {line[key]}: {r['median']:.3f}  ({r['min']:.3f} to {r['max']:.3f})")
    if "scaling" in line:
        note = "" if "goal" in line else "  not judged: the machine was busy"
        print(f"    two threads / one: {line['scaling']:.2f}{note}")
    if "goal" in line:
        limit = f" (the peak allows {line['limit']:.2f})" if line.get("limit", 9) < 1.5 else ""
        print(f"    goal {line['goal']}: {'met' if line['met'] else 'MISSED'}{limit}")
    sys.stdout.flush()


def compile_times(entry, data, build, folder, times=20):
    """One line of the report: tools/terrazzo-bench/CompileTimes.cpp on one kernel."""
    import own
    entry = dict(entry)
    if "case" in entry:
        case = next(c for c in data["cases"] if c["name"] == entry["case"])
        constexpr = {**case["constexpr"], **case["sizes"][entry["size"]].get("constexpr", {})}
        kernel = data["kernels"][case["kernel"]]
        entry |= {"source": kernel["source"], "kernel": case["kernel"],
                  "signature": own.signature_of(kernel["parameters"], constexpr, case["dtype"])}
    cached = entry.get("cached", False)
    with tempfile.TemporaryDirectory(dir=folder) as cache:  # the user's own is left alone
        run = subprocess.run([os.path.join(build, "bin", "terrazzo-bench"), os.path.join(ROOT, entry["source"]),
                              entry["kernel"], entry["signature"], str(times), *["--cached"] * cached],
                             stdout=subprocess.PIPE, text=True, env={**os.environ, "XDG_CACHE_HOME": cache})
    if run.returncode:
        sys.exit(f"{entry['name']}: not compiled")
    measured = json.loads(run.stdout)
    ms = spread([s * 1e3 for s in measured["seconds"]])
    wall = spread([s * 1e3 for s in measured["wall"]])
    return {"case": entry["name"], "load": os.getloadavg()[0], "ms": ms, "wall_ms": wall, "goal": entry["goal"],
            "met": ms["median"] <= entry["goal"], "phases_ms": {k: s * 1e3 for k, s in measured["phases"].items()}}


def show_compile(line):
    phases = ", ".join(f"{k} {s:.2f}" for k, s in sorted(line["phases_ms"].items(), key=lambda kv: -kv[1]))
    ms = line["ms"]
    print(f"{line['case']} (load {line['load']:.1f}): {ms['median']:.2f} ms  ({ms['min']:.2f} to {ms['max']:.2f}),"
          f" wall {line['wall_ms']['median']:.2f}; wall of phases: {phases}\n"
          f"    goal {line['goal']} ms: {'met' if line['met'] else 'MISSED'}", flush=True)


def wanted_cases(all_cases, names):
    """`matmul-f32`, or `matmul` for all that begin so, or `matmul-f32/1024`."""
    for case in all_cases:
        chosen = {size: setting for size, setting in case["sizes"].items()
                  if not names or any(case["name"].startswith(n.split("/")[0]) and
                                      ("/" not in n or n.split("/")[1] == str(size)) for n in names)}
        if chosen:
            yield case, chosen


def parser():
    parser = argparse.ArgumentParser(prog="tools/dev bench", description="speed against the fastest rival")
    parser.add_argument("names", nargs="*", metavar="NAME", help="matmul-f32, or matmul, or matmul-f32/1024")
    parser.add_argument("--torch", action="store_true", help="torch is a rival too (5 GB, installed apart)")
    parser.add_argument("--rivals-only", action="store_true", help="without Terrazzo")
    parser.add_argument("--alone", action="store_true", help="without rivals: speeds only, no ratios")
    parser.add_argument("--threads", default="1,2", help="default: 1,2")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--patience", type=float, default=20, metavar="SECONDS",
                        help="how long a problem with two threads waits, in all, for a quiet machine (default: 20)")
    parser.add_argument("--json", metavar="FILE", help="everything measured, as JSON")
    parser.add_argument("--object", metavar="FILE", help="this object file instead of what `terrazzo compile` makes")
    parser.add_argument("--constexpr", action="append", default=[], metavar="NAME=VALUE",
                        help="instead of the case's own, BLOCK_M=64 say; may be repeated. With several values"
                        " (BLOCK_M=64,128) all combinations are contenders")
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    parser.add_argument("--list", action="store_true", help="the names")
    parser.add_argument("--probe-core", action="store_true", help=argparse.SUPPRESS)
    return parser


def measure_cases(cases, kernels, folder, options):
    """All lines but the compile times, and what the rivals are."""
    import own as terrazzo
    import problems
    parties, own, about, lines = [], None, {}, []
    options.peaks = {}
    if not options.alone:
        import rivals
        about["core"] = choose_core()
        options.peaks = about["peaks"] = rivals.peaks(folder)
        print("one core at most, GF/s: " + ", ".join(f"{t} {r:.0f}" for t, r in about["peaks"].items()))
        parties = rivals.everyone(folder, options.torch)
        about["rivals"] = [p.about for p in parties]
        print("; ".join(about["rivals"]))
    if not options.rivals_only:
        own = terrazzo.Terrazzo(ROOT, options.build, folder, options.object)
        own.kernels = kernels
    for case, sizes in cases:
        for size, setting in sizes.items():
            problem, here = problems.make(case, size), []
            for threads in map(int, options.threads.split(",")):
                here.append(measure(problem, case, size, setting, parties, own, threads, options))
                scaling(here, setting)
                show(here[-1])
            lines += here
    return lines, about


def main():
    options = parser().parse_args()
    restart()
    if options.probe_core:
        return probe_core()
    import yaml
    with open(os.path.join(HERE, "cases.yaml")) as f:
        data = yaml.safe_load(f)
    cases = list(wanted_cases(data["cases"], options.names))
    compilations = [c for c in data["compile"] if not options.names or c["name"].startswith(tuple(options.names))]
    if options.list:
        print("\n".join([f"{case['name']}/{size}" for case, sizes in cases for size in sizes]
                        + [c["name"] for c in compilations]))
        return 0
    if not cases and not compilations:
        parser().error("no case of this name; --list names them all")
    if any("=" not in c for c in options.constexpr):
        parser().error("--constexpr takes NAME=VALUE")
    options.constexpr = {name: [yaml.safe_load(v) for v in values.split(",")]
                         for name, values in (c.split("=", 1) for c in options.constexpr)}
    folder = os.path.join(ROOT, "build", "bench")
    os.makedirs(folder, exist_ok=True)
    lines, about = measure_cases(cases, data["kernels"], folder, options) if cases else ([], {})
    for entry in compilations if not options.rivals_only and not options.object else []:
        lines.append(compile_times(entry, data, options.build, folder))
        show_compile(lines[-1])
    if options.json:
        with open(options.json, "w") as f:
            json.dump({**about, "lines": lines}, f, indent=1)
    missed = [l for l in lines if not l.get("met", True)]
    wrong = [l for l in lines if any(w["name"].startswith("Terrazzo") for w in l.get("wrong", []))]
    print(f"{sum('goal' in l for l in lines)} goals, {len(missed)} missed, {len(wrong)} of ours wrong")
    return 1 if missed or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
