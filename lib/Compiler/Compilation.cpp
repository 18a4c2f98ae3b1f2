// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Compiler/Compilation.h"

#include "lib/Artifact/Sha256.h"
#include "lib/Pipeline/Pipeline.h"

#include "mlir/IR/MLIRContext.h"

#include <chrono>

using namespace terrazzo;

static double since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

std::optional<Compiled>
terrazzo::compileArtifact(const frontend::Request &request, BindLaunch bind,
                          const CompileInputs &inputs,
                          const CompileCache &cache, DiagnosticEngine &engine) {
  Compiled out;
  auto start = std::chrono::steady_clock::now();
  if (auto found = cache.find(inputs)) {
    out.artifact = std::move(*found);
    out.bytes = artifact::write(out.artifact);
    out.seconds["cache"] = since(start);
    return out;
  }
  size_t messages = engine.records().size();
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto module = frontend::emitKernelIR(context, request, engine);
  if (!module)
    return std::nullopt;
  out.seconds["kernel"] = since(start);
  LoweringOptions options;
  options.schedule = inputs.schedule;
  if (bind && !bind(*module->getOps<mlir::func::FuncOp>().begin(), options))
    return std::nullopt;
  auto artifact = inputs.chip.target->compile(*module, inputs.chip.chip,
                                              options, out.seconds, engine);
  if (!artifact)
    return std::nullopt;
  std::string sources = inputs.source.str();
  for (const std::string &text : inputs.imported)
    sources += text;
  artifact->source = artifact::hex(artifact::sha256(sources));
  out.artifact = std::move(*artifact);
  out.bytes = artifact::write(out.artifact);
  // What was said while it compiled must be said again the next time.
  if (engine.records().size() == messages)
    cache.keep(inputs, out.bytes);
  return out;
}

bool terrazzo::isAboveTargets(llvm::StringRef level) {
  return level == "kernel" || level == "tile";
}

std::optional<std::string>
terrazzo::levelText(llvm::StringRef level, const frontend::Request &request,
                    const ChosenChip *chip, const schedule::Schedule &schedule,
                    DiagnosticEngine &engine) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto module = frontend::emitKernelIR(context, request, engine);
  if (!module)
    return std::nullopt;
  LoweringOptions options;
  options.schedule = schedule;
  if (!isAboveTargets(level))
    return chip->target->text(*module, chip->chip, level, options, engine);
  if (level == "tile" && failed(toTile(*module, schedule, engine)))
    return std::nullopt;
  std::string text;
  llvm::raw_string_ostream os(text);
  module->print(os);
  os << "\n";
  return text;
}
