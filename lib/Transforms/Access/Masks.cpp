// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a mask says: bounds of single dimensions, a condition on the whole
// block, and the rest, element by element.
#include "lib/Transforms/Access/Converter.h"

using namespace terrazzo;
using namespace terrazzo::access;
using namespace mlir;

Value Converter::conjoin(Value a, Value b) {
  if (!a || !b)
    return a ? a : b;
  return arith::AndIOp::create(builder, loc, a, b);
}

Spread Converter::conjoin(const std::optional<Spread> &a, const Spread &b) {
  if (!a)
    return b;
  return map({*a, b}, builder.getI1Type(),
             [&](OpBuilder &b, ValueRange, ValueRange e) -> Value {
               return arith::AndIOp::create(b, loc, e[0], e[1]);
             });
}

void Converter::narrow(Range &range, const Range &by) {
  if (by.lower)
    range.lower = range.lower ? arith::MaxSIOp::create(builder, loc,
                                                       range.lower, by.lower)
                                    .getResult()
                              : by.lower;
  if (by.upper)
    range.upper = range.upper ? arith::MinSIOp::create(builder, loc,
                                                       range.upper, by.upper)
                                    .getResult()
                              : by.upper;
}

/// Adds to \p mask what `compare` says when it bounds the index of a single
/// dimension, with stride 1 or -1, or is the same for all elements.
bool Converter::bounds(arith::CmpIOp compare, Mask &mask) {
  using P = arith::CmpIPredicate;
  P predicate = compare.getPredicate();
  bool less = predicate == P::slt || predicate == P::sle;
  bool strict = predicate == P::slt || predicate == P::sgt;
  if (!less && !strict && predicate != P::sge)
    return false;
  auto a = affine(compare.getLhs()), b = affine(compare.getRhs());
  if (!a || !b)
    return false;
  // 0 < d (strict) or 0 <= d.
  Offset d = less ? add(*b, *a, true) : add(*a, *b, true);
  int64_t dim = -1;
  for (auto [i, stride] : llvm::enumerate(d.strides)) {
    if (!stride)
      continue;
    if (dim >= 0)
      return false;
    dim = i;
  }
  Value constant = d.constant ? d.constant : index(0);
  if (dim < 0) {
    mask.uniform =
        conjoin(mask.uniform,
                arith::CmpIOp::create(builder, loc, strict ? P::sgt : P::sge,
                                      constant, index(0)));
    return true;
  }
  auto stride = constantOf(d.strides[dim]);
  if (stride == 1) // -c < i, or -c <= i
    narrow(mask.ranges[dim], {plus(index(strict), constant, true), {}});
  else if (stride == -1) // i < c, or i <= c
    narrow(mask.ranges[dim],
           {{}, orZero(plus(constant, strict ? Value() : index(1)))});
  else
    return false;
  return true;
}

/// The parts of a conjunction, seen through broadcasts and the like; each with
/// the dimension of the whole block that each of its own is, or -1 for one of
/// size 1 that was repeated.
static void conjuncts(Value mask, Dims dims,
                      llvm::SmallVectorImpl<std::pair<Value, Dims>> &out) {
  Operation *op = mask.getDefiningOp();
  if (auto both = dyn_cast_or_null<arith::AndIOp>(op)) {
    conjuncts(both.getLhs(), dims, out);
    return conjuncts(both.getRhs(), dims, out);
  }
  if (auto broadcast = dyn_cast_or_null<kernel::BroadcastOp>(op)) {
    for (auto [d, size] : llvm::enumerate(shapeOf(broadcast.getSrc())))
      if (size == 1 && shapeOf(mask)[d] != 1)
        dims[d] = -1;
    return conjuncts(broadcast.getSrc(), dims, out);
  }
  if (auto expand = dyn_cast_or_null<kernel::ExpandDimsOp>(op)) {
    dims.erase(dims.begin() + expand.getAxis());
    return conjuncts(expand.getSrc(), dims, out);
  }
  if (auto trans = dyn_cast_or_null<kernel::TransOp>(op)) {
    Dims from(dims.size());
    for (auto [d, source] : llvm::enumerate(trans.getOrder()))
      from[source] = dims[d];
    return conjuncts(trans.getSrc(), from, out);
  }
  if (auto splat = dyn_cast_or_null<kernel::SplatOp>(op))
    return conjuncts(splat.getSrc(), {}, out);
  out.push_back({mask, dims});
}

void Converter::addPart(Value part, const Dims &dims, Value whole, Mask &mask) {
  if (!isTensor(part)) {
    mask.uniform = conjoin(mask.uniform, spreadOf(part).source);
    return;
  }
  Mask own;
  own.ranges.resize(dims.size());
  auto compare = part.getDefiningOp<arith::CmpIOp>();
  if (compare && bounds(compare, own)) {
    mask.uniform = conjoin(mask.uniform, own.uniform);
    for (auto [k, range] : llvm::enumerate(own.ranges)) {
      if (dims[k] >= 0) {
        narrow(mask.ranges[dims[k]], range);
        continue;
      }
      using P = arith::CmpIPredicate;
      auto holds = [&](P p, Value bound) {
        if (bound)
          mask.uniform =
              conjoin(mask.uniform,
                      arith::CmpIOp::create(builder, loc, p, bound, index(0)));
      };
      holds(P::sle, range.lower);
      holds(P::sgt, range.upper);
    }
    return;
  }
  Spread rest = spreadOf(part), spread{rest.source, {}};
  for (int64_t d : rest.dims)
    spread.dims.push_back(dims[d]);
  if (llvm::is_contained(spread.dims, -1))
    spread = spreadOf(whole);
  if (spread.isScalar())
    mask.uniform = conjoin(mask.uniform, spread.source);
  else
    mask.other = conjoin(mask.other, spread);
}

Mask Converter::maskOf(Value value, llvm::ArrayRef<int64_t> shape) {
  Mask mask;
  mask.ranges.resize(shape.size());
  if (!value)
    return mask;
  Dims all;
  for (size_t d = 0; d < shape.size(); ++d)
    all.push_back(d);
  llvm::SmallVector<std::pair<Value, Dims>> parts;
  conjuncts(value, all, parts);
  for (auto &[part, dims] : parts)
    addPart(part, dims, value, mask);
  return mask;
}
