// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Tiling/Widening.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace terrazzo;
using namespace terrazzo::tiling;
using namespace mlir;

void Widening::setMoving(Value argument, Polynomial start, Polynomial by) {
  moving[polynomials.leafOf(argument)] = {std::move(start), std::move(by)};
}

void Widening::demand(bool holds, Operation *op, llvm::StringRef what) {
  if (!holds && !obstacle)
    obstacle = Obstacle{op, what.str()};
}

/// Carried values by what they started from.
Polynomial Widening::expand(Polynomial p) {
  Polynomial steps = Polynomial::leaf(polynomials.leafOf(step));
  // Loops within loops: what one starts from may be carried by another.
  for (unsigned depth = 0; depth < 8; ++depth) {
    bool any = false;
    for (const auto &[leaf, m] : moving)
      if (p.has(leaf)) {
        p = p.substitute(leaf, m.start + m.by * steps);
        any = true;
      }
    if (!any)
      break;
  }
  return p;
}

bool Widening::isSoundLeaf(Polynomial::Leaf leaf) {
  if (auto c = polynomials.rangeOf(leaf))
    return *c != along;
  Value v = polynomials.valueOf(leaf);
  if (v == step)
    return false;
  if (auto known = sound.find(v); known != sound.end())
    return known->second;
  if (varying && varying->contains(v)) {
    // Whether neighbours agree is seen when they run.
    bool isSeed =
        v.getDefiningOp() && v.getDefiningOp()->getBlock() == seedBlock;
    if (isSeed)
      seeds.insert(v);
    return isSeed;
  }
  return true;
}

bool Widening::isSound(const Polynomial &given) {
  Polynomial p = expand(given);
  Polynomial::Leaf element = polynomials.leafOfRange(along),
                   steps = polynomials.leafOf(step);
  auto a = p.factorOf(steps), b = p.factorOf(element);
  if (!a || !b || a->has(element) || !(*a == *b * Polynomial(size)))
    return false;
  for (Polynomial::Leaf leaf : p.leaves())
    if (leaf != element && leaf != steps && !isSoundLeaf(leaf))
      return false;
  return true;
}

bool Widening::isUniform(const Polynomial &given) {
  Polynomial p = expand(given);
  if (p.has(polynomials.leafOfRange(along)) || p.has(polynomials.leafOf(step)))
    return false;
  return llvm::all_of(p.leaves(),
                      [&](Polynomial::Leaf leaf) { return isSoundLeaf(leaf); });
}

bool Widening::areSound(OperandRange values) {
  return llvm::all_of(values, [&](Value v) { return isSound(v); });
}

void Widening::visitLoop(scf::ForOp loop) {
  demand(isSound(loop.getLowerBound()) && isSound(loop.getUpperBound()) &&
             isSound(loop.getStep()),
         loop, "its bounds depend on the program");
  auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
  unsigned count = loop.getNumRegionIterArgs();
  // Whatever is carried holds until it is seen not to.
  llvm::SmallVector<bool> holds(count, true);
  for (bool changed = true; changed && !obstacle;) {
    changed = false;
    for (unsigned i = 0; i < count; ++i)
      sound[loop.getRegionIterArg(i)] = holds[i];
    visit(*loop.getBody());
    for (unsigned i = 0; i < count; ++i) {
      Value argument = loop.getRegionIterArg(i);
      bool now = holds[i] && isSound(loop.getInitArgs()[i]) &&
                 isSound(yield.getOperand(i));
      changed |= now != holds[i];
      holds[i] = now;
      sound[loop.getResult(i)] = now;
      sound[argument] = now;
    }
  }
}

void Widening::visit(Operation &op) {
  if (isPolynomial(&op) ||
      isa<kernel::GetProgramIdOp, kernel::AssumeOp, kernel::DebugBarrierOp>(op))
    return;
  auto conclude = [&](bool holds) {
    for (Value r : op.getResults())
      if (!varying || !varying->contains(r) ||
          isa<RankedTensorType>(r.getType()))
        sound[r] = holds;
  };
  if (auto compare = dyn_cast<arith::CmpIOp>(op)) {
    // Of two indices only the difference counts.
    Polynomial difference = Polynomial(polynomials.of(compare.getLhs())) -
                            polynomials.of(compare.getRhs());
    return conclude(isSound(difference));
  }
  if (isa<kernel::StoreOp, kernel::AtomicRMWOp, kernel::AtomicCASOp>(op)) {
    demand(areSound(op.getOperands()), &op,
           "it does not depend on the place in the merged block alone");
    demand(isa<kernel::StoreOp>(op) || dimensions.has(op.getOperand(0), along),
           &op, "it would happen once instead of once a program");
    return conclude(true);
  }
  if (isa<kernel::PrintOp, kernel::AssertOp, scf::WhileOp>(op))
    return demand(false, &op, "it happens once a program");
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return visitLoop(loop);
  if (auto branch = dyn_cast<scf::IfOp>(op)) {
    demand(isSound(branch.getCondition()), &op,
           "its condition depends on the program");
    for (Region &region : op.getRegions())
      if (!region.empty())
        visit(region.front());
    for (unsigned i = 0; i < branch.getNumResults(); ++i)
      sound[branch.getResult(i)] = isSound(branch.thenYield().getOperand(i)) &&
                                   isSound(branch.elseYield().getOperand(i));
    return;
  }
  bool holds = areSound(op.getOperands());
  if (auto o = dyn_cast<kernel::ReduceOp>(op))
    holds &= dimensions.of(o.getSrcs()[0], o.getAxis()) != along;
  else if (auto o = dyn_cast<kernel::ScanOp>(op))
    holds &= dimensions.of(o.getSrcs()[0], o.getAxis()) != along;
  else if (auto o = dyn_cast<kernel::DotOp>(op))
    holds &=
        dimensions.of(o.getA(), int64_t(shapeOf(o.getA()).size()) - 1) != along;
  conclude(holds);
}

bool Widening::visit(Block &block) {
  for (Operation &op : block.without_terminator()) {
    visit(op);
    if (obstacle)
      return false;
  }
  return true;
}

//===-- Resizer -----------------------------------------------------------===//

Type Resizer::resized(Value v) {
  auto tensor = dyn_cast<RankedTensorType>(v.getType());
  if (!tensor)
    return v.getType();
  llvm::SmallVector<int64_t> shape(tensor.getShape());
  for (size_t d = 0; d < shape.size(); ++d)
    if (dimensions.of(v, int64_t(d)) == along)
      shape[d] = newSize;
  return tensor.clone(shape);
}

void Resizer::fit(Operation *from, Operation *to) {
  for (auto [was, is] : llvm::zip(from->getResults(), to->getResults()))
    is.setType(resized(was));
  for (auto [was, is] : llvm::zip(from->getRegions(), to->getRegions()))
    for (auto [a, b] : llvm::zip(was, is))
      for (auto [x, y] : llvm::zip(a.getArguments(), b.getArguments()))
        y.setType(resized(x));
  if (auto constant = dyn_cast<arith::ConstantOp>(to)) {
    if (auto dense = dyn_cast<DenseElementsAttr>(constant.getValue()))
      constant.setValueAttr(
          dense.resizeSplat(cast<ShapedType>(constant.getType())));
    return;
  }
  auto range = dyn_cast<kernel::MakeRangeOp>(to);
  if (!range || dimensions.of(from->getResult(0), 0) != along)
    return;
  range.setEnd(uint32_t(int64_t(range.getStart()) + newSize));
  if (!origin)
    return;
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointAfter(range);
  auto from0 =
      kernel::SplatOp::create(b, range.getLoc(), range.getType(), origin);
  auto moved = arith::AddIOp::create(b, range.getLoc(), range, from0);
  range.getResult().replaceAllUsesExcept(moved, moved);
  mapping.map(from->getResult(0), moved.getResult());
}

Operation *Resizer::clone(Operation *op) {
  Operation *copy = b.clone(*op, mapping);
  // Both trees are walked in the same order; collected first, because fitting
  // may add ops.
  llvm::SmallVector<Operation *> from, to;
  op->walk([&](Operation *o) { from.push_back(o); });
  copy->walk([&](Operation *o) { to.push_back(o); });
  for (auto [a, c] : llvm::zip(from, to))
    fit(a, c);
  return copy;
}

std::vector<Extent> terrazzo::tiling::rangesOf(Block &body,
                                               Dimensions &dimensions) {
  std::vector<Extent> out;
  body.walk([&](kernel::MakeRangeOp range) {
    Extent r{dimensions.of(range.getResult(), 0),
             shapeOf(range.getResult())[0]};
    // A block of one element is one with every broadcast.
    if (r.size > 1 &&
        llvm::none_of(out, [&](const Extent &o) { return o.along == r.along; }))
      out.push_back(r);
  });
  return out;
}
