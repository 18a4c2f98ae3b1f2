// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// sin, cos and tan over the whole range of f32, and their inverses.
#include "lib/Transforms/Decompose/Functions.h"

#include <limits>

using namespace mlir;
using namespace terrazzo;

namespace {
/// x = (n + fraction) * pi / 2, |fraction| <= 1/2.
struct QuarterTurns {
  Value fraction; // f64
  Value n;        // i32, right modulo 4
};

/// Numbers from 2^from on are multiples of 2^(from - 23), and 4 of them are
/// whole turns: so 2^(from - 23) * 2/pi is taken modulo 4. Three parts, of
/// which the first two have so few bits that a product with an f32 is exact in
/// f64.
struct Octaves {
  int from;
  double scale, high, middle, low;
};
} // namespace

static constexpr Octaves ranges[] = {
    {-149, 1, 0x1.45f306cp-1, 0x1.c9c882ap-29, 0x1.4fe13abe8fa9ap-59},
    {44, 0x1p-21, 0x1.b72722p-2, 0x1.529fc2p-31, 0x1.d5f47d4d37703p-57},
    {72, 0x1p-49, 0x1.529fc2p-3, 0x1.d5f47d4p-29, 0x1.a6ee06db14acdp-58},
    {100, 0x1p-77, 0x1.d5f47d4p-1, 0x1.a6ee06cp-30, 0x1.b14acc9e21c82p-58},
};

/// a modulo 4, in [-2, 2]: exact.
static Value modulo4(const Lanes &w, Value a) {
  return w.fma(w.roundEven(w.mul(a, w.real(0.25))), w.real(-4), a);
}

static QuarterTurns reduce(const Lanes &l, Value x) {
  Lanes w = l.f64();
  Value magnitude = l.abs(x);
  Value scale = l.real(1), high = w.real(ranges[0].high);
  Value middle = w.real(ranges[0].middle), low = w.real(ranges[0].low);
  for (const Octaves &range : llvm::ArrayRef(ranges).drop_front()) {
    Value above = l.compare(arith::CmpFPredicate::OGE, magnitude,
                            l.real(std::ldexp(1.0, range.from)));
    scale = l.select(above, l.real(range.scale), scale);
    high = l.select(above, w.real(range.high), high);
    middle = l.select(above, w.real(range.middle), middle);
    low = l.select(above, w.real(range.low), low);
  }
  Value scaled = l.extend(l.mul(x, scale), w);
  Value a = modulo4(w, w.mul(scaled, high));
  Value b = modulo4(w, w.mul(scaled, middle));
  Value c = w.mul(scaled, low);
  Value n = w.roundEven(w.add(w.add(a, b), c));
  Value fraction = w.add(w.add(w.sub(a, n), b), c);
  // n as an integer: it stands in the low bits of n + 1.5 * 2^23.
  Value shifted = l.add(w.truncate(n, l), l.real(0x1.8p23));
  return {fraction, l.asInteger(shifted)};
}

static Value radians(const Lanes &l, Value fraction) {
  Lanes w = l.f64();
  return w.mul(fraction, w.real(0x1.921fb54442d18p0));
}

/// Where no argument is beyond this, three steps in f32 reduce well enough.
static constexpr double reducible = 71476;

/// pi/2 in parts; whole numbers up to 2^16 times the first two are nearly
/// exact.
static constexpr double quarter[] = {0x1.921fb6p0, -0x1.777a5cp-25,
                                     -0x1.ee59dap-50};

/// The rest in radians as f32, and the quarter turns. Most of the time would go
/// into arguments that hardly occur: they have a branch. What a lane gets does
/// not depend on its neighbours.
static std::pair<Value, Value> reduceFast(const Lanes &l, Value x) {
  Value shift = l.real(0x1.8p23);
  Value shifted = l.fma(x, l.real(0x1.45f306p-1), shift);
  Value n = l.sub(shifted, shift), r = x;
  for (double part : quarter)
    r = l.fma(n, l.real(-part), r);
  n = l.asInteger(shifted);
  Value beyond =
      l.compare(arith::CmpFPredicate::UGE, l.abs(x), l.real(reducible));
  Lanes::Values results = l.ifAny(
      beyond,
      [&]() -> Lanes::Values {
        auto [fraction, turns] = reduce(l, x);
        Value far = l.f64().truncate(radians(l, fraction), l);
        return {l.select(beyond, far, r), l.select(beyond, turns, n)};
      },
      [&]() -> Lanes::Values { return {r, n}; });
  return {results[0], results[1]};
}

/// The sine \p ahead quarter turns ahead of x.
static Value sine(const Lanes &l, Value x, int ahead) {
  auto [r, n] = reduceFast(l, x);
  if (ahead)
    n = l.iadd(n, l.integer(ahead));
  Value z = l.mul(r, r);
  Value s = l.polynomial(
      z, {-0x1.555556p-3, 0x1.111198p-7, -0x1.a08314p-13, 0x1.877652p-19});
  s = l.fma(l.mul(z, r), s, r);
  Value c =
      l.polynomial(z, {-0.5, 0x1.555554p-5, -0x1.6c129cp-10, 0x1.9bc61cp-16});
  c = l.fma(z, c, l.real(1));
  Value odd = l.icompare(arith::CmpIPredicate::ne, l.iand(n, l.integer(1)),
                         l.integer(0));
  Value sign = l.shl(l.iand(n, l.integer(2)), 30);
  return l.asReal(l.ixor(l.asInteger(l.select(odd, c, s)), sign));
}

/// x itself where that is right to the last place; -0 stays.
static Value identityNearZero(const Lanes &l, Value x, Value result) {
  return l.select(l.less(l.abs(x), l.real(0x1p-13)), x, result);
}

Value functions::sin(const Lanes &l, Value x) {
  return identityNearZero(l, x, sine(l, x, 0));
}
Value functions::cos(const Lanes &l, Value x) { return sine(l, x, 1); }

Value functions::tan(const Lanes &l, Value x) {
  auto [fraction, n] = reduce(l, x);
  Lanes w = l.f64();
  Value r = radians(l, fraction), z = w.mul(r, r);
  Value s = w.polynomial(z, {-0x1.5555555555164p-3, 0x1.1111110fd1cbdp-7,
                             -0x1.a019fd961e3a3p-13, 0x1.71d9a6073ddb4p-19,
                             -0x1.aa2680027ccd1p-26});
  s = w.fma(w.mul(z, r), s, r);
  Value c = w.polynomial(z, {1, -0x1.fffffffffe665p-2, 0x1.5555555148e1fp-5,
                             -0x1.6c16baddb96afp-10, 0x1.a012928555d64p-16,
                             -0x1.247365bdfdf01p-22});
  Value odd = l.icompare(arith::CmpIPredicate::ne, l.iand(n, l.integer(1)),
                         l.integer(0));
  Value over = l.select(odd, w.negate(c), s), under = l.select(odd, s, c);
  return identityNearZero(l, x, w.truncate(w.div(over, under), l));
}

/// atan(t) / t - 1 over t^2, for |t| <= 1, of z = t^2.
static Value atanTail(const Lanes &l, Value z) {
  return l.polynomial(z, {-0x1.555556p-2, 0x1.9999c4p-3, -0x1.24917p-3,
                          0x1.c6b586p-4, -0x1.704154p-4, 0x1.265b42p-4,
                          -0x1.a516p-5, 0x1.d462d8p-6, -0x1.51c7dap-7,
                          0x1.c78b04p-10});
}

static constexpr double halfPi = 0x1.921fb6p0, halfPiLow = -0x1.777a5cp-25;

Value functions::atan(const Lanes &l, Value x) {
  Value magnitude = l.abs(x), one = l.real(1);
  Value large = l.less(one, magnitude);
  Value t = l.select(large, l.div(one, magnitude), magnitude);
  Value z = l.mul(t, t);
  Value tail = l.mul(l.mul(z, t), atanTail(l, z));
  Value result = l.add(t, tail);
  Value far = l.sub(l.real(halfPi), l.sub(l.add(t, tail), l.real(halfPiLow)));
  return l.copySign(l.select(large, far, result), x);
}

Value functions::atan2(const Lanes &l, Value y, Value x) {
  Value ay = l.abs(y), ax = l.abs(x), one = l.real(1), zero = l.real(0);
  Value steep = l.less(ax, ay);
  Value over = l.select(steep, ax, ay), under = l.select(steep, ay, ax);
  // 0/0 is 0, infinity/infinity is 1.
  Value same = l.equal(ax, ay);
  Value t = l.div(over, under);
  t = l.select(same, l.select(l.equal(ax, zero), zero, one), t);
  Value z = l.mul(t, t);
  Value angle = l.fma(l.mul(z, t), atanTail(l, z), t);
  angle = l.select(
      steep, l.sub(l.real(halfPi), l.sub(angle, l.real(halfPiLow))), angle);
  Value left = l.icompare(arith::CmpIPredicate::slt, l.asInteger(x),
                          l.integer(0)); // -0 too
  angle = l.select(
      left, l.sub(l.real(2 * halfPi), l.sub(angle, l.real(2 * halfPiLow))),
      angle);
  Value nan = l.compare(arith::CmpFPredicate::UNO, x, y);
  angle =
      l.select(nan, l.real(std::numeric_limits<double>::quiet_NaN()), angle);
  return l.copySign(angle, y);
}

namespace {
/// |x| <= 1/2: asin x = t + tail with t = |x|; else t = sqrt((1 - |x|) / 2) and
/// acos |x| = 2 (t + tail).
struct Arc {
  Value magnitude, small, t, tail;
};
} // namespace

static Arc arc(const Lanes &l, Value x) {
  Value magnitude = l.abs(x), half = l.real(0.5);
  Value small = l.compare(arith::CmpFPredicate::OLE, magnitude, half);
  Value z = l.select(small, l.mul(x, x),
                     l.fma(magnitude, l.real(-0.5), half)); // exact
  Value t = l.select(small, magnitude, l.sqrt(z));
  Value p = l.polynomial(z, {0x1.555554p-3, 0x1.3334cep-4, 0x1.6d3e74p-5,
                             0x1.ffbd92p-6, 0x1.0fec3ap-6, 0x1.1ac0e4p-5});
  return {magnitude, small, t, l.mul(l.mul(z, t), p)};
}

Value functions::asin(const Lanes &l, Value x) {
  auto [magnitude, small, t, tail] = arc(l, x);
  // pi/2 - 2t, and what its rounding lost.
  Value quarterTurn = l.real(halfPi), twice = l.add(t, t);
  Value rest = l.sub(quarterTurn, twice);
  Value lost = l.sub(l.sub(quarterTurn, rest), twice);
  Value correction = l.sub(l.add(lost, l.real(halfPiLow)), l.add(tail, tail));
  Value far = l.add(rest, correction);
  return l.copySign(l.select(small, l.add(t, tail), far), x);
}

Value functions::acos(const Lanes &l, Value x) {
  auto [magnitude, small, t, tail] = arc(l, x);
  Value sum = l.add(t, tail), twice = l.add(sum, sum);
  Value negative = l.less(x, l.real(0));
  Value signedSum = l.copySign(sum, x);
  Value near = l.sub(l.real(halfPi), l.sub(signedSum, l.real(halfPiLow)));
  Value left = l.sub(l.real(2 * halfPi), l.sub(twice, l.real(2 * halfPiLow)));
  return l.select(small, near, l.select(negative, left, twice));
}
