// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Ascend/Lowering/Lower.h"

#include "lib/Diagnostics/MLIRBridge.h"
#include "lib/Pipeline/Pipeline.h"
#include "targets/Ascend/IR/Ascend.h"
#include "targets/Ascend/Lowering/Flags.h"
#include "targets/Ascend/Lowering/Instructions.h"
#include "targets/Ascend/Lowering/Streams.h"

using namespace mlir;
using namespace terrazzo;

/// Without products only the vector cores work, each for itself.
static int64_t vectorCores(const chip::Chip &chip) {
  const chip::Quantity *count = chip.number("streams", "vector", "count");
  return count ? int64_t(count->value) : 1;
}

LogicalResult ascend::lower(ModuleOp module, const chip::Chip &chip,
                            const LoweringOptions &options,
                            terrazzo::DiagnosticEngine &engine) {
  MLIRContext *context = module.getContext();
  context->loadDialect<AscendDialect>();
  bool hasProducts =
      module.walk([](kernel::DotOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  MLIRDiagnosticBridge bridge(context, engine);
  CorePlan plan = planFor(chip);
  if (!hasProducts)
    plan.cores *= vectorCores(chip);
  plan.memory = "ub";
  plan.operandMemory = "l1";
  plan.skew = false;
  plan.hasSums = true;
  plan.storesSums = true;
  if (failed(
          buffers::fitToCore(module, chip, [&](ModuleOp copy, int64_t depth) {
            plan.depth = depth;
            // What it knows of a launch is of this attempt alone.
            Instructions instructions(chip);
            return toBuffers(copy, options.schedule, plan, instructions, engine,
                             !options.assumeNoAlias);
          })))
    return failure();
  Flags flags(chip, hasProducts);
  for (auto function : module.getOps<func::FuncOp>()) {
    if (hasProducts) {
      LogicalResult ok = success();
      function.walk([&](tile::LaunchOp launch) {
        if (succeeded(ok))
          ok = shareNumbers(launch);
      });
      if (failed(ok))
        return failure();
    }
    buffers::orderEngines(function, flags);
    if (failed(flags.expandQueues(function)))
      return failure();
    if (hasProducts)
      function.walk([](tile::LaunchOp launch) { keepTogether(launch); });
  }
  return success();
}
