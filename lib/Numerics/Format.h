// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every float format, in one table: how its bits are read, and how a number is
// rounded to it. All formats fit a double exactly.
#ifndef TERRAZZO_LIB_NUMERICS_FORMAT_H
#define TERRAZZO_LIB_NUMERICS_FORMAT_H

#include <cstdint>
#include <span>
#include <string_view>

namespace terrazzo::numerics {

enum class Format : uint8_t {
  F64,
  F32,
  TF32,
  F16,
  BF16,
  E4M3FN,
  E4M3FNUZ,
  E4M3B11FNUZ,
  E4M3,
  E3M4,
  E5M2,
  E5M2FNUZ,
  E8M0,
  E3M2,
  E2M3,
  E2M1
};

/// How a format spends its highest codes.
enum class Specials : uint8_t {
  IEEE,    // infinities and NaNs in the highest exponent
  NanOnly, // no infinity; S.1..1 is NaN
  FNUZ,    // no infinity, no negative zero; its code is NaN
  None     // every code is finite
};

enum class Rounding : uint8_t { NearestEven, ToZero, Stochastic };

/// What becomes of a finite number beyond the largest one, and of an infinity
/// that the format lacks.
enum class Overflow : uint8_t { Standard, Saturate };

struct FormatInfo {
  Format format;
  std::string_view name;
  unsigned bits;
  unsigned exponentBits;
  unsigned mantissaBits;
  int bias;
  Specials specials;
  bool isSigned;

  double largest() const;        // the largest finite number
  double smallestNormal() const; // 2^(1 - bias)
  double unit() const;           // half the distance of 1 to the next number
};

const FormatInfo &info(Format format);
std::span<const FormatInfo> allFormats();

/// The number that a code stands for.
double decode(Format format, uint64_t bits);
/// The code of the number nearest to \p value by \p rounding. \p random holds
/// the bits of stochastic rounding: 32 bits, compared with the dropped
/// fraction.
uint64_t encode(Format format, double value,
                Rounding rounding = Rounding::NearestEven,
                Overflow overflow = Overflow::Standard, uint32_t random = 0);
/// decode(encode(value)).
double round(Format format, double value,
             Rounding rounding = Rounding::NearestEven,
             Overflow overflow = Overflow::Standard, uint32_t random = 0);

} // namespace terrazzo::numerics

#endif // TERRAZZO_LIB_NUMERICS_FORMAT_H
