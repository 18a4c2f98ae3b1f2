// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/Device.h"
#include "tools/terrazzo/Outputs.h"
#include "tools/terrazzo/Scheduling.h"
#include "tools/terrazzo/Semantics.h"
#include "tools/terrazzo/Target.h"

#include "lib/Artifact/Sha256.h"
#include "lib/Compiler/Compilation.h"
#include "lib/Driver/Binding.h"
#include "lib/Driver/ExactRun.h"

#include "mlir/IR/MLIRContext.h"

#include <chrono>

using namespace terrazzo;
using namespace terrazzo::tool;

namespace {

/// One `terrazzo run`: what the steps hand on to each other.
class Run {
public:
  Run(const RunOptions &options, DiagnosticEngine &engine)
      : options(options), engine(engine) {}
  ExitCode run();

private:
  ExitCode checkOptions();
  ExitCode prepare();
  ExitCode compile();
  ExitCode interpret();
  ExitCode interpretLevels();
  ExitCode launch();
  bool judge();
  bool judgeOnIntegers();
  std::optional<driver::Prepared> prepareLaunch(const driver::LaunchFile &file,
                                                DiagnosticEngine &to) const;
  ExitCode report();
  bool isOnDevice() const {
    // What `--check-against` judges was computed elsewhere.
    return options.executor == "device" && options.checkAgainst.empty();
  }
  bool isChecked() const { return !options.check.empty(); }
  frontend::Request request(bool specialize) const;

  const RunOptions &options;
  DiagnosticEngine &engine;
  int64_t sample = 0;
  std::optional<ChosenChip> chip;
  unsigned buffer = 0;
  std::optional<driver::LaunchFile> launchFile;
  std::optional<frontend::KernelInfo> kernel;
  schedule::Schedule schedule;
  std::optional<driver::Prepared> prepared;
  std::optional<Compiled> compiled;
  std::optional<DeviceLaunch> device;
  std::optional<driver::SemanticsVerifier> semantics;
  double frontendSeconds = 0;
  int64_t programs = 0;
  Check check;
};

} // namespace

/// The kernel of the launch: named there, by -k, or the only one.
static std::optional<frontend::KernelInfo>
findKernel(DiagnosticEngine &engine, unsigned buffer, const std::string &name) {
  std::vector<frontend::KernelInfo> kernels =
      frontend::listKernels(engine, buffer);
  if (engine.hasErrors() && kernels.empty())
    return std::nullopt;
  std::vector<frontend::KernelInfo> fits;
  for (frontend::KernelInfo &k : kernels)
    if (name.empty() ? (kernels.size() == 1 || !k.signature.empty())
                     : k.name == name)
      fits.push_back(k);
  if (fits.size() == 1)
    return fits[0];
  Where file = engine.range(buffer, 0, 0);
  if (!name.empty())
    engine.emit(DiagnosticKind::UnknownKernel, file, name);
  else if (kernels.empty())
    engine.emit(DiagnosticKind::NoKernel, file);
  else
    engine.emit(DiagnosticKind::SeveralKernels, file,
                kernels[0].name + "`, `" + kernels[1].name);
  return std::nullopt;
}

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
  if (options.executor != "device" && options.executor != "interpreter") {
    engine.emit(DiagnosticKind::UnknownExecutor, Where(), options.executor);
    return CommandLineFault;
  }
  sample = sampleOf(options.check, engine);
  if (sample < 0)
    return CommandLineFault;
  ExitCode code = Done;
  chip = chipNamed(options.target, engine, code);
  if (!chip)
    return code;
  std::vector<std::string> lacking = lackingFeatures(*chip);
  if (isOnDevice() && !lacking.empty()) {
    engine.emit(DiagnosticKind::MachineLacks, Where(),
                llvm::join(lacking, ", "), chip->chip.name);
    return Missing;
  }
  return Done;
}

ExitCode Run::prepare() {
  auto file = engine.addFile(options.file, frontend::maxSource);
  if (!file)
    return InputFault;
  buffer = *file;
  launchFile = driver::readLaunchFile(options.launch, engine);
  if (!launchFile)
    return InputFault;
  kernel = findKernel(engine, buffer,
                      options.kernel.empty() ? launchFile->kernel.text
                                             : options.kernel);
  if (!kernel)
    return InputFault;
  auto chosen =
      chooseSchedule(options, &*launchFile, *kernel, &chip->chip, engine);
  if (!chosen)
    return InputFault;
  schedule = *chosen;
  setConstants(schedule, *launchFile);
  prepared = prepareLaunch(*launchFile, engine);
  return prepared ? Done : InputFault;
}

std::optional<driver::Prepared>
Run::prepareLaunch(const driver::LaunchFile &file, DiagnosticEngine &to) const {
  return driver::prepare(
      file, *kernel,
      [&](const std::vector<frontend::Argument> &given) {
        return frontend::decoratedConstants(engine, buffer, kernel->name,
                                            given);
      },
      to);
}

frontend::Request Run::request(bool specialize) const {
  frontend::Request r;
  r.buffer = buffer;
  r.kernel = kernel->name;
  r.arguments = driver::argumentsOf(*prepared, *kernel, specialize);
  return r;
}

ExitCode Run::compile() {
  frontend::Request r = request(/*specialize=*/true);
  CompileInputs inputs{engine.text(buffer),
                       kernel->name,
                       kernel->signature,
                       r.arguments,
                       "",
                       *chip,
                       schedule};
  inputs.sharedMemory = driver::sharedMemory(*prepared, *kernel);
  auto bind = [&](mlir::func::FuncOp entry, LoweringOptions &lowering) {
    if (!driver::bind(entry, *prepared, engine))
      return false;
    lowering.assumeNoAlias = !driver::overlapsWritten(entry, *prepared);
    return true;
  };
  compiled =
      compileArtifact(r, bind, inputs, CompileCache(!options.noCache), engine);
  return compiled ? Done : InputFault;
}

/// Runs the oracle, on the kernel as it was written: what the compiler assumes
/// of the arguments is checked too.
ExitCode Run::interpret() {
  auto start = std::chrono::steady_clock::now();
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto module = frontend::emitKernelIR(context, request(false), engine);
  if (!module)
    return InputFault;
  frontendSeconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  auto launch = driver::launchOf(*module, *prepared, engine);
  if (!launch)
    return InputFault;
  launch->threads = isOnDevice() ? 0 : options.threads;
  launch->sample = sample;
  auto result = interpreter::run(*launch, engine);
  if (!result)
    return InputFault;
  programs = result->programs;
  return Done;
}

/// Runs what is above the code in the oracle, from the inputs as they are.
ExitCode Run::interpretLevels() {
  semantics.emplace(*prepared, isOnDevice() ? 0 : options.threads, engine);
  bool ran = runLevels(*semantics, request(/*specialize=*/false),
                       request(/*specialize=*/true), schedule, engine);
  return ran ? Done : InputFault;
}

ExitCode Run::launch() {
  // Native memory first: the oracle writes into the buffers. And the oracle
  // before the launch: it says where a kernel is wrong that would only crash.
  device.emplace(*prepared);
  if (isChecked())
    if (ExitCode code = interpret())
      return code;
  if (!device->run(compiled->artifact, options.threads, options.time, engine))
    return InputFault;
  if (semantics)
    semantics->compareResults("code for " + chip->chip.name, device->results);
  programs = prepared->grid[0] * prepared->grid[1] * prepared->grid[2];
  return Done;
}

/// Compares and saves every output; false after an error, which was reported.
bool Run::judge() {
  for (const driver::Output &output : prepared->outputs) {
    const interpreter::Buffer oracle =
        elementsOf(*prepared, output, prepared->buffers[output.buffer]);
    interpreter::Tensor data = oracle.data;
    if (device)
      data = elementsOf(*prepared, output, device->results[output.buffer]).data;
    if (isChecked()) {
      std::optional<std::vector<double>> given;
      if (!options.checkAgainst.empty()) {
        given = outputsFrom(options.checkAgainst, output, engine);
        if (!given)
          return false;
      }
      interpreter::Comparison c =
          device ? driver::compareWithOracle(oracle, data)
                 : interpreter::compare(oracle.data, given ? &*given : nullptr);
      if (output.expect &&
          !compareWithFile(output, data, launchFile->path, engine))
        c.ok = false;
      check.outputs.push_back({output.name, c});
    }
    if (!options.save.empty() && !save(options.save, output, data, engine))
      return false;
  }
  return true;
}

/// What was said, as records.
static llvm::json::Array messages(const DiagnosticEngine &engine) {
  llvm::json::Array out;
  for (const DiagnosticRecord &r : engine.records())
    out.push_back(llvm::json::Object{{"severity", severityName(r.severity())},
                                     {"kind", r.name()},
                                     {"message", r.message},
                                     {"file", r.where.file},
                                     {"line", r.where.line},
                                     {"column", r.where.column}});
  return out;
}

/// Runs the launch again, on integers where every operation is exact: the bits
/// are compared. False after an error, which was reported.
bool Run::judgeOnIntegers() {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto module = frontend::emitKernelIR(context, request(false), engine);
  if (!module)
    return false;
  auto again = [&](const driver::LaunchFile &file, DiagnosticEngine &to) {
    return prepareLaunch(file, to);
  };
  auto onDevice = [&](driver::Prepared &p, const interpreter::Launch &) {
    DeviceLaunch integers(p);
    if (!integers.run(compiled->artifact, options.threads, /*time=*/false,
                      engine))
      return false;
    for (size_t i = 0; i < p.buffers.size(); ++i)
      p.buffers[i].data = integers.results[i].data;
    return true;
  };
  driver::ExactOptions exact;
  exact.threads = isOnDevice() ? 0 : options.threads;
  exact.sample = sample;
  check.exact = driver::judgeExactly(*launchFile, again, *module, exact, engine,
                                     device ? driver::JudgedRun(onDevice)
                                            : driver::JudgedRun(nullptr));
  return true;
}

static llvm::json::Object json(const cpu::Measurement &m) {
  return llvm::json::Object{{"seconds", m.seconds},
                            {"kind", "measured"},
                            {"rounds", m.rounds},
                            {"min", m.min},
                            {"max", m.max}};
}

/// 12.3 us, 4.56 ms.
static std::string duration(double seconds) {
  double scale = seconds < 1e-3 ? 1e6 : seconds < 1 ? 1e3 : 1;
  llvm::StringRef unit = seconds < 1e-3 ? "us" : seconds < 1 ? "ms" : "s";
  std::string text;
  llvm::raw_string_ostream(text)
      << llvm::format("%.4g ", seconds * scale) << unit;
  return text;
}

ExitCode Run::report() {
  if (!options.json.empty()) {
    llvm::json::Object phases;
    if (compiled)
      for (const auto &[phase, seconds] : compiled->seconds)
        phases[phase] = seconds;
    else
      phases["kernel"] = frontendSeconds;
    llvm::json::Object object{
        {"kernel", kernel->name},
        {"target", options.target},
        {"chip", compiled ? chip->chip.name : "interpreter"},
        {"schedule", tool::json(schedule)},
        {"compile_s", std::move(phases)},
        {"diagnostics", messages(engine)},
        {"counters", llvm::json::Object{{"programs", programs}}}};
    if (compiled) {
      object["artifact"] = llvm::json::Object{
          {"bytes", compiled->bytes.size()},
          {"hash", artifact::hex(artifact::sha256(compiled->bytes))}};
      object["time"] = ::json(device->measurement);
    }
    if (isChecked())
      object["check"] = check.json();
    if (semantics)
      object["semantics"] = json(*semantics);
    std::string line =
        llvm::formatv("{0}\n", llvm::json::Value(std::move(object))).str();
    return writeOutput(options.json, line) ? Done : InputFault;
  }
  if (options.quiet)
    return Done;
  std::string text =
      llvm::formatv("{0}: {1} programs on {2}{3}\n", kernel->name, programs,
                    compiled ? chip->chip.name : "the interpreter",
                    !isChecked() ? ""
                    : check.ok() ? ", checked: ok"
                                 : ", checked: MISMATCH");
  if (isChecked())
    text += check.text();
  if (semantics)
    text += terrazzo::tool::text(*semantics);
  if (device && options.time) {
    const cpu::Measurement &m = device->measurement;
    text += llvm::formatv(
        "  {0}, the median of {1} rounds (measured; {2} to {3})\n",
        duration(m.seconds), m.rounds, duration(m.min), duration(m.max));
  }
  return writeOutput("-", text) ? Done : InputFault;
}

ExitCode Run::run() {
  if (ExitCode code = checkOptions())
    return code;
  if (ExitCode code = prepare())
    return code;
  if (isOnDevice())
    if (ExitCode code = compile())
      return code;
  if (options.verifySemantics)
    if (ExitCode code = interpretLevels())
      return code;
  if (isOnDevice()) {
    if (ExitCode code = launch())
      return code;
  } else if (ExitCode code = interpret()) {
    return code;
  }
  if (!judge())
    return InputFault;
  // What `--check-against` judges was made from other inputs.
  if (isChecked() && options.checkAgainst.empty() && !judgeOnIntegers())
    return InputFault;
  if (ExitCode code = report())
    return code;
  return check.ok() && (!semantics || semantics->ok()) ? Done : Mismatch;
}

int terrazzo::tool::run(const RunOptions &options) {
  DiagnosticEngine engine;
  engine.setQuiet(options.quiet);
  engine.setShowRemarks(options.verbose);
  return Run(options, engine).run();
}
