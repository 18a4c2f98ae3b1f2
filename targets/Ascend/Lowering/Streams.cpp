// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Ascend/Lowering/Streams.h"

#include "targets/Ascend/IR/Ascend.h"
#include "targets/Ascend/IR/Pipes.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::ascend;

namespace {

class Known {
public:
  explicit Known(tile::LaunchOp launch) : launch(launch) {}
  LogicalResult run();

private:
  bool add(Value value) { return alone.insert(value).second; }
  bool has(ValueRange values) {
    return llvm::any_of(values, [&](Value v) { return alone.contains(v); });
  }
  bool visit(Operation *op);
  bool control(Operation *op);
  LogicalResult check(Operation *op);

  tile::LaunchOp launch;
  llvm::DenseSet<Value> alone; // numbers of the vector stream, stack buffers
};

} // namespace

/// What a loop or a branch hands on; whether anything is new.
bool Known::control(Operation *op) {
  bool changed = false;
  auto pass = [&](ValueRange from, ValueRange to) {
    for (auto [a, b] : llvm::zip(from, to))
      if (alone.contains(a))
        changed |= add(b);
  };
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    if (has({loop.getLowerBound(), loop.getUpperBound(), loop.getStep()}))
      changed |= add(loop.getInductionVar());
    pass(loop.getInitArgs(), loop.getRegionIterArgs());
    pass(loop.getYieldedValues(), loop.getRegionIterArgs());
    pass(loop.getRegionIterArgs(), loop.getResults());
  } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
    for (Region &region : op->getRegions())
      if (!region.empty())
        pass(region.front().getTerminator()->getOperands(), op->getResults());
    if (has(branch.getCondition()))
      for (Value result : op->getResults())
        changed |= add(result);
  } else if (auto loop = dyn_cast<scf::WhileOp>(op)) {
    pass(loop.getInits(), loop.getBeforeArguments());
    pass(loop.getYieldedValues(), loop.getBeforeArguments());
    pass(loop.getConditionOp().getArgs(), loop.getAfterArguments());
    pass(loop.getConditionOp().getArgs(), loop.getResults());
  }
  return changed;
}

bool Known::visit(Operation *op) {
  if (isa<scf::ForOp, scf::IfOp, scf::WhileOp>(op))
    return control(op);
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return (isOfVectorStream(op) || alone.contains(load.getMemRef())) &&
           add(load.getResult());
  if (auto store = dyn_cast<memref::StoreOp>(op))
    return alone.contains(store.getValueToStore()) && add(store.getMemRef());
  if (auto atomic = dyn_cast<AtomicOp>(op))
    return atomic.getOld() && memoryOf(atomic.getOld()) == "stack" &&
           add(atomic.getOld());
  if (op->getNumRegions() || !has(op->getOperands()) || !isMemoryEffectFree(op))
    return false;
  bool changed = false;
  for (Value result : op->getResults())
    changed |= add(result);
  return changed;
}

LogicalResult Known::check(Operation *op) {
  auto refuse = [&](StringRef what) {
    return op->emitError(what) << " a number that only the vector cores of "
                                  "this chip know: they read or computed it in "
                                  "their own memory";
  };
  if (partsOf(pipeOf(op)).first == "cube" && has(op->getOperands()))
    return refuse("the cube would need");
  if (auto loop = dyn_cast<scf::ForOp>(op);
      loop && has({loop.getLowerBound(), loop.getUpperBound(), loop.getStep()}))
    return refuse("a loop beside products would end by");
  if (auto loop = dyn_cast<scf::WhileOp>(op);
      loop && has(loop.getConditionOp().getCondition()))
    return refuse("a loop beside products would end by");
  auto branch = dyn_cast<scf::IfOp>(op);
  if (!branch || !has(branch.getCondition()))
    return success();
  bool cube = branch
                  ->walk([](Operation *inner) {
                    return partsOf(pipeOf(inner)).first == "cube"
                               ? WalkResult::interrupt()
                               : WalkResult::advance();
                  })
                  .wasInterrupted();
  return cube ? refuse("products would depend on") : success();
}

LogicalResult Known::run() {
  for (bool changed = true; changed;) {
    changed = false;
    launch->walk([&](Operation *op) { changed |= visit(op); });
  }
  LogicalResult ok = success();
  launch->walk([&](Operation *op) {
    if (succeeded(ok))
      ok = check(op);
  });
  return ok;
}

LogicalResult ascend::verifyStreams(tile::LaunchOp launch) {
  return Known(launch).run();
}
