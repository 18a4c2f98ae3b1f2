// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Tiling/Tiling.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace terrazzo;
using namespace terrazzo::tiling;
using namespace mlir;

namespace {

/// One way to make neighbours one program.
struct Wide {
  Dimensions::Class along;
  int64_t size;
  Value step;                    // grows by one from neighbour to neighbour
  llvm::SetVector<Value> agreed; // what must be the same for all of them
};

class Coarsener {
public:
  Coarsener(func::FuncOp function, llvm::ArrayRef<int64_t> factors)
      : function(function), factors(factors), b(function.getContext()) {}
  Outcome run();

private:
  void emit(Block &work, unsigned axis);
  void oneAfterTheOther(Block &work, unsigned axis, Value first, Value end);
  std::optional<Wide> plan(Block &work, Value id, Dimensions &dimensions);
  Value neighbours(Block &work, const Wide &wide, Value id, Value first,
                   int64_t count);
  Value constant(int64_t n) {
    return arith::ConstantIntOp::create(b, loc, n, 32);
  }

  func::FuncOp function;
  llvm::ArrayRef<int64_t> factors;
  OpBuilder b;
  Location loc = function.getLoc();
  std::array<Value, 3> groups;
  Outcome outcome;
};

} // namespace

/// The scalars that \p id decides, and of these the ones that cannot be asked
/// for in advance: what is loaded, and what is no integer.
static void scalarsOf(Block &work, Value id, llvm::DenseSet<Value> &varying,
                      llvm::DenseSet<Value> &unknown) {
  varying.insert(id);
  // Twice: a loop may carry a value round.
  for (int round = 0; round < 2; ++round)
    work.walk([&](Operation *op) {
      bool varies = llvm::any_of(op->getOperands(),
                                 [&](Value v) { return varying.contains(v); });
      auto add = [&](Value v, bool isPlain) {
        if (isa<RankedTensorType>(v.getType()))
          return;
        varying.insert(v);
        if (!isPlain)
          unknown.insert(v);
      };
      if (auto loop = dyn_cast<scf::ForOp>(op)) {
        auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
        for (unsigned i = 0; i < loop.getNumRegionIterArgs(); ++i)
          if (varying.contains(loop.getInitArgs()[i]) ||
              varying.contains(yield.getOperand(i))) {
            add(loop.getRegionIterArg(i), false);
            add(loop.getResult(i), false);
          }
        if (varying.contains(loop.getLowerBound()) ||
            varying.contains(loop.getStep()))
          add(loop.getInductionVar(), false);
        return;
      }
      if (!varies)
        return;
      bool isKnown = llvm::none_of(
          op->getOperands(), [&](Value v) { return unknown.contains(v); });
      bool isPlain =
          isKnown && op->getNumRegions() == 0 && isMemoryEffectFree(op);
      for (Value r : op->getResults())
        add(r, isPlain && r.getType().isIntOrIndex());
    });
}

/// A dimension and a number along which all that is stored goes on from
/// neighbour to neighbour.
std::optional<Wide> Coarsener::plan(Block &work, Value id,
                                    Dimensions &dimensions) {
  Polynomials polynomials(dimensions);
  llvm::DenseSet<Value> varying, unknown;
  scalarsOf(work, id, varying, unknown);
  // Only numbers by which some address moves a whole block a step.
  llvm::SetVector<std::pair<Value, unsigned>> pairs;
  std::vector<Extent> ranges = rangesOf(work, dimensions);
  work.walk([&](Operation *op) {
    if (!isa<kernel::StoreOp, kernel::AtomicRMWOp, kernel::AtomicCASOp>(op))
      return;
    const Polynomial p = polynomials.of(op->getOperand(0));
    for (auto [i, range] : llvm::enumerate(ranges)) {
      auto elements = p.factorOf(polynomials.leafOfRange(range.along));
      if (!elements || elements->isZero())
        continue;
      for (Polynomial::Leaf leaf : p.leaves()) {
        Value v = polynomials.valueOf(leaf);
        if (v && varying.contains(v) && !unknown.contains(v) &&
            p.factorOf(leaf) == *elements * Polynomial(range.size))
          pairs.insert({v, unsigned(i)});
      }
    }
  });
  if (pairs.empty())
    outcome.obstacle =
        Obstacle{function, "no block goes on from program to program"};
  for (auto [step, i] : pairs) {
    Extent range = ranges[i];
    if (Operation *pin = dimensions.pinnedBy(range.along)) {
      outcome.obstacle = Obstacle{pin, "its shape is fixed"};
      continue;
    }
    Widening widening(dimensions, polynomials, range.along, range.size, step);
    widening.setVarying(&varying, &work);
    for (Value v : unknown)
      widening.setBroken(v);
    if (step != id)
      widening.setBroken(id);
    if (widening.visit(work))
      return Wide{range.along, range.size, step, widening.seeds};
    outcome.obstacle = widening.obstacle;
  }
  return std::nullopt;
}

/// Whether the programs first + 0..count-1 are neighbours: an i1.
Value Coarsener::neighbours(Block &work, const Wide &wide, Value id,
                            Value first, int64_t count) {
  // The ops that these numbers are made of.
  llvm::SetVector<Operation *> slice;
  llvm::SmallVector<Value> open(wide.agreed.begin(), wide.agreed.end());
  open.push_back(wide.step);
  while (!open.empty()) {
    Operation *op = open.pop_back_val().getDefiningOp();
    if (op && op->getBlock() == &work && slice.insert(op))
      llvm::append_range(open, op->getOperands());
  }
  auto numbersAt = [&](Value program) {
    IRMapping mapping;
    mapping.map(id, program);
    for (Operation &op : work)
      if (slice.contains(&op))
        b.clone(op, mapping);
    return mapping;
  };
  IRMapping here = numbersAt(first);
  Value yes = arith::ConstantIntOp::create(b, loc, 1, 1);
  auto loop = scf::ForOp::create(b, loc, constant(1), constant(count),
                                 constant(1), yes);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value i = loop.getInductionVar(), same = loop.getRegionIterArg(0);
  IRMapping there = numbersAt(arith::AddIOp::create(b, loc, first, i));
  auto agree = [&](Value expected, Value found) {
    Value is = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, expected,
                                     found);
    same = arith::AndIOp::create(b, loc, same, is);
  };
  if (wide.step != id) {
    Type type = wide.step.getType();
    Value by = i;
    if (type.isIndex())
      by = arith::IndexCastOp::create(b, loc, type, i);
    else if (type.getIntOrFloatBitWidth() > 32)
      by = arith::ExtSIOp::create(b, loc, type, i);
    else if (type.getIntOrFloatBitWidth() < 32)
      by = arith::TruncIOp::create(b, loc, type, i);
    agree(arith::AddIOp::create(b, loc, here.lookup(wide.step), by),
          there.lookup(wide.step));
  }
  for (Value v : wide.agreed)
    if (v != wide.step)
      agree(here.lookup(v), there.lookup(v));
  scf::YieldOp::create(b, loc, same);
  return loop.getResult(0);
}

void Coarsener::oneAfterTheOther(Block &work, unsigned axis, Value first,
                                 Value end) {
  auto loop = scf::ForOp::create(b, loc, first, end, constant(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value id = loop.getInductionVar();
  work.walk([&](Operation *op) { op->replaceUsesOfWith(groups[axis], id); });
  emit(work, axis + 1);
}

/// Puts the ops of \p work here, for the axes from \p axis on; empties it.
void Coarsener::emit(Block &work, unsigned axis) {
  if (axis == 3) {
    b.getInsertionBlock()->getOperations().splice(b.getInsertionPoint(),
                                                  work.getOperations());
    return;
  }
  int64_t count = factors[axis];
  if (count == 1)
    return emit(work, axis + 1);
  Value id = groups[axis];
  Value first = arith::MulIOp::create(b, loc, id, constant(count));
  Value all = kernel::GetNumProgramsOp::create(b, loc, b.getI32Type(),
                                               b.getI32IntegerAttr(axis));
  Value after = arith::AddIOp::create(b, loc, first, constant(count));
  Value end = arith::MinSIOp::create(b, loc, after, all);
  separateUses(work);
  Dimensions dimensions(work);
  auto wide = plan(work, id, dimensions);
  if (!wide)
    return oneAfterTheOther(work, axis, first, end);
  outcome.isDone = true;
  Value full =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, after, all);
  if (wide->step != id || !wide->agreed.empty()) {
    // Only of programs that there are: another's numbers may divide by zero.
    auto look =
        scf::IfOp::create(b, loc, b.getI1Type(), full, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(look.thenBlock());
    scf::YieldOp::create(b, loc, neighbours(work, *wide, id, first, count));
    b.setInsertionPointToStart(look.elseBlock());
    scf::YieldOp::create(b, loc, full);
    full = look.getResult(0);
  }
  Block merged;
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(&merged);
    Resizer resizer(b, dimensions, wide->along, wide->size * count);
    resizer.mapping.map(id, first);
    for (Operation &op : work)
      resizer.clone(&op);
  }
  auto branch = scf::IfOp::create(b, loc, full, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  emit(merged, axis + 1);
  b.setInsertionPointToStart(branch.elseBlock());
  oneAfterTheOther(work, axis, first, end);
}

Outcome Coarsener::run() {
  Block &body = function.getBody().front(), work;
  work.getOperations().splice(work.end(), body.getOperations(), body.begin(),
                              std::prev(body.end()));
  b.setInsertionPointToStart(&body);
  for (unsigned axis = 0; axis < 3; ++axis)
    groups[axis] = kernel::GetProgramIdOp::create(b, loc, b.getI32Type(),
                                                  b.getI32IntegerAttr(axis));
  work.walk([&](kernel::GetProgramIdOp id) {
    id.replaceAllUsesWith(groups[id.getAxis()]);
    id.erase();
  });
  emit(work, 0);
  function->setAttr(kernel::coarsenName, b.getDenseI64ArrayAttr(factors));
  return outcome;
}

Outcome terrazzo::tiling::coarsen(func::FuncOp function,
                                  llvm::ArrayRef<int64_t> factors) {
  llvm::SmallVector<int64_t, 3> all(factors);
  all.resize(3, 1);
  return Coarsener(function, all).run();
}
