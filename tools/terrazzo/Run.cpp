// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/LaunchReport.h"
#include "tools/terrazzo/LimitOptions.h"
#include "tools/terrazzo/Scheduling.h"
#include "tools/terrazzo/Semantics.h"
#include "tools/terrazzo/Target.h"
#include "tools/terrazzo/TraceReport.h"

#include "lib/Compiler/Compilation.h"
#include "lib/Driver/Binding.h"

#include "mlir/IR/MLIRContext.h"

#include <chrono>

using namespace terrazzo;
using namespace terrazzo::tool;

namespace {

/// One `terrazzo run`: a launch, or several in order.
class Run {
public:
  Run(const RunOptions &options, DiagnosticEngine &engine)
      : options(options), engine(engine) {}
  ExitCode run();

private:
  ExitCode checkOptions();
  ExitCode prepare();
  bool findKernels();
  bool findSchedules();
  void countWork();
  ExitCode compile(size_t i);
  ExitCode interpret(size_t i);
  ExitCode interpretLevels(size_t i);
  ExitCode launch(size_t i);
  ExitCode step(size_t i);
  bool judge();
  bool judgeOnIntegers();
  std::optional<std::vector<driver::Prepared>>
  prepareLaunches(const driver::LaunchFile &file,
                  const driver::Footprint &footprint,
                  DiagnosticEngine &to) const;
  ExitCode report();
  bool isOnDevice() const {
    // What `--check-against` judges was computed elsewhere.
    return executor != "interpreter" && options.checkAgainst.empty();
  }
  bool isChecked() const { return !options.check.empty(); }
  bool isLast(size_t i) const { return i + 1 == runs.size(); }
  frontend::Request request(size_t i, bool specialize) const;
  /// What was said since the last call is of this launch.
  void collect(LaunchRun &run) {
    const auto &all = engine.records();
    run.messages.insert(run.messages.end(), all.begin() + collected, all.end());
    collected = all.size();
  }

  const RunOptions &options;
  DiagnosticEngine &engine;
  int64_t sample = 0;
  std::string executor;
  std::optional<ChosenChip> chip;
  std::optional<driver::LaunchFile> launchFile;
  std::vector<LaunchRun> runs;
  /// Of each launch; the one that comes next has the memory.
  std::vector<driver::Prepared> prepared;
  std::optional<DeviceLaunch> device;
  size_t collected = 0;
  Check check;
};

} // namespace

static int64_t sampleOf(const std::string &check, DiagnosticEngine &engine) {
  llvm::StringRef text(check);
  int64_t n = 0;
  if (text.empty() || text == "on")
    return 0;
  if (text.consume_front("sample(") && text.consume_back(")") &&
      !text.getAsInteger(10, n) && n > 0)
    return n;
  engine.emit(DiagnosticKind::BadCheck, Where(), check);
  return -1;
}

ExitCode Run::checkOptions() {
  executor = options.executor;
  if (!executor.empty() && executor != "device" && executor != "simulator" &&
      executor != "interpreter") {
    engine.emit(DiagnosticKind::UnknownExecutor, Where(), executor);
    return CommandLineFault;
  }
  sample = sampleOf(options.check, engine);
  if (sample < 0)
    return CommandLineFault;
  ExitCode code = Done;
  chip = chipNamed(options.target, engine, code);
  if (!chip)
    return code;
  bool isModeled = chip->target && chip->target->modeled();
  llvm::StringRef own = isModeled ? "simulator" : "device";
  if (executor.empty())
    executor = own.str();
  if (options.timingOnly &&
      (executor != "simulator" || isChecked() || options.verifySemantics ||
       !options.save.empty())) {
    engine.emit(DiagnosticKind::TimingOnlyElsewhere, Where());
    return CommandLineFault;
  }
  if (options.trace && !isModeled) {
    engine.emit(DiagnosticKind::ExecutorNotOfTarget, Where(), "simulator",
                chip->chip.name, "device");
    return CommandLineFault;
  }
  if (!isOnDevice())
    return Done;
  if (executor != own) {
    engine.emit(DiagnosticKind::ExecutorNotOfTarget, Where(), executor,
                chip->chip.name, own);
    return CommandLineFault;
  }
  if (!hasCode(*chip, engine))
    return Missing;
  std::vector<std::string> lacking = lackingFeatures(*chip);
  if (!lacking.empty()) {
    engine.emit(DiagnosticKind::MachineLacks, Where(),
                llvm::join(lacking, ", "), chip->chip.name);
    return Missing;
  }
  return Done;
}

/// The source and the kernel of each launch. False after an error, which was
/// reported.
bool Run::findKernels() {
  auto sources = findLaunches(options, *launchFile, engine);
  if (!sources)
    return false;
  for (LaunchSource &source : *sources)
    static_cast<LaunchSource &>(runs.emplace_back()) = std::move(source);
  return true;
}

/// The schedule of each launch; what it says of the kernel's own parameters
/// goes into the launch file.
bool Run::findSchedules() {
  std::vector<frontend::KernelInfo> kernels;
  for (const LaunchRun &run : runs)
    kernels.push_back(run.kernel);
  for (size_t i = 0; i < runs.size(); ++i) {
    CommonOptions of = options;
    of.file = runs[i].path; // a schedule file stands beside the kernel's
    auto chosen =
        chooseSchedule(of, &*launchFile, kernels, i, &chip->chip, engine);
    if (!chosen)
      return false;
    runs[i].schedule = std::move(*chosen);
    bool isOne = launchFile->launches.empty();
    setConstants(runs[i].schedule,
                 isOne ? launchFile->gridWhere : launchFile->launches[i].where,
                 isOne ? launchFile->constexprs
                       : launchFile->launches[i].constexprs);
  }
  return true;
}

ExitCode Run::prepare() {
  // The file of the command line must be there, even when no launch names it.
  if (!frontend::addSource(engine, options.file, options.source.limits))
    return InputFault;
  launchFile = driver::readLaunchFile(options.launch, engine);
  if (!launchFile)
    return InputFault;
  if (!options.kernel.empty() && launchFile->launchesWhere.isValid()) {
    engine.emit(DiagnosticKind::KernelBesideLaunches,
                Where(launchFile->launchesWhere));
    return CommandLineFault;
  }
  if (!findKernels() || !findSchedules())
    return InputFault;
  // What comes off a device is read beside the oracle's memory, and the run on
  // integers has all of its own.
  driver::Footprint footprint;
  uint64_t times = isChecked() && options.checkAgainst.empty() ? 2 : 1;
  footprint.device = isOnDevice() ? times : 0;
  footprint.oracle = isOnDevice() ? 2 * times : times;
  if (isChecked() && launchFile->outputs.empty())
    engine.emit(DiagnosticKind::ComparesNothing,
                Where(engine.range(launchFile->buffer, 0, 0)));
  footprint.timesOnly = options.timingOnly;
  auto all = prepareLaunches(*launchFile, footprint, engine);
  if (!all)
    return InputFault;
  prepared = std::move(*all);
  return Done;
}

/// For the report. What cannot be counted, or takes long, is left out.
void Run::countWork() {
  constexpr uint64_t most = 20'000'000;
  DiagnosticEngine silent; // has its own copies of the sources
  silent.setSilent(true);
  auto sources = findLaunches(options, *launchFile, silent);
  auto works = sources
                   ? worksOf(*sources, prepared, options.source, silent, most)
                   : std::nullopt;
  for (size_t i = 0; works && i < runs.size(); ++i)
    runs[i].work = std::move((*works)[i]);
}

std::optional<std::vector<driver::Prepared>>
Run::prepareLaunches(const driver::LaunchFile &file,
                     const driver::Footprint &footprint,
                     DiagnosticEngine &to) const {
  return tool::prepareLaunches(file, {runs.begin(), runs.end()}, options.source,
                               footprint, engine, to);
}

frontend::Request Run::request(size_t i, bool specialize) const {
  return requestOf(runs[i], prepared[i], options.source, specialize);
}

ExitCode Run::compile(size_t i) {
  LaunchRun &run = runs[i];
  run.compiled =
      compileLaunch(run, prepared[i], run.schedule, *chip, options.source,
                    CompileCache(!options.noCache), engine);
  return run.compiled ? Done : InputFault;
}

/// Runs the oracle, on the kernel as it was written: what the compiler assumes
/// of the arguments is checked too.
ExitCode Run::interpret(size_t i) {
  auto start = std::chrono::steady_clock::now();
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto module = frontend::emitKernelIR(context, request(i, false), engine);
  if (!module)
    return InputFault;
  runs[i].frontendSeconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  auto launch = driver::launchOf(*module, prepared[i], engine);
  if (!launch)
    return InputFault;
  launch->limits = options.source.limits;
  launch->threads = isOnDevice() ? 0 : options.threads;
  // What a later launch reads, all programs must have written.
  launch->sample = isLast(i) ? sample : 0;
  auto result = interpreter::run(*launch, engine);
  if (!result)
    return InputFault;
  runs[i].programs = result->programs;
  return Done;
}

/// Runs what is above the code in the oracle, from the inputs as they are.
ExitCode Run::interpretLevels(size_t i) {
  driver::Prepared start = prepared[i];
  // What a later launch reads is compared where it is made, output or not.
  std::set<int> compared;
  for (const driver::Output &output : start.outputs)
    compared.insert(output.buffer);
  for (auto &[name, bound] : start.bound)
    if (!isLast(i) && bound.argument.buffer >= 0 &&
        compared.insert(bound.argument.buffer).second) {
      driver::Output &output = start.outputs.emplace_back();
      output.name = name;
      output.buffer = bound.argument.buffer;
    }
  driver::SemanticsVerifier &semantics = runs[i].semantics.emplace(
      start, isOnDevice() ? 0 : options.threads, engine);
  semantics.limits = options.source.limits;
  bool ran =
      runLevels(semantics, request(i, /*specialize=*/false),
                request(i, /*specialize=*/true), runs[i].schedule, engine);
  return ran ? Done : InputFault;
}

ExitCode Run::launch(size_t i) {
  LaunchRun &run = runs[i];
  DeviceLaunch::How how;
  how.threads = options.threads;
  how.time = options.time;
  how.goesOn = !isLast(i);
  how.read = (isLast(i) || run.semantics) && !options.timingOnly;
  how.timingOnly = options.timingOnly;
  how.trace = options.trace;
  if (!device->run(prepared[i], run.compiled->artifact, how, engine))
    return InputFault;
  run.measurement = device->measurement;
  run.modeled = device->modeled;
  run.fallbacks = device->fallbacks;
  if (run.semantics)
    run.semantics->compareResults("code for " + chip->chip.name,
                                  device->results);
  const auto &grid = prepared[i].grid;
  run.programs = grid[0] * grid[1] * grid[2];
  return Done;
}

/// One launch at every place that it is to run at.
ExitCode Run::step(size_t i) {
  if (i)
    prepared[i].buffers = std::move(prepared[i - 1].buffers);
  if (options.verifySemantics)
    if (ExitCode code = interpretLevels(i))
      return code;
  // The oracle before the launch: it says where a kernel is wrong that would
  // only crash. And its memory is what the next launch starts from.
  bool leads = options.verifySemantics && !isLast(i);
  if (!isOnDevice() || isChecked() || leads)
    if (ExitCode code = interpret(i))
      return code;
  return isOnDevice() ? launch(i) : Done;
}

/// Compares and saves every output; false after an error, which was reported.
bool Run::judge() {
  if (options.timingOnly)
    return true;
  const std::vector<interpreter::Buffer> &memory = prepared.back().buffers;
  for (const driver::Output &output : prepared.back().outputs) {
    const interpreter::Buffer oracle =
        elementsOf(output, memory[output.buffer]);
    interpreter::Tensor data = oracle.data;
    if (device)
      data = elementsOf(output, device->results[output.buffer]).data;
    if (isChecked()) {
      std::optional<std::vector<double>> given;
      if (!options.checkAgainst.empty()) {
        given = outputsFrom(options.checkAgainst, output, options.source.limits,
                            engine);
        if (!given)
          return false;
      }
      interpreter::Comparison c =
          device ? driver::compareWithOracle(oracle, data)
                 : interpreter::compare(oracle.data, given ? &*given : nullptr);
      if (output.expect) {
        auto same = compareWithFile(output, data, launchFile->path,
                                    options.source.limits, engine);
        if (!same)
          return false;
        c.ok = c.ok && *same;
      }
      check.outputs.push_back({output.name, c});
    }
    if (!options.save.empty() && !save(options.save, output, data, engine))
      return false;
  }
  return true;
}

/// Runs the launches again, on integers where every operation is exact: the
/// bits are compared. False after an error, which was reported.
bool Run::judgeOnIntegers() {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  std::vector<mlir::OwningOpRef<mlir::ModuleOp>> owned;
  std::vector<mlir::ModuleOp> modules;
  for (size_t i = 0; i < runs.size(); ++i) {
    owned.push_back(frontend::emitKernelIR(context, request(i, false), engine));
    if (!owned.back())
      return false;
    modules.push_back(*owned.back());
  }
  auto again = [&](const driver::LaunchFile &file, DiagnosticEngine &to) {
    return prepareLaunches(file, {}, to);
  };
  auto onDevice = [&](std::vector<driver::Prepared> &all) {
    DeviceLaunch integers(all[0], *chip);
    DeviceLaunch::How how;
    how.threads = options.threads;
    for (size_t i = 0; i < runs.size(); ++i) {
      how.read = isLast(i);
      if (!integers.run(all[i], runs[i].compiled->artifact, how, engine))
        return false;
    }
    std::vector<interpreter::Buffer> &memory = all[0].buffers;
    for (size_t i = 0; i < memory.size(); ++i)
      memory[i].data = integers.results[i].data;
    return true;
  };
  driver::ExactOptions exact;
  exact.threads = isOnDevice() ? 0 : options.threads;
  exact.sample = sample;
  exact.limits = options.source.limits;
  check.exact = driver::judgeAllExactly(
      *launchFile, again, modules, exact, engine,
      device ? driver::JudgedRuns(onDevice) : driver::JudgedRuns(nullptr));
  return true;
}

ExitCode Run::report() {
  if (options.trace)
    return reportTrace(device->traced, options) ? Done : InputFault;
  std::string on = isOnDevice() ? chip->chip.name : "interpreter";
  if (!options.json.empty()) {
    std::string lines;
    for (size_t i = 0; i < runs.size(); ++i) {
      const Check *judged = isChecked() && isLast(i) ? &check : nullptr;
      lines +=
          llvm::formatv("{0}\n", llvm::json::Value(json(runs[i], options, on,
                                                        chip->chip, judged)))
              .str();
    }
    return writeOutput(options.json, lines) ? Done : InputFault;
  }
  if (options.quiet)
    return Done;
  if (!isOnDevice())
    on = "the interpreter";
  std::string verdict = !isChecked() ? ""
                        : check.ok() ? ", checked: ok"
                                     : ", checked: MISMATCH";
  std::string text;
  for (const LaunchRun &run : runs) {
    bool only = runs.size() == 1;
    text += headline(run, on) + (only ? verdict : "") + "\n";
    if (only && isChecked())
      text += check.text();
    text += details(run, *chip, options.time || options.timingOnly);
  }
  if (runs.size() > 1 && isChecked())
    text += std::to_string(runs.size()) + " launches" + verdict + "\n" +
            check.text();
  return writeOutput("-", text) ? Done : InputFault;
}

ExitCode Run::run() {
  if (ExitCode code = checkOptions())
    return code;
  if (ExitCode code = prepare())
    return code;
  if (!options.json.empty())
    countWork();
  if (isOnDevice()) {
    for (size_t i = 0; i < runs.size(); ++i) {
      if (ExitCode code = compile(i))
        return code;
      collect(runs[i]);
    }
    // Native memory first: the oracle writes into the buffers.
    device.emplace(prepared[0], *chip, options.timingOnly);
  }
  for (size_t i = 0; i < runs.size(); ++i) {
    if (ExitCode code = step(i))
      return code;
    collect(runs[i]);
  }
  if (!judge())
    return InputFault;
  // What `--check-against` judges was made from other inputs.
  if (isChecked() && options.checkAgainst.empty() && !judgeOnIntegers())
    return InputFault;
  collect(runs.back());
  if (ExitCode code = report())
    return code;
  bool same = llvm::all_of(runs, [](const LaunchRun &run) {
    return !run.semantics || run.semantics->ok();
  });
  return check.ok() && same ? Done : Mismatch;
}

int terrazzo::tool::run(const RunOptions &options) {
  DiagnosticEngine engine;
  engine.setQuiet(options.quiet);
  engine.setErrorLimit(options.errorLimit);
  engine.setShowRemarks(options.verbose);
  return Run(options, engine).run();
}
