// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `terrazzo chips --calibrate`: measures this machine and writes a chip file.
#include "tools/terrazzo/CalibrationCode.h"
#include "tools/terrazzo/Target.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/TargetParser/Host.h"

#include <barrier>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <set>
#include <thread>

#include <sched.h>

using namespace terrazzo;
using namespace terrazzo::tool;

namespace {

// Many and short: on a machine with other work some find it idle.
constexpr int rounds = 60;
constexpr double roundSeconds = 0.003;

struct Free {
  void operator()(char *p) const { std::free(p); }
};
using Memory = std::unique_ptr<char[], Free>;

/// Memory of so many bytes that is there, not only promised.
Memory memoryOf(size_t bytes) {
  constexpr size_t page = 4096;
  bytes = (bytes + page - 1) / page * page;
  Memory memory(static_cast<char *>(std::aligned_alloc(page, bytes)));
  if (memory)
    std::memset(memory.get(), 0, bytes);
  return memory;
}

struct Cache {
  int level = 0;
  int64_t bytes = 0, line = 0;
};

/// What the machine's caches are, as it says itself.
std::vector<Cache> cachesHere() {
  std::vector<Cache> out;
  for (int i = 0; i < 8; ++i) {
    std::string folder =
        llvm::formatv("/sys/devices/system/cpu/cpu0/cache/index{0}/", i);
    auto word = [&](const char *name) {
      std::string text;
      std::ifstream(folder + name) >> text;
      return text;
    };
    std::string type = word("type"), size = word("size");
    Cache cache;
    llvm::StringRef digits(size);
    int64_t scale = digits.consume_back("K")   ? 1024
                    : digits.consume_back("M") ? 1024 * 1024
                                               : 1;
    if (type == "Instruction" || digits.getAsInteger(10, cache.bytes) ||
        llvm::StringRef(word("level")).getAsInteger(10, cache.level))
      continue;
    llvm::StringRef(word("coherency_line_size")).getAsInteger(10, cache.line);
    cache.bytes *= scale;
    out.push_back(cache);
  }
  return out;
}

/// The CPUs that this process may use, and how many cores they are.
std::pair<unsigned, unsigned> coresHere() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  unsigned cpus = 0;
  std::set<std::string> cores;
  if (sched_getaffinity(0, sizeof mask, &mask) == 0)
    for (unsigned i = 0; i < CPU_SETSIZE; ++i) {
      if (!CPU_ISSET(i, &mask))
        continue;
      ++cpus;
      std::string siblings;
      std::ifstream("/sys/devices/system/cpu/cpu" + std::to_string(i) +
                    "/topology/thread_siblings_list") >>
          siblings;
      cores.insert(siblings.empty() ? std::to_string(i) : siblings);
    }
  cpus = std::max(1u, cpus);
  return {cpus, cores.empty() ? cpus : unsigned(cores.size())};
}

class Calibration {
public:
  Calibration(const chip::Chip &base, DiagnosticEngine &engine)
      : base(base), engine(engine), caches(cachesHere()) {
    std::tie(cpus, cores) = coresHere();
  }
  /// The file, or nothing after an error, which was reported.
  std::optional<std::string> measure();

private:
  double bestOf(const Loop &loop, std::vector<uint64_t> arguments);
  bool clock();
  bool rates();
  bool bandwidths();
  std::optional<double> bandwidth(const Loop &loop, int64_t bytes,
                                  unsigned threads);
  std::string file() const;

  const chip::Chip &base;
  DiagnosticEngine &engine;
  std::vector<Cache> caches;
  unsigned cpus = 1, cores = 1;
  double hertz = 0;
  double own = 0, wall = 0; // seconds that it ran, and that went by
  struct Measured {
    std::string name, unit;
    double value;
  };
  std::vector<Measured> vector;
  std::map<int, double> ofLevel; // bytes a second; 0: of memory
};

} // namespace

/// Passes a second of the best of several rounds, in the time that this thread
/// had; the first argument is the number of passes.
double Calibration::bestOf(const Loop &loop, std::vector<uint64_t> arguments) {
  arguments[0] = 1;
  while (loop.run(arguments).own < roundSeconds / 8)
    arguments[0] *= 2;
  arguments[0] *= 8;
  double best = 0;
  for (int i = 0; i < rounds; ++i) {
    Loop::Seconds seconds = loop.run(arguments);
    best = std::max(best, double(arguments[0]) / seconds.own);
    own += seconds.own;
    wall += seconds.wall;
  }
  return best;
}

bool Calibration::clock() {
  auto loop = Loop::make(clockLoop(), base, engine);
  if (!loop)
    return false;
  uint64_t cell = 3;
  hertz = clockCycles *
          bestOf(*loop, {0, reinterpret_cast<uint64_t>(&cell), 0x9E3779B9});
  return true;
}

bool Calibration::rates() {
  Memory data = memoryOf((chains + 1) * chainBytes);
  for (const char *type : {"f64", "f32", "f16", "bf16", "i8"}) {
    auto code = rateLoop(base, type);
    if (!code)
      continue;
    auto loop = Loop::make(code->text, base, engine);
    if (!loop)
      return false;
    double passes = bestOf(*loop, {0, reinterpret_cast<uint64_t>(data.get())});
    vector.push_back({type, code->unit, passes * code->operations / hertz});
  }
  return true;
}

/// Bytes a second of so many threads, each with its own share of \p bytes.
std::optional<double> Calibration::bandwidth(const Loop &loop, int64_t bytes,
                                             unsigned threads) {
  constexpr int64_t step = 8 * 64;
  int64_t share = std::max(bytes / threads / step * step, step);
  std::vector<Memory> memory;
  for (unsigned t = 0; t < threads; ++t)
    if (memory.push_back(memoryOf(size_t(share))); !memory.back()) {
      engine.emit(DiagnosticKind::CannotMeasure, Where(),
                  "there is no memory for it");
      return std::nullopt;
    }
  auto arguments = [&](unsigned t, double passes) {
    return std::vector<uint64_t>{uint64_t(std::max(1.0, passes)),
                                 reinterpret_cast<uint64_t>(memory[t].get()),
                                 uint64_t(share)};
  };
  double alone = bestOf(loop, arguments(0, 1));
  if (threads == 1)
    return alone * double(share);
  double best = 0, passes = std::ceil(alone * roundSeconds);
  std::barrier start(threads);
  std::vector<double> seconds(threads);
  std::vector<std::thread> pool;
  for (int round = 0; round < rounds; ++round) {
    pool.clear();
    for (unsigned t = 0; t < threads; ++t)
      pool.emplace_back([&, t] {
        start.arrive_and_wait();
        seconds[t] = loop.run(arguments(t, passes)).wall;
      });
    for (std::thread &t : pool)
      t.join();
    double longest = *std::max_element(seconds.begin(), seconds.end());
    best = std::max(best, passes * double(share) * threads / longest);
  }
  return best;
}

bool Calibration::bandwidths() {
  auto loop = Loop::make(loadLoop(base), base, engine);
  if (!loop)
    return false;
  int64_t largest = 0;
  for (const Cache &cache : caches) {
    // Half of it, so that what else runs does not push it out. What all cores
    // share is read by all.
    bool isShared = cache.level >= 3;
    auto rate = bandwidth(*loop, cache.bytes / 2, isShared ? cpus : 1);
    if (!rate)
      return false;
    ofLevel[cache.level] = *rate;
    largest = std::max(largest, cache.bytes);
  }
  // Far beyond the caches, which may be more than this machine is told.
  constexpr int64_t least = int64_t(512) << 20, most = int64_t(1) << 30;
  auto rate = bandwidth(*loop, std::clamp(16 * largest, least, most), cpus);
  if (rate)
    ofLevel[0] = *rate;
  return rate.has_value();
}

/// Three digits: more would be noise.
static std::string digits(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.3g", value);
  double back = 0;
  if (llvm::to_float(text, back) && back >= 1000)
    return llvm::formatv("{0:f0}", back).str();
  return text;
}

static std::string quantity(const std::string &value, llvm::StringRef unit,
                            llvm::StringRef source) {
  return llvm::formatv("{{value: {0}, unit: {1}, tag: measured, src: {2}}",
                       value, unit, source)
      .str();
}

std::string Calibration::file() const {
  std::time_t now = std::time(nullptr);
  char day[16] = "";
  std::strftime(day, sizeof day, "%Y-%m-%d", std::gmtime(&now));
  std::string cpu = llvm::sys::getHostCPUName().str();
  std::string out =
      llvm::formatv(
          "# Made by `terrazzo chips --calibrate`: this machine alone.\n{8}"
          "sources:\n"
          "  here: \"terrazzo chips --calibrate on {0}: {1}, {2} core{3}; best "
          "of {4} rounds\"\n"
          "  clock: \"terrazzo chips --calibrate on {0}: a chain of "
          "multiplications of 3 cycles and other operations of 1\"\n"
          "  system: \"what the machine said of itself on {0}, through "
          "Linux\"\n"
          "chip: {{name: cpu-measured, family: cpu, vendor: {5}, inherits: "
          "{6}, "
          "summary: \"{1}, as measured on {0}\"}\n"
          "topology:\n  - {{name: chip, cores: {7}}\nengines:\n",
          day, cpu, cores, cores == 1 ? "" : "s", rounds, base.vendor,
          base.name, quantity(std::to_string(cores), "1", "system"),
          own < 0.8 * wall ? "# It was busy with something else meanwhile: "
                             "what several cores share may be more.\n"
                           : "")
          .str();
  for (const chip::Part &engine : base.parts("engines"))
    out += "  - {name: " + engine.name +
           ", clock: " + quantity(digits(hertz / 1e9), "GHz", "clock") + "}\n";
  out += "memories:\n  - {name: global, bandwidth: " +
         quantity(digits(ofLevel.at(0) / 1e9), "GB/s", "here") + "}\n";
  for (const Cache &cache : caches) {
    out += llvm::formatv("  - {{name: l{0}, policy: cache, scope: {1}, bytes: "
                         "{2}, ",
                         cache.level, cache.level >= 3 ? "chip" : "core",
                         quantity(std::to_string(cache.bytes), "B", "system"));
    if (cache.line)
      out +=
          "line: " + quantity(std::to_string(cache.line), "B", "system") + ", ";
    out += "bandwidth: " +
           quantity(digits(ofLevel.at(cache.level) / 1e9), "GB/s", "here") +
           "}\n";
  }
  out += "vector:\n  - name: simd\n";
  for (const Measured &m : vector)
    out += "    " + m.name + ": " + quantity(digits(m.value), m.unit, "here") +
           "\n";
  return out;
}

std::optional<std::string> Calibration::measure() {
  if (!clock() || !rates() || !bandwidths())
    return std::nullopt;
  return file();
}

int terrazzo::tool::calibrate(const std::string &which,
                              const std::string &output) {
  DiagnosticEngine engine;
  ExitCode code = Done;
  auto chip = chipNamed(which.empty() ? "cpu" : which, engine, code);
  if (!chip)
    return code;
  if (!chip->target || !chip->target->hasCode() || chip->target->modeled()) {
    engine.emit(DiagnosticKind::CannotMeasure, Where(),
                "`" + chip->chip.name +
                    "` is no chip that this machine can be");
    return CommandLineFault;
  }
  std::vector<std::string> lacking = lackingFeatures(*chip);
  if (!lacking.empty()) {
    engine.emit(DiagnosticKind::MachineLacks, Where(),
                llvm::join(lacking, ", "), chip->chip.name);
    return Missing;
  }
  auto file = Calibration(chip->chip, engine).measure();
  if (!file)
    return Internal;
  return writeOutput(output, *file) ? Done : InputFault;
}
