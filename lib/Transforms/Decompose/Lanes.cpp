// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Decompose/Lanes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace terrazzo;
using arith::CmpFPredicate;

Lanes::Lanes(OpBuilder &builder, Location location, Type like, Type element,
             bool avx512)
    : builder(builder), location(location), like(like), element(element),
      integerElement(builder.getIntegerType(element.getIntOrFloatBitWidth())),
      avx512(avx512) {}

Type Lanes::shaped(Type t) const {
  auto vector = dyn_cast<VectorType>(like);
  return vector ? Type(VectorType::get(vector.getShape(), t,
                                       vector.getScalableDims()))
                : t;
}

unsigned Lanes::lanes() const {
  auto vector = dyn_cast<VectorType>(like);
  return vector ? vector.getNumElements() : 1;
}

static Value splat(OpBuilder &b, Location location, Type type,
                   Attribute value) {
  auto typed = cast<TypedAttr>(value);
  if (auto vector = dyn_cast<VectorType>(type))
    typed = DenseElementsAttr::get(vector, value);
  return arith::ConstantOp::create(b, location, type, typed);
}

Value Lanes::real(double v) const {
  return splat(builder, location, type(), builder.getFloatAttr(element, v));
}
Value Lanes::integer(int64_t v) const {
  APInt bits(width(), uint64_t(v), /*isSigned=*/false, /*implicitTrunc=*/true);
  return splat(builder, location, integerType(),
               builder.getIntegerAttr(integerElement, bits));
}
Value Lanes::i32(int32_t v) const {
  return LLVM::ConstantOp::create(builder, location, builder.getI32Type(),
                                  builder.getI32IntegerAttr(v));
}

// Two operands of one type give a result of that type.
#define TERRAZZO_BINARY(name, Op)                                              \
  Value Lanes::name(Value a, Value b) const {                                  \
    return Op::create(builder, location, a, b);                                \
  }
TERRAZZO_BINARY(add, arith::AddFOp)
TERRAZZO_BINARY(sub, arith::SubFOp)
TERRAZZO_BINARY(mul, arith::MulFOp)
TERRAZZO_BINARY(div, arith::DivFOp)
TERRAZZO_BINARY(copySign, math::CopySignOp)
TERRAZZO_BINARY(iadd, arith::AddIOp)
TERRAZZO_BINARY(isub, arith::SubIOp)
TERRAZZO_BINARY(imul, arith::MulIOp)
TERRAZZO_BINARY(iand, arith::AndIOp)
TERRAZZO_BINARY(ior, arith::OrIOp)
TERRAZZO_BINARY(ixor, arith::XOrIOp)
TERRAZZO_BINARY(both, arith::AndIOp)
TERRAZZO_BINARY(either, arith::OrIOp)
TERRAZZO_BINARY(differ, arith::XOrIOp)
TERRAZZO_BINARY(shl, arith::ShLIOp)
TERRAZZO_BINARY(shr, arith::ShRUIOp)
#undef TERRAZZO_BINARY

Value Lanes::sar(Value a, unsigned by) const {
  return arith::ShRSIOp::create(builder, location, a, integer(by));
}
Value Lanes::fma(Value a, Value b, Value c) const {
  return math::FmaOp::create(builder, location, a, b, c);
}
Value Lanes::sqrt(Value a) const {
  return math::SqrtOp::create(builder, location, a);
}
Value Lanes::abs(Value a) const {
  return math::AbsFOp::create(builder, location, a);
}
Value Lanes::negate(Value a) const {
  return arith::NegFOp::create(builder, location, a);
}
Value Lanes::roundEven(Value a) const {
  return math::RoundEvenOp::create(builder, location, a);
}
Value Lanes::floor(Value a) const {
  return math::FloorOp::create(builder, location, a);
}
Value Lanes::lesser(Value a, Value b) const {
  return select(compare(CmpFPredicate::OLT, a, b), a, b);
}
Value Lanes::greater(Value a, Value b) const {
  return select(compare(CmpFPredicate::OGT, a, b), a, b);
}

Value Lanes::polynomial(Value x, std::initializer_list<double> c) const {
  Value sum;
  for (auto at = std::rbegin(c); at != std::rend(c); ++at)
    sum = sum ? fma(sum, x, real(*at)) : real(*at);
  return sum;
}

Value Lanes::compare(CmpFPredicate p, Value a, Value b) const {
  return arith::CmpFOp::create(builder, location, p, a, b);
}
Value Lanes::icompare(arith::CmpIPredicate p, Value a, Value b) const {
  return arith::CmpIOp::create(builder, location, p, a, b);
}
Value Lanes::extend(Value a, const Lanes &to) const {
  return arith::ExtFOp::create(builder, location, to.type(), a);
}
Value Lanes::truncate(Value a, const Lanes &to) const {
  return arith::TruncFOp::create(builder, location, to.type(), a);
}
Value Lanes::toReal(Value a) const {
  return arith::SIToFPOp::create(builder, location, type(), a);
}
Value Lanes::toInteger(Value a) const {
  return arith::FPToSIOp::create(builder, location, integerType(), a);
}
Value Lanes::asInteger(Value a) const {
  return arith::BitcastOp::create(builder, location, integerType(), a);
}
Value Lanes::asReal(Value a) const {
  return arith::BitcastOp::create(builder, location, type(), a);
}
Value Lanes::select(Value condition, Value a, Value b) const {
  return arith::SelectOp::create(builder, location, condition, a, b);
}

Lanes::Values Lanes::ifAny(Value condition, llvm::function_ref<Values()> then,
                           llvm::function_ref<Values()> otherwise) const {
  if (isa<VectorType>(condition.getType()))
    condition = vector::ReductionOp::create(
        builder, location, vector::CombiningKind::OR, condition);
  OpBuilder::InsertionGuard guard(builder);
  // The blocks are made first: the types of the results follow from them.
  auto region = [&](llvm::function_ref<Values()> make, Region &in) {
    builder.createBlock(&in);
    Values values = make();
    scf::YieldOp::create(builder, location, values);
    return llvm::to_vector(ValueRange(values).getTypes());
  };
  OperationState state(location, scf::IfOp::getOperationName());
  state.addOperands(condition);
  Region *first = state.addRegion(), *second = state.addRegion();
  OpBuilder::InsertPoint here = builder.saveInsertionPoint();
  state.addTypes(region(then, *first));
  region(otherwise, *second);
  builder.restoreInsertionPoint(here);
  Operation *branch = builder.create(state);
  return Values(branch->result_begin(), branch->result_end());
}

//===----------------------------------------------------------------------===//
// AVX-512
//===----------------------------------------------------------------------===//

bool Lanes::hasScalef() const {
  return avx512 && element.isF32() &&
         (lanes() == 4 || lanes() == 8 || lanes() == 16);
}

Value Lanes::intrinsic(StringRef name, ValueRange operands) const {
  std::string full =
      ("llvm.x86.avx512." + name + "." + Twine(lanes() * width())).str();
  return LLVM::CallIntrinsicOp::create(builder, location, type(),
                                       builder.getStringAttr(full), operands)
      .getResult(0);
}

/// All lanes on.
Value Lanes::mask() const {
  Type t = builder.getIntegerType(lanes() == 16 ? 16 : 8);
  return LLVM::ConstantOp::create(builder, location, t,
                                  builder.getIntegerAttr(t, -1));
}

// The 512-bit forms take a rounding mode: 4 is "the current one".
Value Lanes::scalef(Value a, Value n) const {
  SmallVector<Value> operands{a, n, a, mask()};
  if (lanes() == 16)
    operands.push_back(i32(4));
  return intrinsic("mask.scalef.ps", operands);
}

Value Lanes::clampMagnitude(Value a, double bound) const {
  // vrangeps: 2 is "smaller magnitude", with the sign of the first operand.
  SmallVector<Value> operands{a, real(bound), i32(2), a, mask()};
  if (lanes() == 16)
    operands.push_back(i32(4));
  return intrinsic("mask.range.ps", operands);
}

Value Lanes::mantissa(Value a) const {
  // vgetmantps: 3 is the interval, 12 is "no sign, and NaN for negative".
  SmallVector<Value> operands{a, i32(15), a, mask()};
  if (lanes() == 16)
    operands.push_back(i32(4));
  return intrinsic("mask.getmant.ps", operands);
}

Value Lanes::exponent(Value a) const {
  SmallVector<Value> operands{a, a, mask()};
  if (lanes() == 16)
    operands.push_back(i32(4));
  return intrinsic("mask.getexp.ps", operands);
}

Value Lanes::rsqrt14(Value a) const {
  return intrinsic("rsqrt14.ps", {a, a, mask()});
}
