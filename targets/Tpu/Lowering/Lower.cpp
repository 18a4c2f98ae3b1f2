// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Tpu/Lowering/Lower.h"

#include "lib/Diagnostics/MLIRBridge.h"
#include "lib/Pipeline/Pipeline.h"
#include "lib/Transforms/Buffers/Buffers.h"
#include "targets/Tpu/IR/Tpu.h"
#include "targets/Tpu/Lowering/Instructions.h"

using namespace mlir;
using namespace terrazzo;

LogicalResult tpu::lower(ModuleOp module, const chip::Chip &chip,
                         const LoweringOptions &options,
                         terrazzo::DiagnosticEngine &engine) {
  MLIRContext *context = module.getContext();
  context->loadDialect<TpuDialect>();
  MLIRDiagnosticBridge bridge(context, engine);
  CorePlan plan = planFor(chip);
  plan.memory = "vmem";
  plan.skew = true;
  Instructions instructions(chip);
  return buffers::fitToCore(module, chip, [&](ModuleOp copy, int64_t depth) {
    plan.depth = depth;
    // A ring of one slot has nothing to run ahead into.
    plan.skew = depth > 1;
    return toBuffers(copy, options.schedule, plan, instructions, engine,
                     !options.assumeNoAlias);
  });
}
