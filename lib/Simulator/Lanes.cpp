// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/Lanes.h"

#include "lib/Simulator/Operations.h"

#include <algorithm>
#include <array>
#include <cstring>

using namespace terrazzo;
using namespace terrazzo::simulator;
using numerics::Format;

//===-- Narrow floats -----------------------------------------------------===//
// Without branches, so that the loops over them become vector code.

static inline float fromBF16(uint16_t code) {
  return std::bit_cast<float>(uint32_t(code) << 16);
}
static inline uint16_t toBF16(float v) {
  uint32_t bits = std::bit_cast<uint32_t>(v);
  uint32_t nearest = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
  return uint16_t(v != v ? bits >> 16 | 0x40 : nearest);
}
static inline float fromF16(uint16_t code) {
  uint32_t magnitude = uint32_t(code & 0x7FFF) << 13;
  uint32_t sign = uint32_t(code & 0x8000) << 16;
  // The exponent moves by 112; of an infinity or a NaN, up to the top.
  float normal = std::bit_cast<float>(magnitude) * 0x1p112f;
  uint32_t bits = magnitude >= 0x0F800000u ? magnitude | 0x7F800000u
                                           : std::bit_cast<uint32_t>(normal);
  return std::bit_cast<float>(bits | sign);
}
static inline uint16_t toF16(float v) {
  uint32_t bits = std::bit_cast<uint32_t>(v);
  uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7FFFFFFF;
  // Below the normals an addition rounds to units of 2^-24.
  uint32_t small =
      std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) -
      0x3F000000u;
  uint32_t normal = (magnitude + 0xC8000FFFu + (magnitude >> 13 & 1)) >> 13;
  uint32_t code = magnitude < 0x38800000u   ? small
                  : magnitude < 0x47800000u ? normal
                  : magnitude > 0x7F800000u ? 0x7E00u
                                            : 0x7C00u;
  return uint16_t(code | sign);
}

/// The numbers of a format of at most 8 bits, by code.
static const float *codesOf(Format format) {
  static const auto tables = [] {
    std::array<std::array<float, 256>, 32> all{};
    for (const numerics::FormatInfo &f : numerics::allFormats())
      for (unsigned c = 0; f.bits <= 8 && c < 256; ++c)
        all[unsigned(f.format)][c] =
            float(numerics::decode(f.format, c & ((1u << f.bits) - 1)));
    return all;
  }();
  return tables[unsigned(format)].data();
}

/// Whether a loop leaves floats of 32 bits that the format may not hold.
static bool leavesRounding(const Arithmetic &op) {
  switch (op.code) {
#define X(Name)                                                                \
  case Code::Name:                                                             \
    return roundsTwice<Code::Name>;
    TERRAZZO_FLOAT1(X)
    TERRAZZO_FLOAT2(X)
#undef X
  case Code::FloatCast:
    return op.detail == 0 && op.from.bits <= 32;
  default:
    return false;
  }
}

//===-- Levels ------------------------------------------------------------===//

#ifdef __x86_64__
#define TERRAZZO_ROWS 12
#pragma clang attribute push(                                                  \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))),    \
    apply_to = function)
namespace avx512 {
#include "lib/Simulator/LaneLoops.inc"
} // namespace avx512
#pragma clang attribute pop
#undef TERRAZZO_ROWS
#define TERRAZZO_ROWS 3
#pragma clang attribute push(__attribute__((target("avx2,fma"))),              \
                             apply_to = function)
namespace avx2 {
#include "lib/Simulator/LaneLoops.inc"
} // namespace avx2
#pragma clang attribute pop
#undef TERRAZZO_ROWS
#endif

#define TERRAZZO_ROWS 2
namespace plainest {
#include "lib/Simulator/LaneLoops.inc"
} // namespace plainest
#undef TERRAZZO_ROWS

const LaneLoops &simulator::laneLoops(bool slow) {
#ifdef __x86_64__
  static const bool hasFma =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  static const bool hasWide = hasFma && __builtin_cpu_supports("avx512f") &&
                              __builtin_cpu_supports("avx512bw") &&
                              __builtin_cpu_supports("avx512dq") &&
                              __builtin_cpu_supports("avx512vl");
  if (hasWide && !slow)
    return avx512::loops;
  if (hasFma && !slow)
    return avx2::loops;
#endif
  return plainest::loops;
}
