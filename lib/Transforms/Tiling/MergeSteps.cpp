// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Tiling/Tiling.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace terrazzo;
using namespace terrazzo::tiling;
using namespace mlir;

namespace {

/// One loop, one class of dimensions.
class Merger {
public:
  Merger(scf::ForOp loop, Block &body, Dimensions &dimensions,
         Polynomials &polynomials, Extent range, int64_t factor)
      : loop(loop), body(body), dimensions(dimensions),
        polynomials(polynomials), range(range), factor(factor),
        yield(cast<scf::YieldOp>(loop.getBody()->getTerminator())),
        widening(dimensions, polynomials, range.along, range.size, Value()) {}
  /// False with \ref obstacle set.
  bool check();
  void rewrite();
  std::optional<Obstacle> obstacle;

private:
  enum class Carry { Same, Moves, Sums };
  std::optional<Carry> carryOf(unsigned i);
  bool isSum(Value v, Value argument);
  bool isSummed(Value v, Operation *by);
  bool isContraction(kernel::DotOp dot);
  bool isInside(Value v) {
    return loop.getRegion().isAncestor(v.getParentRegion());
  }
  bool refuse(Operation *op, llvm::StringRef what) {
    if (!obstacle)
      obstacle = Obstacle{op, what.str()};
    return false;
  }
  /// Made of numbers from before the loop: the same in every step.
  bool isKnownBefore(const Polynomial &p) {
    return llvm::all_of(p.leaves(), [&](Polynomial::Leaf leaf) {
      Value v = polynomials.valueOf(leaf);
      return !v || !isInside(v); // a range has no value
    });
  }
  bool collectOutside(Value v);
  Value moved(OpBuilder &b, Value next, Value argument, Value from,
              IRMapping &mapping, Value times);
  Value hoisted(OpBuilder &b, Value v, IRMapping &mapping);

  scf::ForOp loop;
  Block &body;
  Dimensions &dimensions;
  Polynomials &polynomials;
  Extent range;
  int64_t factor;
  scf::YieldOp yield;
  Widening widening;
  llvm::SmallVector<Carry> carries;
  llvm::SetVector<Operation *> outside; // to be made longer before the loop
};

} // namespace

bool Merger::isContraction(kernel::DotOp dot) {
  int64_t rank = int64_t(shapeOf(dot.getA()).size());
  return dimensions.of(dot.getA(), rank - 1) == range.along;
}

/// A sum along the class of what does not depend on the step alone. \p by adds
/// it up.
bool Merger::isSummed(Value v, Operation *by) {
  Operation *op = v.getDefiningOp();
  if (!op)
    return false;
  if (isa<kernel::ExpandDimsOp, kernel::BroadcastOp, kernel::SplatOp>(op))
    return isSummed(op->getOperand(0), by);
  if (auto dot = dyn_cast<kernel::DotOp>(op)) {
    bool isZero = matchPattern(dot.getAcc(), m_AnyZeroFloat()) ||
                  matchPattern(dot.getAcc(), m_Zero());
    return isa<arith::AddFOp, arith::AddIOp>(by) && isContraction(dot) &&
           isZero && widening.isSound(dot.getA()) &&
           widening.isSound(dot.getB());
  }
  auto reduce = dyn_cast<kernel::ReduceOp>(op);
  if (!reduce || reduce.getSrcs().size() != 1 ||
      dimensions.of(reduce.getSrcs()[0], reduce.getAxis()) != range.along ||
      !widening.isSound(reduce.getSrcs()[0]))
    return false;
  Block &combine = reduce.getCombine().front();
  return llvm::hasSingleElement(combine.without_terminator()) &&
         combine.front().getName() == by->getName() &&
         combine.front().getNumOperands() == 2;
}

/// argument + sums, where nothing between is used for anything else.
bool Merger::isSum(Value v, Value argument) {
  if (!v.hasOneUse())
    return false;
  if (v == argument)
    return true;
  Operation *op = v.getDefiningOp();
  if (!op || !isInside(v))
    return false;
  if (auto dot = dyn_cast<kernel::DotOp>(op))
    return isContraction(dot) && widening.isSound(dot.getA()) &&
           widening.isSound(dot.getB()) && isSum(dot.getAcc(), argument);
  if (!isa<arith::AddFOp, arith::AddIOp, arith::MaximumFOp, arith::MinimumFOp,
           arith::MaxNumFOp, arith::MinNumFOp, arith::MaxSIOp, arith::MinSIOp,
           arith::MaxUIOp, arith::MinUIOp>(op))
    return false;
  Value a = op->getOperand(0), c = op->getOperand(1);
  return (isSum(a, argument) && isSummed(c, op)) ||
         (isSum(c, argument) && isSummed(a, op));
}

std::optional<Merger::Carry> Merger::carryOf(unsigned i) {
  Value argument = loop.getRegionIterArg(i), next = yield.getOperand(i);
  if (argument == next && !dimensions.has(argument, range.along))
    return Carry::Same;
  // A chain of additions, so that it can be made again with longer steps.
  Value v = next;
  while (v != argument) {
    Operation *op = v.getDefiningOp();
    if (!op || !isInside(v) ||
        !isa<kernel::AddPtrOp, arith::AddIOp, arith::SubIOp>(op))
      return std::nullopt;
    v = op->getOperand(0);
  }
  return v == next ? std::nullopt : std::optional(Carry::Moves);
}

/// Blocks from before the loop that are made again, longer.
bool Merger::collectOutside(Value v) {
  if (isInside(v) || !dimensions.has(v, range.along))
    return true;
  Operation *op = v.getDefiningOp();
  if (!op)
    return refuse(loop, "a block that an outer loop carries would change");
  if (!isMemoryEffectFree(op) || op->getNumRegions())
    return refuse(op, "it stands before the loop and would have to be longer");
  for (Value operand : op->getOperands())
    if (!collectOutside(operand))
      return false;
  outside.insert(op);
  return true;
}

bool Merger::check() {
  if (Operation *pin = dimensions.pinnedBy(range.along))
    return refuse(pin, "its shape is fixed");
  bool isWhole = true;
  loop.getBody()->walk([&](Operation *op) {
    if (isWhole && !isa<kernel::ReduceOp, kernel::ScanOp>(op) &&
        (hasEffect<MemoryEffects::Write>(op) || isa<scf::WhileOp>(op)))
      isWhole = refuse(op, "it happens in every step");
  });
  if (!isWhole)
    return false;
  widening.setMoving(loop.getInductionVar(),
                     polynomials.of(loop.getLowerBound()),
                     polynomials.of(loop.getStep()));
  for (unsigned i = 0; i < loop.getNumRegionIterArgs(); ++i) {
    Value argument = loop.getRegionIterArg(i);
    auto carry = carryOf(i);
    if (carry == Carry::Moves) {
      Polynomial by = Polynomial(polynomials.of(yield.getOperand(i))) -
                      Polynomial::leaf(polynomials.leafOf(argument));
      if (isKnownBefore(by) && widening.isUniform(by))
        widening.setMoving(argument, polynomials.of(loop.getInitArgs()[i]), by);
      else
        carry = std::nullopt;
    }
    if (!carry)
      widening.setBroken(argument);
    carries.push_back(carry.value_or(Carry::Sums));
  }
  // What was made before the loop must not depend on the element alone.
  for (Operation &op : body) {
    if (&op == loop)
      break;
    if (op.getNumRegions() == 0 && isMemoryEffectFree(&op))
      widening.visit(op);
    else
      for (Value r : op.getResults())
        if (dimensions.has(r, range.along))
          widening.setBroken(r);
  }
  if (!widening.visit(*loop.getBody())) {
    obstacle = widening.obstacle;
    return false;
  }
  bool any = false;
  for (auto [i, carry] : llvm::enumerate(carries)) {
    if (carry != Carry::Sums)
      continue;
    any = true;
    Value argument = loop.getRegionIterArg(i);
    if (dimensions.has(argument, range.along) ||
        !isSum(yield.getOperand(i), argument))
      return refuse(
          yield.getOperand(i).getDefiningOp()
              ? yield.getOperand(i).getDefiningOp()
              : loop.getOperation(),
          "its steps are no neighbours along one block, or what it carries is "
          "no sum over them");
  }
  if (!any)
    return refuse(loop, "it sums up nothing");
  bool can = true;
  loop.getBody()->walk([&](Operation *op) {
    for (Value v : op->getOperands())
      can = can && collectOutside(v);
  });
  for (Value v : loop.getInitArgs())
    can = can && collectOutside(v);
  return can;
}

/// A number that every step adds, computed before the loop.
Value Merger::hoisted(OpBuilder &b, Value v, IRMapping &mapping) {
  if (!isInside(v))
    return v;
  if (Value known = mapping.lookupOrNull(v))
    return known;
  Operation *op = v.getDefiningOp();
  for (Value operand : op->getOperands())
    if (isInside(operand))
      hoisted(b, operand, mapping);
  b.clone(*op, mapping);
  return mapping.lookup(v);
}

/// \p from, moved as the loop moves \p argument, \p times times. The numbers
/// that are added are those of \p mapping.
Value Merger::moved(OpBuilder &b, Value next, Value argument, Value from,
                    IRMapping &mapping, Value times) {
  if (next == argument)
    return from;
  Operation *op = next.getDefiningOp();
  Value before = moved(b, op->getOperand(0), argument, from, mapping, times);
  Location loc = op->getLoc();
  Value by = mapping.lookupOrDefault(op->getOperand(1)), scale = times;
  Type element = getElementTypeOrSelf(by.getType());
  if (element != times.getType()) {
    if (element.isIndex() || times.getType().isIndex())
      scale = arith::IndexCastOp::create(b, loc, element, times);
    else if (element.getIntOrFloatBitWidth() >
             times.getType().getIntOrFloatBitWidth())
      scale = arith::ExtSIOp::create(b, loc, element, times);
    else
      scale = arith::TruncIOp::create(b, loc, element, times);
  }
  if (isa<RankedTensorType>(by.getType()))
    scale = kernel::SplatOp::create(b, loc, by.getType(), scale);
  Value whole = arith::MulIOp::create(b, loc, by, scale);
  OperationState state(loc, op->getName());
  state.addOperands({before, whole});
  state.addTypes(from.getType());
  return b.create(state)->getResult(0);
}

void Merger::rewrite() {
  OpBuilder b(loop);
  Location loc = loop.getLoc();
  Value lower = loop.getLowerBound(), step = loop.getStep();
  Type type = lower.getType();
  auto constant = [&](int64_t n) -> Value {
    return arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, n));
  };
  Value length = arith::SubIOp::create(b, loc, loop.getUpperBound(), lower);
  Value more = arith::SubIOp::create(b, loc, step, constant(1));
  Value trips = arith::DivSIOp::create(
      b, loc, arith::AddIOp::create(b, loc, length, more), step);
  trips = arith::MaxSIOp::create(b, loc, trips, constant(0));
  Value merged = arith::DivSIOp::create(b, loc, trips, constant(factor));
  Value steps = arith::MulIOp::create(b, loc, merged, constant(factor));
  Value middle = arith::AddIOp::create(
      b, loc, lower, arith::MulIOp::create(b, loc, steps, step));
  Resizer resizer(b, dimensions, range.along, range.size * factor);
  for (Operation &op : body)
    if (outside.contains(&op))
      resizer.clone(&op);
  // The longer loop: a clone with a longer step, whose moves are longer too.
  auto wide = cast<scf::ForOp>(resizer.clone(loop));
  b.setInsertionPoint(wide);
  Value longer = arith::MulIOp::create(b, loc, step, constant(factor));
  wide.setUpperBound(middle);
  wide.setStep(longer);
  auto wideYield = cast<scf::YieldOp>(wide.getBody()->getTerminator());
  b.setInsertionPoint(wideYield);
  Value times = arith::ConstantIntOp::create(b, loc, factor, 32);
  for (auto [i, carry] : llvm::enumerate(carries))
    if (carry == Carry::Moves)
      wideYield.setOperand(
          unsigned(i), moved(b, yield.getOperand(i), loop.getRegionIterArg(i),
                             wide.getRegionIterArg(i), resizer.mapping, times));
  // What is left, from where the longer loop stopped.
  b.setInsertionPoint(loop);
  IRMapping before;
  for (auto [i, carry] : llvm::enumerate(carries)) {
    if (carry == Carry::Sums)
      loop.getInitArgsMutable()[i].assign(wide.getResult(i));
    if (carry != Carry::Moves)
      continue;
    for (Value v = yield.getOperand(i); v != loop.getRegionIterArg(i);
         v = v.getDefiningOp()->getOperand(0)) {
      Value by = v.getDefiningOp()->getOperand(1);
      if (isInside(by))
        hoisted(b, by, before);
    }
    loop.getInitArgsMutable()[i].assign(
        moved(b, yield.getOperand(i), loop.getRegionIterArg(i),
              loop.getInitArgs()[i], before, steps));
  }
  loop.setLowerBound(middle);
}

/// What there is in place of loops that could be merged.
static Obstacle withoutLoops(func::FuncOp function) {
  Obstacle out{function, "it has no loop"};
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<scf::WhileOp>(op))
      out = {op, "how many steps it takes is not known before it (`while`, "
                 "`break`, `return`)"};
    else if (isa<scf::ForOp>(op))
      out = {op, "it stands inside of another statement"};
    else
      return WalkResult::advance();
    return WalkResult::interrupt();
  });
  return out;
}

Outcome terrazzo::tiling::mergeSteps(func::FuncOp function, int64_t factor) {
  Outcome outcome;
  if (factor == 1)
    return outcome;
  Block &body = function.getBody().front();
  llvm::SmallVector<scf::ForOp> loops;
  for (auto loop : body.getOps<scf::ForOp>())
    loops.push_back(loop);
  for (scf::ForOp loop : loops) {
    separateUses(body);
    Dimensions dimensions(body);
    Polynomials polynomials(dimensions);
    for (Extent range : rangesOf(body, dimensions)) {
      Merger merger(loop, body, dimensions, polynomials, range, factor);
      if (merger.check()) {
        merger.rewrite();
        outcome.isDone = true;
        break;
      }
      // Of a range that the loop does not move along nothing is worth saying.
      if (!outcome.obstacle)
        outcome.obstacle = merger.obstacle;
    }
  }
  if (!outcome.obstacle && !outcome.isDone)
    outcome.obstacle = withoutLoops(function);
  return outcome;
}
