// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Blocks of pointers as blocks of addresses: where they cross a border or are
// computed with in a way that offsets from one base do not follow.
#include "lib/Transforms/Access/Converter.h"

using namespace terrazzo;
using namespace terrazzo::access;
using namespace mlir;

/// Bytes that an element takes in memory.
static int64_t bytesOf(Type element) {
  if (isa<kernel::PtrType>(element))
    return 8;
  return (element.getIntOrFloatBitWidth() + 7) / 8;
}
static Type pointeeOf(Value v) {
  return cast<kernel::PtrType>(elementOf(v)).getPointee();
}

Value Converter::retyped(Value base, Type pointee) {
  auto type = kernel::PtrType::get(builder.getContext(), pointee);
  if (base.getType() == type)
    return base;
  return kernel::BitcastOp::create(builder, loc, type, base);
}

/// An op that moves the elements of blocks about moves pointers as numbers.
void terrazzo::access::movePointersAsNumbers(func::FuncOp function) {
  llvm::SmallVector<Operation *> moves;
  function.walk([&](Operation *op) {
    if (isa<kernel::ReshapeOp, kernel::JoinOp, kernel::SplitOp, kernel::CatOp,
            kernel::GatherOp>(op) &&
        isPointer(op->getResult(0)))
      moves.push_back(op);
  });
  for (Operation *op : moves) {
    OpBuilder builder(op);
    Location loc = op->getLoc();
    auto numbers = [&](Type type) {
      return cast<RankedTensorType>(type).clone(builder.getI64Type());
    };
    for (OpOperand &operand : op->getOpOperands())
      if (isPointer(operand.get()))
        operand.set(kernel::PtrToIntOp::create(
            builder, loc, numbers(operand.get().getType()), operand.get()));
    builder.setInsertionPointAfter(op);
    for (OpResult result : op->getResults()) {
      Type type = result.getType();
      result.setType(numbers(type));
      auto back = kernel::IntToPtrOp::create(builder, loc, type, result);
      result.replaceAllUsesExcept(back, back);
    }
  }
}

/// Every pointer of a block, or a scalar one, as an i64.
Spread Converter::addressesOf(Value v) {
  Pointers p = pointersOf(v);
  Type i64 = builder.getI64Type();
  Value base = kernel::PtrToIntOp::create(builder, loc, i64,
                                          moved(p.base, p.offset.constant));
  llvm::SmallVector<Spread> parts{{base, {}}};
  if (p.offset.rest)
    parts.push_back(*p.offset.rest);
  llvm::SmallVector<std::pair<int64_t, int64_t>> domain;
  llvm::SmallVector<Value> strides;
  auto shape = shapeOf(v);
  for (auto [d, stride] : llvm::enumerate(p.offset.strides))
    if (stride ||
        (p.offset.rest && llvm::is_contained(p.offset.rest->dims, d))) {
      domain.push_back({d, shape[d]});
      strides.push_back(stride);
    }
  int64_t bytes = bytesOf(pointeeOf(v));
  return map(
      parts, i64,
      [&](OpBuilder &b, ValueRange ivs, ValueRange e) -> Value {
        Value sum = e.size() > 1 ? e[1] : Value();
        for (auto [iv, stride] : llvm::zip(ivs, strides)) {
          if (!stride)
            continue;
          Value step = arith::MulIOp::create(b, loc, iv, stride);
          sum =
              sum ? arith::AddIOp::create(b, loc, sum, step).getResult() : step;
        }
        if (!sum)
          return e[0];
        Value elements = arith::IndexCastOp::create(b, loc, i64, sum);
        Value size =
            arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(bytes));
        return arith::AddIOp::create(
            b, loc, e[0], arith::MulIOp::create(b, loc, elements, size));
      },
      domain);
}

/// Pointers of the type of \p like at given addresses: elements of an array at
/// address 0. Elements are aligned, as Triton demands.
Pointers Converter::pointersAt(const Spread &addresses, Value like) {
  Type pointee = pointeeOf(like);
  auto type = kernel::PtrType::get(builder.getContext(), pointee);
  Pointers p;
  if (addresses.isScalar()) {
    p.base = kernel::IntToPtrOp::create(builder, loc, type, addresses.source);
    p.offset.strides.resize(shapeOf(like).size());
    return p;
  }
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(0));
  p.base = kernel::IntToPtrOp::create(builder, loc, type, zero);
  p.offset.strides.resize(shapeOf(like).size());
  int64_t bytes = bytesOf(pointee);
  p.offset.rest =
      map({addresses}, builder.getIndexType(),
          [&](OpBuilder &b, ValueRange, ValueRange e) -> Value {
            Value by =
                arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(bytes));
            Value number =
                bytes == 1
                    ? e[0]
                    : arith::DivSIOp::create(b, loc, e[0], by).getResult();
            return arith::IndexCastOp::create(b, loc, b.getIndexType(), number);
          });
  return p;
}

/// Pointers become numbers, numbers pointers, one type of pointers another.
bool Converter::addressOp(Operation *op) {
  if (auto toInt = dyn_cast<kernel::PtrToIntOp>(op)) {
    spreads[toInt] = addressesOf(toInt.getSrc());
    return true;
  }
  if (op->getNumResults() != 1 || !isPointer(op->getResult(0)))
    return false;
  Value result = op->getResult(0);
  if (auto toPointer = dyn_cast<kernel::IntToPtrOp>(op)) {
    pointers[result] = pointersAt(spreadOf(toPointer.getSrc()), result);
    return true;
  }
  if (!isTensor(result))
    return false;
  if (auto bitcast = dyn_cast<kernel::BitcastOp>(op)) {
    Type from = pointeeOf(bitcast.getSrc()), to = pointeeOf(result);
    if (bytesOf(from) == bytesOf(to)) {
      Pointers p = pointersOf(bitcast.getSrc());
      p.base = retyped(p.base, to);
      pointers[result] = p;
    } else {
      pointers[result] = pointersAt(addressesOf(bitcast.getSrc()), result);
    }
    return true;
  }
  if (auto select = dyn_cast<arith::SelectOp>(op)) {
    Spread chosen = map(
        {spreadOf(select.getCondition()), addressesOf(select.getTrueValue()),
         addressesOf(select.getFalseValue())},
        builder.getI64Type(),
        [&](OpBuilder &b, ValueRange, ValueRange e) -> Value {
          return arith::SelectOp::create(b, loc, e[0], e[1], e[2]);
        });
    pointers[result] = pointersAt(chosen, result);
    return true;
  }
  return false;
}

/// Assertions and prints take whole blocks; pointers are shown as numbers.
void Converter::report(Operation *op) {
  auto whole = [&](Value v) {
    return isPointer(v) ? full(addressesOf(v), shapeOf(v)) : full(v);
  };
  if (auto assertion = dyn_cast<kernel::AssertOp>(op)) {
    kernel::AssertOp::create(builder, loc, whole(assertion.getCondition()),
                             assertion.getMessage());
    return;
  }
  auto print = cast<kernel::PrintOp>(op);
  llvm::SmallVector<Value> values;
  for (Value v : print.getValues())
    values.push_back(whole(v));
  kernel::PrintOp::create(builder, loc, print.getPrefix(), print.getHex(),
                          print.getIsSignedAttr(), values);
}
