// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Mtia/Lowering/Lower.h"

#include "lib/Diagnostics/MLIRBridge.h"
#include "lib/Pipeline/Pipeline.h"
#include "targets/Mtia/IR/Mtia.h"
#include "targets/Mtia/Lowering/Instructions.h"

using namespace mlir;
using namespace terrazzo;

LogicalResult mtia::lower(ModuleOp module, const chip::Chip &chip,
                          const LoweringOptions &options,
                          terrazzo::DiagnosticEngine &engine) {
  MLIRContext *context = module.getContext();
  context->loadDialect<MtiaDialect>();
  CorePlan plan = planFor(chip);
  plan.memory = "ls";
  plan.skew = false;
  plan.hasSums = true;
  if (failed(toCores(module, options.schedule, plan, engine,
                     !options.assumeNoAlias)))
    return failure();
  MLIRDiagnosticBridge bridge(context, engine);
  Instructions instructions;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (failed(buffers::lowerToBuffers(function, instructions)) ||
        failed(tidy(function)) ||
        failed(buffers::assignAddresses(function, chip)))
      return failure();
    buffers::orderEngines(function, Units());
  }
  return success();
}
