// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Driver/ExactRun.h"

#include "lib/Frontend/Emit/Value.h"

#include "dialects/Kernel/Kernel.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::driver;
using interpreter::Buffer;
using interpreter::Tensor;

/// From the largest numbers, which show the most, to the smallest. Dense data
/// fits short sums, sparse data long ones.
constexpr IntegerDraw draws[] = {{1, 4095},   {16, 4095},   {64, 4095},
                                 {256, 4095}, {1024, 4095}, {16, 127},
                                 {1, 15},     {1, 1}};

static uint64_t mixed(uint64_t z) { // splitmix64, as for a launch file's init
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

static bool isInput(const Tensor &data) {
  if (!data.type.isFloat())
    return false;
  for (size_t i = 0; i < data.size(); ++i)
    if (!(data.flag(i) & interpreter::Poison) && data.values[i] != 0)
      return true;
  return false;
}

void terrazzo::driver::makeExactInputs(Prepared &prepared,
                                       const IntegerDraw &draw, uint64_t seed) {
  for (size_t b = 0; b < prepared.buffers.size(); ++b) {
    Tensor &data = prepared.buffers[b].data;
    if (!isInput(data))
      continue;
    const numerics::FormatInfo &format = numerics::info(data.type.format);
    int64_t exact = (int64_t(1) << std::min(format.mantissaBits + 1, 62u)) - 1;
    int64_t largest = std::min(draw.largest, exact);
    uint64_t state = mixed(seed + b + 1);
    for (size_t i = 0; i < data.size(); ++i) {
      uint64_t r = mixed(state += 0x9E3779B97F4A7C15);
      int64_t most = (r >> 40) % draw.every == 0 ? largest : 1;
      int64_t v = int64_t(r % uint64_t(2 * most + 1)) - most;
      data.values[i] = data.reference[i] =
          numerics::round(data.type.format, double(v));
      data.error[i] = 0;
      if (!data.flags.empty())
        data.flags[i] = 0;
    }
  }
  uint64_t state = mixed(seed);
  for (auto &[name, bound] : prepared.bound)
    if (bound.argument.buffer < 0)
      bound.argument.real = double(1 + mixed(state += 0x9E3779B97F4A7C15) % 3);
}

ExactComparison terrazzo::driver::compareExact(const Tensor &expected,
                                               const Tensor &actual) {
  ExactComparison c;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (expected.flag(i) & interpreter::Poison)
      continue;
    ++c.compared;
    bool same;
    double want, got;
    if (expected.type.isFloat()) {
      want = numerics::round(expected.type.format, expected.reference[i]);
      got = actual.values[i];
      same = want == got || (std::isnan(want) && std::isnan(got));
    } else {
      want = double(expected.ints[i]);
      got = double(actual.ints[i]);
      same = expected.ints[i] == actual.ints[i];
    }
    if (same || c.differing++)
      continue;
    c.first = int64_t(i);
    c.want = want;
    c.got = got;
  }
  return c;
}

/// Random floats need not be drawn where integers take their place.
static LaunchFile withoutNormals(LaunchFile file) {
  for (LaunchArg &arg : file.args) {
    auto type = frontend::dtypeNamed(arg.dtype.text);
    llvm::StringRef init = llvm::StringRef(arg.init.text).trim();
    if (type && frontend::isFloat(*type) &&
        (init == "normal" || init == "uniform"))
      arg.init.text = "ones";
  }
  return file;
}

namespace {
class Judge {
public:
  Judge(const LaunchFile &file, PrepareAllAgain prepareAgain,
        llvm::ArrayRef<mlir::ModuleOp> modules, const ExactOptions &options)
      : file(withoutNormals(file)), prepareAgain(prepareAgain),
        modules(modules), options(options) {
    silent.setSilent(true);
  }
  std::optional<std::vector<Prepared>> inputs(const IntegerDraw &draw);
  /// The largest integers for which every sum is exact.
  std::optional<IntegerDraw> chooseDraw();
  bool run(llvm::ArrayRef<mlir::ModuleOp> which, std::vector<Prepared> &all);

  const LaunchFile file;
  PrepareAllAgain prepareAgain;
  llvm::ArrayRef<mlir::ModuleOp> modules;
  const ExactOptions &options;
  /// What the oracle says of a kernel on data that its author did not give is
  /// no fault of the kernel.
  DiagnosticEngine silent;
  std::string whyNot;
};
} // namespace

std::optional<std::vector<Prepared>> Judge::inputs(const IntegerDraw &draw) {
  auto all = prepareAgain(file, silent);
  if (all)
    for (Prepared &one : *all) // the first has the buffers, all have numbers
      makeExactInputs(one, draw, options.seed);
  return all;
}

bool Judge::run(llvm::ArrayRef<mlir::ModuleOp> which,
                std::vector<Prepared> &all) {
  for (size_t i = 0; i < which.size(); ++i) {
    if (i)
      all[i].buffers = std::move(all[i - 1].buffers);
    auto launch = launchOf(which[i], all[i], silent);
    if (!launch)
      return false;
    launch->limits = options.limits;
    launch->threads = options.threads;
    launch->sample = i + 1 == which.size() ? options.sample : 0;
    if (!interpreter::run(*launch, silent))
      return false;
  }
  std::swap(all.front().buffers, all.back().buffers);
  return true;
}

/// Whether inputs of a dot may be rounded to 11 bits: then no integer has more.
static bool mayRoundInputs(mlir::ModuleOp module) {
  return module
      .walk([](kernel::DotOp dot) {
        return dot.getPrecision() == kernel::Precision::TF32
                   ? mlir::WalkResult::interrupt()
                   : mlir::WalkResult::advance();
      })
      .wasInterrupted();
}

std::optional<IntegerDraw> Judge::chooseDraw() {
  int64_t most = llvm::any_of(modules, mayRoundInputs) ? 2047 : 4095;
  std::vector<mlir::OwningOpRef<mlir::ModuleOp>> owned;
  std::vector<mlir::ModuleOp> magnitudes;
  for (mlir::ModuleOp module : modules) {
    owned.push_back(magnitudeOf(module));
    magnitudes.push_back(*owned.back());
  }
  for (IntegerDraw draw : draws) {
    draw.largest = std::min(draw.largest, most);
    auto all = inputs(draw);
    if (!all)
      return std::nullopt;
    for (Buffer &buffer : all->front().buffers)
      for (auto *numbers : {&buffer.data.values, &buffer.data.reference})
        for (double &v : *numbers)
          v = std::fabs(v);
    if (run(magnitudes, *all))
      return draw;
    std::string failed = silent.records().empty()
                             ? "the kernel has no launch"
                             : silent.records().back().message;
    silent.clear();
    if (!llvm::StringRef(failed).contains(tooLarge)) {
      whyNot = "on integers the kernel fails: " + failed;
      return std::nullopt;
    }
  }
  whyNot = "no integers are so small that every sum is exact";
  return std::nullopt;
}

static int64_t elementsOf(const Prepared &prepared) {
  int64_t n = 0;
  for (const Buffer &buffer : prepared.buffers)
    n += int64_t(buffer.data.size());
  return n;
}

template <typename Op> static bool has(mlir::ModuleOp module) {
  return module.walk([](Op) { return mlir::WalkResult::interrupt(); })
      .wasInterrupted();
}

/// Why the launches have no run on integers; empty when they may have.
static std::string whyNone(llvm::ArrayRef<mlir::ModuleOp> modules,
                           const ExactOptions &options) {
  for (mlir::ModuleOp module : modules) {
    if (std::string why = whyInexact(module); !why.empty())
      return why;
    if (has<kernel::PrintOp>(module))
      return "the kernel prints";
  }
  if (options.sample && has<kernel::AtomicRMWOp>(modules.back()))
    return "a sample of programs does not finish what atomics add up";
  return "";
}

ExactVerdict terrazzo::driver::judgeExactly(
    const LaunchFile &file, PrepareAgain prepareAgain, mlir::ModuleOp module,
    const ExactOptions &options, DiagnosticEngine &engine, JudgedRun judged) {
  auto again =
      [&](const LaunchFile &which,
          DiagnosticEngine &to) -> std::optional<std::vector<Prepared>> {
    auto one = prepareAgain(which, to);
    if (!one)
      return std::nullopt;
    std::vector<Prepared> all;
    all.push_back(std::move(*one));
    return all;
  };
  auto run = [&](std::vector<Prepared> &all) {
    auto launch = launchOf(module, all[0], engine);
    return launch && judged(all[0], *launch);
  };
  return judgeAllExactly(file, again, module, options, engine,
                         judged ? JudgedRuns(run) : JudgedRuns(nullptr));
}

ExactVerdict terrazzo::driver::judgeAllExactly(
    const LaunchFile &file, PrepareAllAgain prepareAgain,
    llvm::ArrayRef<mlir::ModuleOp> modules, const ExactOptions &options,
    DiagnosticEngine &engine, JudgedRuns judged) {
  ExactVerdict verdict;
  Judge judge(file, prepareAgain, modules, options);
  auto none = [&](std::string why) {
    verdict.whyNot = why.empty() ? "the launch cannot be prepared" : why;
    engine.emit(DiagnosticKind::NoExactRun, Where(), verdict.whyNot);
    return verdict;
  };
  if (std::string why = whyNone(modules, options); !why.empty())
    return none(why);
  auto expected = judge.inputs(draws[0]);
  if (!expected || elementsOf(expected->front()) > options.maxElements)
    return none("the launch is too large");
  auto draw = judge.chooseDraw();
  if (!draw)
    return none(judge.whyNot);
  expected = judge.inputs(*draw);
  if (!expected || !judge.run(modules, *expected))
    return none(judge.silent.records().empty()
                    ? ""
                    : "on integers the kernel fails: " +
                          judge.silent.records().back().message);
  std::optional<std::vector<Prepared>> given;
  if (judged) {
    given = judge.inputs(*draw);
    if (!given || !judged(*given)) {
      verdict.ok = false;
      return verdict;
    }
  }
  const Prepared &made = expected->front();
  for (const Output &output : made.outputs) {
    const Tensor &want = made.buffers[output.buffer].data;
    ExactComparison c = compareExact(
        want, given ? given->front().buffers[output.buffer].data : want);
    verdict.compared += c.compared;
    verdict.ok &= c.differing == 0;
    if (c.differing)
      engine.emit(DiagnosticKind::ExactDiffers, Where(), output.name,
                  std::to_string(c.differing), std::to_string(c.compared),
                  std::to_string(c.first), llvm::formatv("{0}", c.got).str(),
                  llvm::formatv("{0}", c.want).str());
  }
  return verdict;
}
