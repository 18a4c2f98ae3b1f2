// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Runtime/Symbols.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

using namespace terrazzo::runtime;

// Of the compiler's own library: 128-bit division.
extern "C" {
__int128 __divti3(__int128, __int128);
__int128 __modti3(__int128, __int128);
unsigned __int128 __udivti3(unsigned __int128, unsigned __int128);
unsigned __int128 __umodti3(unsigned __int128, unsigned __int128);
}

//===-- Conversions of 16-bit floats
//---------------------------------------===//
//
// LLVM calls these where the chip has no instruction. Our own, because not
// every libgcc has all of them. A 16-bit float travels in the low bits of an
// SSE register, as a float's bits do.

static float lowBits(uint32_t bits) { return std::bit_cast<float>(bits); }

/// Rounds a double to \p mantissa bits of a 16-bit format, to nearest even.
static uint32_t narrow(double value, int mantissa, int exponentBits) {
  int bias = (1 << (exponentBits - 1)) - 1;
  uint32_t infinity = ((1u << exponentBits) - 1) << mantissa;
  uint32_t sign = std::signbit(value) ? 0x8000 : 0;
  double magnitude = std::fabs(value);
  if (std::isnan(value))
    return sign | infinity | 1u << (mantissa - 1);
  if (std::isinf(value) || magnitude == 0)
    return sign | (magnitude == 0 ? 0 : infinity);
  int exponent = std::ilogb(magnitude);
  if (exponent < 1 - bias)
    exponent = 1 - bias; // subnormal: one spacing for all
  // The number in units of its last place: a whole number after rounding,
  // whose carry runs into the exponent by itself.
  double units = std::nearbyint(std::scalbn(magnitude, mantissa - exponent));
  if (exponent > bias)
    return sign | infinity;
  uint32_t code =
      uint32_t(int64_t(units)) + (uint32_t(exponent + bias - 1) << mantissa);
  return sign | (code > infinity ? infinity : code);
}

static float truncSfHf(float v) { return lowBits(narrow(v, 10, 5)); }
static float truncDfHf(double v) { return lowBits(narrow(v, 10, 5)); }
static float truncSfBf(float v) { return lowBits(narrow(v, 7, 8)); }
static float truncDfBf(double v) { return lowBits(narrow(v, 7, 8)); }
static float extendHfSf(float carrier) {
  uint32_t h = std::bit_cast<uint32_t>(carrier) & 0xffff;
  uint32_t exponent = h >> 10 & 31, mantissa = h & 1023;
  float magnitude =
      exponent == 31
          ? lowBits(0x7f800000 | mantissa << 13 | (mantissa ? 1u << 22 : 0))
      : exponent == 0 ? std::ldexp(float(mantissa), -24)
                      : lowBits((exponent + 112) << 23 | mantissa << 13);
  return h & 0x8000 ? -magnitude : magnitude;
}

//===-- The list
//-----------------------------------------------------------===//

template <typename F> static void *address(F *f) {
  return reinterpret_cast<void *>(f);
}

#define TERRAZZO_MATH1(name)                                                   \
  {#name, address<double(double)>(::name)}, {                                  \
    #name "f", address<float(float)>(::name##f)                                \
  }
#define TERRAZZO_MATH2(name)                                                   \
  {#name, address<double(double, double)>(::name)}, {                          \
    #name "f", address<float(float, float)>(::name##f)                         \
  }

static const Symbol table[] = {
    {"memcpy", address<void *(void *, const void *, size_t)>(::memcpy)},
    {"memmove", address<void *(void *, const void *, size_t)>(::memmove)},
    {"memset", address<void *(void *, int, size_t)>(::memset)},
    TERRAZZO_MATH1(acos),
    TERRAZZO_MATH1(acosh),
    TERRAZZO_MATH1(asin),
    TERRAZZO_MATH1(asinh),
    TERRAZZO_MATH1(atan),
    TERRAZZO_MATH1(atanh),
    TERRAZZO_MATH1(cbrt),
    TERRAZZO_MATH1(ceil),
    TERRAZZO_MATH1(cos),
    TERRAZZO_MATH1(cosh),
    TERRAZZO_MATH1(erf),
    TERRAZZO_MATH1(erfc),
    TERRAZZO_MATH1(exp),
    TERRAZZO_MATH1(exp2),
    TERRAZZO_MATH1(expm1),
    TERRAZZO_MATH1(fabs),
    TERRAZZO_MATH1(floor),
    TERRAZZO_MATH1(lgamma),
    TERRAZZO_MATH1(log),
    TERRAZZO_MATH1(log10),
    TERRAZZO_MATH1(log1p),
    TERRAZZO_MATH1(log2),
    TERRAZZO_MATH1(nearbyint),
    TERRAZZO_MATH1(rint),
    TERRAZZO_MATH1(round),
    TERRAZZO_MATH1(sin),
    TERRAZZO_MATH1(sinh),
    TERRAZZO_MATH1(sqrt),
    TERRAZZO_MATH1(tan),
    TERRAZZO_MATH1(tanh),
    TERRAZZO_MATH1(tgamma),
    TERRAZZO_MATH1(trunc),
    TERRAZZO_MATH2(atan2),
    TERRAZZO_MATH2(copysign),
    TERRAZZO_MATH2(fmax),
    TERRAZZO_MATH2(fmin),
    TERRAZZO_MATH2(fmod),
    TERRAZZO_MATH2(hypot),
    TERRAZZO_MATH2(pow),
    TERRAZZO_MATH2(remainder),
    {"fma", address<double(double, double, double)>(::fma)},
    {"fmaf", address<float(float, float, float)>(::fmaf)},
    {"ldexp", address<double(double, int)>(::ldexp)},
    {"ldexpf", address<float(float, int)>(::ldexpf)},
    {"roundeven",
     address<double(double)>([](double v) { return __builtin_roundeven(v); })},
    {"roundevenf",
     address<float(float)>([](float v) { return __builtin_roundevenf(v); })},
    {"__truncsfhf2", address<float(float)>(truncSfHf)},
    {"__truncdfhf2", address<float(double)>(truncDfHf)},
    {"__truncsfbf2", address<float(float)>(truncSfBf)},
    {"__truncdfbf2", address<float(double)>(truncDfBf)},
    {"__extendhfsf2", address<float(float)>(extendHfSf)},
    {"__divti3", address<__int128(__int128, __int128)>(::__divti3)},
    {"__modti3", address<__int128(__int128, __int128)>(::__modti3)},
    {"__udivti3",
     address<unsigned __int128(unsigned __int128, unsigned __int128)>(
         ::__udivti3)},
    {"__umodti3",
     address<unsigned __int128(unsigned __int128, unsigned __int128)>(
         ::__umodti3)},
};

std::span<const Symbol> terrazzo::runtime::symbols() { return table; }

void *terrazzo::runtime::symbolNamed(std::string_view name) {
  for (const Symbol &s : table)
    if (s.name == name)
      return s.address;
  return nullptr;
}
