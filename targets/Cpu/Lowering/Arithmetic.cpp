// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Ops whose LLVM counterpart is undefined for some operands: they give what the
// oracle gives, in lanes that are masked off too.
#include "lib/Transforms/Decompose/FloatCasts.h"
#include "targets/Cpu/Lowering/Emitter.h"

#include "mlir/IR/Matchers.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// The constant that stands in every lane of an operand.
static std::optional<APInt> knownInteger(Value v) {
  APInt n;
  if (matchPattern(v, m_ConstantInt(&n)))
    return n;
  if (auto broadcast = v.getDefiningOp<vector::BroadcastOp>())
    if (matchPattern(broadcast.getSource(), m_ConstantInt(&n)))
      return n;
  return std::nullopt;
}

/// An integer of the type of \p like in every lane.
Value Emitter::integerLike(Value like, const APInt &n) {
  Type type = like.getType();
  auto one = b.getIntegerAttr(getElementTypeOrSelf(type), n);
  if (auto vector = dyn_cast<VectorType>(type))
    return constant(DenseElementsAttr::get(vector, Attribute(one)));
  return constant(one);
}

/// The quotient of vectors of up to 32 bits, by a division of floats: there is
/// none of integers, so that they would be divided lane by lane. It is exact.
/// What is not whole lies at least 1 / y below the next whole number n, and is
/// rounded by less: half of n * 2^-52 (2^-23 for f32), where n * y is below
/// 2^32 (2^16).
static Value divideAsFloats(OpBuilder &b, Location loc, bool isSigned, Value x,
                            Value y) {
  auto type = cast<VectorType>(x.getType());
  bool isNarrow = type.getElementTypeBitWidth() <= 16;
  Type floats =
      type.clone(isNarrow ? Type(b.getF32Type()) : Type(b.getF64Type()));
  auto widened = [&](Value v) -> Value {
    if (isSigned)
      return arith::SIToFPOp::create(b, loc, floats, v);
    return arith::UIToFPOp::create(b, loc, floats, v);
  };
  Value q = arith::DivFOp::create(b, loc, widened(x), widened(y));
  if (isSigned)
    return arith::FPToSIOp::create(b, loc, type, q);
  return arith::FPToUIOp::create(b, loc, type, q);
}

/// A division by zero gives 0; the smallest number by -1 wraps.
Value Emitter::divide(Operation *op, Value x, Value y) {
  bool isSigned = isa<arith::DivSIOp, arith::RemSIOp>(op);
  bool isRemainder = isa<arith::RemSIOp, arith::RemUIOp>(op);
  auto plain = [&](Value by) {
    return b
        .create(loc, op->getName().getIdentifier(), ValueRange{x, by},
                TypeRange{x.getType()})
        ->getResult(0);
  };
  // LLVM multiplies where it knows the divisor.
  auto known = knownInteger(y);
  if (known && !known->isZero() && !(isSigned && known->isAllOnes()))
    return plain(y);
  auto divided = [&](Value by) -> Value {
    auto type = dyn_cast<VectorType>(x.getType());
    unsigned width = type ? type.getElementTypeBitWidth() : 0;
    if (width < 8 || width > 32)
      return plain(by);
    Value q = divideAsFloats(b, loc, isSigned, x, by);
    if (!isRemainder)
      return q;
    return arith::SubIOp::create(b, loc, x,
                                 arith::MulIOp::create(b, loc, q, by));
  };
  using P = arith::CmpIPredicate;
  unsigned bits = getElementTypeOrSelf(x.getType()).getIntOrFloatBitWidth();
  Value zero = integerLike(y, APInt::getZero(bits));
  Value byZero = arith::CmpIOp::create(b, loc, P::eq, y, zero), traps = byZero;
  if (isSigned) {
    Value lowest = arith::CmpIOp::create(
        b, loc, P::eq, x, integerLike(x, APInt::getSignedMinValue(bits)));
    Value minusOne = arith::CmpIOp::create(
        b, loc, P::eq, y, integerLike(y, APInt::getAllOnes(bits)));
    traps = arith::OrIOp::create(
        b, loc, traps, arith::AndIOp::create(b, loc, lowest, minusOne));
  }
  Value one = integerLike(y, APInt(bits, 1));
  Value q = divided(arith::SelectOp::create(b, loc, traps, one, y));
  return isRemainder ? q : arith::SelectOp::create(b, loc, byZero, zero, q);
}

/// Bits that leave on one side are gone; by the width and more, all are.
Value Emitter::shift(Operation *op, Value x, Value y) {
  unsigned bits = getElementTypeOrSelf(x.getType()).getIntOrFloatBitWidth();
  auto plain = [&](Value by) {
    return b
        .create(loc, op->getName().getIdentifier(), ValueRange{x, by},
                TypeRange{x.getType()})
        ->getResult(0);
  };
  auto known = knownInteger(y);
  if (known && known->ult(bits))
    return plain(y);
  if (isa<arith::ShRSIOp>(op))
    return plain(arith::MinUIOp::create(b, loc, y,
                                        integerLike(y, APInt(bits, bits - 1))));
  if (bits == 1) // the amount is a bit too
    return arith::AndIOp::create(
        b, loc, x,
        arith::XOrIOp::create(b, loc, y, integerLike(y, APInt(1, 1))));
  Value fits = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, y,
                                     integerLike(y, APInt(bits, bits)));
  return arith::SelectOp::create(b, loc, fits, plain(y),
                                 integerLike(x, APInt::getZero(bits)));
}

/// Saturates; not a number gives 0.
Value Emitter::toInteger(Operation *op, Value x, Type result) {
  Type from = getElementTypeOrSelf(x.getType());
  if (!from.isF32() && !from.isF64())
    x = castFloat(b, loc, x, b.getF32Type());
  llvm::StringRef name =
      isa<arith::FPToSIOp>(op) ? "llvm.fptosi.sat" : "llvm.fptoui.sat";
  return LLVM::CallIntrinsicOp::create(b, loc, result, b.getStringAttr(name),
                                       ValueRange{x})
      .getResult(0);
}

/// The value of an op that LLVM leaves open somewhere; null for others.
Value Emitter::definedOp(Operation *op, llvm::ArrayRef<Value> operands,
                         Type result) {
  if (isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp>(op))
    return divide(op, operands[0], operands[1]);
  if (isa<arith::ShLIOp, arith::ShRSIOp, arith::ShRUIOp>(op))
    return shift(op, operands[0], operands[1]);
  if (isa<arith::FPToSIOp, arith::FPToUIOp>(op))
    return toInteger(op, operands[0], result);
  return {};
}
