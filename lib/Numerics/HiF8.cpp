// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Numerics/HiF8.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

using namespace terrazzo::numerics;

static constexpr uint8_t hif8NaN = 0x80, hif8Infinity = 0x6F;

/// \p fieldBits bits of sign and magnitude above \p mantissaBits of mantissa;
/// the magnitude has an implicit leading one.
static double number(unsigned low, unsigned fieldBits, unsigned mantissaBits) {
  double mantissa =
      1 + std::ldexp(low & ((1u << mantissaBits) - 1), -int(mantissaBits));
  if (fieldBits == 0)
    return mantissa;
  unsigned field = low >> mantissaBits & ((1u << fieldBits) - 1);
  unsigned one = 1u << (fieldBits - 1);
  int magnitude = int(one | (field & (one - 1)));
  return std::ldexp(mantissa, field & one ? -magnitude : magnitude);
}

double terrazzo::numerics::decodeHiF8(uint8_t code) {
  unsigned low = code & 0x7F;
  double sign = code & 0x80 ? -1 : 1;
  if (code == hif8NaN)
    return std::numeric_limits<double>::quiet_NaN();
  if (low == hif8Infinity)
    return sign * std::numeric_limits<double>::infinity();
  if (low == 0)
    return 0;
  if (low < 0x08) // 0000 mmm: powers of two below the normals
    return sign * std::ldexp(1.0, int(low) - 23);
  if (low < 0x10) // 0001 mmm
    return sign * number(low, 0, 3);
  if (low < 0x20) // 001 e mmm
    return sign * number(low, 1, 3);
  if (low < 0x40) // 01 ee mmm
    return sign * number(low, 2, 3);
  if (low < 0x60) // 10 eee mm
    return sign * number(low, 3, 2);
  return sign * number(low, 4, 1); // 11 eeee m
}

namespace {
/// The codes of the numbers from zero to the largest, in their order; their
/// lowest bits alternate, so an even neighbour is always there.
struct Ladder {
  std::array<uint8_t, 127> codes;
  std::array<double, 127> values;
  Ladder() {
    size_t n = 0;
    for (unsigned code = 0; code < 0x80; ++code)
      if (code != hif8Infinity)
        codes[n++] = uint8_t(code);
    std::sort(codes.begin(), codes.end(), [](uint8_t a, uint8_t b) {
      return decodeHiF8(a) < decodeHiF8(b);
    });
    for (size_t i = 0; i < n; ++i)
      values[i] = decodeHiF8(codes[i]);
  }
};
} // namespace

uint8_t terrazzo::numerics::encodeHiF8(double value, bool tiesAway,
                                       Overflow overflow) {
  static const Ladder ladder;
  if (std::isnan(value))
    return hif8NaN;
  uint8_t sign = std::signbit(value) ? 0x80 : 0, code;
  double magnitude = std::fabs(value);
  auto above =
      std::upper_bound(ladder.values.begin(), ladder.values.end(), magnitude);
  size_t at = size_t(above - ladder.values.begin()) - 1;
  code = ladder.codes[at];
  double low = ladder.values[at];
  bool last = at + 1 == ladder.values.size();
  // The next step above the largest number would be 1.5 * 2^15.
  double middle = last ? 40960 : (low + ladder.values[at + 1]) / 2;
  if (magnitude > middle || (magnitude == middle && (tiesAway || (code & 1)))) {
    if (!last)
      code = ladder.codes[at + 1];
    else if (overflow == Overflow::Standard)
      code = hif8Infinity;
  }
  return code ? code | sign : 0;
}
