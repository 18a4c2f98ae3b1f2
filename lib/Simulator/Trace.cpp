// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/Trace.h"

#include "lib/Diagnostics/MLIRBridge.h"

#include "llvm/ADT/StringExtras.h"

using namespace terrazzo;
using namespace terrazzo::simulator;

//===-- Events ------------------------------------------------------------===//

static std::string nameOf(const Program &program, const Instruction &i) {
  static constexpr llvm::StringLiteral actions[] = {
      "arithmetic", "move", "jump", "jump",     "element", "transfer", "map",
      "reduce",     "scan", "take", "multiply", "signal",  "wait",     "end"};
  return i.name >= 0 ? program.names[i.name] : actions[size_t(i.action)].str();
}

/// An engine's number, or that of a stream after all engines.
static int64_t rowOf(const Program &program, const Span &span) {
  return span.engine >= 0
             ? span.engine
             : int64_t(program.engines.size()) + (-1 - span.engine);
}
static std::string rowName(const Program &program, int64_t row) {
  int64_t engines = int64_t(program.engines.size());
  return row < engines ? program.engines[row].name
                       : "stream " + program.streams[row - engines];
}

namespace {
/// Spans of one row that overlap lie in lanes of their own.
struct Lanes {
  std::vector<double> free;
  size_t place(const Span &span) {
    size_t lane = 0;
    while (lane < free.size() && free[lane] > span.begin)
      ++lane;
    if (lane == free.size())
      free.push_back(0);
    free[lane] = span.end;
    return lane;
  }
};
constexpr int64_t lanesOfARow = 4096;
} // namespace

static void addName(llvm::json::OStream &json, llvm::StringRef kind,
                    int64_t process, int64_t thread, llvm::StringRef name) {
  json.object([&] {
    json.attribute("ph", "M");
    json.attribute("name", kind);
    json.attribute("pid", process);
    json.attribute("tid", thread);
    json.attributeObject("args", [&] { json.attribute("name", name); });
  });
}

static void addSpan(llvm::json::OStream &json, const Program &program,
                    const Span &span, int64_t process, int64_t thread,
                    double since) {
  const Instruction &i = program.instructions[span.instruction];
  FilePosition at = where(program.places[i.place]).position;
  bool waits = span.engine < 0;
  json.object([&] {
    json.attribute("ph", "X");
    json.attribute("name", (waits ? "wait: " : "") + nameOf(program, i));
    json.attribute("cat", waits ? "wait" : "work");
    json.attribute("pid", process);
    json.attribute("tid", thread);
    json.attribute("ts", (since + span.begin) * 1e6);
    json.attribute("dur", (span.end - span.begin) * 1e6);
    json.attributeObject("args", [&] {
      json.attribute("instruction", span.instruction);
      if (!at.file.empty())
        json.attribute("at", at.file + ":" + std::to_string(at.line));
      if (i.event >= 0)
        json.attribute("event", program.events[i.event].name);
    });
  });
}

void simulator::addTrace(llvm::json::OStream &json, const Program &program,
                         const Result &result, int64_t firstProcess,
                         double since) {
  std::vector<const Span *> spans;
  for (const Span &span : result.timeline)
    spans.push_back(&span);
  llvm::sort(spans, [](const Span *a, const Span *b) {
    return std::tuple(a->core, a->begin, a->engine, a->instruction, a) <
           std::tuple(b->core, b->begin, b->engine, b->instruction, b);
  });
  std::map<std::pair<int64_t, int64_t>, Lanes> rows; // by core and row
  std::map<int64_t, bool> named;
  for (const Span *span : spans) {
    int64_t process = firstProcess + span->core, row = rowOf(program, *span);
    if (!std::exchange(named[process], true))
      addName(json, "process_name", process, 0,
              program.name + ", core " + std::to_string(span->core));
    Lanes &lanes = rows[{span->core, row}];
    size_t before = lanes.free.size(), lane = lanes.place(*span);
    int64_t thread = row * lanesOfARow + int64_t(lane) + 1;
    if (lane == before) {
      std::string name = rowName(program, row);
      if (lane > 0)
        name += " (" + std::to_string(lane + 1) + ")";
      addName(json, "thread_name", process, thread, name);
    }
    addSpan(json, program, *span, process, thread, since);
  }
}

//===-- What would help ---------------------------------------------------===//

namespace {
class Helper {
public:
  Helper(const Program &program, const Run &run) : program(program), run(run) {
    this->run.functional = false;
    this->run.timeline = false;
  }
  std::vector<Help> all();

private:
  template <typename Change> void attempt(std::string what, Change change) {
    Program faster = program;
    change(faster);
    DiagnosticEngine quiet;
    quiet.setSilent(true);
    if (std::optional<Result> r = simulator::run(faster, run, quiet))
      found.push_back({std::move(what), r->seconds});
  }
  const Program &program;
  Run run;
  std::vector<Help> found;
};
} // namespace

std::vector<Help> Helper::all() {
  for (size_t e = 0; e < program.engines.size(); ++e)
    attempt("engine `" + program.engines[e].name + "`", [&](Program &p) {
      for (Instruction &i : p.instructions)
        if (i.engine == int(e) || i.unit == int(e))
          i.busy /= 2;
    });
  for (size_t n = 0; n < program.paths.size(); ++n)
    attempt("path `" + program.paths[n].name + "`", [&](Program &p) {
      p.paths[n].bandwidth *= 2;
      p.paths[n].setup /= 2;
    });
  attempt("the latency of paths", [](Program &p) {
    for (Path &path : p.paths)
      path.latency /= 2;
  });
  attempt("the latency of engines", [](Program &p) {
    for (Instruction &i : p.instructions)
      i.latency /= 2;
  });
  attempt("scalar work and issue", [](Program &p) {
    p.scalarOp /= 2;
    for (Engine &e : p.engines)
      e.issue /= 2;
  });
  if (program.memoryBandwidth > 0)
    attempt("global memory", [](Program &p) { p.memoryBandwidth *= 2; });
  attempt("the start of a launch", [](Program &p) { p.launchCost /= 2; });
  return std::move(found);
}

std::vector<Help> simulator::whatHelps(const Program &program, const Run &run) {
  std::vector<Help> all = Helper(program, run).all();
  llvm::sort(all, [](const Help &a, const Help &b) {
    return std::tie(a.seconds, a.what) < std::tie(b.seconds, b.what);
  });
  return all;
}

//===-- Words -------------------------------------------------------------===//

static std::string time(double seconds) {
  double scale = seconds < 1e-6 ? 1e9 : seconds < 1e-3 ? 1e6 : 1e3;
  llvm::StringRef unit = seconds < 1e-6 ? "ns" : seconds < 1e-3 ? "us" : "ms";
  std::string out;
  llvm::raw_string_ostream(out)
      << llvm::format("%.4g ", seconds * scale) << unit;
  return out;
}

static std::string percent(double part, double whole) {
  std::string out;
  llvm::raw_string_ostream(out)
      << llvm::format("%.1f%%", whole > 0 ? 100 * part / whole : 0);
  return out;
}

/// What streams waited for, the longest first.
static std::vector<std::pair<double, std::string>> waits(const Program &program,
                                                         const Result &result) {
  std::map<std::string, double> sums;
  for (const Span &span : result.timeline) {
    const Instruction &i = program.instructions[span.instruction];
    if (span.engine >= 0)
      continue;
    bool isEvent = i.action == Action::Wait && i.event >= 0;
    sums[isEvent ? "`" + program.events[i.event].name + "`"
         : i.engine >= 0
             ? "the queue of `" + program.engines[i.engine].name + "`"
             : nameOf(program, i)] += span.end - span.begin;
  }
  std::vector<std::pair<double, std::string>> out;
  for (auto &[what, seconds] : sums)
    out.push_back({seconds, what});
  llvm::sort(out, std::greater<>());
  return out;
}

std::string simulator::summary(const Program &program, const Run &run,
                               const Result &result) {
  int64_t cores = 1;
  for (const Launch &launch : program.launches)
    cores = std::max(cores, launch.cores);
  double whole = result.seconds * double(cores);
  std::string out;
  llvm::raw_string_ostream os(out);
  os << program.name << ": " << time(result.seconds) << " on " << cores
     << (cores == 1 ? " core" : " cores") << ", modeled; "
     << result.instructions << " instructions, " << result.bytesRead
     << " bytes read, " << result.bytesWritten << " written\n";
  std::vector<std::pair<double, std::string>> busy;
  for (auto &[name, count] : result.engines)
    if (count.instructions)
      busy.push_back({count.busy, name});
  llvm::sort(busy, std::greater<>());
  for (auto &[seconds, name] : busy) {
    const EngineCount &count = result.engines.at(name);
    os << "  " << name << ": busy " << percent(seconds, whole) << ", "
       << count.instructions << " instructions";
    if (count.bytes)
      os << ", " << count.bytes << " bytes";
    os << "\n";
  }
  os << "  streams wait " << percent(result.waiting, whole) << "\n";
  auto waited = waits(program, result);
  waited.resize(std::min<size_t>(waited.size(), 5));
  for (auto &[seconds, what] : waited)
    os << "    " << percent(seconds, whole) << " for " << what << "\n";
  bool isFirst = true;
  for (const Help &help : whatHelps(program, run)) {
    double gain = result.seconds - help.seconds;
    if (gain < result.seconds / 1000)
      continue;
    if (isFirst)
      os << "bound by " << help.what << "; twice as fast, it would take\n";
    isFirst = false;
    os << "  " << help.what << ": " << time(help.seconds) << " (-"
       << percent(gain, result.seconds) << ")\n";
  }
  if (isFirst)
    os << "no part alone would make it faster\n";
  return out;
}
