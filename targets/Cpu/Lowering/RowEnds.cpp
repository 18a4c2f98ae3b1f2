// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where loops over rows may end. Behind the extents of its windows and the
// bounds of its masks a row is the same everywhere: loads give what fills them,
// masks are false, nothing is stored. So that much of it is computed once, and
// counted as often as it stands there.
#include "targets/Cpu/Lowering/Emitter.h"

#include "mlir/IR/Matchers.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// Whether combining with \p n equal elements is one operation.
static bool canRepeat(tile::ReduceOp op) {
  Operation &combine = op.getBody().front().front();
  if (isa<arith::AddFOp>(combine)) // narrower types do not hold the count
    return elementOf(op.getIns()[0]).getIntOrFloatBitWidth() >= 32;
  return isa<arith::MaxNumFOp, arith::MinNumFOp, arith::MaximumFOp,
             arith::MinimumFOp, arith::OrIOp, arith::MaxUIOp, arith::AddIOp>(
      combine);
}

/// Whether \p map looks at its index, other than to be a ramp.
static bool readsIndex(tile::MapOp map) {
  Block &body = map.getBody().front();
  for (unsigned d = 0; d < shapeOf(map.getResult(0)).size(); ++d)
    if (!body.getArgument(d).use_empty())
      return !isRamp(map.getResult(0));
  return false;
}

/// Whether the scalars that \p map takes are the same in all programs.
static bool takesCommon(tile::MapOp map, Block &body) {
  bool common = true;
  map.getBody().walk([&](Operation *op) {
    for (Value v : op->getOperands())
      common &=
          map.getBody().isAncestor(v.getParentRegion()) || !variesIn(v, body);
  });
  return common;
}

/// The extent of a window that ends before the row does, or null.
static Value extentOf(Value view, Block &body) {
  auto root = view.getDefiningOp<tile::SliceOp>()
                  .getView()
                  .getDefiningOp<tile::ViewOp>();
  auto bounds = cast<tile::ViewType>(view.getType()).getBoundaries();
  Value extent = root.getSizes()[0];
  APInt n;
  if (bounds.empty() || isa<tile::InAttr>(bounds[0]) ||
      (matchPattern(extent, m_ConstantInt(&n)) && n.isAllOnes()) ||
      variesIn(extent, body))
    return {};
  return extent;
}

/// The extents that end the rows of \p plan, and the masks that are false from
/// some element on; false: all of a row must be computed.
bool Emitter::findRowEnds(RowPlan &plan, tile::LaunchOp launch,
                          llvm::SmallVectorImpl<Value> &extents,
                          llvm::SmallVectorImpl<tile::MapOp> &masks) {
  Block &body = launch.getBody().front();
  auto add = [&](Value view) {
    extents.push_back(extentOf(view, body));
    return bool(extents.back());
  };
  for (Reduced &r : plan.reduces)
    if (!canRepeat(r.op))
      return false;
  for (auto load : body.getOps<tile::LoadOp>())
    if (isTensor(load.getValue()) && passesOf(load.getValue(), plan) &&
        (load.getMask() || !add(load.getView())))
      return false;
  for (auto map : body.getOps<tile::MapOp>()) {
    if (!passesOf(map.getResult(0), plan))
      continue;
    if (readsIndex(map))
      return false;
    bool makesRamp = isRamp(map.getResult(0));
    if (!makesRamp && llvm::none_of(map.getIns(), isRamp))
      continue;
    // A ramp may only be compared with a bound.
    bool isMask = map.getIns().size() == 1 && boundedRamp(map);
    if ((!makesRamp && !isMask) || !takesCommon(map, body))
      return false;
    if (isMask)
      masks.push_back(map);
  }
  return add(plan.store.getView());
}

/// Where `ramp < bound` becomes false for good.
Value Emitter::endOfMask(tile::MapOp mask, int64_t size) {
  auto compare = cast<arith::CmpIOp>(mask.getBody().front().front());
  Value low = evaluate(boundedRamp(mask), {{index(0), false, {}}});
  Type wide = b.getI64Type();
  int64_t most = low.getType().isIndex()
                     ? INT64_MAX
                     : llvm::maxIntN(low.getType().getIntOrFloatBitWidth());
  auto widened = [&](Value v) -> Value {
    return v.getType().isIndex()
               ? arith::IndexCastOp::create(b, loc, wide, v).getResult()
           : v.getType() == wide
               ? v
               : arith::ExtSIOp::create(b, loc, wide, v).getResult();
  };
  low = widened(low);
  Value end = arith::IndexCastOp::create(
      b, loc, b.getIndexType(),
      arith::SubIOp::create(b, loc, widened(scalarOf(compare.getRhs())), low));
  // A ramp that wraps is below the bound again.
  Value wraps =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, low,
                            constant(b.getI64IntegerAttr(most - (size - 1))));
  return arith::SelectOp::create(b, loc, wraps, index(size), end);
}

/// A sum that has met \p times more elements \p v.
static Value repeated(OpBuilder &b, Location loc, tile::ReduceOp op, Value v,
                      Value times) {
  Operation &combine = op.getBody().front().front();
  if (!isa<arith::AddFOp, arith::AddIOp>(combine))
    return v; // meeting it once is enough
  Type type = v.getType(), element = getElementTypeOrSelf(type);
  Value many = arith::IndexCastOp::create(b, loc, b.getI64Type(), times);
  auto spread = [&](Value n) -> Value {
    return isa<VectorType>(type)
               ? vector::BroadcastOp::create(b, loc, type, n).getResult()
               : n;
  };
  if (isa<FloatType>(element))
    return arith::MulFOp::create(
        b, loc, v, spread(arith::SIToFPOp::create(b, loc, element, many)));
  Value n = element.isInteger(64) ? many
            : element.getIntOrFloatBitWidth() < 64
                ? arith::TruncIOp::create(b, loc, element, many).getResult()
                : arith::ExtSIOp::create(b, loc, element, many).getResult();
  return arith::MulIOp::create(b, loc, v, spread(n));
}

/// What stands behind \p end of the rows of these passes, in steps of \p step
/// elements, and the sums with it.
llvm::SmallVector<Value>
Emitter::behindRows(RowPlan &plan, int64_t from, int64_t step, Value end,
                    llvm::MutableArrayRef<PassState> states,
                    ValueRange results) {
  Value more = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, end,
                                     index(plan.size));
  auto branch = scf::IfOp::create(b, loc, results.getTypes(), more, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.elseBlock());
  if (!results.empty())
    scf::YieldOp::create(b, loc, results);
  b.setInsertionPointToStart(branch.thenBlock());
  Value times = arith::DivUIOp::create(
      b, loc, arith::SubIOp::create(b, loc, index(plan.size), end),
      index(step));
  lanes = widthFor(elementOf(plan.store.getValue()));
  llvm::SmallVector<Value> sums(results);
  Indices at{{end, true, {}}};
  int64_t to = from + states.size();
  for (int64_t pass = to; pass-- > from;) {
    swapState(states[pass - from]);
    size_t n = 0;
    for (Reduced &r : plan.reduces) {
      if (r.pass < from || r.pass >= to)
        continue;
      size_t first = n++ * unroll;
      if (r.pass != pass)
        continue;
      Value v = asLanes(evaluate(r.op.getIns()[0], at));
      v = repeated(b, loc, r.op, v, times);
      for (int64_t u = 0; u < unroll; ++u)
        sums[first + u] = combine(r.op.getBody(), sums[first + u], v)[0];
    }
    keep(along, at);
    swapState(states[pass - from]);
  }
  lanes = 1;
  if (!results.empty())
    scf::YieldOp::create(b, loc, sums);
  return llvm::SmallVector<Value>(branch.getResults());
}

/// Where the loop over masked rows ends, in whole steps; null: with the row.
Value Emitter::endOfRows(RowPlan &plan, tile::LaunchOp launch, int64_t step) {
  llvm::SmallVector<Value> extents;
  llvm::SmallVector<tile::MapOp> masks;
  if (isSmall() || !findRowEnds(plan, launch, extents, masks))
    return {};
  Value most = index(0);
  auto reach = [&](Value v) { most = arith::MaxSIOp::create(b, loc, most, v); };
  for (Value extent : extents)
    reach(scalarOf(extent));
  for (tile::MapOp mask : masks)
    reach(endOfMask(mask, plan.size));
  most = arith::MinSIOp::create(b, loc, most, index(plan.size));
  Value steps =
      arith::DivUIOp::create(b, loc, plus(most, index(step - 1)), index(step));
  return times(steps, index(step));
}
