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

/// e^x * 2^-less, rounded once.
static Value expTimes(const Lanes &l, Value x, int less) {
  Value log2e = l.real(0x1.715476p0), shift = l.real(roundingShift);
  if (l.hasScalef()) {
    // The whole number may be anything: scalef knows what to do with it, as
    // long as p is finite and positive. So r is clamped, not x.
    Value n = l.sub(l.fma(x, log2e, shift), shift);
    Value r = l.clampMagnitude(reduce(l, x, n), 0.35);
    return l.scalef(expNearZero(l, r), less ? l.sub(n, l.real(less)) : n);
  }
  // Beyond these the result is 0 or infinity; NaN goes through.
  x = l.lesser(l.real(90), l.greater(l.real(-105), x));
  Value shifted = l.fma(x, log2e, shift);
  Value n = l.sub(shifted, shift);
  return scale(l, expNearZero(l, reduce(l, x, n)),
               less ? l.sub(shifted, l.real(less)) : shifted);
}

Value functions::exp(const Lanes &l, Value x) { return expTimes(l, x, 0); }

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

/// Where |x| is below \p bound the function is x to the last place, and -0
/// stays.
static Value identityNearZero(const Lanes &l, Value x, double bound,
                              Value result) {
  return l.select(l.less(l.abs(x), l.real(bound)), x, result);
}

Value functions::expm1(const Lanes &l, Value x) {
  Value shift = l.real(roundingShift);
  // Below, the result is -1; above, infinity.
  Value clamped = l.lesser(l.real(89), l.greater(l.real(-25), x));
  Value shifted = l.fma(clamped, l.real(0x1.715476p0), shift);
  Value n = l.sub(shifted, shift);
  // r + error is the rest, e^r - 1 = r + tail.
  Value high = l.fma(n, l.real(-0x1.62e4p-1), clamped);
  Value low = l.real(-0x1.7f7d1cp-20);
  Value r = l.fma(n, low, high);
  Value error = l.fma(n, low, l.sub(high, r));
  Value tail = l.polynomial(
      r, {0x1p-1, 0x1.5554dep-3, 0x1.55556cp-5, 0x1.120adp-7, 0x1.6ca9aap-10});
  Value part = l.add(r, l.fma(l.mul(r, r), tail, error));
  // (2^n * part + 2^n - 1) / 2 does not overflow too early.
  Value half =
      l.asReal(l.iadd(l.shl(l.asInteger(shifted), 23), l.integer(126 << 23)));
  Value sum = l.fma(half, part, l.sub(half, l.real(0.5)));
  return identityNearZero(l, x, 0x1p-25, l.add(sum, sum));
}

Value functions::sinh(const Lanes &l, Value x) {
  Value magnitude = l.abs(x), z = l.mul(x, x);
  Value near = l.polynomial(
      z, {0x1.555556p-3, 0x1.1110c6p-7, 0x1.a03554p-13, 0x1.725236p-19});
  near = l.fma(l.mul(z, magnitude), near, magnitude);
  Value half = expTimes(l, magnitude, 1);
  Value far = l.sub(half, l.div(l.real(0.25), half));
  Value result = l.select(l.less(magnitude, l.real(1)), near, far);
  return l.copySign(result, x);
}

Value functions::cosh(const Lanes &l, Value x) {
  Value half = expTimes(l, l.abs(x), 1);
  return l.add(half, l.div(l.real(0.25), half));
}

Value functions::tanh(const Lanes &l, Value x) {
  Value magnitude = l.abs(x), z = l.mul(x, x);
  Value near = l.polynomial(z, {-0x1.555554p-2, 0x1.110f2p-3, -0x1.b9613cp-5,
                                0x1.5a3d52p-6, -0x1.9cb942p-8});
  near = l.fma(l.mul(z, magnitude), near, magnitude);
  Value e = exp(l, l.add(magnitude, magnitude));
  Value one = l.real(1);
  Value far = l.sub(one, l.div(l.real(2), l.add(e, one)));
  Value result = l.select(l.less(magnitude, l.real(0.6)), near, far);
  return l.copySign(result, x);
}

Value functions::erf(const Lanes &l, Value x) {
  Value magnitude = l.abs(x), z = l.mul(x, x);
  Value near = l.polynomial(z, {0x1.06eba8p-3, -0x1.812742p-2, 0x1.ce2de2p-4,
                                -0x1.b80b68p-6, 0x1.54a912p-8, -0x1.a92772p-11,
                                0x1.592406p-14});
  near = l.fma(magnitude, near, magnitude);
  // The logarithm of 1 - erf; beyond 4 that is below half a place of 1.
  Value t = l.lesser(l.real(4), magnitude);
  Value logarithm = l.polynomial(
      t, {0x1.73e55p-13, -0x1.2128bap0, -0x1.4442bp-1, -0x1.bba17p-4,
          0x1.9bdacap-6, -0x1.11ce84p-8, 0x1.c90eb6p-12, -0x1.63f9fcp-16});
  Value far = l.sub(l.real(1), exp(l, logarithm));
  Value result = l.select(l.less(magnitude, l.real(0.94)), near, far);
  return l.copySign(result, x);
}
