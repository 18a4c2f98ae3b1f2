// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/Semantics.h"

#include "lib/Pipeline/Pipeline.h"

#include "mlir/IR/MLIRContext.h"

#include <cmath>

using namespace terrazzo;
using driver::Agreement;

bool terrazzo::tool::runLevels(driver::SemanticsVerifier &verifier,
                               const frontend::Request &written,
                               const frontend::Request &specialized,
                               const schedule::Schedule &schedule,
                               DiagnosticEngine &engine) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto kernel = frontend::emitKernelIR(context, written, engine);
  if (!kernel || !verifier.runKernel("Kernel IR", *kernel))
    return false;
  auto tile = frontend::emitKernelIR(context, specialized, engine);
  if (!tile || mlir::failed(toTile(*tile, schedule, engine)))
    return false;
  return verifier.runTile("Tile IR", *tile,
                          driver::mayRegroup(*tile) ? Agreement::Bounds
                                                    : Agreement::Bits);
}

llvm::json::Object
terrazzo::tool::json(const driver::SemanticsVerifier &verifier) {
  llvm::json::Array steps;
  for (const driver::SemanticStep &step : verifier.steps) {
    llvm::json::Array outputs;
    for (const driver::StepOutput &o : step.outputs) {
      llvm::json::Value worst = nullptr;
      if (std::isfinite(o.errorOverBound))
        worst = o.errorOverBound;
      outputs.push_back(llvm::json::Object{{"name", o.name},
                                           {"elements", o.elements},
                                           {"other_bits", o.otherBits},
                                           {"changed", o.changed},
                                           {"error_over_bound", worst}});
    }
    steps.push_back(llvm::json::Object{
        {"from", step.from},
        {"to", step.to},
        {"agreement", step.agreement == Agreement::Bits ? "bits" : "bounds"},
        {"outputs", std::move(outputs)},
        {"ok", step.ok()}});
  }
  return llvm::json::Object{{"levels", verifier.steps.size() + 1},
                            {"steps", std::move(steps)},
                            {"ok", verifier.ok()}};
}

std::string terrazzo::tool::text(const driver::SemanticsVerifier &verifier) {
  return "  semantics: " + verifier.summary() +
         (verifier.ok() ? ": ok\n" : ": CHANGED\n") + verifier.text();
}
