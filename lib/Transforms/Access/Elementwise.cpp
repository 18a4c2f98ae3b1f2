// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementwise and shape ops: maps over as few dimensions as the operands run
// along, and no op at all for what only changes dimensions.
#include "lib/Transforms/Access/Converter.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/Matchers.h"

using namespace terrazzo;
using namespace terrazzo::access;
using namespace mlir;

Spread Converter::map(llvm::ArrayRef<Spread> operands, Type element, Body body,
                      llvm::ArrayRef<std::pair<int64_t, int64_t>> also) {
  std::map<int64_t, int64_t> domain(also.begin(), also.end());
  for (const Spread &s : operands)
    for (auto [k, d] : llvm::enumerate(s.dims))
      domain[d] = shapeOf(s.source)[k];
  Dims dims, shape;
  std::map<int64_t, int64_t> position;
  for (auto [d, size] : domain) {
    position[d] = dims.size();
    dims.push_back(d);
    shape.push_back(size);
  }
  llvm::SmallVector<Value> ins, elements;
  llvm::SmallVector<Attribute> spans;
  for (const Spread &s : operands) {
    elements.push_back(s.source);
    if (s.isScalar())
      continue;
    ins.push_back(s.source);
    Dims own;
    for (int64_t d : s.dims)
      own.push_back(position[d]);
    spans.push_back(builder.getI64ArrayAttr(own));
  }
  if (dims.empty())
    return {body(builder, {}, elements), {}};
  auto type = RankedTensorType::get(shape, element);
  auto op = tile::MapOp::create(builder, loc, TypeRange{type}, ins,
                                builder.getArrayAttr(spans));
  Block &block = op.getBody().emplaceBlock();
  for (size_t i = 0; i < dims.size(); ++i)
    block.addArgument(builder.getIndexType(), loc);
  for (auto [k, s] : llvm::enumerate(operands))
    if (!s.isScalar())
      elements[k] = block.addArgument(elementOf(s.source), loc);
  OpBuilder inner = OpBuilder::atBlockBegin(&block);
  Value result =
      body(inner, block.getArguments().take_front(dims.size()), elements);
  tile::YieldOp::create(inner, loc, result);
  return {op.getResult(0), dims};
}

Value Converter::take(Value source, AffineMap map,
                      llvm::ArrayRef<int64_t> shape) {
  return tile::TakeOp::create(builder, loc,
                              RankedTensorType::get(shape, elementOf(source)),
                              source, ValueRange(), map);
}

/// The whole block as one tensor, or the scalar of rank 0.
Value Converter::full(const Spread &s, llvm::ArrayRef<int64_t> shape) {
  if (shape.empty())
    return s.source;
  bool all = s.dims.size() == shape.size();
  if (all && llvm::is_sorted(s.dims))
    return s.source;
  if (all) {
    llvm::SmallVector<AffineExpr> results;
    for (int64_t d : s.dims)
      results.push_back(builder.getAffineDimExpr(d));
    return take(s.source,
                AffineMap::get(shape.size(), 0, results, builder.getContext()),
                shape);
  }
  llvm::SmallVector<std::pair<int64_t, int64_t>> domain;
  for (auto [d, size] : llvm::enumerate(shape))
    domain.push_back({d, size});
  return map(
             {s}, elementOf(s.source),
             [](OpBuilder &, ValueRange, ValueRange e) { return e[0]; }, domain)
      .source;
}

Value Converter::full(Value v) { return full(spreadOf(v), shapeOf(v)); }

Spread Converter::spreadOf(Value v) {
  auto found = spreads.find(v);
  if (found != spreads.end())
    return found->second;
  if (isPointer(v) && !isTensor(v)) {
    // A scalar pointer: its base, moved.
    Pointers p = pointersOf(v);
    return spreads[v] = {moved(p.base, p.offset.constant), {}};
  }
  if (isPointer(v))
    refuse(v.getDefiningOp() ? v.getDefiningOp()
                             : v.getParentBlock()->getParentOp(),
           "a block of pointers as a value");
  llvm_unreachable("a value is converted before its uses");
}

static bool isElementwise(Operation *op) {
  if (isa<kernel::FpCastOp, kernel::ClampOp, kernel::MulHiUIOp,
          kernel::BitcastOp>(op))
    return true;
  llvm::StringRef dialect = op->getName().getDialectNamespace();
  return (dialect == "arith" || dialect == "math") && op->getNumResults() &&
         op->getNumRegions() == 0;
}

bool Converter::elementwise(Operation *op) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    auto dense = dyn_cast<DenseElementsAttr>(constant.getValue());
    if (dense && !dense.isSplat())
      refuse(op, "a constant block of different elements");
    auto attribute = dense ? cast<TypedAttr>(dense.getSplatValue<Attribute>())
                           : cast<TypedAttr>(constant.getValue());
    spreads[constant] = {
        arith::ConstantOp::create(builder, loc, attribute).getResult(), {}};
    return true;
  }
  if (!isElementwise(op))
    return false;
  if (sumWithDot(op))
    return true;
  if (op->getNumResults() != 1)
    refuse(op, "`" + op->getName().getStringRef().str() + "`");
  llvm::SmallVector<Spread> operands;
  for (Value v : op->getOperands())
    operands.push_back(spreadOf(v));
  Type element = elementOf(op->getResult(0));
  spreads[op->getResult(0)] =
      map(operands, element, [&](OpBuilder &b, ValueRange, ValueRange e) {
        return b
            .create(loc, op->getName().getIdentifier(), e, TypeRange{element},
                    op->getAttrs())
            ->getResult(0);
      });
  return true;
}

/// A reshape as a map from the result's index to the operand's: the row-major
/// number of the one taken apart by the sizes of the other.
static AffineMap reshapeMap(llvm::ArrayRef<int64_t> to,
                            llvm::ArrayRef<int64_t> from, OpBuilder &b) {
  AffineExpr flat = b.getAffineConstantExpr(0);
  for (auto [d, size] : llvm::enumerate(to))
    flat = flat * size + b.getAffineDimExpr(d);
  llvm::SmallVector<AffineExpr> results(from.size());
  int64_t below = 1;
  for (size_t d = from.size(); d-- > 0;) {
    results[d] = flat.floorDiv(below);
    if (d)
      results[d] = results[d] % from[d];
    below *= from[d];
  }
  return AffineMap::get(to.size(), 0, results, b.getContext());
}

Spread Converter::rangeOf(kernel::MakeRangeOp op) {
  int32_t start = op.getStart();
  return map(
      {}, builder.getI32Type(),
      [&](OpBuilder &b, ValueRange ivs, ValueRange) -> Value {
        Value i = arith::IndexCastOp::create(b, loc, b.getI32Type(), ivs[0]);
        if (!start)
          return i;
        return arith::AddIOp::create(
            b, loc, i,
            arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(start)));
      },
      {{0, int32_t(op.getEnd()) - start}});
}

/// The spread without the dimensions in which the source has one element and
/// the block more: index 0 stands for all.
Spread Converter::dropRepeated(const Spread &s, llvm::ArrayRef<int64_t> shape) {
  Dims dims, sizes;
  llvm::SmallVector<AffineExpr> results;
  for (auto [k, d] : llvm::enumerate(s.dims)) {
    int64_t size = shapeOf(s.source)[k];
    if (size == 1 && shape[d] != 1) {
      results.push_back(builder.getAffineConstantExpr(0));
      continue;
    }
    results.push_back(builder.getAffineDimExpr(dims.size()));
    dims.push_back(d);
    sizes.push_back(size);
  }
  if (dims.size() == s.dims.size())
    return s;
  if (!dims.empty())
    return {take(s.source,
                 AffineMap::get(dims.size(), 0, results, builder.getContext()),
                 sizes),
            dims};
  // A single element becomes a scalar: a reduction of one.
  llvm::SmallVector<int64_t> all;
  for (size_t d = 0; d < s.dims.size(); ++d)
    all.push_back(d);
  Type element = elementOf(s.source);
  auto reduce = tile::ReduceOp::create(builder, loc, TypeRange{element},
                                       ValueRange{s.source},
                                       builder.getI64ArrayAttr(all), "any");
  Block &block = reduce.getBody().emplaceBlock();
  block.addArguments({element, element}, {loc, loc});
  OpBuilder inner = OpBuilder::atBlockBegin(&block);
  tile::YieldOp::create(inner, loc, ValueRange{block.getArgument(0)});
  return {reduce.getResult(0), {}};
}

bool Converter::shapeOp(Operation *op) {
  if (op->getNumResults() && isPointer(op->getResult(0)) &&
      isa<kernel::SplatOp, kernel::ExpandDimsOp, kernel::BroadcastOp,
          kernel::TransOp, kernel::AddPtrOp>(op)) {
    pointersOf(op->getResult(0));
    return true;
  }
  auto &spread = spreads;
  auto all = [&](Value v, Value result) {
    Dims dims;
    for (size_t d = 0; d < shapeOf(result).size(); ++d)
      dims.push_back(d);
    spread[result] = {v, dims};
  };
  if (auto range = dyn_cast<kernel::MakeRangeOp>(op)) {
    spread[range] = rangeOf(range);
  } else if (auto splat = dyn_cast<kernel::SplatOp>(op)) {
    spread[splat] = spreadOf(splat.getSrc());
  } else if (auto expand = dyn_cast<kernel::ExpandDimsOp>(op)) {
    Spread s = spreadOf(expand.getSrc());
    for (int64_t &d : s.dims)
      d += d >= int64_t(expand.getAxis());
    spread[expand] = s;
  } else if (auto broadcast = dyn_cast<kernel::BroadcastOp>(op)) {
    spread[broadcast] =
        dropRepeated(spreadOf(broadcast.getSrc()), shapeOf(broadcast));
  } else if (auto trans = dyn_cast<kernel::TransOp>(op)) {
    Spread s = spreadOf(trans.getSrc());
    for (int64_t &dim : s.dims)
      for (auto [d, source] : llvm::enumerate(trans.getOrder()))
        if (source == dim) {
          dim = d;
          break;
        }
    spread[trans] = s;
  } else if (auto reshape = dyn_cast<kernel::ReshapeOp>(op)) {
    Spread s = spreadOf(reshape.getSrc());
    if (s.isScalar())
      spread[reshape] = s;
    else
      all(take(full(reshape.getSrc()),
               reshapeMap(shapeOf(reshape), shapeOf(reshape.getSrc()), builder),
               shapeOf(reshape)),
          reshape);
  } else if (auto join = dyn_cast<kernel::JoinOp>(op)) {
    int64_t last = shapeOf(join).size() - 1;
    Spread which = map({}, builder.getI1Type(),
                       [&](OpBuilder &b, ValueRange ivs, ValueRange) -> Value {
                         return arith::CmpIOp::create(
                             b, loc, arith::CmpIPredicate::eq, ivs[0],
                             arith::ConstantIndexOp::create(b, loc, 0));
                       },
                       {{last, 2}});
    spread[join] = map(
        {which, spreadOf(join.getLhs()), spreadOf(join.getRhs())},
        elementOf(join), [&](OpBuilder &b, ValueRange, ValueRange e) -> Value {
          return arith::SelectOp::create(b, loc, e[0], e[1], e[2]);
        });
  } else if (auto split = dyn_cast<kernel::SplitOp>(op)) {
    Value source = full(split.getSrc());
    for (int64_t half : {0, 1}) {
      llvm::SmallVector<AffineExpr> results;
      for (size_t d = 0; d + 1 < shapeOf(split.getSrc()).size(); ++d)
        results.push_back(builder.getAffineDimExpr(d));
      auto from = results.size();
      results.push_back(builder.getAffineConstantExpr(half));
      Value result = split->getResult(half);
      all(take(source, AffineMap::get(from, 0, results, builder.getContext()),
               shapeOf(result)),
          result);
    }
  } else if (auto cat = dyn_cast<kernel::CatOp>(op)) {
    int64_t n = shapeOf(cat.getLhs())[0];
    AffineExpr i = builder.getAffineDimExpr(0);
    AffineMap wrap = AffineMap::get(1, 0, i % n);
    Spread left{take(full(cat.getLhs()), wrap, shapeOf(cat)), {0}};
    Spread right{take(full(cat.getRhs()), wrap, shapeOf(cat)), {0}};
    Spread first = map({}, builder.getI1Type(),
                       [&](OpBuilder &b, ValueRange ivs, ValueRange) -> Value {
                         return arith::CmpIOp::create(
                             b, loc, arith::CmpIPredicate::slt, ivs[0],
                             arith::ConstantIndexOp::create(b, loc, n));
                       },
                       {{0, 2 * n}});
    spread[cat] =
        map({first, left, right}, elementOf(cat),
            [&](OpBuilder &b, ValueRange, ValueRange e) -> Value {
              return arith::SelectOp::create(b, loc, e[0], e[1], e[2]);
            });
  } else {
    return false;
  }
  return true;
}

void Converter::product(kernel::DotOp op, Value acc, Value result) {
  llvm::StringRef precision = kernel::stringifyPrecision(op.getPrecision());
  auto mma = tile::MmaOp::create(
      builder, loc, acc.getType(), full(op.getA()), full(op.getB()), acc,
      ValueRange(), builder.getStringAttr(precision), StringAttr());
  spreads[result] = {mma.getResult(), {0, 1}};
}

void Converter::dot(kernel::DotOp op) {
  if (shapeOf(op).size() == 3)
    return batchedDot(op);
  product(op, full(op.getAcc()), op);
}

/// x + dot(a, b, 0) is dot(a, b, x): products are summed in any order (KC18).
/// The product alone is dead then.
bool Converter::sumWithDot(Operation *op) {
  if (!isa<arith::AddFOp, arith::AddIOp>(op) ||
      shapeOf(op->getResult(0)).size() != 2)
    return false;
  for (int side : {0, 1}) {
    auto dot = op->getOperand(side).getDefiningOp<kernel::DotOp>();
    DenseElementsAttr zero;
    if (!dot || !dot->hasOneUse() ||
        !matchPattern(dot.getAcc(), m_Constant(&zero)) || !zero.isSplat())
      continue;
    auto value = zero.getSplatValue<Attribute>();
    auto real = dyn_cast<FloatAttr>(value);
    if (real ? !real.getValue().isZero()
             : !cast<IntegerAttr>(value).getValue().isZero())
      continue;
    product(dot, full(op->getOperand(1 - side)), op->getResult(0));
    return true;
  }
  return false;
}

/// Along an axis: the block becomes private memory, indexed by a tensor.
void Converter::gather(kernel::GatherOp op) {
  Value source = full(op.getSrc()), indices = full(op.getIndices());
  llvm::ArrayRef<int64_t> shape = shapeOf(op.getSrc());
  Value memory = memoryFor(shape, elementOf(source));
  tile::StoreOp::create(builder, loc, source, memory, Value());
  // Row-major number of the element, by its index in the result.
  Dims all;
  for (size_t d = 0; d < shape.size(); ++d)
    all.push_back(d);
  int64_t axis = op.getAxis();
  Spread flat = map(
      {{indices, all}}, builder.getIndexType(),
      [&](OpBuilder &b, ValueRange ivs, ValueRange e) -> Value {
        Value sum = arith::ConstantIndexOp::create(b, loc, 0);
        for (auto [d, size] : llvm::enumerate(shape)) {
          Value i =
              int64_t(d) == axis
                  ? arith::IndexCastOp::create(b, loc, b.getIndexType(), e[0])
                        .getResult()
                  : ivs[d];
          sum = arith::AddIOp::create(
              b, loc,
              arith::MulIOp::create(
                  b, loc, sum, arith::ConstantIndexOp::create(b, loc, size)),
              i);
        }
        return sum;
      });
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  auto flatType = tile::ViewType::get(
      builder.getContext(),
      RankedTensorType::get({count}, elementOf(source), global),
      builder.getArrayAttr({}));
  Value whole = tile::ViewOp::create(builder, loc, flatType, memory,
                                     ValueRange{index(count), index(1)});
  llvm::SmallVector<Attribute> in(shape.size(),
                                  tile::InAttr::get(builder.getContext()));
  Value window =
      slice(whole, {flat.source}, shapeOf(op), builder.getArrayAttr(in), {});
  spreads[op] = {
      tile::LoadOp::create(builder, loc, op.getType(), window, Value())
          .getValue(),
      all};
}
