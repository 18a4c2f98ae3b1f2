// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Numerics/Format.h"

#include <bit>
#include <cmath>
#include <limits>

using namespace terrazzo::numerics;

// Sources: IEEE 754-2019 (f64, f32, f16); OCP 8-bit floating point 1.0 (e4m3fn,
// e5m2); OCP Microscaling 1.0 (e8m0, e3m2, e2m3, e2m1); the other fp8 variants
// as ml_dtypes defines them.
static constexpr FormatInfo table[] = {
    {Format::F64, "f64", 64, 11, 52, 1023, Specials::IEEE, true},
    {Format::F32, "f32", 32, 8, 23, 127, Specials::IEEE, true},
    {Format::TF32, "tf32", 19, 8, 10, 127, Specials::IEEE, true},
    {Format::F16, "f16", 16, 5, 10, 15, Specials::IEEE, true},
    {Format::BF16, "bf16", 16, 8, 7, 127, Specials::IEEE, true},
    {Format::E4M3FN, "e4m3fn", 8, 4, 3, 7, Specials::NanOnly, true},
    {Format::E4M3FNUZ, "e4m3fnuz", 8, 4, 3, 8, Specials::FNUZ, true},
    {Format::E4M3B11FNUZ, "e4m3b11fnuz", 8, 4, 3, 11, Specials::FNUZ, true},
    {Format::E4M3, "e4m3", 8, 4, 3, 7, Specials::IEEE, true},
    {Format::E3M4, "e3m4", 8, 3, 4, 3, Specials::IEEE, true},
    {Format::E5M2, "e5m2", 8, 5, 2, 15, Specials::IEEE, true},
    {Format::E5M2FNUZ, "e5m2fnuz", 8, 5, 2, 16, Specials::FNUZ, true},
    {Format::E8M0, "e8m0", 8, 8, 0, 127, Specials::NanOnly, false},
    {Format::E3M2, "e3m2", 6, 3, 2, 3, Specials::None, true},
    {Format::E2M3, "e2m3", 6, 2, 3, 1, Specials::None, true},
    {Format::E2M1, "e2m1", 4, 2, 1, 1, Specials::None, true}};

const FormatInfo &terrazzo::numerics::info(Format format) {
  return table[unsigned(format)];
}
std::span<const FormatInfo> terrazzo::numerics::allFormats() { return table; }

/// The code of the largest finite number.
static uint64_t largestCode(const FormatInfo &f) {
  uint64_t top = (uint64_t(1) << (f.exponentBits + f.mantissaBits)) - 1;
  switch (f.specials) {
  case Specials::IEEE:
    return top - (uint64_t(1) << f.mantissaBits);
  case Specials::NanOnly:
    return top - 1;
  default:
    return top;
  }
}

double FormatInfo::largest() const {
  return decode(format, largestCode(*this));
}
double FormatInfo::smallestNormal() const { return std::ldexp(1.0, 1 - bias); }
double FormatInfo::unit() const { return std::ldexp(0.5, -int(mantissaBits)); }

double terrazzo::numerics::decode(Format format, uint64_t bits) {
  if (format == Format::F64)
    return std::bit_cast<double>(bits);
  if (format == Format::F32)
    return std::bit_cast<float>(uint32_t(bits));
  const FormatInfo &f = info(format);
  uint64_t magnitude =
      bits & ((uint64_t(1) << (f.exponentBits + f.mantissaBits)) - 1);
  bool negative = f.isSigned && (bits >> (f.exponentBits + f.mantissaBits) & 1);
  uint64_t mantissa = magnitude & ((uint64_t(1) << f.mantissaBits) - 1);
  int exponent = int(magnitude >> f.mantissaBits);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  if (format == Format::E8M0) // no zero: code 0 is 2^-127
    return bits == 255 ? nan : std::ldexp(1.0, exponent - f.bias);
  if (f.specials == Specials::FNUZ && negative && magnitude == 0)
    return nan;
  if (f.specials == Specials::NanOnly && magnitude == largestCode(f) + 1)
    return nan;
  if (f.specials == Specials::IEEE && magnitude > largestCode(f))
    return mantissa
               ? nan
               : (negative ? -1 : 1) * std::numeric_limits<double>::infinity();
  double value =
      exponent == 0
          ? std::ldexp(double(mantissa), 1 - f.bias - int(f.mantissaBits))
          : std::ldexp(double(mantissa + (uint64_t(1) << f.mantissaBits)),
                       exponent - f.bias - int(f.mantissaBits));
  return negative ? -value : value;
}

static uint64_t nanCode(const FormatInfo &f, bool negative) {
  uint64_t sign =
      f.isSigned ? uint64_t(1) << (f.exponentBits + f.mantissaBits) : 0;
  switch (f.specials) {
  case Specials::IEEE: // quiet
    return (largestCode(f) + 1) | (uint64_t(1) << (f.mantissaBits - 1)) |
           (negative ? sign : 0);
  case Specials::NanOnly:
    return (largestCode(f) + 1) | (negative ? sign : 0);
  case Specials::FNUZ:
    return sign;
  case Specials::None:
    // There is no NaN: a zero of the other sign stands for it, as in ml_dtypes.
    return negative ? 0 : sign;
  }
  return 0;
}

/// |value| in units of the last place at its exponent, as an integer.
static double roundUnits(double units, Rounding rounding, uint32_t random) {
  if (rounding == Rounding::ToZero)
    return std::trunc(units);
  if (rounding == Rounding::NearestEven)
    return std::nearbyint(units); // the default rounding mode: ties to even
  double whole = std::trunc(units);
  return whole + (std::ldexp(units - whole, 32) > double(random) ? 1 : 0);
}

uint64_t terrazzo::numerics::encode(Format format, double value,
                                    Rounding rounding, Overflow overflow,
                                    uint32_t random) {
  if (format == Format::F64)
    return std::bit_cast<uint64_t>(value);
  const FormatInfo &f = info(format);
  bool negative = std::signbit(value);
  if (std::isnan(value) || (!f.isSigned && (negative || value == 0)))
    return nanCode(f, negative);
  uint64_t sign = negative && f.isSigned
                      ? uint64_t(1) << (f.exponentBits + f.mantissaBits)
                      : 0;
  double magnitude = std::fabs(value);
  uint64_t top = largestCode(f), code;
  bool infinite = std::isinf(magnitude);
  if (!infinite) {
    // The exponent of the last place; below the normals it stays.
    int exponent = magnitude == 0 ? 1 - f.bias : std::ilogb(magnitude);
    int lowest = format == Format::E8M0 ? -f.bias : 1 - f.bias;
    exponent = exponent < lowest ? lowest : exponent;
    double units = std::ldexp(magnitude, int(f.mantissaBits) - exponent);
    if (format == Format::E8M0) {
      // Powers of two: the exponent is rounded, and 1.5 goes up.
      double fraction = std::ldexp(magnitude, -exponent);
      uint64_t low = uint64_t(exponent + f.bias);
      if (fraction < 1)
        return 0; // below the smallest power there is no zero
      // Half-way between two powers goes up, as in ml_dtypes.
      bool up = rounding == Rounding::NearestEven ? fraction >= 1.5
                : rounding == Rounding::Stochastic
                    ? std::ldexp(fraction - 1, 32) > double(random)
                    : false;
      code = low + up;
    } else {
      double whole = roundUnits(units, rounding, random);
      // A carry into the exponent is what adding the code does by itself.
      uint64_t base = uint64_t(exponent - lowest) << f.mantissaBits;
      code = base + uint64_t(whole);
    }
    if (code <= top)
      return code == 0 && f.specials == Specials::FNUZ ? 0 : code | sign;
    if (rounding == Rounding::ToZero)
      return top | sign;
  }
  if (overflow == Overflow::Saturate || f.specials == Specials::None)
    return top | sign;
  return f.specials == Specials::IEEE ? (top + 1) | sign : nanCode(f, negative);
}

double terrazzo::numerics::round(Format format, double value, Rounding rounding,
                                 Overflow overflow, uint32_t random) {
  if (format == Format::F64)
    return value;
  if (format == Format::F32 && rounding == Rounding::NearestEven)
    return float(value);
  if (std::isnan(value) && info(format).specials == Specials::IEEE)
    return value;
  return decode(format, encode(format, value, rounding, overflow, random));
}
