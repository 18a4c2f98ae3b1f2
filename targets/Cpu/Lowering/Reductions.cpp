// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reductions and scans. Along the lanes: several vectors of partial results,
// joined at the end. Along another dimension: one vector of results at a time.
#include "targets/Cpu/Lowering/Emitter.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// Vectors of partial results that are made at once: enough to hide the
/// latency of an addition (4 cycles on two ports).
static constexpr int64_t partials = 4;

llvm::SmallVector<Value> Emitter::combine(Region &body, ValueRange left,
                                          ValueRange right) {
  llvm::DenseMap<Value, Value> values;
  llvm::DenseMap<Value, Index> none;
  Block &block = body.front();
  for (auto [argument, v] :
       llvm::zip(block.getArguments(),
                 llvm::concat<const Value>(llvm::to_vector(left),
                                           llvm::to_vector(right))))
    values[argument] = v;
  return region(block, values, none);
}

/// Whether a region is a single op that identityOf knows.
bool Emitter::hasIdentity(Region &body) {
  Block &block = body.front();
  if (block.getNumArguments() != 2 || block.getOperations().size() != 2)
    return false;
  Operation &op = block.front();
  Type element = block.getArgument(0).getType();
  if (!element.isInteger() && !element.isF16() && !element.isBF16() &&
      !element.isF32() && !element.isF64())
    return false; // not every format has infinities
  return op.getNumOperands() == 2 && op.getNumResults() == 1 &&
         block.getTerminator()->getOperand(0) == op.getResult(0) &&
         op.getOperand(0) != op.getOperand(1) &&
         isa<arith::MaxNumFOp, arith::MinNumFOp, arith::AddFOp, arith::AddIOp,
             arith::OrIOp, arith::XOrIOp, arith::MaxUIOp, arith::MaximumFOp,
             arith::MinimumFOp, arith::MulFOp>(op);
}

/// What changes nothing when combined; null where hasIdentity is false.
Value Emitter::identityOf(Region &body, Type element) {
  if (!hasIdentity(body))
    return {};
  Operation &op = body.front().front();
  auto a = TypedAttr();
  // maxnum(NaN, x) = x, and all NaN stays NaN.
  if (isa<arith::MaxNumFOp, arith::MinNumFOp>(op))
    a = b.getFloatAttr(
        element,
        APFloat::getQNaN(cast<FloatType>(element).getFloatSemantics()));
  else if (isa<arith::AddFOp>(op))
    a = b.getFloatAttr(
        element, APFloat::getZero(cast<FloatType>(element).getFloatSemantics(),
                                  /*Negative=*/true));
  else if (isa<arith::AddIOp, arith::OrIOp, arith::XOrIOp, arith::MaxUIOp>(op))
    a = b.getIntegerAttr(element, 0);
  else if (isa<arith::MaximumFOp, arith::MinimumFOp>(op))
    a = b.getFloatAttr(
        element, APFloat::getInf(cast<FloatType>(element).getFloatSemantics(),
                                 isa<arith::MaximumFOp>(op)));
  else
    a = b.getFloatAttr(element, 1.0); // a product
  return constant(a);
}

/// Joins the lanes: upper half with lower half, down to one.
llvm::SmallVector<Value> Emitter::acrossLanes(Region &body,
                                              llvm::SmallVector<Value> values) {
  unsigned before = lanes;
  for (unsigned width = lanes; width > 1; width /= 2) {
    llvm::SmallVector<Value> low, high;
    for (Value v : values) {
      v = asLanes(v);
      auto half = [&](unsigned from) -> Value {
        if (width == 2)
          return vector::ExtractOp::create(b, loc, v,
                                           llvm::ArrayRef<int64_t>{from});
        llvm::SmallVector<int64_t> mask;
        for (unsigned i = 0; i < width / 2; ++i)
          mask.push_back(from + i);
        return vector::ShuffleOp::create(b, loc, v, v, mask);
      };
      low.push_back(half(0));
      high.push_back(half(width / 2));
    }
    lanes = width / 2;
    values = combine(body, low, high);
  }
  lanes = before;
  return values;
}

/// Reduces along the lanes at one index of the other dimensions.
llvm::SmallVector<Value> Emitter::reduceLanes(tile::ReduceOp op, Indices at,
                                              int64_t dim,
                                              llvm::ArrayRef<Kept> along) {
  int64_t size = shapeOf(op.getIns()[0])[dim];
  unsigned width = widthFor(elementOf(op.getIns()[0]));
  Region &body = op.getBody();
  auto evaluateAt = [&](Index i) {
    at[dim] = i;
    llvm::SmallVector<Value> values;
    for (Value in : op.getIns())
      values.push_back(asLanes(evaluate(in, at)));
    keep(along, at);
    return values;
  };
  llvm::SmallVector<Value> result;
  auto join = [&](llvm::SmallVector<Value> more) {
    result = result.empty() ? more : combine(body, result, more);
  };
  int64_t from = 0;
  unsigned before = lanes;
  for (; width > 1; width /= 2) {
    int64_t count = (size - from) / width;
    if (!count)
      continue;
    lanes = width;
    int64_t many = std::min(count, isSmall() ? 1 : partials),
            step = many * width;
    size_t n = op.getIns().size();
    llvm::SmallVector<Value> start;
    Value identity =
        n == 1 ? identityOf(body, elementOf(op.getIns()[0])) : Value();
    int64_t first = from, end = from + count / many * step;
    if (identity) {
      start.assign(many, asLanes(identity));
    } else {
      for (int64_t u = 0; u < many; ++u)
        llvm::append_range(start,
                           evaluateAt({index(from + u * width), true, {}}));
      first += step;
    }
    auto parts =
        carryingLoop(first, end, step, start, [&](Value i, ValueRange carried) {
          llvm::SmallVector<Value> next;
          for (int64_t u = 0; u < many; ++u) {
            Value here = plus(i, u ? index(u * width) : Value());
            llvm::append_range(next, combine(body, carried.slice(u * n, n),
                                             evaluateAt({here, true, {}})));
          }
          return next;
        });
    from = end;
    auto part = [&](int64_t u) {
      return llvm::SmallVector<Value>(
          llvm::ArrayRef<Value>(parts).slice(u * n, n));
    };
    for (; from + width <= size; from += width) {
      auto joined = combine(body, part(0), evaluateAt({index(from), true, {}}));
      std::copy(joined.begin(), joined.end(), parts.begin());
    }
    for (int64_t gap = 1; gap < many; gap *= 2)
      for (int64_t u = 0; u + gap < many; u += 2 * gap) {
        auto joined = combine(body, part(u), part(u + gap));
        std::copy(joined.begin(), joined.end(), parts.begin() + u * n);
      }
    auto one = acrossLanes(body, part(0));
    lanes = 1;
    join(one);
  }
  lanes = 1;
  for (; from < size; ++from)
    join(evaluateAt({index(from), false, {}}));
  lanes = before;
  return result;
}

/// Reduces along \p dim at one index (a vector of them) of the others.
llvm::SmallVector<Value> Emitter::reduceRows(tile::ReduceOp op, Indices at,
                                             int64_t dim,
                                             llvm::ArrayRef<Kept> along) {
  auto evaluateAt = [&](Value i) {
    at[dim] = {i, false, {}};
    llvm::SmallVector<Value> values;
    for (Value in : op.getIns())
      values.push_back(asLanes(evaluate(in, at)));
    keep(along, at);
    return values;
  };
  auto first = evaluateAt(index(0));
  return carryingLoop(1, shapeOf(op.getIns()[0])[dim], 1, first,
                      [&](Value i, ValueRange carried) {
                        return combine(op.getBody(), carried, evaluateAt(i));
                      });
}

void Emitter::reduce(tile::ReduceOp op) {
  llvm::ArrayRef<int64_t> shape = shapeOf(op.getIns()[0]);
  int64_t last = int64_t(shape.size()) - 1, dim = last;
  llvm::SmallVector<bool> gone(shape.size());
  unsigned large = 0;
  for (auto d : op.getDims().getAsRange<IntegerAttr>()) {
    gone[d.getInt()] = true;
    if (shape[d.getInt()] > 1 || !large)
      dim = d.getInt();
    large += shape[d.getInt()] > 1;
  }
  if (large > 1)
    refuse(op, "a reduction along several dimensions at once");
  auto along = alongTheWay(op.getIns(), shape);
  llvm::SmallVector<Buffer> outs;
  llvm::SmallVector<int64_t> keptSizes;
  for (size_t d = 0; d < shape.size(); ++d)
    if (!gone[d])
      keptSizes.push_back(shape[d]);
  bool scalar = keptSizes.empty();
  if (!scalar)
    for (Value in : op.getIns())
      outs.push_back(allocate(keptSizes, elementOf(in)));
  bool lanesReduced = dim == last;
  int64_t laneDim = lanesReduced || scalar ? -1 : int64_t(keptSizes.size()) - 1;
  nest(keptSizes, laneDim, widthFor(elementOf(op.getIns()[0])),
       [&](const Indices &where) {
         Indices at;
         size_t next = 0;
         for (size_t d = 0; d < shape.size(); ++d)
           at.push_back(gone[d] ? Index{index(0), false, {}} : where[next++]);
         auto values = lanesReduced ? reduceLanes(op, at, dim, along)
                                    : reduceRows(op, at, dim, along);
         for (auto [k, v] : llvm::enumerate(values))
           if (scalar)
             scalars[op->getResult(k)] = v;
           else
             storeBuffer(outs[k], where, v);
       });
  kept(along);
  if (!scalar)
    for (auto [k, out] : llvm::enumerate(outs))
      buffers[op->getResult(k)] = out;
}

/// The inclusive scan within a vector: what stands 1, 2, 4, … lanes before is
/// combined from the left.
llvm::SmallVector<Value> Emitter::scanLanes(Region &body,
                                            llvm::SmallVector<Value> values,
                                            bool reverse) {
  for (unsigned gap = 1; gap < lanes; gap *= 2) {
    llvm::SmallVector<int64_t> from;
    llvm::SmallVector<bool> has;
    for (unsigned i = 0; i < lanes; ++i) {
      int64_t source = reverse ? int64_t(i + gap) : int64_t(i) - gap;
      has.push_back(source >= 0 && source < int64_t(lanes));
      from.push_back(has.back() ? source : int64_t(i));
    }
    llvm::SmallVector<Value> earlier;
    for (Value v : values)
      earlier.push_back(vector::ShuffleOp::create(b, loc, v, v, from));
    auto joined = combine(body, earlier, values);
    Value mask = constant(
        DenseElementsAttr::get(Vector::get({lanes}, b.getI1Type()), has));
    for (auto [v, j] : llvm::zip(values, joined))
      v = arith::SelectOp::create(b, loc, mask, j, v);
  }
  return values;
}

void Emitter::scan(tile::ScanOp op) {
  llvm::ArrayRef<int64_t> shape = shapeOf(op.getIns()[0]);
  int64_t last = int64_t(shape.size()) - 1, dim = op.getDim(),
          size = shape[dim];
  bool reverse = op.getReverse(), along = dim == last;
  auto keeps = alongTheWay(op.getIns(), shape);
  llvm::SmallVector<Buffer> outs;
  for (Value in : op.getIns())
    outs.push_back(allocate(shape, elementOf(in)));
  llvm::SmallVector<int64_t> others(shape);
  others.erase(others.begin() + dim);
  unsigned width = widthFor(elementOf(op.getIns()[0]));
  if (along)
    while (width > 1 && size % width)
      width /= 2;
  nest(others, along ? -1 : int64_t(others.size()) - 1, width,
       [&](const Indices &where) {
         Indices at(where);
         at.insert(at.begin() + dim, Index());
         unsigned before = lanes;
         if (along)
           lanes = width;
         int64_t step = along ? width : 1;
         // One step: the values here, scanned, with what came before.
         auto here = [&](Value i, ValueRange carried) {
           Value position = i;
           if (reverse)
             position = arith::SubIOp::create(b, loc, index(size - step), i);
           at[dim] = {position, along && lanes > 1, {}};
           llvm::SmallVector<Value> values;
           for (Value in : op.getIns())
             values.push_back(asLanes(evaluate(in, at)));
           keep(keeps, at);
           if (along && lanes > 1)
             values = scanLanes(op.getBody(), values, reverse);
           if (!carried.empty()) {
             llvm::SmallVector<Value> earlier;
             for (Value v : carried)
               earlier.push_back(asLanes(v));
             values = combine(op.getBody(), earlier, values);
           }
           for (auto [out, v] : llvm::zip(outs, values))
             storeBuffer(out, at, v);
           if (along && lanes > 1)
             for (Value &v : values)
               v = vector::ExtractOp::create(
                   b, loc, v,
                   llvm::ArrayRef<int64_t>{reverse ? 0 : int64_t(lanes) - 1});
           return values;
         };
         auto first = here(index(0), {});
         carryingLoop(step, size, step, first, here);
         lanes = before;
       });
  kept(keeps);
  for (auto [k, out] : llvm::enumerate(outs))
    buffers[op->getResult(k)] = out;
}
