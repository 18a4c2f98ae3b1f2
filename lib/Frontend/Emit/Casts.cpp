// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Casts, selections and shapes.
#include "lib/Frontend/Emit/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace terrazzo;
using namespace terrazzo::frontend;
namespace arith = mlir::arith;

/// Between two numbers; pointers are handled by the caller.
static mlir::Value convert(mlir::OpBuilder &b, mlir::Location loc,
                           mlir::Value v, DType from, DType to, mlir::Type type,
                           bool roundToZero) {
  bool wider = bitsOf(to) > bitsOf(from);
  if (isFloat(from) && isFloat(to))
    return kernel::FpCastOp::create(b, loc, type, v,
                                    roundToZero ? kernel::Rounding::ToZero
                                                : kernel::Rounding::Nearest,
                                    /*saturate=*/isFloat8(to));
  if (isFloat(from))
    return isUnsigned(to)
               ? arith::FPToUIOp::create(b, loc, type, v).getResult()
               : arith::FPToSIOp::create(b, loc, type, v).getResult();
  bool zero = isUnsigned(from) || from == DType::Int1;
  if (isFloat(to))
    return zero ? arith::UIToFPOp::create(b, loc, type, v).getResult()
                : arith::SIToFPOp::create(b, loc, type, v).getResult();
  if (!wider)
    return arith::TruncIOp::create(b, loc, type, v);
  return zero ? arith::ExtUIOp::create(b, loc, type, v).getResult()
              : arith::ExtSIOp::create(b, loc, type, v).getResult();
}

Value Emitter::cast(Value v, DType to, bool roundToZero) {
  v = toTensor(v);
  DType from = v.type.element;
  Type result = v.type.with(to);
  mlir::Type type = toMLIR(builder.getContext(), result);
  if (v.type.pointer) {
    Value address = Value::ofTensor(
        kernel::PtrToIntOp::create(
            builder, location(),
            toMLIR(builder.getContext(), v.type.with(DType::Int64)), v.tensor),
        v.type.with(DType::Int64));
    if (to == DType::Int1)
      return compareOne("!=", address, Value::ofInt(0));
    if (to != DType::Int64 && to != DType::UInt64)
      fail(DiagnosticKind::BadCast, v.describe(), nameOf(to));
    address.type = result;
    return address;
  }
  if (from == to)
    return v;
  if (to == DType::Int1)
    return compareOne("!=", v,
                      isFloat(from) ? Value::ofFloat(0) : Value::ofInt(0));
  // Only the sign changes: the bits stay.
  if (isInteger(from) && isInteger(to) && bitsOf(from) == bitsOf(to))
    return Value::ofTensor(v.tensor, result);
  return Value::ofTensor(
      convert(builder, location(), v.tensor, from, to, type, roundToZero),
      result);
}

Value Emitter::bitcast(Value v, DType to) {
  v = toTensor(v);
  if (v.type.pointer || bitsOf(v.type.element) != bitsOf(to))
    fail(DiagnosticKind::BadCast, v.describe(), nameOf(to));
  Type result = v.type.with(to);
  if (isInteger(v.type.element) && isInteger(to))
    return Value::ofTensor(v.tensor, result);
  return Value::ofTensor(
      kernel::BitcastOp::create(builder, location(),
                                toMLIR(builder.getContext(), result), v.tensor),
      result);
}

Value Emitter::where(Value c, Value a, Value b) {
  c = toTensor(c);
  if (c.type.element != DType::Int1 || c.type.pointer)
    c = cast(c, DType::Int1);
  bool pointers =
      a.isTensor() && a.type.pointer && b.isTensor() && b.type.pointer;
  if (pointers)
    broadcastBoth(a, b);
  else
    unify(a, b, false);
  if (c.type.isBlock() || a.type.isBlock()) {
    Value c2 = c;
    broadcastBoth(c2, a);
    broadcastBoth(c2, b);
    broadcastBoth(c2, a);
    c = c2;
  }
  return Value::ofTensor(arith::SelectOp::create(builder, location(), c.tensor,
                                                 a.tensor, b.tensor),
                         a.type);
}

Value Emitter::minMax(Value a, Value b, bool isMax, bool propagateNan) {
  if (a.isConstant() && b.isConstant())
    return compareOne("<", a, b).truth() == isMax ? b : a;
  unify(a, b, false);
  mlir::Location loc = location();
  mlir::Value x = a.tensor, y = b.tensor, r;
  DType t = a.type.element;
  if (isFloat(t) && propagateNan)
    r = isMax ? arith::MaximumFOp::create(builder, loc, x, y).getResult()
              : arith::MinimumFOp::create(builder, loc, x, y).getResult();
  else if (isFloat(t))
    r = isMax ? arith::MaxNumFOp::create(builder, loc, x, y).getResult()
              : arith::MinNumFOp::create(builder, loc, x, y).getResult();
  else if (isUnsigned(t) || t == DType::Int1)
    r = isMax ? arith::MaxUIOp::create(builder, loc, x, y).getResult()
              : arith::MinUIOp::create(builder, loc, x, y).getResult();
  else
    r = isMax ? arith::MaxSIOp::create(builder, loc, x, y).getResult()
              : arith::MinSIOp::create(builder, loc, x, y).getResult();
  return Value::ofTensor(r, a.type);
}

//===-- Shapes
//---------------------------------------------------------------===//

std::vector<int64_t> Emitter::checkShape(std::vector<int64_t> shape) {
  int64_t count = 1;
  for (int64_t d : shape) {
    if (d <= 0)
      fail(DiagnosticKind::BadBlockSize, std::to_string(d));
    int64_t most = int64_t(limits.block);
    if (d > most || (count *= d) > most)
      fail(DiagnosticKind::BlockTooLarge, std::to_string(most));
  }
  return shape;
}

Value Emitter::expandDims(const Value &v, int64_t axis) {
  int64_t rank = v.type.shape.size() + 1;
  if (axis < -rank || axis >= rank)
    fail(DiagnosticKind::AxisOutOfRange, std::to_string(axis), v.describe());
  if (axis < 0)
    axis += rank;
  Type t = v.type;
  t.shape.insert(t.shape.begin() + axis, 1);
  mlir::Type type = toMLIR(builder.getContext(), t);
  if (!v.type.isBlock())
    return Value::ofTensor(
        kernel::SplatOp::create(builder, location(), type, v.tensor), t);
  return Value::ofTensor(
      kernel::ExpandDimsOp::create(builder, location(), type, v.tensor, axis),
      t);
}

Value Emitter::reshape(const Value &v, const std::vector<int64_t> &shape) {
  Type t{v.type.element, v.type.pointer, shape};
  if (t.count() != v.type.count())
    fail(DiagnosticKind::BadReshape, v.describe(), t.str());
  if (shape == v.type.shape)
    return v;
  if (!v.type.isBlock())
    return broadcastTo(v, shape);
  return Value::ofTensor(
      kernel::ReshapeOp::create(builder, location(),
                                toMLIR(builder.getContext(), t), v.tensor,
                                /*allow_reorder=*/false),
      t);
}

Value Emitter::trans(const Value &v, const std::vector<int32_t> &order) {
  Type t = v.type;
  std::vector<bool> seen(order.size());
  bool ok = t.isBlock() && order.size() == t.shape.size();
  for (size_t i = 0; ok && i < order.size(); ++i) {
    ok = order[i] >= 0 && size_t(order[i]) < order.size() && !seen[order[i]];
    if (ok) {
      seen[order[i]] = true;
      t.shape[i] = v.type.shape[order[i]];
    }
  }
  if (!ok)
    fail(DiagnosticKind::BadPermutation, v.describe());
  return Value::ofTensor(
      kernel::TransOp::create(builder, location(),
                              toMLIR(builder.getContext(), t), v.tensor, order),
      t);
}

//===-- Reduce and scan
//--------------------------------------------------------===//

/// Builds the region of \p op: \p combine gets the left and right scalars.
static void buildCombine(
    Emitter &e, mlir::Region &region, const std::vector<Value> &inputs,
    llvm::function_ref<std::vector<Value>(std::vector<Value>)> combine) {
  mlir::OpBuilder::InsertionGuard guard(e.builder);
  mlir::Block *block = e.builder.createBlock(&region);
  std::vector<Value> scalars;
  for (int side = 0; side < 2; ++side)
    for (const Value &v : inputs)
      scalars.push_back(Value::ofTensor(
          block->addArgument(toMLIR(e.builder.getContext(), v.type.scalar()),
                             e.location()),
          v.type.scalar()));
  std::vector<mlir::Value> out;
  std::vector<Value> results = combine(scalars);
  if (results.size() != inputs.size())
    e.fail(DiagnosticKind::BadCombine, std::to_string(inputs.size()),
           std::to_string(results.size()));
  for (size_t i = 0; i < results.size(); ++i) {
    Value r = e.toTensor(results[i], inputs[i].type.element);
    if (r.type != inputs[i].type.scalar())
      e.fail(DiagnosticKind::CombineType, r.describe(),
             inputs[i].type.scalar().str());
    out.push_back(r.tensor);
  }
  kernel::YieldOp::create(e.builder, e.location(), out);
}

static int64_t axisOf(Emitter &e, const std::vector<Value> &inputs,
                      int64_t axis) {
  int64_t rank = inputs[0].type.shape.size();
  if (axis < -rank || axis >= rank)
    e.fail(DiagnosticKind::AxisOutOfRange, std::to_string(axis),
           inputs[0].describe());
  return axis < 0 ? axis + rank : axis;
}

std::vector<Value> Emitter::reduce(
    const std::vector<Value> &inputs, int64_t axis, bool keepDims,
    llvm::function_ref<std::vector<Value>(std::vector<Value>)> combine) {
  axis = axisOf(*this, inputs, axis);
  std::vector<mlir::Value> operands;
  std::vector<mlir::Type> types;
  std::vector<Type> results;
  for (const Value &v : inputs) {
    operands.push_back(v.tensor);
    Type t = v.type;
    t.shape.erase(t.shape.begin() + axis);
    results.push_back(t);
    types.push_back(toMLIR(builder.getContext(), t));
  }
  auto op = kernel::ReduceOp::create(builder, location(), types, operands,
                                     uint32_t(axis));
  buildCombine(*this, op.getCombine(), inputs, combine);
  std::vector<Value> out;
  for (size_t i = 0; i < results.size(); ++i) {
    Value v = Value::ofTensor(op.getResult(i), results[i]);
    out.push_back(keepDims ? expandDims(v, axis) : v);
  }
  return out;
}

std::vector<Value> Emitter::scan(
    const std::vector<Value> &inputs, int64_t axis, bool reverse,
    llvm::function_ref<std::vector<Value>(std::vector<Value>)> combine) {
  axis = axisOf(*this, inputs, axis);
  std::vector<mlir::Value> operands;
  std::vector<mlir::Type> types;
  for (const Value &v : inputs) {
    operands.push_back(v.tensor);
    types.push_back(v.tensor.getType());
  }
  auto op = kernel::ScanOp::create(builder, location(), types, operands,
                                   uint32_t(axis), reverse);
  buildCombine(*this, op.getCombine(), inputs, combine);
  std::vector<Value> out;
  for (size_t i = 0; i < inputs.size(); ++i)
    out.push_back(Value::ofTensor(op.getResult(i), inputs[i].type));
  return out;
}
