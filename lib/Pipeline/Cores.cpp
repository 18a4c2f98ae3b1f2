// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Pipeline/Pipeline.h"

#include "dialects/Kernel/Kernel.h"
#include "dialects/Tile/Tile.h"
#include "lib/Diagnostics/MLIRBridge.h"
#include "lib/Transforms/Buffers/Accumulators.h"
#include "lib/Transforms/Fusion/FuseMaps.h"
#include "lib/Transforms/Pipelining/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/ScopedPrinter.h"

using namespace terrazzo;
using namespace mlir;

/// Arguments whose memory overlaps no other's: `noalias` in the source, or
/// because the caller has looked.
static void noteApart(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>())
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      if (isa<kernel::PtrType>(function.getArgument(i).getType()))
        function.setArgAttr(i, "kernel.noalias",
                            UnitAttr::get(module.getContext()));
}

LogicalResult terrazzo::tidy(Operation *root) {
  PassManager passes(root->getContext(), root->getName().getStringRef());
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createLoopInvariantCodeMotionPass());
  passes.addPass(createCSEPass());
  return passes.run(root);
}

CorePlan terrazzo::planFor(const chip::Chip &chip) {
  CorePlan plan;
  plan.cores = chip.cores();
  plan.hasProduct = [&chip](Type a, Type b, Type acc) {
    return chip.matrix(llvm::to_string(a), llvm::to_string(b),
                       llvm::to_string(acc)) != nullptr;
  };
  return plan;
}

/// Loops are skewed where they can be. What cannot (a number that both stages
/// need and neither may make) is fetched when it is used: slower, and right.
static void runAhead(ModuleOp module, const CorePlan &plan) {
  OwningOpRef<ModuleOp> skewed(cast<ModuleOp>(module->clone()));
  ScopedDiagnosticHandler silent(module.getContext(),
                                 [](Diagnostic &) { return success(); });
  PassManager passes(module.getContext());
  passes.addPass(createStageLoads(plan.memory, plan.depth));
  passes.addPass(createPipelining());
  if (succeeded(passes.run(*skewed)))
    module.getBodyRegion().takeBody(skewed->getBodyRegion());
}

LogicalResult terrazzo::toCores(ModuleOp module,
                                const schedule::Schedule &schedule,
                                const CorePlan &plan,
                                terrazzo::DiagnosticEngine &engine,
                                bool mayOverlap) {
  // What cannot be done is said in words, at its place.
  module.getContext()->printOpOnDiagnostic(false);
  if (failed(toTile(module, schedule, engine, mayOverlap)))
    return failure();
  if (!mayOverlap)
    noteApart(module);
  MLIRDiagnosticBridge bridge(module.getContext(), engine);
  if (failed(tidy(module)))
    return failure();
  if (failed(decomposeProducts(module, plan.hasProduct)))
    return failure();
  if (plan.hasSums)
    buffers::splitAccumulators(module);
  PassManager passes(module.getContext());
  passes.addPass(createFuseMaps());
  passes.addPass(createSpreadGrid(plan.cores));
  if (failed(passes.run(module)))
    return failure();
  passes.clear();
  if (plan.storesSums)
    buffers::markDirectStores(module);
  if (plan.skew)
    runAhead(module, plan);
  passes.addPass(createRingAccesses(plan.memory, plan.depth, !plan.skew,
                                    plan.operandMemory));
  passes.addPass(createHoldSlots());
  return passes.run(module);
}

LogicalResult terrazzo::toBuffers(ModuleOp module,
                                  const schedule::Schedule &schedule,
                                  const CorePlan &plan, buffers::Family &family,
                                  terrazzo::DiagnosticEngine &engine,
                                  bool mayOverlap) {
  if (failed(toCores(module, schedule, plan, engine, mayOverlap)))
    return failure();
  MLIRDiagnosticBridge bridge(module.getContext(), engine);
  for (auto function : module.getOps<func::FuncOp>())
    if (failed(buffers::lowerToBuffers(function, family)) ||
        failed(tidy(function)))
      return failure();
  return success();
}
