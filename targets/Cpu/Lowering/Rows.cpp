// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Programs that go over one row several times, each pass needing a number from
// the one before (softmax, norms), run skewed: pass 0 of one program, pass 1 of
// the one before, … share a single loop, so that memory, arithmetic and stores
// overlap. This is tile-ir.md's Pipelining (P1) with one group, over the
// programs of a thread; they are unordered, so any order of theirs is legal.
// Where that would fetch too much from the second cache, the passes run one
// after the other instead. docs/Rationale/CpuRows.md has the figures.
#include "targets/Cpu/Lowering/Emitter.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// The pass in which a scalar is known: one after the last reduction that it
/// depends on.
static int64_t passOf(Value v, const llvm::DenseMap<Value, int64_t> &reduced,
                      unsigned depth = 0) {
  auto found = reduced.find(v);
  if (found != reduced.end())
    return found->second + 1;
  Operation *op = v.getDefiningOp();
  if (!op || depth > 64)
    return 0;
  int64_t pass = 0;
  for (Value o : op->getOperands())
    pass = std::max(pass, passOf(o, reduced, depth + 1));
  for (Region &region : op->getRegions())
    region.walk([&](Operation *inner) {
      for (Value o : inner->getOperands())
        if (!region.isAncestor(o.getParentRegion()))
          pass = std::max(pass, passOf(o, reduced, depth + 1));
    });
  return pass;
}

std::optional<Emitter::RowPlan> Emitter::planRows(tile::LaunchOp launch) {
  size_t before = assumptions.size();
  auto plan = planPasses(launch);
  if (!plan)
    assumptions.resize(before);
  return plan;
}

/// The launch as passes over one row, if it is nothing else.
std::optional<Emitter::RowPlan> Emitter::planPasses(tile::LaunchOp launch) {
  RowPlan plan;
  llvm::DenseMap<Value, int64_t> reduced;
  auto body = launch.getBody().front().without_terminator();
  int64_t passes = 0;
  for (Operation &op : body) {
    if (auto reduce = dyn_cast<tile::ReduceOp>(op)) {
      if (reduce.getIns().size() != 1 || isTensor(reduce.getResult(0)) ||
          !hasIdentity(reduce.getBody()))
        return std::nullopt;
      int64_t pass = passOf(reduce.getIns()[0], reduced);
      reduced[reduce.getResult(0)] = pass;
      plan.reduces.push_back({reduce, pass, 0});
      passes = std::max(passes, pass + 1);
    } else if (auto store = dyn_cast<tile::StoreOp>(op)) {
      if (plan.store || !isTensor(store.getValue()) || store.getMask())
        return std::nullopt;
      plan.store = store;
    } else if (auto load = dyn_cast<tile::LoadOp>(op)) {
      if (load.getMask() && isTensor(load.getValue()))
        return std::nullopt;
    } else if (isa<kernel::PrintOp, kernel::AssertOp>(op)) {
      return std::nullopt;
    } else if (!isa<tile::MapOp, tile::ViewOp, tile::SliceOp>(op) &&
               (op.getNumRegions() ||
                op.getDialect()->getNamespace() == "tile"))
      return std::nullopt;
  }
  if (!plan.store || plan.reduces.empty())
    return std::nullopt;
  // The last pass stores; every number is known before it.
  plan.last = std::max(passOf(plan.store.getValue(), reduced),
                       passOf(plan.store.getView(), reduced));
  plan.size = shapeOf(plan.store.getValue())[0];
  if (plan.last != passes ||
      plan.size % (unroll * widthFor(elementOf(plan.store.getValue()))))
    return std::nullopt;
  for (Operation &op : body)
    for (Value r : op.getResults())
      if (isTensor(r) && (shapeOf(r).size() != 1 || shapeOf(r)[0] != plan.size))
        return std::nullopt;
  // Programs run ahead of each other, which is theirs to do: nothing orders
  // them. But a row is read again in the pass that stores.
  for (auto load : launch.getBody().front().getOps<tile::LoadOp>())
    if (mayAlias(load.getView(), plan.store.getView(), /*sameIsFine=*/true) ||
        !isPlainRow(load.getView()))
      return std::nullopt;
  if (!isPlainRow(plan.store.getView()))
    return std::nullopt;
  for (Reduced &r : plan.reduces) {
    r.firstRegister = plan.registers;
    plan.registers += plan.last - r.pass;
  }
  planKept(plan, launch);
  return plan;
}

/// The passes that compute \p v, as bits: those that use it, unless they read
/// a kept row instead.
uint64_t Emitter::passesOf(Value v, RowPlan &plan) {
  uint64_t passes = 0;
  for (Operation *user : v.getUsers()) {
    for (const Reduced &r : plan.reduces)
      if (r.op == user)
        passes |= uint64_t(1) << r.pass;
    if (plan.store == user)
      passes |= uint64_t(1) << plan.last;
    if (!isDeferrable(user))
      continue;
    for (Value result : user->getResults()) {
      auto kept = llvm::find_if(
          plan.kept, [&](const KeptRow &k) { return k.value == result; });
      passes |= kept != plan.kept.end() ? uint64_t(1) << kept->pass
                                        : passesOf(result, plan);
    }
  }
  return passes;
}

bool terrazzo::cpu::variesIn(Value v, Block &body) {
  if (v.getParentBlock() != &body)
    return false;
  Operation *op = v.getDefiningOp();
  return !op || op->getNumRegions() ||
         llvm::any_of(op->getOperands(),
                      [&](Value o) { return variesIn(o, body); });
}

/// Skewed or one after the other. The rows of a skewed step are read in turn,
/// so either all of them stay in the first cache or none does. Lines from the
/// second cache take their turn with those from and to memory; measured, they
/// are hidden while they are no more than these.
bool Emitter::isSkewed(RowPlan &plan, tile::LaunchOp launch) {
  int64_t holds = cacheBytes("l1");
  int64_t touched = skewedAhead(), again = 0;
  int64_t memory = plan.size * bytesOf(elementOf(plan.store.getValue()));
  Block &body = launch.getBody().front();
  // Loads of the same row by their passes: each loop of a program has its own.
  llvm::SmallVector<std::pair<tile::LoadOp, uint64_t>> rows;
  for (auto load : body.getOps<tile::LoadOp>()) {
    uint64_t passes = passesOf(load.getValue(), plan);
    if (!isTensor(load.getValue()) || !passes)
      continue;
    auto same = llvm::find_if(rows, [&](auto &row) {
      return sameWindow(row.first.getView(), load.getView());
    });
    if (same != rows.end())
      same->second |= passes;
    else
      rows.push_back({load, passes});
  }
  for (auto [load, passes] : rows) {
    int64_t row = plan.size * bytesOf(elementOf(load.getValue()));
    int64_t times = llvm::popcount(passes);
    if (variesIn(load.getView(), body)) {
      memory += row;
      again += (times - 1) * row;
      touched += times * row;
    } else {
      again += row;
      touched += row;
    }
  }
  for (const KeptRow &k : plan.kept) {
    int64_t rows = k.count * plan.size * bytesOf(elementOf(k.value));
    again += rows;
    touched += rows;
  }
  return touched <= holds || again <= memory;
}

/// A scalar, or consecutive elements.
bool Emitter::isPlainRow(Value view) {
  auto slice = view.getDefiningOp<tile::SliceOp>();
  if (!slice)
    return cast<tile::ViewType>(view.getType()).getTensor().getRank() == 0;
  auto root = slice.getView().getDefiningOp<tile::ViewOp>();
  if (!root || root.getSizes().size() != 2 || slice.getDims())
    return false;
  auto is = [](Value v, int64_t wanted) {
    APInt n;
    return matchPattern(v, m_ConstantInt(&n)) && n.getSExtValue() == wanted;
  };
  return is(root.getSizes()[1], 1) && !isTensor(slice.getOffsets()[0]) &&
         is(slice.getOffsets()[0], 0);
}

/// The launch with its loops replaced by one step of each, when all of them go
/// by arguments of the kernel alone; beside it, when that is right: every loop
/// has exactly one step. A block as long as the row makes such loops.
tile::LaunchOp Emitter::singleSteps(tile::LaunchOp launch, Value &holds) {
  auto loops = llvm::to_vector(launch.getBody().front().getOps<scf::ForOp>());
  if (loops.empty())
    return {};
  auto known = [&](Value v) { // outside the launch, or a constant
    return v.getDefiningOp<arith::ConstantOp>() ||
           !launch.getBody().isAncestor(v.getParentRegion());
  };
  for (scf::ForOp loop : loops)
    if (loop.getUnsignedCmp() || !known(loop.getLowerBound()) ||
        !known(loop.getUpperBound()) || !known(loop.getStep()))
      return {};
  OpBuilder::InsertionGuard guard(b);
  auto copy = cast<tile::LaunchOp>(launch->clone());
  launch->getBlock()->getOperations().insertAfter(launch->getIterator(), copy);
  for (scf::ForOp loop :
       llvm::to_vector(copy.getBody().front().getOps<scf::ForOp>())) {
    loop.getInductionVar().replaceAllUsesWith(loop.getLowerBound());
    for (auto [argument, init] :
         llvm::zip(loop.getRegionIterArgs(), loop.getInitArgs()))
      argument.replaceAllUsesWith(init);
    Operation *yield = loop.getBody()->getTerminator();
    loop.replaceAllUsesWith(yield->getOperands());
    yield->erase();
    loop->getBlock()->getOperations().splice(loop->getIterator(),
                                             loop.getBody()->getOperations());
    loop.erase();
  }
  for (scf::ForOp loop : loops) {
    using P = arith::CmpIPredicate;
    Value lower = scalarOf(loop.getLowerBound()),
          upper = scalarOf(loop.getUpperBound());
    Value next = arith::AddIOp::create(b, loc, lower, scalarOf(loop.getStep()));
    holds = both(holds, arith::CmpIOp::create(b, loc, P::slt, lower, upper));
    holds = both(holds, arith::CmpIOp::create(b, loc, P::sge, next, upper));
  }
  return copy;
}

/// What several passes need and is expensive is kept from the first of them to
/// the last, one row for each program in between.
void Emitter::planKept(RowPlan &plan, tile::LaunchOp launch) {
  for (auto map : launch.getBody().front().getOps<tile::MapOp>()) {
    Value v = map.getResult(0);
    llvm::SmallPtrSet<Operation *, 8> roots;
    collectRoots(v, roots);
    int64_t first = plan.last, final = 0;
    for (Operation *root : roots) {
      int64_t pass = plan.last;
      for (Reduced &r : plan.reduces)
        if (r.op == root)
          pass = r.pass;
      first = std::min(first, pass);
      final = std::max(final, pass);
    }
    unsigned budget = 12;
    if (first == final || v.hasOneUse() || !isExpensive(v, budget))
      continue;
    // A step reads the oldest row before it writes the newest over it.
    int64_t count = final - first;
    plan.kept.push_back({v, {}, count, first});
  }
  plan.skewed = isSkewed(plan, launch);
  for (KeptRow &k : plan.kept) {
    if (!plan.skewed)
      k.count = 1;
    k.memory = allocate({k.count, plan.size}, elementOf(k.value));
  }
}
