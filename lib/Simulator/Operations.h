// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What each op computes on one element: for scalars in double and int64_t, for
// lanes in the narrowest type that holds the numbers.
#ifndef TERRAZZO_LIB_SIMULATOR_OPERATIONS_H
#define TERRAZZO_LIB_SIMULATOR_OPERATIONS_H

#include "lib/Numerics/Comparison.h"
#include "lib/Simulator/Arithmetic.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <bit>
#include <cmath>
#include <type_traits>

namespace terrazzo::simulator {

using Code = Arithmetic::Code;

/// A float op whose result in float, rounded again to a format of at most 11
/// bits of precision, is the exact result rounded once (24 >= 2 * 11 + 2).
template <Code c>
constexpr bool roundsTwice =
    c == Code::NegF || c == Code::AbsF || c == Code::Sqrt || c == Code::Floor ||
    c == Code::Ceil || c == Code::AddF || c == Code::SubF || c == Code::MulF ||
    c == Code::DivF || c == Code::MaximumF || c == Code::MinimumF ||
    c == Code::MaxNumF || c == Code::MinNumF;

/// Without errno, so that lanes need no call.
template <typename T> inline T squareRoot(T v) {
#if __has_builtin(__builtin_elementwise_sqrt)
  return __builtin_elementwise_sqrt(v);
#else
  return std::sqrt(v);
#endif
}

/// Functions are computed in double and rounded once.
template <Code c, typename T> inline T floating(T a) {
  if constexpr (c == Code::NegF)
    return -a;
  else if constexpr (c == Code::AbsF)
    return std::fabs(a);
  else if constexpr (c == Code::Sqrt)
    return squareRoot(a);
  else if constexpr (c == Code::Floor)
    return std::floor(a);
  else if constexpr (c == Code::Ceil)
    return std::ceil(a);
  else if constexpr (c == Code::Exp)
    return T(std::exp(double(a)));
  else if constexpr (c == Code::Exp2)
    return T(std::exp2(double(a)));
  else if constexpr (c == Code::ExpM1)
    return T(std::expm1(double(a)));
  else if constexpr (c == Code::Log)
    return T(std::log(double(a)));
  else if constexpr (c == Code::Log2)
    return T(std::log2(double(a)));
  else if constexpr (c == Code::Log1p)
    return T(std::log1p(double(a)));
  else if constexpr (c == Code::Tanh)
    return T(std::tanh(double(a)));
  else if constexpr (c == Code::Erf)
    return T(std::erf(double(a)));
  else if constexpr (c == Code::Rsqrt)
    return T(1 / squareRoot(double(a)));
  else if constexpr (c == Code::Sin)
    return T(std::sin(double(a)));
  else
    return T(std::cos(double(a)));
}

template <Code c, typename T> inline T floating(T a, T b) {
  if constexpr (c == Code::AddF)
    return a + b;
  else if constexpr (c == Code::SubF)
    return a - b;
  else if constexpr (c == Code::MulF)
    return a * b;
  else if constexpr (c == Code::DivF)
    return a / b;
  else if constexpr (c == Code::RemF)
    return T(std::fmod(double(a), double(b)));
  else if constexpr (c == Code::PowF)
    return T(std::pow(double(a), double(b)));
  else if constexpr (c == Code::MaximumF)
    return a != a   ? a
           : b != b ? b
           : b > a  ? b
                    : (a == 0 && b == 0 ? a + b : a); // +0 is above -0
  else if constexpr (c == Code::MinimumF)
    return a != a   ? a
           : b != b ? b
           : b < a  ? b
                    : (a == 0 && b == 0 ? -(-a + -b) : a);
  else if constexpr (c == Code::MaxNumF)
    return a != a ? b : b != b ? a : a > b ? a : b;
  else
    return a != a ? b : b != b ? a : a < b ? a : b;
}

/// \p bits of an integer without its sign.
template <typename T> inline std::make_unsigned_t<T> plain(T v, unsigned bits) {
  using U = std::make_unsigned_t<T>;
  return bits >= sizeof(T) * 8 ? U(v) : U(v) & ((U(1) << bits) - 1);
}
template <typename T> inline T extended(T v, unsigned bits) {
  using U = std::make_unsigned_t<T>;
  unsigned shift = bits >= sizeof(T) * 8 ? 0 : sizeof(T) * 8 - bits;
  return T(U(v) << shift) >> shift;
}

template <Code c, typename T> inline T quotient(T a, T b, unsigned bits) {
  using U = std::make_unsigned_t<T>;
  constexpr bool isSigned = c == Code::DivSI || c == Code::CeilDivSI ||
                            c == Code::FloorDivSI || c == Code::RemSI;
  constexpr bool isRest = c == Code::RemSI || c == Code::RemUI;
  if (b == 0)
    return isRest ? a : T(-1);
  if constexpr (!isSigned) {
    U x = plain(a, bits), y = plain(b, bits);
    return isRest ? T(x % y)
                  : T(x / y + (c == Code::CeilDivUI && x % y != 0 ? 1 : 0));
  } else {
    if (b == -1)
      return isRest ? T(0) : T(U(0) - U(a));
    T q = a / b, r = a % b;
    if (c == Code::CeilDivSI && r != 0 && (a < 0) == (b < 0))
      ++q;
    if (c == Code::FloorDivSI && r != 0 && (a < 0) != (b < 0))
      --q;
    return isRest ? r : q;
  }
}

/// The low bits are the result; the caller extends them.
template <Code c, typename T> inline T whole(T a, T b, unsigned bits) {
  using U = std::make_unsigned_t<T>;
  auto shifts = [&] { return plain(b, bits) < bits; };
  if constexpr (c == Code::AddI)
    return T(U(a) + U(b));
  else if constexpr (c == Code::SubI)
    return T(U(a) - U(b));
  else if constexpr (c == Code::MulI)
    return T(U(a) * U(b));
  else if constexpr (c == Code::AndI)
    return a & b;
  else if constexpr (c == Code::OrI)
    return a | b;
  else if constexpr (c == Code::XOrI)
    return a ^ b;
  else if constexpr (c == Code::ShLI)
    return shifts() ? T(U(a) << U(b)) : T(0);
  else if constexpr (c == Code::ShRUI)
    return shifts() ? T(plain(a, bits) >> U(b)) : T(0);
  else if constexpr (c == Code::ShRSI)
    return a >> (shifts() ? U(b) : U(sizeof(T) * 8 - 1));
  else if constexpr (c == Code::MaxSI)
    return a > b ? a : b;
  else if constexpr (c == Code::MinSI)
    return a < b ? a : b;
  else if constexpr (c == Code::MaxUI)
    return plain(a, bits) > plain(b, bits) ? a : b;
  else if constexpr (c == Code::MinUI)
    return plain(a, bits) < plain(b, bits) ? a : b;
  else if constexpr (c == Code::AbsI)
    return a < 0 ? T(U(0) - U(a)) : a;
  else if constexpr (c == Code::MulHiUI) {
    using Wide =
        std::conditional_t<sizeof(T) == 8, unsigned __int128, uint64_t>;
    return T(Wide(plain(a, bits)) * plain(b, bits) >> bits);
  } else
    return quotient<c>(a, b, bits);
}

template <typename T>
inline bool holds(int predicate, T x, T y, unsigned bits) {
  using P = mlir::arith::CmpIPredicate;
  switch (P(predicate)) {
  case P::eq:
    return x == y;
  case P::ne:
    return x != y;
  case P::slt:
    return x < y;
  case P::sle:
    return x <= y;
  case P::sgt:
    return x > y;
  case P::sge:
    return x >= y;
  case P::ult:
    return plain(x, bits) < plain(y, bits);
  case P::ule:
    return plain(x, bits) <= plain(y, bits);
  case P::ugt:
    return plain(x, bits) > plain(y, bits);
  case P::uge:
    return plain(x, bits) >= plain(y, bits);
  }
  return false;
}

/// Saturating; NaN gives 0. As the oracle has it.
inline int64_t truncated(double v, unsigned bits, bool isSigned) {
  v = std::trunc(v);
  double low = isSigned ? -std::ldexp(1, int(bits) - 1) : 0;
  double high = std::ldexp(1, int(isSigned ? bits - 1 : bits));
  if (v != v)
    return 0;
  if (v <= low)
    return int64_t(low);
  if (v >= high)
    return isSigned ? int64_t((uint64_t(1) << (bits - 1)) - 1) : -1;
  return v >= 0x1p63 ? int64_t(uint64_t(v)) : int64_t(v);
}

/// \p v rounded once to a format; the narrow ones that occur most are fast.
inline double rounded(numerics::Format format, double v) {
  using numerics::Format;
  if (format == Format::F64)
    return v;
  if (format == Format::F32)
    return float(v);
  bool isHalf = format == Format::F16;
  if (isHalf || format == Format::BF16) {
    uint64_t bits = std::bit_cast<uint64_t>(v);
    int exponent = int(bits >> 52 & 0x7FF) - 1023;
    // Where nothing is below the normals and nothing can carry to infinity.
    if (exponent >= (isHalf ? -14 : -126) && exponent < (isHalf ? 15 : 127)) {
      unsigned drop = isHalf ? 42 : 45;
      bits += ((uint64_t(1) << (drop - 1)) - 1) + (bits >> drop & 1);
      bits &= ~((uint64_t(1) << drop) - 1);
      return std::bit_cast<double>(bits);
    }
    if (v == 0)
      return v;
  }
  return numerics::round(format, v);
}

/// As kernel.fp_cast has it.
inline double castFloat(numerics::Format format, double v, int detail) {
  if (detail == 0)
    return rounded(format, v);
  return numerics::round(
      format, v,
      detail & 1 ? numerics::Rounding::ToZero : numerics::Rounding::NearestEven,
      detail & 2 ? numerics::Overflow::Saturate : numerics::Overflow::Standard);
}

template <typename T> inline T clamped(T v, T low, T high, bool keepsNaN) {
  if (v != v && keepsNaN)
    return v;
  return floating<Code::MaxNumF>(floating<Code::MinNumF>(v, high), low);
}

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_OPERATIONS_H
