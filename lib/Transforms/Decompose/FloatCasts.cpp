// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Decompose/FloatCasts.h"
#include "lib/Transforms/Decompose/Lanes.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/TypeSwitch.h"

#include <limits>

using namespace mlir;
using namespace terrazzo;
using arith::CmpFPredicate;
using arith::CmpIPredicate;
using numerics::Format;
using numerics::FormatInfo;
using numerics::Specials;

std::optional<Format> terrazzo::formatOf(Type element) {
  using Result = std::optional<Format>;
  return TypeSwitch<Type, Result>(element)
      .Case<Float64Type>([](auto) { return Format::F64; })
      .Case<Float32Type>([](auto) { return Format::F32; })
      .Case<FloatTF32Type>([](auto) { return Format::TF32; })
      .Case<Float16Type>([](auto) { return Format::F16; })
      .Case<BFloat16Type>([](auto) { return Format::BF16; })
      .Case<Float8E4M3FNType>([](auto) { return Format::E4M3FN; })
      .Case<Float8E4M3FNUZType>([](auto) { return Format::E4M3FNUZ; })
      .Case<Float8E4M3B11FNUZType>([](auto) { return Format::E4M3B11FNUZ; })
      .Case<Float8E4M3Type>([](auto) { return Format::E4M3; })
      .Case<Float8E3M4Type>([](auto) { return Format::E3M4; })
      .Case<Float8E5M2Type>([](auto) { return Format::E5M2; })
      .Case<Float8E5M2FNUZType>([](auto) { return Format::E5M2FNUZ; })
      .Case<Float8E8M0FNUType>([](auto) { return Format::E8M0; })
      .Case<Float6E3M2FNType>([](auto) { return Format::E3M2; })
      .Case<Float6E2M3FNType>([](auto) { return Format::E2M3; })
      .Case<Float4E2M1FNType>([](auto) { return Format::E2M1; })
      .Default([](Type) { return Result(); });
}

static bool isMachineFloat(Type t) {
  return t.isF64() || t.isF32() || t.isF16();
}

bool terrazzo::isNativeCast(Type from, Type to) {
  // f64 to f16 is a call, and so is f32 to bf16 without AVX512-BF16; with it
  // the instruction flushes subnormal numbers.
  return isMachineFloat(from) && isMachineFloat(to) &&
         !(from.isF64() && to.isF16());
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// The bits of the largest finite number.
static int64_t largestCode(const FormatInfo &f) {
  return int64_t(numerics::encode(f.format, f.largest()));
}

/// bf16, tf32 and e8m0 are the upper bits of an f32.
static Value decodeHighBits(const Lanes &l, const FormatInfo &f, Value code) {
  Value bits = l.shl(code, 23 - f.mantissaBits);
  if (f.format != Format::E8M0)
    return l.asReal(bits);
  // Code 0 is 2^-127, 255 is NaN.
  bits = l.select(l.icompare(CmpIPredicate::eq, code, l.integer(0)),
                  l.integer(0x00400000), bits);
  bits = l.select(l.icompare(CmpIPredicate::eq, code, l.integer(255)),
                  l.integer(0x7fc00000), bits);
  return l.asReal(bits);
}

/// Whether every number of a format is, but for the bias, one of f16.
static bool fitsHalf(const FormatInfo &f) {
  return f.exponentBits < 5 ||
         (f.exponentBits == 5 && f.specials == Specials::IEEE);
}

/// Small formats go by f16, whose conversion reads subnormal numbers at full
/// speed, or by the bits of an f32; a product then moves the bias. \p code is
/// in integers of the carrier's width.
static Value decodeSmall(const Lanes &l, const FormatInfo &f, Value code) {
  const FormatInfo &by =
      numerics::info(fitsHalf(f) ? Format::F16 : Format::F32);
  Lanes half = l.of(Float16Type::get(code.getContext()));
  const Lanes &carrier = fitsHalf(f) ? half : l;
  unsigned magnitudeBits = f.exponentBits + f.mantissaBits;
  int64_t signBit = int64_t(1) << magnitudeBits;
  Value magnitude = carrier.iand(code, carrier.integer(signBit - 1));
  Value sign = carrier.shl(carrier.iand(code, carrier.integer(signBit)),
                           by.bits - 1 - magnitudeBits);
  Value bits = carrier.ior(
      carrier.shl(magnitude, by.mantissaBits - f.mantissaBits), sign);
  Value value = carrier.asReal(bits);
  if (fitsHalf(f))
    value = carrier.extend(value, l);
  if (f.bias != by.bias)
    value = l.mul(value, l.real(std::ldexp(1.0, by.bias - f.bias)));
  auto replace = [&](CmpIPredicate p, Value a, int64_t b, Value by) {
    Value hit = carrier.icompare(p, a, carrier.integer(b));
    value = l.select(hit, by, value);
  };
  Value nan = l.real(std::numeric_limits<double>::quiet_NaN());
  if (f.specials == Specials::FNUZ)
    replace(CmpIPredicate::eq, code, signBit, nan);
  if (f.specials == Specials::NanOnly)
    replace(CmpIPredicate::eq, magnitude, largestCode(f) + 1, nan);
  if (f.specials == Specials::IEEE && f.exponentBits < 5) {
    Value infinite = l.real(std::numeric_limits<double>::infinity());
    replace(CmpIPredicate::eq, magnitude, largestCode(f) + 1,
            l.copySign(infinite, value));
    replace(CmpIPredicate::sgt, magnitude, largestCode(f) + 1, nan);
  }
  return value;
}

/// Any format but f64, as f32: exact.
static Value toF32(OpBuilder &b, Location location, Value from,
                   const FormatInfo &f) {
  Lanes l(b, location, from.getType(), b.getF32Type());
  if (f.format == Format::F32)
    return from;
  if (f.format == Format::F16)
    return arith::ExtFOp::create(b, location, l.type(), from);
  bool high = f.exponentBits == 8;
  Type code = b.getIntegerType(f.bits);
  Type wide = b.getIntegerType(high || !fitsHalf(f) ? 32 : 16);
  Value bits = arith::BitcastOp::create(b, location, l.shaped(code), from);
  if (f.bits != wide.getIntOrFloatBitWidth())
    bits = arith::ExtUIOp::create(b, location, l.shaped(wide), bits);
  return high ? decodeHighBits(l, f, bits) : decodeSmall(l, f, bits);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

namespace {
/// Rounds lanes of f32 or f64 to the codes of a format.
struct Encoder {
  const Lanes &l;
  const FormatInfo &from, &to;
  bool toZero, saturate;
  Value value, sign, magnitude; // the bits, without the sign's

  Encoder(const Lanes &l, const FormatInfo &from, const FormatInfo &to,
          bool toZero, bool saturate, Value value);
  Value run() const;

private:
  Value powerOfTwo() const;
  Value sameExponents() const;
  Value normal() const;
  Value subnormal() const;
  Value withSpecials(Value code) const;
  Value is(CmpIPredicate p, Value a, int64_t b) const {
    return l.icompare(p, a, l.integer(b));
  }
  int64_t infinityBits() const { return largestCode(from) + 1; }
  int64_t signBit() const {
    return to.isSigned ? int64_t(1) << (to.exponentBits + to.mantissaBits) : 0;
  }
};
} // namespace

Encoder::Encoder(const Lanes &l, const FormatInfo &from, const FormatInfo &to,
                 bool toZero, bool saturate, Value value)
    : l(l), from(from), to(to), toZero(toZero), saturate(saturate),
      value(value) {
  Value bits = l.asInteger(value);
  uint64_t top = uint64_t(1) << (from.bits - 1); // of f64 no int64_t
  magnitude = l.iand(bits, l.integer(int64_t(top - 1)));
  sign = l.shr(l.iand(bits, l.integer(int64_t(top))),
               unsigned(from.bits - 1 - to.exponentBits - to.mantissaBits));
}

/// Rounds the mantissa; a carry into the exponent is right by itself.
Value Encoder::normal() const {
  unsigned drop = from.mantissaBits - to.mantissaBits;
  Value rounded = magnitude;
  if (!toZero) {
    Value odd = l.iand(l.shr(magnitude, drop), l.integer(1));
    int64_t half = (int64_t(1) << (drop - 1)) - 1;
    rounded = l.iadd(l.iadd(magnitude, l.integer(half)), odd);
  }
  return l.isub(l.shr(rounded, drop),
                l.integer(int64_t(from.bias - to.bias) << to.mantissaBits));
}

/// Adding 2^k whose last place is that of the subnormal numbers rounds to it.
Value Encoder::subnormal() const {
  double anchor = std::ldexp(1.0, 1 - to.bias - int(to.mantissaBits) +
                                      int(from.mantissaBits));
  Value absolute = l.asReal(magnitude);
  Value sum = l.add(absolute, l.real(anchor));
  Value code = l.isub(l.asInteger(sum), l.asInteger(l.real(anchor)));
  if (!toZero)
    return code;
  Value above =
      l.compare(CmpFPredicate::OGT, l.sub(sum, l.real(anchor)), absolute);
  return l.isub(code, l.select(above, l.integer(1), l.integer(0)));
}

Value Encoder::withSpecials(Value code) const {
  int64_t top = largestCode(to);
  int64_t beyond = saturate || to.specials == Specials::None ? top : top + 1;
  // Of a FNUZ format, NaN is the sign alone, whatever the input's sign.
  bool fnuz = to.specials == Specials::FNUZ;
  if (fnuz && !saturate)
    beyond = signBit();
  if (toZero) {
    Value infinite = is(CmpIPredicate::sge, magnitude, infinityBits());
    Value clipped =
        l.select(is(CmpIPredicate::sgt, code, top), l.integer(top), code);
    code = l.select(infinite, l.integer(beyond), clipped);
  } else {
    code = l.select(is(CmpIPredicate::sgt, code, top), l.integer(beyond), code);
  }
  Value isNan = is(CmpIPredicate::sgt, magnitude, infinityBits());
  if (fnuz) {
    Value signedCode =
        l.select(is(CmpIPredicate::eq, code, 0), code, l.ior(code, sign));
    return l.select(isNan, l.integer(signBit()), signedCode);
  }
  if (to.specials == Specials::None) // NaN: a zero of the other sign
    return l.select(isNan, l.ixor(sign, l.integer(signBit())),
                    l.ior(code, sign));
  int64_t nan = top + 1;
  if (to.specials == Specials::IEEE)
    nan |= int64_t(1) << (to.mantissaBits - 1);
  return l.ior(l.select(isNan, l.integer(nan), code), sign);
}

Value Encoder::run() const {
  if (to.format == Format::E8M0)
    return powerOfTwo();
  if (!saturate && to.specials == Specials::IEEE && to.bias == from.bias)
    return sameExponents();
  Value code = normal();
  if (from.bias != to.bias) {
    int64_t lowest = int64_t(from.bias - to.bias + 1) << from.mantissaBits;
    code =
        l.select(is(CmpIPredicate::slt, magnitude, lowest), subnormal(), code);
  }
  return withSpecials(code);
}

/// To fewer bits of mantissa under the same exponents (bf16, tf32 from f32):
/// the bits are rounded with their sign, and infinity comes out by itself. A
/// NaN keeps its sign and the upper bits of its payload.
Value Encoder::sameExponents() const {
  unsigned drop = from.mantissaBits - to.mantissaBits;
  Value bits = l.asInteger(value), high = l.shr(bits, drop), code = high;
  if (!toZero) {
    int64_t half = (int64_t(1) << (drop - 1)) - 1;
    Value odd = l.iand(high, l.integer(1));
    code = l.shr(l.iadd(l.iadd(bits, l.integer(half)), odd), drop);
  }
  Value quiet = l.integer(int64_t(1) << (to.mantissaBits - 1));
  return l.select(l.isNan(value), l.ior(high, quiet), code);
}

/// e8m0: the exponent alone; half-way goes up.
Value Encoder::powerOfTwo() const {
  unsigned m = from.mantissaBits;
  int64_t one = int64_t(1) << m, half = toZero ? 0 : one / 2;
  int bias = from.bias - to.bias;
  Value code =
      l.isub(l.shr(l.iadd(magnitude, l.integer(half)), m), l.integer(bias));
  if (bias) { // f64: what is smaller than 2^-127 becomes that
    code = l.select(is(CmpIPredicate::slt, code, 0), l.integer(0), code);
  } else if (!toZero) { // f32: 1.5 * 2^-127 and more go up to 2^-126
    Value up = l.select(is(CmpIPredicate::sge, magnitude, 3 * one / 4),
                        l.integer(1), l.integer(0));
    code = l.select(is(CmpIPredicate::slt, magnitude, one), up, code);
  }
  // Rounding to zero stops at the largest, but an infinity is NaN.
  Value beyond = l.integer(saturate ? 254 : 255);
  if (toZero && !saturate)
    beyond = l.select(is(CmpIPredicate::sge, magnitude, infinityBits()), beyond,
                      l.integer(254));
  code = l.select(is(CmpIPredicate::sgt, code, 254), beyond, code);
  // NaN, zero and all below are NaN.
  Value good = l.compare(CmpFPredicate::OGT, value, l.real(0));
  return l.select(good, code, l.integer(255));
}

/// To f32 or f16 by the machine's own rounding to nearest.
static Value truncateNative(const Lanes &l, const FormatInfo &to, Value from,
                            Type toElement, bool saturate) {
  if (saturate) {
    Value top = l.real(to.largest());
    from = l.lesser(top, l.greater(l.real(-to.largest()), from));
  }
  return l.truncate(from, l.of(toElement));
}

Value terrazzo::castFloat(OpBuilder &b, Location location, Value from,
                          Type toElement, kernel::Rounding rounding,
                          bool saturate) {
  Type fromElement = getElementTypeOrSelf(from.getType());
  const FormatInfo *source = &numerics::info(*formatOf(fromElement));
  const FormatInfo &to = numerics::info(*formatOf(toElement));
  bool toZero = rounding == kernel::Rounding::ToZero;
  if (fromElement == toElement && !saturate)
    return from;
  if (source->format != Format::F64) {
    from = toF32(b, location, from, *source);
    source = &numerics::info(Format::F32);
  }
  bool wide = source->format == Format::F64;
  Lanes l(b, location, from.getType(),
          wide ? Type(b.getF64Type()) : Type(b.getF32Type()));
  Lanes target = l.of(toElement);
  if (to.format == Format::F64 && !wide)
    from = l.extend(from, l.f64());
  if (to.format == Format::F64 || (to.format == source->format && !saturate))
    return from;
  if (to.format == source->format) { // exact, but infinity must not stay
    Value top = target.real(to.largest());
    return target.lesser(top, target.greater(target.real(-to.largest()), from));
  }
  Type machine = wide ? Type(b.getF64Type()) : Type(b.getF32Type());
  if (!toZero && isNativeCast(machine, toElement))
    return truncateNative(l, to, from, toElement, saturate);
  Encoder encoder(l, *source, to, toZero, saturate, from);
  Value code = encoder.run();
  Value narrow =
      arith::TruncIOp::create(b, location, target.integerType(), code);
  return target.asReal(narrow);
}
