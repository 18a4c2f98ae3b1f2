// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/Arithmetic.h"

#include "lib/Simulator/Operations.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cstring>

using namespace terrazzo;
using namespace terrazzo::simulator;
namespace arith = mlir::arith;
namespace math = mlir::math;

using Found = std::optional<Code>;

static Found floatCode(mlir::Operation *op) {
  return llvm::TypeSwitch<mlir::Operation *, Found>(op)
      .Case([](arith::NegFOp) { return Code::NegF; })
      .Case([](math::AbsFOp) { return Code::AbsF; })
      .Case([](math::ExpOp) { return Code::Exp; })
      .Case([](math::Exp2Op) { return Code::Exp2; })
      .Case([](math::ExpM1Op) { return Code::ExpM1; })
      .Case([](math::LogOp) { return Code::Log; })
      .Case([](math::Log2Op) { return Code::Log2; })
      .Case([](math::Log1pOp) { return Code::Log1p; })
      .Case([](math::TanhOp) { return Code::Tanh; })
      .Case([](math::ErfOp) { return Code::Erf; })
      .Case([](math::SqrtOp) { return Code::Sqrt; })
      .Case([](math::RsqrtOp) { return Code::Rsqrt; })
      .Case([](math::SinOp) { return Code::Sin; })
      .Case([](math::CosOp) { return Code::Cos; })
      .Case([](math::FloorOp) { return Code::Floor; })
      .Case([](math::CeilOp) { return Code::Ceil; })
      .Case([](arith::AddFOp) { return Code::AddF; })
      .Case([](arith::SubFOp) { return Code::SubF; })
      .Case([](arith::MulFOp) { return Code::MulF; })
      .Case([](arith::DivFOp) { return Code::DivF; })
      .Case([](arith::RemFOp) { return Code::RemF; })
      .Case([](math::PowFOp) { return Code::PowF; })
      .Case([](arith::MaximumFOp) { return Code::MaximumF; })
      .Case([](arith::MinimumFOp) { return Code::MinimumF; })
      .Case([](arith::MaxNumFOp) { return Code::MaxNumF; })
      .Case([](arith::MinNumFOp) { return Code::MinNumF; })
      .Case([](math::FmaOp) { return Code::Fma; })
      .Case([](kernel::ClampOp) { return Code::Clamp; })
      .Case([](arith::CmpFOp) { return Code::CmpF; })
      .Default(Found());
}

static Found integerCode(mlir::Operation *op) {
  return llvm::TypeSwitch<mlir::Operation *, Found>(op)
      .Case([](arith::AddIOp) { return Code::AddI; })
      .Case([](arith::SubIOp) { return Code::SubI; })
      .Case([](arith::MulIOp) { return Code::MulI; })
      .Case([](arith::DivSIOp) { return Code::DivSI; })
      .Case([](arith::DivUIOp) { return Code::DivUI; })
      .Case([](arith::CeilDivSIOp) { return Code::CeilDivSI; })
      .Case([](arith::CeilDivUIOp) { return Code::CeilDivUI; })
      .Case([](arith::FloorDivSIOp) { return Code::FloorDivSI; })
      .Case([](arith::RemSIOp) { return Code::RemSI; })
      .Case([](arith::RemUIOp) { return Code::RemUI; })
      .Case([](arith::AndIOp) { return Code::AndI; })
      .Case([](arith::OrIOp) { return Code::OrI; })
      .Case([](arith::XOrIOp) { return Code::XOrI; })
      .Case([](arith::ShLIOp) { return Code::ShLI; })
      .Case([](arith::ShRUIOp) { return Code::ShRUI; })
      .Case([](arith::ShRSIOp) { return Code::ShRSI; })
      .Case([](arith::MaxSIOp) { return Code::MaxSI; })
      .Case([](arith::MinSIOp) { return Code::MinSI; })
      .Case([](arith::MaxUIOp) { return Code::MaxUI; })
      .Case([](arith::MinUIOp) { return Code::MinUI; })
      .Case([](math::AbsIOp) { return Code::AbsI; })
      .Case([](kernel::MulHiUIOp) { return Code::MulHiUI; })
      .Case([](arith::CmpIOp) { return Code::CmpI; })
      .Case([](kernel::AddPtrOp) { return Code::AddPtr; })
      .Default(Found());
}

static Found castCode(mlir::Operation *op) {
  if (mlir::isa<arith::ExtSIOp, arith::TruncIOp, arith::IndexCastOp,
                kernel::PtrToIntOp, kernel::IntToPtrOp>(op))
    return Code::SignExtend;
  if (mlir::isa<arith::ExtUIOp, arith::IndexCastUIOp>(op))
    return Code::ZeroExtend;
  if (mlir::isa<arith::ExtFOp, arith::TruncFOp, kernel::FpCastOp>(op))
    return Code::FloatCast;
  if (mlir::isa<arith::BitcastOp, kernel::BitcastOp>(op))
    return Code::Bitcast;
  return llvm::TypeSwitch<mlir::Operation *, Found>(op)
      .Case([](arith::SelectOp) { return Code::Select; })
      .Case([](arith::FPToSIOp) { return Code::FPToSI; })
      .Case([](arith::FPToUIOp) { return Code::FPToUI; })
      .Case([](arith::SIToFPOp) { return Code::SIToFP; })
      .Case([](arith::UIToFPOp) { return Code::UIToFP; })
      .Default(Found());
}

static int32_t detailOf(mlir::Operation *op) {
  return llvm::TypeSwitch<mlir::Operation *, int32_t>(op)
      .Case([](arith::CmpFOp cmp) { return int32_t(cmp.getPredicate()); })
      .Case([](arith::CmpIOp cmp) { return int32_t(cmp.getPredicate()); })
      .Case([](kernel::ClampOp clamp) {
        return int32_t(clamp.getPropagate() == kernel::PropagateNan::All);
      })
      .Case([](kernel::FpCastOp cast) {
        return int32_t(cast.getRounding() == kernel::Rounding::ToZero) |
               int32_t(cast.getSaturate()) << 1;
      })
      .Case([](kernel::AddPtrOp add) {
        auto pointer = mlir::cast<kernel::PtrType>(
            mlir::getElementTypeOrSelf(add.getPtr().getType()));
        return int32_t(
            bytesOf(interpreter::elementTypeOf(pointer.getPointee())));
      })
      .Default(0);
}

std::optional<Arithmetic> simulator::arithmeticOf(mlir::Operation *op) {
  if (op->getNumResults() != 1 || op->getNumOperands() == 0)
    return std::nullopt;
  Found code = floatCode(op);
  if (!code)
    code = integerCode(op);
  if (!code)
    code = castCode(op);
  auto isScalar = [](mlir::Type t) { return !mlir::isa<mlir::ShapedType>(t); };
  if (!code || !llvm::all_of(op->getOperandTypes(), isScalar))
    return std::nullopt;
  Arithmetic out;
  out.code = *code;
  out.from = interpreter::elementTypeOf(
      op->getOperand(op->getNumOperands() - 1).getType());
  out.to = interpreter::elementTypeOf(op->getResult(0).getType());
  out.detail = detailOf(op);
  if (out.from.bits == 0 || out.to.bits == 0)
    return std::nullopt;
  return out;
}

static Word realWord(double v) {
  Word w;
  w.real = v;
  return w;
}
static Word integerWord(int64_t v) {
  Word w;
  w.integer = v;
  return w;
}

static Word bitsCast(const Arithmetic &op, Word a) {
  uint64_t bits = op.from.isFloat()
                      ? numerics::encode(op.from.format, a.real)
                      : interpreter::zeroExtend(a.integer, op.from.bits);
  return op.to.isFloat() ? realWord(numerics::decode(op.to.format, bits))
                         : integerWord(extended(int64_t(bits), op.to.bits));
}

static Word evaluateOther(const Arithmetic &op, const Word *registers) {
  auto in = [&](int i) { return registers[op.operands[i]]; };
  auto toFloat = [&](double v) {
    return realWord(castFloat(op.to.format, v, op.detail));
  };
  auto toInteger = [&](int64_t v) {
    return integerWord(extended(v, op.to.bits));
  };
  switch (op.code) {
  case Code::Fma:
    if (op.to.format == numerics::Format::F32)
      return realWord(
          std::fma(float(in(0).real), float(in(1).real), float(in(2).real)));
    return realWord(
        rounded(op.to.format, std::fma(in(0).real, in(1).real, in(2).real)));
  case Code::Clamp:
    return realWord(clamped(in(0).real, in(1).real, in(2).real, op.detail));
  case Code::CmpF:
    return integerWord(-int(numerics::holds(
        mlir::arith::CmpFPredicate(op.detail), in(0).real, in(1).real)));
  case Code::CmpI:
    return integerWord(
        -int(holds(op.detail, in(0).integer, in(1).integer, op.from.bits)));
  case Code::Select:
    return in(0).integer != 0 ? in(1) : in(2);
  case Code::SignExtend:
    return toInteger(in(0).integer);
  case Code::ZeroExtend:
    return toInteger(int64_t(plain(in(0).integer, op.from.bits)));
  case Code::FPToSI:
  case Code::FPToUI:
    return toInteger(
        truncated(in(0).real, op.to.bits, op.code == Code::FPToSI));
  case Code::SIToFP:
    return toFloat(double(in(0).integer));
  case Code::UIToFP:
    return toFloat(double(plain(in(0).integer, op.from.bits)));
  case Code::FloatCast:
    return toFloat(in(0).real);
  case Code::Bitcast:
    return bitsCast(op, in(0));
  default: // AddPtr
    return integerWord(int64_t(uint64_t(in(0).integer) +
                               uint64_t(in(1).integer) * uint64_t(op.detail)));
  }
}

Word simulator::evaluate(const Arithmetic &op, const Word *registers) {
  Word a = registers[op.operands.front()], b = registers[op.operands.back()];
  switch (op.code) {
#define X(Name)                                                                \
  case Code::Name:                                                             \
    return realWord(rounded(op.to.format, floating<Code::Name>(a.real)));
    TERRAZZO_FLOAT1(X)
#undef X
#define X(Name)                                                                \
  case Code::Name:                                                             \
    return realWord(                                                           \
        rounded(op.to.format, floating<Code::Name>(a.real, b.real)));
    TERRAZZO_FLOAT2(X)
#undef X
#define X(Name)                                                                \
  case Code::Name:                                                             \
    return integerWord(extended(                                               \
        whole<Code::Name>(a.integer, b.integer, op.from.bits), op.from.bits));
    TERRAZZO_INTEGER2(X)
#undef X
  default:
    return evaluateOther(op, registers);
  }
}

Word simulator::loadElement(const ElementType &type, const char *from) {
  uint64_t bits = 0;
  std::memcpy(&bits, from, size_t(bytesOf(type)));
  if (type.isFloat())
    return realWord(numerics::decode(type.format, bits));
  return integerWord(extended(int64_t(bits), type.bits));
}

void simulator::storeElement(const ElementType &type, Word value, char *to) {
  uint64_t bits = type.isFloat()
                      ? numerics::encode(type.format, value.real)
                      : interpreter::zeroExtend(value.integer, type.bits);
  std::memcpy(to, &bits, size_t(bytesOf(type)));
}
