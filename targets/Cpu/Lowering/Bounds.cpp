// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How much of a block must be computed: what lies beyond the extents of an
// array is known without it.
#include "targets/Cpu/Lowering/Emitter.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// The number of elements of \p operand along \p dim beyond which all are zero,
/// a value of the Tile program; null: not known. A load ends at its array.
Value Emitter::zeroBeyond(Value operand, int64_t dim) {
  auto load = operand.getDefiningOp<tile::LoadOp>();
  if (!load || load.getMask())
    return {};
  auto slice = load.getView().getDefiningOp<tile::SliceOp>();
  auto root = slice ? slice.getView().getDefiningOp<tile::ViewOp>() : nullptr;
  if (!root || slice.getDims() || root.getSizes().empty() ||
      slice.getOffsets().size() * 2 != root.getSizes().size())
    return {};
  APInt n;
  for (Value offset : slice.getOffsets())
    if (isTensor(offset))
      return {};
  if (!matchPattern(slice.getOffsets()[dim], m_ConstantInt(&n)) || !n.isZero())
    return {};
  auto bounds = cast<tile::ViewType>(load.getView().getType()).getBoundaries();
  if (size_t(dim) >= bounds.size() || isa<tile::InAttr>(bounds[dim]))
    return {};
  for (Attribute bound : bounds)
    if (auto fill = dyn_cast<tile::FillAttr>(bound))
      if (auto value = dyn_cast<TypedAttr>(fill.getValue());
          value && value != OpBuilder(load).getZeroAttr(value.getType()))
        return {};
  Value size = root.getSizes()[dim];
  if (matchPattern(size, m_ConstantInt(&n)))
    return {}; // unknown, or all of the block
  return size;
}

/// Where a window ends along each of its dimensions, at most its shape; null:
/// with its shape.
llvm::SmallVector<Value> Emitter::endsOf(const Window &w) {
  llvm::SmallVector<Value> ends(w.shape.size());
  if (w.wholeTensor)
    return ends;
  for (auto [k, d] : llvm::enumerate(w.dims)) {
    if (!w.extents[d] || w.offsets[d] || w.tensors[d] ||
        isa<tile::InAttr>(w.boundaries[d]) ||
        matchPattern(w.extents[d], m_Constant()))
      continue;
    ends[k] = arith::MaxSIOp::create(
        b, loc, arith::MinSIOp::create(b, loc, w.extents[d], index(w.shape[k])),
        index(0));
  }
  return ends;
}

/// How much of k a product needs, in whole steps of the register tile: beyond,
/// zeros would be multiplied with zeros.
Value Emitter::usedOfK(tile::MmaOp op, const MmaShape &s) {
  Value ofA = zeroBeyond(op.getA(), 1), ofB = zeroBeyond(op.getB(), 0);
  int64_t step = s.group * stepsAtOnce(s);
  if (!ofA || !ofB || s.k <= step)
    return {};
  Value most = arith::MaxSIOp::create(b, loc, scalarOf(ofA), scalarOf(ofB));
  most = arith::MaxSIOp::create(
      b, loc, arith::MinSIOp::create(b, loc, most, index(s.k)), index(0));
  Value steps =
      arith::DivUIOp::create(b, loc, plus(most, index(step - 1)), index(step));
  return times(steps, index(step));
}
