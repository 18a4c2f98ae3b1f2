// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Logarithms: x = 2^e * (1 + f) with 3/4 <= 1 + f < 3/2, and a polynomial in f.
#include "lib/Transforms/Decompose/Functions.h"

#include <limits>

using namespace mlir;
using namespace terrazzo;

static constexpr int32_t threeQuarters = 0x3f400000; // its bits
static constexpr double infinity = std::numeric_limits<double>::infinity();

namespace {
struct Split {
  Value e, f; // floats
};
} // namespace

static Split split(const Lanes &l, Value x) {
  if (l.hasScalef()) {
    // These read subnormal numbers, and make of 0, negative numbers, infinity
    // and NaN an exponent and a mantissa from which the right result follows.
    Value m = l.mantissa(x);
    Value e = l.sub(l.exponent(x), l.exponent(m)); // m < 1: one more
    return {e, l.sub(m, l.real(1))};
  }
  // A subnormal number is made normal first. (Negative numbers come along.)
  Value small = l.less(x, l.real(0x1p-126));
  x = l.select(small, l.mul(x, l.real(0x1p23)), x);
  Value bits = l.isub(l.asInteger(x), l.integer(threeQuarters));
  Value e = l.toReal(l.sar(bits, 23));
  Value m = l.iadd(l.iand(bits, l.integer(0x7fffff)), l.integer(threeQuarters));
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

/// The result of what split() gave of x.
static Value finish(const Lanes &l, Value x, Value result) {
  return l.hasScalef() ? result : specials(l, x, result);
}

/// (log(1 + f) - f) / f^2
static Value logTail(const Lanes &l, Value f) {
  return l.polynomial(f, {-0x1p-1, 0x1.55557cp-2, -0x1.00009cp-2, 0x1.997a94p-3,
                          -0x1.54defp-3, 0x1.275b46p-3, -0x1.0d452cp-3,
                          0x1.ba3f34p-4, -0x1.928ba2p-5});
}

/// ln 2 in two parts, both positive: an infinite e must not meet itself.
static constexpr double ln2High = 0x1.62e4p-1, ln2Low = 0x1.7f7d1cp-20;

Value functions::log(const Lanes &l, Value x) {
  auto [e, f] = split(l, x);
  Value tail = l.mul(l.mul(f, f), logTail(l, f));
  tail = l.fma(e, l.real(ln2Low), tail);
  Value sum = l.fma(e, l.real(ln2High), l.add(f, tail));
  return finish(l, x, sum);
}

/// e * (high + low) + log_b(1 + f), where f * (factor + factorLow) is the first
/// term and its rounding error is kept.
static Value logarithm(const Lanes &l, Value e, Value f, double factor,
                       double factorLow, double high, double low, Value tail) {
  Value first = l.mul(f, l.real(factor));
  Value error = l.fma(f, l.real(factor), l.negate(first));
  error = l.fma(f, l.real(factorLow), error);
  Value rest = l.fma(l.mul(f, f), tail, error);
  if (low == 0) // e + first is exact where the two cancel
    return l.add(l.fma(e, l.real(high), first), rest);
  rest = l.fma(e, l.real(low), rest);
  return l.fma(e, l.real(high), l.add(first, rest));
}

Value functions::log2(const Lanes &l, Value x) {
  auto [e, f] = split(l, x);
  Value tail = l.polynomial(f, {-0x1.715476p-1, 0x1.ec70d4p-2, -0x1.71559ep-2,
                                0x1.276112p-2, -0x1.ebb766p-3, 0x1.a9eeeep-3,
                                -0x1.84d052p-3, 0x1.40b2c4p-3, -0x1.2572a2p-4});
  return finish(l, x,
                logarithm(l, e, f, 0x1.715476p0, 0x1.4ae0cp-26, 1, 0, tail));
}

Value functions::log10(const Lanes &l, Value x) {
  auto [e, f] = split(l, x);
  Value tail = l.polynomial(f, {-0x1.bcb7bp-3, 0x1.287a96p-3, -0x1.bcb9dap-4,
                                0x1.63ad66p-4, -0x1.27f6d6p-4, 0x1.00393ap-4,
                                -0x1.d52b6ep-5, 0x1.868ae8p-5, -0x1.691216p-6});
  return finish(l, x,
                logarithm(l, e, f, 0x1.bcb7b2p-2, -0x1.5b235ep-27, 0x1.344p-2,
                          0x1.3509f8p-18, tail));
}

Value functions::log1p(const Lanes &l, Value x) {
  // 1 + x = 2^e * (1 + f); f = x * 2^-e + (2^-e - 1) loses nothing of a small
  // x.
  Value u = l.add(x, l.real(1));
  Value step = l.iand(l.isub(l.asInteger(u), l.integer(threeQuarters)),
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
