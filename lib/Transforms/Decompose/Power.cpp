// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Powers. pow works in f64: the logarithm needs more places than f32 has.
#include "lib/Transforms/Decompose/Functions.h"

#include <limits>

using namespace mlir;
using namespace terrazzo;

Value functions::rsqrt(const Lanes &l, Value x) {
  if (!l.hasScalef())
    return l.div(l.real(1), l.sqrt(x));
  // One Newton step; at 0 and infinity it is NaN, and the estimate is exact.
  Value y = l.rsqrt14(x);
  Value error = l.fma(l.mul(x, y), l.negate(y), l.real(1));
  Value better = l.fma(l.mul(y, l.real(0.5)), error, y);
  return l.select(l.isNan(error), y, better);
}

/// log2 of lanes of f64 that are normal and positive, relative error 2^-45:
/// with s = (m - 1) / (m + 1) it is an odd polynomial in s.
static Value log2Wide(const Lanes &l, Value x) {
  constexpr int64_t rootHalf = 0x3fe6a09e667f3bcd; // bits of sqrt(1/2)
  Value bits = l.isub(l.asInteger(x), l.integer(rootHalf));
  Value m = l.asReal(l.iadd(l.iand(bits, l.integer((int64_t(1) << 52) - 1)),
                            l.integer(rootHalf)));
  // The exponent as a float by way of its bits: there is no conversion of i64
  // vectors before AVX-512.
  constexpr double anchor = 0x1.8p52;
  Value e = l.iadd(l.shr(bits, 52), l.asInteger(l.real(anchor)));
  e = l.sub(l.asReal(e), l.real(anchor));
  // The shift was a logical one: exponents below 0 came out 2^12 too large.
  e = l.select(l.less(l.real(2048), e), l.sub(e, l.real(4096)), e);
  Value s = l.div(l.sub(m, l.real(1)), l.add(m, l.real(1)));
  Value p =
      l.polynomial(l.mul(s, s), {0x1.71547652b824bp1, 0x1.ec709dc54810ap-1,
                                 0x1.2776c284ed2b8p-1, 0x1.a61a3ae197feep-2,
                                 0x1.479348545674ap-2, 0x1.21cfcfcfd53d2p-2});
  return l.fma(s, p, e);
}

/// 2^w of lanes of f64 for |w| <= 200, relative error 2^-34; NaN stays.
static Value exp2Wide(const Lanes &l, Value w) {
  Value shift = l.real(0x1.8p52), shifted = l.add(w, shift);
  Value r = l.sub(w, l.sub(shifted, shift));
  Value p = l.polynomial(r, {1, 0x1.62e42ff0e191dp-1, 0x1.ebfbe0778724bp-3,
                             0x1.c6b08ac06c325p-5, 0x1.3b29f39d4d49cp-7,
                             0x1.5d8a85fe7833cp-10, 0x1.445c840469a21p-13,
                             0x1.fde5fe328a61ep-17});
  Value scale = l.asReal(
      l.iadd(l.shl(l.asInteger(shifted), 52), l.integer(int64_t(1023) << 52)));
  return l.mul(p, scale);
}

Value functions::pow(const Lanes &l, Value x, Value y) {
  using arith::CmpFPredicate;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Lanes w = l.f64();
  Value zero = l.real(0), one = l.real(1), magnitude = l.abs(x);
  Value logarithm = log2Wide(w, l.extend(magnitude, w));
  logarithm = l.select(l.equal(magnitude, zero), w.real(-infinity), logarithm);
  logarithm = l.select(l.equal(magnitude, l.real(infinity)), w.real(infinity),
                       logarithm);
  // A finite exponent: 1 to the power of infinity is 1, not 0 * infinity.
  Value exponent = l.extend(y, w);
  exponent = w.lesser(w.real(0x1p200), w.greater(w.real(-0x1p200), exponent));
  Value product = w.mul(logarithm, exponent);
  product = w.lesser(w.real(200), w.greater(w.real(-200), product));
  Value result = w.truncate(exp2Wide(w, product), l);

  // Negative x: the sign of an odd power, NaN for one that is not whole.
  Value whole = l.equal(l.floor(y), y), half = l.mul(y, l.real(0.5));
  Value even = l.equal(l.floor(half), half);
  Value signBit = l.iand(l.asInteger(x), l.integer(int64_t(1) << 31));
  Value odd = l.select(even, l.integer(0), signBit);
  odd = l.select(whole, odd, l.integer(0));
  result = l.asReal(l.ior(l.asInteger(result), odd));
  Value nan = l.real(std::numeric_limits<double>::quiet_NaN());
  Value negative = l.both(l.less(x, zero), l.less(l.real(-infinity), x));
  result = l.select(negative, l.select(whole, result, nan), result);
  Value unordered = l.compare(CmpFPredicate::UNO, x, y);
  result = l.select(unordered, nan, result);
  return l.select(l.either(l.equal(y, zero), l.equal(x, one)), one, result);
}
