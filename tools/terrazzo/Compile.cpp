// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/CHeader.h"
#include "tools/terrazzo/LimitOptions.h"
#include "tools/terrazzo/Scheduling.h"
#include "tools/terrazzo/Target.h"

#include "lib/Compiler/Compilation.h"
#include "lib/Driver/WholeFile.h"

using namespace terrazzo;
using namespace terrazzo::tool;

bool terrazzo::tool::writeOutput(const std::string &path,
                                 const std::string &text) {
  std::error_code error;
  if (path == "-") {
    llvm::raw_fd_ostream &os = llvm::outs();
    os << text;
    os.flush();
    error = os.error();
    os.clear_error();
  } else {
    error = driver::writeWholeFile(path, text);
  }
  if (!error)
    return true;
  DiagnosticEngine engine;
  engine.emit(DiagnosticKind::CannotWriteFile, Where(), path, error.message());
  return false;
}

/// The kernel's schedule; the default one where the source does not say which
/// kernel is meant, which is reported later.
static std::optional<schedule::Schedule>
scheduleFor(const CompileOptions &options, unsigned buffer,
            const std::optional<ChosenChip> &chip, DiagnosticEngine &engine) {
  if (!mentionsSchedule(options))
    return schedule::Schedule();
  DiagnosticEngine silent;
  silent.setSilent(true);
  unsigned copy = silent.addBuffer(options.file, engine.text(buffer));
  frontend::KernelInfo kernel;
  for (frontend::KernelInfo &k : frontend::listKernels(silent, copy))
    if (options.kernel.empty() || k.name == options.kernel)
      kernel = std::move(k);
  return chooseSchedule(options, nullptr, kernel, 0,
                        chip ? &chip->chip : nullptr, engine);
}

int terrazzo::tool::compile(const CompileOptions &options) {
  DiagnosticEngine engine;
  engine.setQuiet(options.quiet);
  engine.setErrorLimit(options.errorLimit);
  engine.setShowRemarks(options.verbose);
  static const llvm::StringRef levels[] = {"kernel", "tile",   "llvm",
                                           "asm",    "object", "artifact"};
  if (!llvm::is_contained(levels, options.emit)) {
    engine.emit(DiagnosticKind::UnknownEmit, Where(), options.emit);
    return CommandLineFault;
  }
  std::optional<ChosenChip> chip;
  if (!isAboveTargets(options.emit)) {
    ExitCode code = Done;
    chip = chipNamed(options.target, engine, code);
    if (!chip)
      return code;
    if (!hasCode(*chip, engine))
      return Missing;
    // A modeled chip's program is text or an artifact.
    std::vector<llvm::StringRef> own = chip->target->textLevels();
    own.push_back("artifact");
    if (!chip->target->modeled())
      own.push_back("object");
    if (!llvm::is_contained(own, options.emit)) {
      engine.emit(DiagnosticKind::EmitNotOfTarget, Where(), options.emit,
                  chip->chip.name, llvm::join(own, "`, `"));
      return CommandLineFault;
    }
  }
  auto buffer = frontend::addSource(
      engine, options.file == "-" ? "/dev/stdin" : options.file,
      options.source.limits);
  if (!buffer)
    return InputFault;
  frontend::Request request;
  request.buffer = *buffer;
  request.kernel = options.kernel;
  request.signature = options.signature;
  request.options = options.source;
  Deadline deadline(options.source.limits);
  auto schedule = scheduleFor(options, *buffer, chip, engine);
  if (!schedule)
    return InputFault;
  if (options.emit != "object" && options.emit != "artifact") {
    auto text = levelText(options.emit, request, chip ? &*chip : nullptr,
                          *schedule, engine);
    return text && writeOutput(options.output, *text) ? Done : InputFault;
  }
  CompileInputs inputs{engine.text(request.buffer),
                       options.kernel,
                       options.signature,
                       {},
                       "",
                       *chip,
                       *schedule,
                       {}};
  inputs.imported = frontend::importedTexts(engine, *buffer, options.source);
  auto compiled = compileArtifact(request, nullptr, inputs,
                                  CompileCache(!options.noCache), engine);
  if (!compiled)
    return InputFault;
  if (options.emit == "artifact")
    return writeOutput(options.output, compiled->bytes) ? Done : InputFault;
  if (!writeOutput(options.output, compiled->artifact.code))
    return InputFault;
  llvm::StringRef path = options.output;
  if (!path.ends_with(".o"))
    return Done;
  std::string header = path.drop_back(2).str() + ".h";
  return writeOutput(header, headerFor(compiled->artifact)) ? Done : InputFault;
}
