// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Logarithms: x = 2^e * (1 + f) with 2/3 <= 1 + f < 4/3, and a polynomial in f.
#include "lib/Transforms/Decompose/Functions.h"

#include <limits>

using namespace mlir;
using namespace terrazzo;

static constexpr int32_t twoThirds = 0x3f2aaaab; // its bits
static constexpr double infinity = std::numeric_limits<double>::infinity();

namespace {
struct Split {
  Value e, f; // floats
};
} // namespace

static Split split(const Lanes &l, Value x) {
  // A subnormal number is made normal first. (Negative numbers come along.)
  Value small = l.less(x, l.real(0x1p-126));
  x = l.select(small, l.mul(x, l.real(0x1p23)), x);
  Value bits = l.isub(l.asInteger(x), l.integer(twoThirds));
  Value e = l.toReal(l.sar(bits, 23));
  Value m = l.iadd(l.iand(bits, l.integer(0x7fffff)), l.integer(twoThirds));
  e = l.add(e, l.select(small, l.real(-23), l.real(0)));
  return {e, l.sub(l.asReal(m), l.real(1))};
}

/// What C says of 0, negative numbers, infinity and NaN.
static Value specials(const Lanes &l, Value x, Value result) {
  Value zero = l.real(0);
  result = l.select(l.less(x, l.real(infinity)), result, x);
  Value below = l.select(l.equal(x, zero), l.real(-infinity),
                         l.real(std::numeric_limits<double>::quiet_NaN()));
  return l.select(l.compare(arith::CmpFPredicate::OLE, x, zero), below, result);
}

/// (log(1 + f) - f) / f^2
static Value logTail(const Lanes &l, Value f) {
  return l.polynomial(f, {-0x1p-1, 0x1.55552cp-2, -0x1.ffff0cp-3, 0x1.99bfe6p-3,
                          -0x1.559bf6p-3, 0x1.1fd5ecp-3, -0x1.f306eap-4,
                          0x1.19b5d4p-3, -0x1.087f8ap-3});
}

/// ln 2 in two parts; whole numbers up to 2^10 times the first are exact.
static constexpr double ln2High = 0x1.62e8p-1, ln2Low = -0x1.e8082ep-16;

Value functions::log(const Lanes &l, Value x) {
  auto [e, f] = split(l, x);
  Value tail = l.mul(l.mul(f, f), logTail(l, f));
  tail = l.fma(e, l.real(ln2Low), tail);
  Value sum = l.fma(e, l.real(ln2High), l.add(f, tail));
  return specials(l, x, sum);
}

/// e * (high + low) + log_b(1 + f), where f * (factor + factorLow) is the first
/// term and its rounding error is kept.
static Value logarithm(const Lanes &l, Value e, Value f, double factor,
                       double factorLow, double high, double low, Value tail) {
  Value first = l.mul(f, l.real(factor));
  Value error = l.fma(f, l.real(factor), l.negate(first));
  error = l.fma(f, l.real(factorLow), error);
  Value rest = l.fma(l.mul(f, f), tail, error);
  if (low != 0)
    rest = l.fma(e, l.real(low), rest);
  return l.fma(e, l.real(high), l.add(first, rest));
}

Value functions::log2(const Lanes &l, Value x) {
  auto [e, f] = split(l, x);
  Value tail = l.polynomial(f, {-0x1.715476p-1, 0x1.ec7062p-2, -0x1.715414p-2,
                                0x1.27926cp-2, -0x1.ecc2ccp-3, 0x1.9f419p-3,
                                -0x1.68e5dep-3, 0x1.966f6cp-3, -0x1.79e14p-3});
  return specials(l, x,
                  logarithm(l, e, f, 0x1.715476p0, 0x1.4ae0cp-26, 1, 0, tail));
}

Value functions::log10(const Lanes &l, Value x) {
  auto [e, f] = split(l, x);
  Value tail = l.polynomial(f, {-0x1.bcb7b2p-3, 0x1.287a52p-3, -0x1.bcb63ap-4,
                                0x1.63e78cp-4, -0x1.28cc8cp-4, 0x1.f401b8p-5,
                                -0x1.af803ep-5, 0x1.e97328p-5, -0x1.d34964p-5});
  return specials(l, x,
                  logarithm(l, e, f, 0x1.bcb7b2p-2, -0x1.5b235ep-27, 0x1.344p-2,
                            0x1.3509f8p-18, tail));
}

Value functions::log1p(const Lanes &l, Value x) {
  // 1 + x = 2^e * (1 + f); f = x * 2^-e + (2^-e - 1) loses nothing of a small
  // x.
  Value u = l.add(x, l.real(1));
  Value step = l.iand(l.isub(l.asInteger(u), l.integer(twoThirds)),
                      l.integer(int32_t(0xff800000)));
  Value scaled = l.asReal(l.isub(l.asInteger(x), step));
  // A quarter of it, so that 2^-e is a normal number for all e.
  Value quarter = l.asReal(l.isub(l.integer(129 << 23), step));
  Value f = l.add(scaled, l.fma(quarter, l.real(0.25), l.real(-1)));
  Value e = l.toReal(l.sar(step, 23));
  Value tail = l.mul(l.mul(f, f), logTail(l, f));
  tail = l.fma(e, l.real(ln2Low), tail);
  Value sum = l.fma(e, l.real(ln2High), l.add(f, tail));
  // log(1 + x) is x to the last place there, and -0 stays.
  sum = l.select(l.less(l.abs(x), l.real(0x1p-25)), x, sum);
  return specials(l, u, sum);
}
