// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Numerics/Blocks.h"
#include "lib/Numerics/HiF8.h"
#include "lib/Numerics/Integer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace terrazzo::numerics;

static const double inf = std::numeric_limits<double>::infinity();

// The ladder of HiF8 as its definition prints it.
TEST(HiF8, KnownCodes) {
  EXPECT_EQ(decodeHiF8(0x00), 0);
  EXPECT_EQ(decodeHiF8(0x01), std::ldexp(1.0, -22));
  EXPECT_EQ(decodeHiF8(0x07), std::ldexp(1.0, -16));
  EXPECT_EQ(decodeHiF8(0x08), 1);
  EXPECT_EQ(decodeHiF8(0x0F), 1.875);
  EXPECT_EQ(decodeHiF8(0x10), 2);
  EXPECT_EQ(decodeHiF8(0x18), 0.5);
  EXPECT_EQ(decodeHiF8(0x6E), 32768);
  EXPECT_EQ(decodeHiF8(0x6F), inf);
  EXPECT_EQ(decodeHiF8(0xEF), -inf);
  EXPECT_EQ(decodeHiF8(0x7E), std::ldexp(1.0, -15));
  EXPECT_TRUE(std::isnan(decodeHiF8(0x80)));
}

TEST(HiF8, EveryCodeReadsBackAsItself) {
  for (unsigned code = 0; code < 256; ++code)
    EXPECT_EQ(encodeHiF8(decodeHiF8(uint8_t(code))), code);
}

TEST(HiF8, TiesAndOverflow) {
  EXPECT_EQ(decodeHiF8(encodeHiF8(1.0625)), 1);
  EXPECT_EQ(decodeHiF8(encodeHiF8(1.0625, true)), 1.125);
  EXPECT_EQ(encodeHiF8(-0.0), 0);
  EXPECT_EQ(encodeHiF8(-0x1p-24), 0);
  EXPECT_EQ(decodeHiF8(encodeHiF8(40960)), 32768);
  EXPECT_EQ(decodeHiF8(encodeHiF8(-40961)), -inf);
  EXPECT_EQ(decodeHiF8(encodeHiF8(inf, false, Overflow::Saturate)), 32768);
}

TEST(Integer, SaturatesAndReadsBack) {
  EXPECT_EQ(decode(Int8, encode(Int8, 300)), 127);
  EXPECT_EQ(decode(Int8, encode(Int8, -300)), -128);
  EXPECT_EQ(decode(Int4, encode(Int4, -inf)), -8);
  EXPECT_EQ(decode(UInt2, encode(UInt2, 9)), 3);
  EXPECT_EQ(decode(UInt4, encode(UInt4, -1)), 0);
  EXPECT_EQ(decode(Int2, encode(Int2, 0.5)), 0);
  EXPECT_EQ(decode(Int8, encode(Int8, 1.5)), 2);
  EXPECT_EQ(encode(Int8, std::nan("")), 0u);
  for (IntegerFormat f : {Int8, Int4, Int2, UInt8, UInt4, UInt2})
    for (uint64_t code = 0; code >> f.bits == 0; ++code)
      EXPECT_EQ(encode(f, double(decode(f, code))), code);
}

// By hand: floor(log2 7) - 8 = -6 for e4m3fn; 7 / 448 = 2^-6 exactly.
TEST(Blocks, ScalesByHand) {
  EXPECT_EQ(mxScale(Format::E4M3FN, ScaleRule::Floor, 7), 127 - 6);
  EXPECT_EQ(mxScale(Format::E4M3FN, ScaleRule::Ceil, 7), 127 - 5);
  EXPECT_EQ(mxScale(Format::E4M3FN, ScaleRule::Even, 7.9f), 127 - 5);
  EXPECT_EQ(mxScale(Format::E2M1, ScaleRule::RoundUp, 6.5f), 127 + 1);
  EXPECT_EQ(mxScale(Format::E2M1, ScaleRule::Floor, 0), 0);
  EXPECT_EQ(mxScale(Format::E2M1, ScaleRule::Floor, float(inf)), 255);
}

TEST(Blocks, WrongLengthsAreRefused) {
  std::vector<float> in(33);
  std::vector<uint8_t> codes(33), scales(1);
  EXPECT_FALSE(encodeMX(Format::E2M1, ScaleRule::Floor, in, codes, scales));
  EXPECT_FALSE(encodeNvfp4(1, in, codes, scales));
}

TEST(Blocks, NanSpoilsItsBlockOnly) {
  std::vector<float> in(64, 1.0f), out(64);
  in[3] = std::nanf("");
  std::vector<uint8_t> codes(64), scales(2);
  ASSERT_TRUE(encodeMX(Format::E4M3FN, ScaleRule::Floor, in, codes, scales));
  ASSERT_TRUE(decodeMX(Format::E4M3FN, codes, scales, out));
  EXPECT_TRUE(std::isnan(out[0]));
  EXPECT_EQ(out[32], 1);
}
