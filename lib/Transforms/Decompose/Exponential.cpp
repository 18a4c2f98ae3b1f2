// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// exp, exp2 and what is made of them. The polynomials are Sollya's fpminimax
// with f32 coefficients.
#include "lib/Transforms/Decompose/Functions.h"

using namespace mlir;
using namespace terrazzo;

/// p * 2^n for p in [0.5, 2) and n the whole number in the low bits of
/// \p shifted (a float in [2^23, 2^24)), -250 <= n <= 250. The factor is made
/// in two halves: the first product is exact, the second rounds once, also to a
/// subnormal number, zero or infinity. A NaN in p stays.
static Value scale(const Lanes &l, Value p, Value shifted) {
  Value n = l.asInteger(shifted), one = l.integer(127 << 23);
  Value whole = l.shl(n, 23);
  Value half = l.shl(l.iand(n, l.integer(~1)), 22);
  Value first = l.asReal(l.iadd(half, one));
  Value rest = l.asReal(l.iadd(l.isub(whole, half), one));
  return l.mul(l.mul(p, first), rest);
}

/// Adding this to a number below 2^22 rounds it to a whole one, which then
/// stands in the low bits; those bits shifted out leave nothing of it.
static constexpr double roundingShift = 0x1.8p23;

/// e^r for |r| <= ln 2 / 2, relative error 2^-28.
static Value expNearZero(const Lanes &l, Value r) {
  return l.polynomial(r, {1, 1, 0x1.fffffap-2, 0x1.555492p-3, 0x1.555a26p-5,
                          0x1.123988p-7, 0x1.694cd2p-10});
}

/// x - n * ln 2; the first product is exact.
static Value reduce(const Lanes &l, Value x, Value n) {
  Value r = l.fma(n, l.real(-0x1.62e4p-1), x);
  return l.fma(n, l.real(-0x1.7f7d1cp-20), r);
}

Value functions::exp(const Lanes &l, Value x) {
  Value log2e = l.real(0x1.715476p0), shift = l.real(roundingShift);
  if (l.hasScalef()) {
    // The whole number may be anything: scalef knows what to do with it, as
    // long as p is finite and positive. So r is clamped, not x.
    Value n = l.sub(l.fma(x, log2e, shift), shift);
    Value r = l.clampMagnitude(reduce(l, x, n), 0.35);
    return l.scalef(expNearZero(l, r), n);
  }
  // Beyond these the result is 0 or infinity; NaN goes through.
  x = l.lesser(l.real(89), l.greater(l.real(-104), x));
  Value shifted = l.fma(x, log2e, shift);
  Value n = l.sub(shifted, shift);
  return scale(l, expNearZero(l, reduce(l, x, n)), shifted);
}

/// 2^r for |r| <= 0.5, relative error 2^-28.
static Value exp2NearZero(const Lanes &l, Value r) {
  return l.polynomial(r, {1, 0x1.62e43p-1, 0x1.ebfbd8p-3, 0x1.c6af76p-5,
                          0x1.3b30ap-7, 0x1.5f0b82p-10, 0x1.3fa206p-13});
}

Value functions::exp2(const Lanes &l, Value x) {
  if (l.hasScalef()) {
    Value n = l.roundEven(x);
    Value r = l.clampMagnitude(l.sub(x, n), 0.5);
    return l.scalef(exp2NearZero(l, r), n);
  }
  x = l.lesser(l.real(129), l.greater(l.real(-151), x));
  Value shift = l.real(roundingShift);
  Value shifted = l.add(x, shift);
  Value r = l.sub(x, l.sub(shifted, shift));
  return scale(l, exp2NearZero(l, r), shifted);
}
