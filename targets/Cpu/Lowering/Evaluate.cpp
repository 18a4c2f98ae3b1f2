// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The elements of a block at given indices: a scalar when they are the same in
// all lanes, else a vector.
#include "lib/Transforms/Decompose/FloatCasts.h"
#include "targets/Cpu/Lowering/Emitter.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

llvm::SmallVector<int64_t, 4> terrazzo::cpu::spanOf(tile::MapOp map,
                                                    unsigned number) {
  llvm::SmallVector<int64_t, 4> dims;
  if (auto all = map.getDims()) {
    for (auto d : cast<ArrayAttr>((*all)[number]).getAsRange<IntegerAttr>())
      dims.push_back(d.getInt());
    return dims;
  }
  for (size_t d = 0; d < shapeOf(map.getIns()[number]).size(); ++d)
    dims.push_back(d);
  return dims;
}

/// The lanes' numbers of an index as elements of an integer type.
Value Emitter::vectorOf(const Index &i, Type element) {
  if (i.vector) {
    if (element.isIndex())
      return i.vector;
    return arith::IndexCastOp::create(b, loc, Vector::get({lanes}, element),
                                      i.vector);
  }
  Value base = i.scalar;
  if (!element.isIndex())
    base = arith::IndexCastOp::create(b, loc, element, base);
  if (!i.lanes || lanes == 1)
    return base;
  auto type = Vector::get({lanes}, element);
  llvm::SmallVector<Attribute> numbers;
  for (unsigned k = 0; k < lanes; ++k)
    numbers.push_back(b.getIntegerAttr(element, k));
  Value iota = constant(DenseElementsAttr::get(type, numbers));
  return arith::AddIOp::create(
      b, loc, vector::BroadcastOp::create(b, loc, type, base), iota);
}

Value Emitter::asLanes(Value v) {
  if (isa<VectorType>(v.getType()) || lanes == 1)
    return v;
  return vector::BroadcastOp::create(b, loc, Vector::get({lanes}, v.getType()),
                                     v);
}

/// One op of a region on scalars or vectors.
Value Emitter::regionOp(Operation *op, llvm::DenseMap<Value, Value> &values,
                        llvm::DenseMap<Value, Index> &indices) {
  if (auto constantOp = dyn_cast<arith::ConstantOp>(op))
    return constant(constantOp.getValue());
  // An index as a narrow integer is made narrow, not converted lane by lane.
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(op)) {
    auto found = indices.find(op->getOperand(0));
    if (found != indices.end() && !values.count(op->getOperand(0)))
      return vectorOf(found->second, op->getResult(0).getType());
  }
  llvm::SmallVector<Value> operands;
  bool any = false;
  for (Value v : op->getOperands()) {
    auto found = values.find(v);
    auto index = indices.find(v);
    operands.push_back(found != values.end() ? found->second
                       : index != indices.end()
                           ? vectorOf(index->second, b.getIndexType())
                           : scalarOf(v));
    any |= isa<VectorType>(operands.back().getType());
  }
  Type result = op->getResult(0).getType();
  if (any)
    for (Value &v : operands)
      if (!isa<arith::SelectOp>(op) || v != operands[0])
        v = asLanes(v);
  if (any)
    result = Vector::get({lanes}, result);
  if (auto cast = dyn_cast<kernel::FpCastOp>(op)) {
    Type to = op->getResult(0).getType();
    if (Value rounded = roundToBf16(cast, operands[0]))
      return rounded;
    return castFloat(b, loc, operands[0], to, cast.getRounding(),
                     cast.getSaturate());
  }
  if (isa<kernel::BitcastOp>(op))
    return arith::BitcastOp::create(b, loc, result, operands[0]);
  if (isa<kernel::MulHiUIOp>(op))
    return arith::MulUIExtendedOp::create(b, loc, operands[0], operands[1])
        .getHigh();
  if (auto clamp = dyn_cast<kernel::ClampOp>(op)) {
    if (clamp.getPropagate() == kernel::PropagateNan::All)
      return arith::MaximumFOp::create(
          b, loc, arith::MinimumFOp::create(b, loc, operands[0], operands[2]),
          operands[1]);
    return arith::MaxNumFOp::create(
        b, loc, arith::MinNumFOp::create(b, loc, operands[0], operands[2]),
        operands[1]);
  }
  if (op->getNumRegions() || op->getNumResults() != 1)
    refuse(op, "`" + op->getName().getStringRef().str() + "`");
  if (Value defined = definedOp(op, operands, result))
    return defined;
  return b
      .create(loc, op->getName().getIdentifier(), operands, TypeRange{result},
              op->getAttrs())
      ->getResult(0);
}

llvm::SmallVector<Value>
Emitter::region(Block &body, llvm::DenseMap<Value, Value> &values,
                llvm::DenseMap<Value, Index> &indices) {
  for (Operation &op : body.without_terminator()) {
    // Both ways are pure: each lane takes its own result.
    if (auto branch = dyn_cast<scf::IfOp>(op)) {
      auto yes = region(*branch.thenBlock(), values, indices),
           no = region(*branch.elseBlock(), values, indices);
      Value condition = values.count(branch.getCondition())
                            ? values[branch.getCondition()]
                            : scalarOf(branch.getCondition());
      for (auto [result, x, y] : llvm::zip(op.getResults(), yes, no)) {
        bool wide = isa<VectorType>(condition.getType()) ||
                    isa<VectorType>(x.getType()) ||
                    isa<VectorType>(y.getType());
        values[result] = arith::SelectOp::create(
            b, loc, condition, wide ? asLanes(x) : x, wide ? asLanes(y) : y);
      }
      continue;
    }
    values[op.getResult(0)] = regionOp(&op, values, indices);
  }
  llvm::SmallVector<Value> out;
  for (Value v : body.getTerminator()->getOperands()) {
    auto found = values.find(v);
    auto index = indices.find(v);
    out.push_back(found != values.end() ? found->second
                  : index != indices.end()
                      ? vectorOf(index->second, b.getIndexType())
                      : scalarOf(v));
  }
  return out;
}

Value Emitter::evaluateMap(tile::MapOp map, const Indices &at,
                           unsigned result) {
  Block &body = map.getBody().front();
  llvm::DenseMap<Value, Value> values;
  llvm::DenseMap<Value, Index> indices;
  for (size_t d = 0; d < at.size(); ++d)
    indices[body.getArgument(d)] = at[d];
  for (auto [k, in] : llvm::enumerate(map.getIns())) {
    Indices own;
    for (int64_t d : spanOf(map, k))
      own.push_back(at[d]);
    values[body.getArgument(at.size() + k)] = evaluate(in, own);
  }
  return region(body, values, indices)[result];
}

/// The value of an affine expression over indices.
Index Emitter::affine(AffineExpr e, const Indices &at, ValueRange symbols) {
  if (auto d = dyn_cast<AffineDimExpr>(e))
    return at[d.getPosition()];
  if (auto s = dyn_cast<AffineSymbolExpr>(e))
    return {scalarOf(symbols[s.getPosition()]), false, {}};
  if (auto c = dyn_cast<AffineConstantExpr>(e))
    return {index(c.getValue()), false, {}};
  auto binary = cast<AffineBinaryOpExpr>(e);
  Index l = affine(binary.getLHS(), at, symbols),
        r = affine(binary.getRHS(), at, symbols);
  bool uniform = l.isUniform() && r.isUniform();
  if (e.getKind() == AffineExprKind::Add && !l.vector && !r.vector &&
      !(l.lanes && r.lanes))
    return {plus(l.scalar, r.scalar), l.lanes || r.lanes, {}};
  Value x = uniform ? l.scalar : asLanes(vectorOf(l, b.getIndexType()));
  Value y = uniform ? r.scalar : asLanes(vectorOf(r, b.getIndexType()));
  Value v;
  switch (e.getKind()) {
  case AffineExprKind::Add:
    v = arith::AddIOp::create(b, loc, x, y);
    break;
  case AffineExprKind::Mul:
    v = arith::MulIOp::create(b, loc, x, y);
    break;
  case AffineExprKind::Mod:
    v = arith::RemUIOp::create(b, loc, x, y);
    break;
  default:
    v = arith::DivUIOp::create(b, loc, x, y);
    break;
  }
  return uniform ? Index{v, false, {}} : Index{{}, false, v};
}

Value Emitter::evaluateTake(tile::TakeOp take, const Indices &at) {
  Indices from;
  for (AffineExpr e : take.getMap().getResults())
    from.push_back(affine(e, at, take.getSymbols()));
  return evaluate(take.getSource(), from);
}

Value Emitter::evaluate(Value v, const Indices &at) {
  if (!isTensor(v))
    return scalarOf(v);
  if (inside && alwaysTrue.contains(v))
    return constant(b.getBoolAttr(true));
  auto &known = cache[v];
  for (auto &[where, value] : known)
    if (where == at)
      return value;
  Value value;
  auto buffer = buffers.find(v);
  if (buffer != buffers.end())
    value = loadBuffer(buffer->second, at);
  else if (auto map = v.getDefiningOp<tile::MapOp>())
    value = evaluateMap(map, at, cast<OpResult>(v).getResultNumber());
  else if (auto take = v.getDefiningOp<tile::TakeOp>())
    value = evaluateTake(take, at);
  else if (auto load = v.getDefiningOp<tile::LoadOp>())
    value = loadWindow(load, at);
  else
    refuse(v.getDefiningOp() ? v.getDefiningOp()
                             : v.getParentBlock()->getParentOp(),
           "this block");
  cache[v].push_back({at, value});
  return value;
}
