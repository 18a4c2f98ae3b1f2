// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What pointer and mask arithmetic says: base, strides, bounds.
#include "lib/Transforms/Access/Converter.h"

#include "mlir/IR/Matchers.h"

using namespace terrazzo;
using namespace terrazzo::access;
using namespace mlir;

Offset Converter::add(const Offset &a, const Offset &b, bool subtract) {
  Offset r;
  r.constant = plus(a.constant, b.constant, subtract);
  for (size_t d = 0; d < std::max(a.strides.size(), b.strides.size()); ++d)
    r.strides.push_back(plus(d < a.strides.size() ? a.strides[d] : Value(),
                             d < b.strides.size() ? b.strides[d] : Value(),
                             subtract));
  r.rest = a.rest;
  if (!b.rest)
    return r;
  llvm::SmallVector<Spread, 2> parts;
  if (a.rest)
    parts.push_back(*a.rest);
  parts.push_back(*b.rest);
  r.rest = map(parts, builder.getIndexType(),
               [&](OpBuilder &b, ValueRange, ValueRange e) -> Value {
                 Value left = e.size() == 2
                                  ? e[0]
                                  : arith::ConstantIndexOp::create(b, loc, 0);
                 if (subtract)
                   return arith::SubIOp::create(b, loc, left, e.back());
                 return arith::AddIOp::create(b, loc, left, e.back());
               });
  return r;
}

Offset Converter::scale(const Offset &a, Value by) {
  Offset r;
  r.constant = times(a.constant, by);
  for (Value s : a.strides)
    r.strides.push_back(times(s, by));
  if (a.rest)
    r.rest = map({*a.rest}, builder.getIndexType(),
                 [&](OpBuilder &b, ValueRange, ValueRange e) -> Value {
                   return arith::MulIOp::create(b, loc, e[0], by);
                 });
  return r;
}

/// The block as a whole, when no structure is seen in it.
Offset Converter::opaque(Value v) {
  Offset r;
  Spread spread = spreadOf(v);
  r.strides.resize(shapeOf(v).size());
  if (spread.isScalar()) {
    r.constant = asIndex(spread.source);
    return r;
  }
  if (!elementOf(spread.source).isIndex())
    spread =
        map({spread}, builder.getIndexType(),
            [&](OpBuilder &b, ValueRange, ValueRange e) -> Value {
              return arith::IndexCastOp::create(b, loc, b.getIndexType(), e[0]);
            });
  r.rest = spread;
  return r;
}

/// Shape ops move strides; the rest moves with its dimensions.
static void insertDim(Offset &offset, int64_t axis) {
  offset.strides.insert(offset.strides.begin() + axis, Value());
  if (offset.rest)
    for (int64_t &d : offset.rest->dims)
      d += d >= axis;
}
/// A dimension of size 1 has index 0 only: its stride does not count.
static void repeatDims(Offset &offset, llvm::ArrayRef<int64_t> from,
                       llvm::ArrayRef<int64_t> to) {
  for (auto [d, size] : llvm::enumerate(from))
    if (size == 1 && to[d] != 1)
      offset.strides[d] = Value();
}
static void permuteDims(Offset &offset, llvm::ArrayRef<int32_t> order) {
  Offset from = offset;
  for (auto [d, source] : llvm::enumerate(order)) {
    offset.strides[d] = from.strides[source];
    if (from.rest)
      for (auto [k, dim] : llvm::enumerate(from.rest->dims))
        if (dim == source)
          offset.rest->dims[k] = d;
  }
}

std::optional<Offset> Converter::affine(Value v) {
  auto found = offsets.find(v);
  if (found != offsets.end())
    return found->second;
  DenseIntElementsAttr dense;
  if (matchPattern(v, m_Constant(&dense)) && dense.isSplat()) {
    Offset r;
    int64_t n = dense.getSplatValue<APInt>().getSExtValue();
    r.constant = n ? index(n) : Value();
    r.strides.resize(shapeOf(v).size());
    return r;
  }
  Operation *op = v.getDefiningOp();
  if (!op || shapeOf(v).empty())
    return isTensor(v) ? std::nullopt : std::optional(opaque(v));
  auto operand = [&](unsigned i) { return affine(op->getOperand(i)); };
  if (auto range = dyn_cast<kernel::MakeRangeOp>(op)) {
    Offset r;
    r.constant = range.getStart() ? index(int32_t(range.getStart())) : Value();
    r.strides = {index(1)};
    return r;
  }
  if (auto splat = dyn_cast<kernel::SplatOp>(op)) {
    Offset r;
    r.constant = asIndex(spreadOf(splat.getSrc()).source);
    r.strides.resize(shapeOf(v).size());
    return r;
  }
  if (isa<kernel::ExpandDimsOp, kernel::BroadcastOp, kernel::TransOp>(op)) {
    auto r = operand(0);
    if (!r)
      return r;
    if (auto expand = dyn_cast<kernel::ExpandDimsOp>(op))
      insertDim(*r, expand.getAxis());
    if (isa<kernel::BroadcastOp>(op))
      repeatDims(*r, shapeOf(op->getOperand(0)), shapeOf(v));
    if (auto trans = dyn_cast<kernel::TransOp>(op))
      permuteDims(*r, trans.getOrder());
    return r;
  }
  if (isa<arith::ExtSIOp>(op) && !elementOf(op->getOperand(0)).isInteger(1))
    return operand(0);
  if (!isa<arith::AddIOp, arith::SubIOp, arith::MulIOp>(op))
    return std::nullopt;
  auto a = operand(0), b = operand(1);
  if (!a || !b)
    return std::nullopt;
  if (!isa<arith::MulIOp>(op))
    return add(*a, *b, isa<arith::SubIOp>(op));
  if (b->isUniform())
    return scale(*a, b->constant ? b->constant : index(0));
  if (a->isUniform())
    return scale(*b, a->constant ? a->constant : index(0));
  return std::nullopt;
}

Offset Converter::offsetOf(Value v) {
  if (auto simple = affine(v))
    return *simple;
  Operation *op = v.getDefiningOp();
  if (isa_and_nonnull<arith::AddIOp, arith::SubIOp>(op))
    return add(offsetOf(op->getOperand(0)), offsetOf(op->getOperand(1)),
               isa<arith::SubIOp>(op));
  if (isa_and_nonnull<arith::MulIOp>(op))
    for (int i : {0, 1})
      if (auto by = affine(op->getOperand(i)); by && by->isUniform())
        return scale(offsetOf(op->getOperand(1 - i)),
                     by->constant ? by->constant : index(0));
  if (auto expand = dyn_cast_or_null<kernel::ExpandDimsOp>(op)) {
    Offset r = offsetOf(expand.getSrc());
    insertDim(r, expand.getAxis());
    return r;
  }
  if (isa_and_nonnull<arith::ExtSIOp>(op))
    return offsetOf(op->getOperand(0));
  if (auto broadcast = dyn_cast_or_null<kernel::BroadcastOp>(op)) {
    Offset r = offsetOf(broadcast.getSrc());
    bool repeats = r.rest && llvm::any_of(r.rest->dims, [&](int64_t d) {
                     return shapeOf(broadcast.getSrc())[d] != shapeOf(v)[d];
                   });
    if (!repeats) {
      repeatDims(r, shapeOf(broadcast.getSrc()), shapeOf(v));
      return r;
    }
  }
  return opaque(v);
}

Pointers Converter::pointersOf(Value v) {
  auto found = pointers.find(v);
  if (found != pointers.end())
    return found->second;
  Operation *op = v.getDefiningOp();
  Pointers p;
  if (auto move = dyn_cast_or_null<kernel::AddPtrOp>(op)) {
    p = pointersOf(move.getPtr());
    p.offset = add(p.offset, offsetOf(move.getOffset()), false);
  } else if (!isTensor(v)) { // an argument, carried, or made from a number
    p.base = spreadOf(v).source;
  } else if (auto splat = dyn_cast_or_null<kernel::SplatOp>(op)) {
    p = pointersOf(splat.getSrc());
    p.offset.strides.assign(shapeOf(v).size(), Value());
  } else if (auto expand = dyn_cast_or_null<kernel::ExpandDimsOp>(op)) {
    p = pointersOf(expand.getSrc());
    insertDim(p.offset, expand.getAxis());
  } else if (auto broadcast = dyn_cast_or_null<kernel::BroadcastOp>(op)) {
    p = pointersOf(broadcast.getSrc());
    if (p.offset.rest)
      p.offset.rest = dropRepeated(*p.offset.rest, shapeOf(v));
    repeatDims(p.offset, shapeOf(broadcast.getSrc()), shapeOf(v));
  } else if (auto trans = dyn_cast_or_null<kernel::TransOp>(op)) {
    p = pointersOf(trans.getSrc());
    permuteDims(p.offset, trans.getOrder());
  } else {
    refuse(op ? op : v.getParentBlock()->getParentOp(),
           "this block of pointers");
  }
  pointers[v] = p;
  return p;
}
