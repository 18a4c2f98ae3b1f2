// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/Commands.h"

#include "lib/Diagnostics/Diagnostics.h"
#include "lib/Frontend/Frontend.h"

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

int terrazzo::tool::compile(const CompileOptions &options) {
  DiagnosticEngine engine;
  engine.setQuiet(options.quiet);
  engine.setShowRemarks(options.verbose);
  if (options.emit != "kernel") {
    engine.emit(DiagnosticKind::UnknownEmit, Where(), options.emit);
    return CommandLineFault;
  }
  auto buffer = engine.addFile(options.file, frontend::maxSourceBytes);
  if (!buffer)
    return InputFault;
  frontend::Request request;
  request.buffer = *buffer;
  request.kernel = options.kernel;
  request.signature = options.signature;
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto module = frontend::emitKernelIR(context, request, engine);
  if (!module)
    return InputFault;
  std::string text;
  llvm::raw_string_ostream os(text);
  module->print(os);
  os << "\n";
  return writeOutput(options.output, text) ? Done : InputFault;
}
