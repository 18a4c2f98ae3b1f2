// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `terrazzo doctor` and `terrazzo cache`.
#include "tools/terrazzo/Target.h"

#include "lib/Artifact/Cache.h"
#include "lib/Runtime/ThreadPool.h"
#include "targets/Cpu/Emit/Emit.h"
#include "targets/Cpu/Executor/Executor.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Parser/Parser.h"
#include "llvm/TargetParser/Host.h"

using namespace terrazzo;
using namespace terrazzo::tool;

/// The smallest kernel: writes the first argument's value to where the second
/// one points.
static const char probe[] = R"mlir(
llvm.func @probe(%arguments: !llvm.ptr, %grid: !llvm.ptr, %runtime: !llvm.ptr) -> i32 {
  %value = llvm.load %arguments : !llvm.ptr -> i64
  %second = llvm.getelementptr %arguments[1] : (!llvm.ptr) -> !llvm.ptr, i64
  %to = llvm.load %second : !llvm.ptr -> !llvm.ptr
  llvm.store %value, %to : i64, !llvm.ptr
  %zero = llvm.mlir.constant(0 : i32) : i32
  llvm.return %zero : i32
}
)mlir";

/// Whether code for \p chip is made, loaded and run here. Reports what is not.
static bool runsCode(const chip::Chip &chip, DiagnosticEngine &engine) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<mlir::LLVM::LLVMDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(probe, &context);
  auto code = cpu::object(*module, chip);
  if (!code) {
    engine.emit(DiagnosticKind::InternalError, Where(),
                llvm::toString(code.takeError()));
    return false;
  }
  artifact::Artifact artifact;
  artifact.kernel = "probe";
  artifact.code.assign(code->begin(), code->end());
  auto executor = cpu::Executor::load(artifact, engine);
  uint64_t cell = 0;
  return executor &&
         executor->launch({42, reinterpret_cast<uint64_t>(&cell)}, {1, 1, 1}, 1,
                          engine) &&
         cell == 42;
}

int terrazzo::tool::doctor() {
  DiagnosticEngine engine;
  ExitCode code = Done;
  auto chip = chipNamed("cpu", engine, code);
  if (!chip)
    return code;
  bool runs = runsCode(chip->chip, engine);
  std::string folder = artifact::Cache::defaultFolder();
  std::string fault = artifact::Cache(folder).fault();
  std::string text = llvm::formatv(
      "compiler  {0}\nmachine   {1}\nchip      {2}: {3}\nthreads   {4}\n"
      "code      {5}\ncache     {6}\n",
      chip->target->compilerVersion(), llvm::sys::getHostCPUName(),
      chip->chip.name, chip->chip.summary, runtime::runtime(0)->threads,
      runs ? "is made, loaded and run" : "PROBLEM: see above",
      fault.empty() ? folder : "PROBLEM: " + fault);
  if (!writeOutput("-", text))
    return InputFault;
  return runs && fault.empty() ? Done : Missing;
}

int terrazzo::tool::cache(bool clear) {
  std::string folder = artifact::Cache::defaultFolder();
  artifact::Cache cache(folder);
  artifact::Cache::Usage usage = clear ? cache.clear() : cache.usage();
  std::string text =
      llvm::formatv("{0}: {1} compiled kernels, {2} bytes{3}\n", folder,
                    usage.files, usage.bytes, clear ? ", removed" : "");
  return writeOutput("-", text) ? Done : InputFault;
}
