// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Numerics/Blocks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

using namespace terrazzo::numerics;

/// NaN as soon as one element is.
static float largestMagnitude(std::span<const float> block) {
  float largest = 0;
  for (float v : block) {
    if (std::isnan(v))
      return v;
    largest = std::max(largest, std::fabs(v));
  }
  return largest;
}

static bool fits(size_t block, size_t numbers, size_t codes, size_t scales) {
  return numbers % block == 0 && codes == numbers && scales == numbers / block;
}

uint8_t terrazzo::numerics::mxScale(Format element, ScaleRule rule,
                                    float largest) {
  constexpr uint32_t fraction = 0x7FFFFF;
  const FormatInfo &f = info(element);
  if (!std::isfinite(largest))
    return 255;
  if (rule == ScaleRule::RoundUp) {
    // The smallest power of two that is not below largest / max, where the
    // quotient is a product with the float nearest to 1 / max.
    largest *= float(1 / f.largest());
    uint32_t bits = std::bit_cast<uint32_t>(largest), exponent = bits >> 23;
    // Code 0 is 2^-127, half of the subnormals' range.
    bool up = exponent == 0 ? (bits & fraction) > 0x400000 : bits & fraction;
    return uint8_t(exponent + up);
  }
  uint32_t bits = std::bit_cast<uint32_t>(largest);
  if (rule == ScaleRule::Even) // half a last place of the element; no ties
    bits += uint32_t(1) << (23 - f.mantissaBits - 1);
  int exponent = int(bits >> 23);
  if (exponent == 255) // rounded up to infinity
    return 255;
  if (rule == ScaleRule::Ceil && (bits & fraction))
    ++exponent;
  return uint8_t(std::max(exponent - std::ilogb(f.largest()), 0));
}

bool terrazzo::numerics::encodeMX(Format element, ScaleRule rule,
                                  std::span<const float> in,
                                  std::span<uint8_t> codes,
                                  std::span<uint8_t> scales,
                                  Rounding rounding) {
  if (!fits(mxBlock, in.size(), codes.size(), scales.size()))
    return false;
  for (size_t block = 0; block < scales.size(); ++block) {
    auto numbers = in.subspan(block * mxBlock, mxBlock);
    uint8_t scale = mxScale(element, rule, largestMagnitude(numbers));
    scales[block] = scale;
    double inverse = scale == 255 ? std::numeric_limits<double>::quiet_NaN()
                                  : std::ldexp(1.0, 127 - int(scale));
    for (size_t i = 0; i < mxBlock; ++i)
      codes[block * mxBlock + i] = uint8_t(
          encode(element, numbers[i] * inverse, rounding, Overflow::Saturate));
  }
  return true;
}

bool terrazzo::numerics::decodeMX(Format element,
                                  std::span<const uint8_t> codes,
                                  std::span<const uint8_t> scales,
                                  std::span<float> out) {
  if (!fits(mxBlock, out.size(), codes.size(), scales.size()))
    return false;
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = float(decode(element, codes[i]) *
                   decode(Format::E8M0, scales[i / mxBlock]));
  return true;
}

bool terrazzo::numerics::encodeNvfp4(float tensorScale,
                                     std::span<const float> in,
                                     std::span<uint8_t> codes,
                                     std::span<uint8_t> scales) {
  if (!fits(nvfp4Block, in.size(), codes.size(), scales.size()))
    return false;
  const float smallest = float(info(Format::E4M3FN).smallestNormal());
  const float largest = float(info(Format::E4M3FN).largest());
  const float top = float(info(Format::E2M1).largest());
  for (size_t block = 0; block < scales.size(); ++block) {
    auto numbers = in.subspan(block * nvfp4Block, nvfp4Block);
    float scale = largestMagnitude(numbers) / top / tensorScale;
    if (!std::isnan(scale))
      scale = std::clamp(scale, smallest, largest);
    scales[block] = uint8_t(encode(Format::E4M3FN, scale));
    float inverse =
        1.0f / tensorScale / float(decode(Format::E4M3FN, scales[block]));
    for (size_t i = 0; i < nvfp4Block; ++i) {
      float scaled = numbers[i] * inverse; // rounded to f32, then to e2m1
      codes[block * nvfp4Block + i] = uint8_t(encode(
          Format::E2M1, scaled, Rounding::NearestEven, Overflow::Saturate));
    }
  }
  return true;
}

bool terrazzo::numerics::decodeNvfp4(float tensorScale,
                                     std::span<const uint8_t> codes,
                                     std::span<const uint8_t> scales,
                                     std::span<float> out) {
  if (!fits(nvfp4Block, out.size(), codes.size(), scales.size()))
    return false;
  for (size_t i = 0; i < out.size(); ++i) {
    float scale =
        tensorScale * float(decode(Format::E4M3FN, scales[i / nvfp4Block]));
    out[i] = float(decode(Format::E2M1, codes[i])) * scale;
  }
  return true;
}
