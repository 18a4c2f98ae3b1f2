// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integer formats, stored as low bits of a code, and the saturating conversion
// to them.
#ifndef TERRAZZO_LIB_NUMERICS_INTEGER_H
#define TERRAZZO_LIB_NUMERICS_INTEGER_H

#include <cmath>
#include <cstdint>

namespace terrazzo::numerics {

struct IntegerFormat {
  unsigned bits; // 2, 4 or 8
  bool isSigned;

  int64_t smallest() const {
    return isSigned ? -(int64_t(1) << (bits - 1)) : 0;
  }
  int64_t largest() const {
    return (int64_t(1) << (bits - (isSigned ? 1 : 0))) - 1;
  }
};

inline constexpr IntegerFormat Int8{8, true}, Int4{4, true}, Int2{2, true},
    UInt8{8, false}, UInt4{4, false}, UInt2{2, false};

/// The number that the low bits of \p code stand for.
inline int64_t decode(IntegerFormat format, uint64_t code) {
  uint64_t low = code & ((uint64_t(1) << format.bits) - 1);
  bool negative = format.isSigned && (low >> (format.bits - 1) & 1);
  return int64_t(low) - (negative ? int64_t(1) << format.bits : 0);
}

/// Rounds to the nearest integer, ties to even, and saturates. NaN becomes 0.
inline uint64_t encode(IntegerFormat format, double value) {
  if (std::isnan(value))
    return 0;
  double whole = std::nearbyint(value);
  int64_t number = whole <= double(format.smallest())  ? format.smallest()
                   : whole >= double(format.largest()) ? format.largest()
                                                       : int64_t(whole);
  return uint64_t(number) & ((uint64_t(1) << format.bits) - 1);
}

} // namespace terrazzo::numerics

#endif // TERRAZZO_LIB_NUMERICS_INTEGER_H
