// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// P3: a loop whose guards are true but in its first and last iterations becomes
// those iterations one by one and a loop without guards between them. A loop
// too short for that stays as it was, behind a branch.
#include "lib/Transforms/Pipelining/Passes.h"

#include "dialects/Tile/Counting.h"
#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

namespace {

/// A comparison of the iteration with a bound that lies a constant from one of
/// the loop's.
struct Guard {
  bool first = false; // from this iteration on; else up to the last but so many
  int64_t steps = 0;
};

class Peel {
public:
  explicit Peel(scf::ForOp loop) : loop(loop) {}
  /// Whether there is something to peel.
  bool find();
  void run();

private:
  std::optional<Guard> guardOf(arith::CmpIOp compared);
  /// A copy of the body at \p iteration, in which the guards that \p decide
  /// knows are constants; returns what it yields.
  llvm::SmallVector<Value>
  iteration(OpBuilder &builder, Value iteration, ValueRange carried,
            llvm::function_ref<bool(const Guard &)> decide);
  /// Gives \p copy's groups (TC18) numbers of their own: iterations that stand
  /// beside each other share no loop over elements.
  void renumber(Operation *copy);
  llvm::SmallVector<Value> peeled(OpBuilder &builder, Value lower, Value upper);

  scf::ForOp loop;
  Counter counter;
  llvm::DenseMap<Operation *, Guard> guards;
  int64_t before = 0, after = 0; // iterations that are peeled
  int64_t groups = 0;            // numbers that are taken
  int64_t shift = 0;             // of the iteration that is copied
};

} // namespace

/// Iterations beyond this are not worth their code.
static constexpr int64_t mostSteps = 8;

std::optional<Guard> Peel::guardOf(arith::CmpIOp compared) {
  Value left = compared.getLhs(), right = compared.getRhs();
  arith::CmpIPredicate predicate = compared.getPredicate();
  Offset iv = counter.offsetOf(loop.getInductionVar());
  Offset l = counter.offsetOf(left), r = counter.offsetOf(right);
  if (l.base != iv.base) {
    std::swap(l, r);
    using P = arith::CmpIPredicate;
    predicate = predicate == P::sge   ? P::sle
                : predicate == P::sgt ? P::slt
                : predicate == P::sle ? P::sge
                : predicate == P::slt ? P::sgt
                                      : P::eq;
  }
  if (l.base != iv.base || r.base == iv.base)
    return std::nullopt;
  int64_t bound = r.constant - l.constant; // iv against r.base + bound
  Offset lower = counter.offsetOf(loop.getLowerBound()),
         upper = counter.offsetOf(loop.getUpperBound());
  Guard guard;
  switch (predicate) {
  case arith::CmpIPredicate::sgt:
    ++bound;
    [[fallthrough]];
  case arith::CmpIPredicate::sge:
    guard.first = true;
    guard.steps = bound - lower.constant;
    return r.base == lower.base ? std::optional(guard) : std::nullopt;
  case arith::CmpIPredicate::sle:
    ++bound;
    [[fallthrough]];
  case arith::CmpIPredicate::slt:
    guard.steps = upper.constant - bound;
    return r.base == upper.base ? std::optional(guard) : std::nullopt;
  default:
    return std::nullopt;
  }
}

bool Peel::find() {
  if (!matchPattern(loop.getStep(), m_One()))
    return false;
  loop.getBody()->walk([&](arith::CmpIOp compared) {
    std::optional<Guard> guard = guardOf(compared);
    if (!guard || guard->steps > mostSteps)
      return;
    guard->steps = std::max<int64_t>(guard->steps, 0);
    guards[compared] = *guard;
    int64_t &most = guard->first ? before : after;
    most = std::max(most, guard->steps);
  });
  return before + after > 0;
}

void Peel::renumber(Operation *copy) {
  copy->walk([&](Operation *op) {
    auto group = op->getAttrOfType<IntegerAttr>("group");
    if (group && !isa<OrderOp>(op))
      op->setAttr("group",
                  IntegerAttr::get(group.getType(), group.getInt() + shift));
  });
}

llvm::SmallVector<Value>
Peel::iteration(OpBuilder &builder, Value iteration, ValueRange carried,
                llvm::function_ref<bool(const Guard &)> decide) {
  IRMapping map;
  map.map(loop.getInductionVar(), iteration);
  map.map(loop.getRegionIterArgs(), carried);
  for (Operation &op : loop.getBody()->without_terminator()) {
    Operation *copy = builder.clone(op, map);
    renumber(copy);
    // The copy of every guard in it, wherever it stands.
    llvm::SmallVector<std::pair<Operation *, bool>> decided;
    llvm::SmallVector<Operation *> originals, copies;
    op.walk([&](Operation *inner) { originals.push_back(inner); });
    copy->walk([&](Operation *inner) { copies.push_back(inner); });
    for (auto [original, here] : llvm::zip_equal(originals, copies))
      if (auto guard = guards.find(original); guard != guards.end())
        decided.push_back({here, decide(guard->second)});
    for (auto [here, value] : decided) {
      OpBuilder at(here);
      Value constant =
          arith::ConstantOp::create(at, here->getLoc(), at.getBoolAttr(value));
      here->getResult(0).replaceAllUsesWith(constant);
      if (here == copy)
        map.map(op.getResult(0), constant);
    }
  }
  shift += groups;
  llvm::SmallVector<Value> yielded;
  for (Value value : loop.getBody()->getTerminator()->getOperands())
    yielded.push_back(map.lookupOrDefault(value));
  return yielded;
}

llvm::SmallVector<Value> Peel::peeled(OpBuilder &builder, Value lower,
                                      Value upper) {
  Location loc = loop.getLoc();
  Type type = loop.getInductionVar().getType();
  auto plus = [&](OpBuilder &b, Value value, int64_t n) -> Value {
    if (n == 0)
      return value;
    Value more = arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, n));
    return arith::AddIOp::create(b, loc, value, more);
  };
  loop->getParentOfType<LaunchOp>()->walk([&](Operation *op) {
    if (auto group = op->getAttrOfType<IntegerAttr>("group"))
      groups = std::max(groups, group.getInt() + 1);
  });
  llvm::SmallVector<Value> carried(loop.getInitArgs());
  for (int64_t i = 0; i < before; ++i)
    carried = iteration(
        builder, plus(builder, loop.getLowerBound(), i), carried,
        [&](const Guard &guard) { return !guard.first || i >= guard.steps; });
  auto steady = scf::ForOp::create(
      builder, loc, lower, upper, loop.getStep(), carried,
      [&](OpBuilder &inner, Location, Value t, ValueRange arguments) {
        llvm::SmallVector<Value> results =
            iteration(inner, t, arguments, [](const Guard &) { return true; });
        scf::YieldOp::create(inner, loc, results);
      });
  steady->setDiscardableAttrs(loop->getDiscardableAttrDictionary());
  carried.assign(steady.getResults().begin(), steady.getResults().end());
  for (int64_t i = 0; i < after; ++i)
    carried = iteration(builder, plus(builder, upper, i), carried,
                        [&](const Guard &guard) {
                          return guard.first || i < after - guard.steps;
                        });
  return carried;
}

void Peel::run() {
  OpBuilder builder(loop);
  Location loc = loop.getLoc();
  Type type = loop.getInductionVar().getType();
  auto number = [&](int64_t n) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getIntegerAttr(type, n));
  };
  Value lower =
      arith::AddIOp::create(builder, loc, loop.getLowerBound(), number(before));
  Value upper =
      arith::SubIOp::create(builder, loc, loop.getUpperBound(), number(after));
  Value enough = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sle,
                                       lower, upper);
  auto branch = scf::IfOp::create(builder, loc, loop.getResultTypes(), enough,
                                  /*addThenBlock=*/true, /*addElseBlock=*/true);
  OpBuilder then = OpBuilder::atBlockBegin(branch.thenBlock());
  llvm::SmallVector<Value> results = peeled(then, lower, upper);
  scf::YieldOp::create(then, loc, results);
  loop.replaceAllUsesWith(branch.getResults());
  loop->moveBefore(branch.elseBlock(), branch.elseBlock()->end());
  OpBuilder otherwise = OpBuilder::atBlockEnd(branch.elseBlock());
  scf::YieldOp::create(otherwise, loc, loop.getResults());
}

namespace {
struct PeelGuards : PassWrapper<PeelGuards, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PeelGuards)
  StringRef getArgument() const override { return "peel-guards"; }
  StringRef getDescription() const override {
    return "the first and last iterations of a guarded loop one by one";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, scf::SCFDialect>();
  }
  void runOnOperation() override {
    llvm::SmallVector<scf::ForOp> loops; // the inner ones first
    getOperation()->walk([&](scf::ForOp loop) {
      if (loop->getParentOfType<LaunchOp>())
        loops.push_back(loop);
    });
    llvm::SetVector<Operation *> launches;
    for (scf::ForOp loop : loops)
      if (Peel peel(loop); peel.find()) {
        launches.insert(loop->getParentOfType<LaunchOp>());
        peel.run();
      }
    RewritePatternSet patterns(&getContext());
    scf::IfOp::getCanonicalizationPatterns(patterns, &getContext());
    arith::AndIOp::getCanonicalizationPatterns(patterns, &getContext());
    arith::SelectOp::getCanonicalizationPatterns(patterns, &getContext());
    FrozenRewritePatternSet frozen(std::move(patterns));
    for (Operation *launch : launches)
      (void)applyPatternsGreedily(launch->getRegion(0), frozen);
  }
};
} // namespace

std::unique_ptr<Pass> terrazzo::createPeelGuards() {
  return std::make_unique<PeelGuards>();
}
