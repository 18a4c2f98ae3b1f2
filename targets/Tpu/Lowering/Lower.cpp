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
  CorePlan plan = planFor(chip);
  plan.memory = "vmem";
  plan.skew = true;
  if (failed(toCores(module, options.schedule, plan, engine,
                     !options.assumeNoAlias)))
    return failure();
  MLIRDiagnosticBridge bridge(context, engine);
  Instructions instructions(chip);
  for (auto function : module.getOps<func::FuncOp>())
    if (failed(buffers::lowerToBuffers(function, instructions)) ||
        failed(tidy(function)) ||
        failed(buffers::assignAddresses(function, chip)))
      return failure();
  return success();
}
