// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Blocks of numbers that share a scale: MX (OCP Microscaling 1.0) and nvfp4.
// The rules are stated in docs/Spec/Numerics.md.
#ifndef TERRAZZO_LIB_NUMERICS_BLOCKS_H
#define TERRAZZO_LIB_NUMERICS_BLOCKS_H

#include "lib/Numerics/Format.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace terrazzo::numerics {

/// How the e8m0 scale of an MX block follows from its largest magnitude: the
/// four modes of torchao. Floor is the minimum that OCP asks for.
enum class ScaleRule : uint8_t { Floor, Even, Ceil, RoundUp };

constexpr size_t mxBlock = 32, nvfp4Block = 16;

/// The biased exponent (e8m0) for a block whose largest magnitude is
/// \p largest; 255 where that is not finite.
uint8_t mxScale(Format element, ScaleRule rule, float largest);

/// Codes and one scale for each block of 32. \p in is a multiple of 32 long,
/// \p codes as long, \p scales a 32nd of it; false when they are not.
bool encodeMX(Format element, ScaleRule rule, std::span<const float> in,
              std::span<uint8_t> codes, std::span<uint8_t> scales,
              Rounding rounding = Rounding::NearestEven);
bool decodeMX(Format element, std::span<const uint8_t> codes,
              std::span<const uint8_t> scales, std::span<float> out);

/// e2m1 codes and one e4m3fn scale for each block of 16, under the scale of the
/// whole tensor (1 for none).
bool encodeNvfp4(float tensorScale, std::span<const float> in,
                 std::span<uint8_t> codes, std::span<uint8_t> scales);
bool decodeNvfp4(float tensorScale, std::span<const uint8_t> codes,
                 std::span<const uint8_t> scales, std::span<float> out);

} // namespace terrazzo::numerics

#endif // TERRAZZO_LIB_NUMERICS_BLOCKS_H
