// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementwise arithmetic on a scalar or a 1-D vector, written short: the
// expansions of functions and casts read like formulas.
#ifndef TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_LANES_H
#define TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_LANES_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <initializer_list>

namespace terrazzo {

/// Makes ops on values of one shape whose elements are floats of one type, and
/// on the integers of the same width.
class Lanes {
public:
  using Value = mlir::Value;

  /// \p like gives the shape; \p element is the float type, and \p avx512 says
  /// that the instructions of AVX-512 F, VL and DQ may be asked for.
  Lanes(mlir::OpBuilder &builder, mlir::Location location, mlir::Type like,
        mlir::Type element, bool avx512 = false);

  /// The same shape with another element type.
  Lanes of(mlir::Type other) const {
    return Lanes(builder, location, like, other, avx512);
  }
  Lanes f32() const { return of(builder.getF32Type()); }
  Lanes f64() const { return of(builder.getF64Type()); }

  mlir::Type type() const { return shaped(element); }
  mlir::Type integerType() const { return shaped(integerElement); }
  mlir::Type shaped(mlir::Type element) const;
  unsigned lanes() const;
  unsigned width() const { return integerElement.getIntOrFloatBitWidth(); }

  // Floats.
  Value real(double v) const;
  Value add(Value a, Value b) const;
  Value sub(Value a, Value b) const;
  Value mul(Value a, Value b) const;
  Value div(Value a, Value b) const;
  Value fma(Value a, Value b, Value c) const;
  Value sqrt(Value a) const;
  Value abs(Value a) const;
  Value negate(Value a) const;
  Value roundEven(Value a) const;
  Value floor(Value a) const;
  Value copySign(Value magnitude, Value sign) const;
  /// a < b ? a : b and a > b ? a : b: b where one is NaN, one instruction each.
  Value lesser(Value a, Value b) const;
  Value greater(Value a, Value b) const;
  /// c[0] + x * (c[1] + x * ...), by Horner's rule.
  Value polynomial(Value x, std::initializer_list<double> coefficients) const;
  Value compare(mlir::arith::CmpFPredicate p, Value a, Value b) const;
  Value less(Value a, Value b) const {
    return compare(mlir::arith::CmpFPredicate::OLT, a, b);
  }
  Value equal(Value a, Value b) const {
    return compare(mlir::arith::CmpFPredicate::OEQ, a, b);
  }
  Value isNan(Value a) const {
    return compare(mlir::arith::CmpFPredicate::UNO, a, a);
  }
  /// To and from another float type, in the direction the widths say.
  Value extend(Value a, const Lanes &to) const;
  Value truncate(Value a, const Lanes &to) const;

  // Integers of the same width.
  Value integer(int64_t v) const;
  Value iadd(Value a, Value b) const;
  Value isub(Value a, Value b) const;
  Value imul(Value a, Value b) const;
  Value iand(Value a, Value b) const;
  Value ior(Value a, Value b) const;
  Value ixor(Value a, Value b) const;
  Value shl(Value a, Value by) const;
  Value shl(Value a, unsigned by) const { return shl(a, integer(by)); }
  Value shr(Value a, Value by) const; // logical
  Value shr(Value a, unsigned by) const { return shr(a, integer(by)); }
  Value sar(Value a, unsigned by) const; // arithmetic
  Value icompare(mlir::arith::CmpIPredicate p, Value a, Value b) const;
  Value toReal(Value integer) const; // signed
  Value toInteger(Value real) const; // signed, towards zero
  Value asInteger(Value real) const; // the bits
  Value asReal(Value integer) const;

  // Either.
  Value select(Value condition, Value a, Value b) const;
  /// On bits of conditions.
  Value both(Value a, Value b) const;
  Value either(Value a, Value b) const;
  Value differ(Value a, Value b) const;

  /// The values that \p then makes where a lane's \p condition holds, for all
  /// lanes; those of \p otherwise where none does. An scf.if.
  using Values = llvm::SmallVector<Value>;
  Values ifAny(Value condition, llvm::function_ref<Values()> then,
               llvm::function_ref<Values()> otherwise) const;

  /// a * 2^n for a whole n, by one instruction, with every special case; only
  /// where hasScalef().
  bool hasScalef() const;
  Value scalef(Value a, Value n) const;
  /// The value of the smaller magnitude with the sign of \p a; b's magnitude if
  /// a is NaN. Only where hasScalef().
  Value clampMagnitude(Value a, double bound) const;
  /// |a| = mantissa * 2^e with 3/4 <= mantissa < 3/2, NaN for a < 0; and the
  /// exponent of a as a float, -infinity for 0. Only where hasScalef().
  Value mantissa(Value a) const;
  Value exponent(Value a) const;
  /// 1/sqrt(a) to 14 bits. Only where hasScalef().
  Value rsqrt14(Value a) const;

private:
  Value intrinsic(llvm::StringRef name, mlir::ValueRange operands) const;
  Value mask() const;
  Value i32(int32_t v) const;

  mlir::OpBuilder &builder;
  mlir::Location location;
  mlir::Type like, element, integerElement;
  bool avx512;
};

} // namespace terrazzo

#endif // TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_LANES_H
