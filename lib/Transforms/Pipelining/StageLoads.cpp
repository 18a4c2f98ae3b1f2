// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Chooses what `pipelining` skews: in a loop, blocks of global memory whose
// place is known from the iteration alone are fetched one iteration ahead of
// their use.
#include "lib/Transforms/Pipelining/Passes.h"

#include "lib/Transforms/Pipelining/Payloads.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

namespace {

/// One loop and the loads in it that can run ahead.
class Ahead {
public:
  Ahead(scf::ForOp loop, LaunchOp launch) : loop(loop), launch(launch) {}
  /// Puts `stage` on the ops; the loads that run ahead, each with its `via`.
  llvm::SmallVector<LoadOp> mark(unsigned &number);

private:
  /// The ops of the loop's body, scalars all, that \p op is made of.
  bool addressOf(Operation *op, llvm::SetVector<Operation *> &chain,
                 llvm::SmallDenseSet<unsigned> &arguments);
  bool isWritten(LoadOp load);
  bool usesOnly(const llvm::SetVector<Operation *> &chain, unsigned argument);
  void keepApart(llvm::SetVector<Operation *> &chain);

  scf::ForOp loop;
  LaunchOp launch;
};

} // namespace

bool Ahead::addressOf(Operation *op, llvm::SetVector<Operation *> &chain,
                      llvm::SmallDenseSet<unsigned> &arguments) {
  for (Value operand : op->getOperands()) {
    if (auto argument = dyn_cast<BlockArgument>(operand)) {
      if (argument.getOwner() == loop.getBody() &&
          argument != loop.getInductionVar())
        arguments.insert(argument.getArgNumber() - 1);
      continue;
    }
    Operation *made = operand.getDefiningOp();
    if (made->getBlock() != loop.getBody())
      continue;
    if (isa<RankedTensorType>(operand.getType()) || made->getNumRegions())
      return false;
    if (chain.contains(made))
      continue;
    // A number that a program reads decides where the next block lies.
    if (auto load = dyn_cast<LoadOp>(made); load && isWritten(load))
      return false;
    if (!isa<LoadOp>(made) && !isMemoryEffectFree(made))
      return false;
    if (!addressOf(made, chain, arguments))
      return false;
    chain.insert(made);
  }
  return true;
}

/// Whether anything in the loop, also of an earlier iteration, may store there.
bool Ahead::isWritten(LoadOp load) {
  Value root = rootOf(load.getView());
  return loop
      ->walk([&](Operation *op) {
        Value target;
        if (auto store = dyn_cast<StoreOp>(op))
          target = store.getView();
        else if (auto atomic = dyn_cast<AtomicOp>(op))
          target = atomic.getView();
        else if (auto copy = dyn_cast<CopyOp>(op))
          target = copy.getTarget();
        return target && mayAlias(root, rootOf(target))
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

/// A carried number belongs to one stage: what moves the address of a load may
/// steer nothing else.
bool Ahead::usesOnly(const llvm::SetVector<Operation *> &chain,
                     unsigned argument) {
  for (Operation *user : loop.getRegionIterArg(argument).getUsers()) {
    Operation *here = loop.getBody()->findAncestorOpInBlock(*user);
    if (here && !chain.contains(here) &&
        !here->hasTrait<OpTrait::IsTerminator>())
      return false;
  }
  return true;
}

/// Numbers of a chain that come of a scalar load, and that others use too, are
/// made again for them: a number passes from stage to stage only by being made
/// in both.
void Ahead::keepApart(llvm::SetVector<Operation *> &chain) {
  llvm::SmallDenseSet<Operation *> loaded;
  llvm::SmallVector<Operation *> ordered;
  for (Operation &op : *loop.getBody())
    if (chain.contains(&op))
      ordered.push_back(&op);
  for (Operation *op : ordered)
    if (isa<LoadOp>(op) || llvm::any_of(op->getOperands(), [&](Value operand) {
          return loaded.contains(operand.getDefiningOp());
        }))
      loaded.insert(op);
  // The last first: what uses it has its own operands then.
  for (Operation *op : llvm::reverse(ordered)) {
    if (!loaded.contains(op))
      continue;
    llvm::SmallVector<OpOperand *> others;
    for (OpOperand &use : op->getUses()) {
      Operation *here = loop.getBody()->findAncestorOpInBlock(*use.getOwner());
      if (!here || !chain.contains(here))
        others.push_back(&use);
    }
    if (others.empty())
      continue;
    OpBuilder builder(op->getContext());
    builder.setInsertionPointAfter(op);
    Operation *copy = builder.clone(*op);
    for (OpOperand *use : others)
      use->set(copy->getResult(0));
  }
}

llvm::SmallVector<LoadOp> Ahead::mark(unsigned &number) {
  llvm::SmallVector<LoadOp> loads;
  llvm::SetVector<Operation *> all;
  llvm::SmallDenseSet<unsigned> moved;
  for (Operation &op : *loop.getBody()) {
    auto load = dyn_cast<LoadOp>(op);
    if (!load || load.getMask() ||
        !isa<RankedTensorType>(load.getResult().getType()) || isWritten(load))
      continue;
    llvm::SetVector<Operation *> chain;
    llvm::SmallDenseSet<unsigned> arguments;
    if (!addressOf(load, chain, arguments))
      continue;
    loads.push_back(load);
    all.insert(chain.begin(), chain.end());
    moved.insert(arguments.begin(), arguments.end());
  }
  // What carried numbers are made of moves with them.
  bool grew = true;
  while (grew && !loads.empty()) {
    grew = false;
    llvm::SmallVector<unsigned> now(moved.begin(), moved.end());
    for (unsigned argument : now) {
      Operation *next = loop.getYieldedValues()[argument].getDefiningOp();
      if (!next || next->getBlock() != loop.getBody() || all.contains(next))
        continue;
      if (!isMemoryEffectFree(next) || next->getNumRegions() ||
          !addressOf(next, all, moved))
        return {};
      all.insert(next);
      grew = true;
    }
  }
  for (unsigned argument : moved)
    if (!usesOnly(all, argument))
      return {};
  if (loads.empty())
    return {};
  keepApart(all);
  Builder b(loop.getContext());
  for (Operation &op : loop.getBody()->without_terminator()) {
    bool isAhead = llvm::is_contained(loads, dyn_cast<LoadOp>(op)) ||
                   (all.contains(&op) && isa<LoadOp>(op));
    if (isAhead)
      op.setAttr("stage", b.getI64IntegerAttr(0));
    else if (!all.contains(&op) && !isSpread(&op, launch))
      op.setAttr("stage", b.getI64IntegerAttr(1));
  }
  for (LoadOp load : loads)
    load->setAttr("via", b.getStringAttr("fetch" + std::to_string(number++)));
  return loads;
}

/// `for i = lb to ub step s` counts its iterations instead: only such loops are
/// skewed.
static void countIterations(scf::ForOp loop) {
  if (matchPattern(loop.getStep(), m_One()))
    return;
  OpBuilder b(loop);
  Location loc = loop.getLoc();
  Value lower = loop.getLowerBound(), step = loop.getStep();
  auto constant = [&](int64_t v) -> Value {
    return arith::ConstantOp::create(b, loc,
                                     b.getIntegerAttr(lower.getType(), v));
  };
  Value length = arith::SubIOp::create(b, loc, loop.getUpperBound(), lower);
  Value count = arith::MaxSIOp::create(
      b, loc, arith::CeilDivSIOp::create(b, loc, length, step), constant(0));
  Value zero = constant(0), one = constant(1);
  loop.getLowerBoundMutable().assign(zero);
  loop.getUpperBoundMutable().assign(count);
  loop.getStepMutable().assign(one);
  b.setInsertionPointToStart(loop.getBody());
  Value iv = loop.getInductionVar();
  auto scaled = arith::MulIOp::create(b, loc, iv, step);
  auto old = arith::AddIOp::create(b, loc, lower, scaled);
  iv.replaceAllUsesExcept(old, scaled);
}

namespace {

struct StageLoads : PassWrapper<StageLoads, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(StageLoads)
  StageLoads() = default;
  StageLoads(llvm::StringRef where, int64_t slots) {
    memory = where.str();
    depth = slots;
  }
  StageLoads(const StageLoads &other) : PassWrapper(other) {}
  StringRef getArgument() const override { return "stage-loads"; }
  StringRef getDescription() const override {
    return "loads that can run one iteration ahead get a stage of their own";
  }
  Option<std::string> memory{*this, "memory",
                             llvm::cl::desc("that the blocks go to")};
  Option<int64_t> depth{*this, "depth", llvm::cl::desc("slots of each ring"),
                        llvm::cl::init(2)};
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<TileDialect, arith::ArithDialect>();
  }

  void runOnOperation() override {
    getOperation()->walk([&](LaunchOp launch) { stage(launch); });
  }
  void stage(LaunchOp launch);
};

} // namespace

void StageLoads::stage(LaunchOp launch) {
  llvm::SmallVector<scf::ForOp> loops;
  launch->walk([&](scf::ForOp loop) { loops.push_back(loop); });
  Builder b(launch.getContext());
  NamedAttrList keys(keysOf(launch));
  NamedAttrList channels(
      dyn_cast_or_null<DictionaryAttr>(keys.get("channels")));
  unsigned number = 0;
  auto rows = NestAttr::get(b.getContext(), b.getArrayAttr({}), ArrayAttr());
  auto place = PlaceAttr::get(b.getContext(), b.getStringAttr(memory), rows);
  for (scf::ForOp loop : loops) {
    if (loop->getParentOfType<scf::WhileOp>())
      continue;
    countIterations(loop);
    for (LoadOp load : Ahead(loop, launch).mark(number))
      channels.set(load->getAttrOfType<StringAttr>("via"),
                   b.getDictionaryAttr(
                       {b.getNamedAttr("depth", b.getI64IntegerAttr(depth)),
                        b.getNamedAttr("place", place)}));
  }
  if (!number)
    return;
  keys.set("channels", channels.getDictionary(b.getContext()));
  launch->setAttr(
      "schedule",
      ScheduleAttr::get(b.getContext(), keys.getDictionary(b.getContext())));
}

std::unique_ptr<Pass> terrazzo::createStageLoads(StringRef memory,
                                                 int64_t depth) {
  return std::make_unique<StageLoads>(memory, depth);
}
