// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/CHeader.h"
#include "tools/terrazzo/Device.h"
#include "tools/terrazzo/LimitOptions.h"
#include "tools/terrazzo/Scheduling.h"
#include "tools/terrazzo/Target.h"

#include "lib/Diagnostics/MLIRBridge.h"
#include "lib/Pipeline/Pipeline.h"
#include "targets/Cpu/Target.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"

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
    // A device cannot be replaced by a rename; all else is written whole or
    // not.
    llvm::sys::fs::file_status status;
    bool special = !llvm::sys::fs::status(path, status) &&
                   !llvm::sys::fs::is_regular_file(status);
    std::string temporary =
        special ? path
                : path + ".tmp" +
                      std::to_string(llvm::sys::Process::getProcessId());
    {
      llvm::raw_fd_ostream os(temporary, error);
      if (!error) {
        os << text;
        os.close();
        error = os.error();
        os.clear_error();
      }
    }
    if (!special) {
      if (!error)
        error = llvm::sys::fs::rename(temporary, path);
      if (error)
        llvm::sys::fs::remove(temporary);
    }
  }
  if (!error)
    return true;
  DiagnosticEngine engine;
  engine.emit(DiagnosticKind::CannotWriteFile, Where(), path, error.message());
  return false;
}

/// The text of one level before code, or nothing after an error.
static std::optional<std::string>
levelText(const CompileOptions &options, const frontend::Request &request,
          const std::optional<chip::Chip> &chip,
          const schedule::Schedule &schedule, DiagnosticEngine &engine) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto module = frontend::emitKernelIR(context, request, engine);
  if (!module)
    return std::nullopt;
  if (options.emit == "tile" && failed(toTile(*module, schedule, engine)))
    return std::nullopt;
  if (options.emit == "kernel" || options.emit == "tile") {
    std::string text;
    llvm::raw_string_ostream os(text);
    module->print(os);
    os << "\n";
    return text;
  }
  MLIRDiagnosticBridge bridge(&context, engine);
  cpu::PhaseSeconds seconds;
  cpu::LoweringOptions lowering;
  lowering.schedule = schedule;
  if (mlir::failed(cpu::lowerTimed(*module, *chip, lowering, seconds, engine)))
    return std::nullopt;
  auto text = options.emit == "llvm" ? cpu::llvmText(*module, *chip)
                                     : cpu::assembly(*module, *chip);
  if (text)
    return *text;
  engine.emit(DiagnosticKind::InternalError, Where(),
              llvm::toString(text.takeError()));
  return std::nullopt;
}

/// The kernel's schedule; the default one where the source does not say which
/// kernel is meant, which is reported later.
static std::optional<schedule::Schedule>
scheduleFor(const CompileOptions &options, unsigned buffer,
            const std::optional<chip::Chip> &chip, DiagnosticEngine &engine) {
  if (!mentionsSchedule(options))
    return schedule::Schedule();
  DiagnosticEngine silent;
  silent.setSilent(true);
  unsigned copy = silent.addBuffer(options.file, engine.text(buffer));
  frontend::KernelInfo kernel;
  for (frontend::KernelInfo &k : frontend::listKernels(silent, copy))
    if (options.kernel.empty() || k.name == options.kernel)
      kernel = std::move(k);
  return chooseSchedule(options, nullptr, kernel, chip ? &*chip : nullptr,
                        engine);
}

int terrazzo::tool::compile(const CompileOptions &options) {
  DiagnosticEngine engine;
  engine.setQuiet(options.quiet);
  engine.setShowRemarks(options.verbose);
  static const llvm::StringRef levels[] = {"kernel", "tile",   "llvm",
                                           "asm",    "object", "artifact"};
  if (!llvm::is_contained(levels, options.emit)) {
    engine.emit(DiagnosticKind::UnknownEmit, Where(), options.emit);
    return CommandLineFault;
  }
  std::optional<chip::Chip> chip;
  if (options.emit != "kernel" && options.emit != "tile") {
    ExitCode code = Done;
    chip = chooseChip(options.target, engine, code);
    if (!chip)
      return code;
    if (!hasCode(*chip, engine))
      return Missing;
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
    auto text = levelText(options, request, chip, *schedule, engine);
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
