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
  MLIRDiagnosticBridge bridge(context, engine);
  CorePlan plan = planFor(chip);
  plan.memory = "ls";
  plan.skew = false;
  plan.hasSums = true;
  Instructions instructions;
  if (failed(
          buffers::fitToCore(module, chip, [&](ModuleOp copy, int64_t depth) {
            plan.depth = depth;
            return toBuffers(copy, options.schedule, plan, instructions, engine,
                             !options.assumeNoAlias);
          })))
    return failure();
  for (auto function : module.getOps<func::FuncOp>())
    buffers::orderEngines(function, Units());
  return success();
}
