// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Numerics/Format.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

using namespace terrazzo::numerics;

// Largest numbers as the standards print them: OCP FP8 1.0, OCP MX 1.0, IEEE
// 754.
TEST(Format, LargestNumbers) {
  EXPECT_EQ(info(Format::E4M3FN).largest(), 448);
  EXPECT_EQ(info(Format::E5M2).largest(), 57344);
  EXPECT_EQ(info(Format::E4M3FNUZ).largest(), 240);
  EXPECT_EQ(info(Format::E3M2).largest(), 28);
  EXPECT_EQ(info(Format::E2M3).largest(), 7.5);
  EXPECT_EQ(info(Format::E2M1).largest(), 6);
  EXPECT_EQ(info(Format::F16).largest(), 65504);
}

TEST(Format, EveryCodeReadsBackAsItself) {
  for (const FormatInfo &f : allFormats())
    for (uint64_t code = 0; f.bits <= 16 && code >> f.bits == 0; ++code) {
      double v = decode(f.format, code);
      if (!std::isnan(v) && !(v == 0 && f.specials == Specials::FNUZ)) {
        EXPECT_EQ(encode(f.format, v), code) << f.name;
      }
    }
}

TEST(Format, RoundingModes) {
  EXPECT_EQ(round(Format::BF16, 1 + 0x1p-8), 1); // a tie goes to even
  EXPECT_EQ(round(Format::BF16, 1 + 3 * 0x1p-8), 1 + 0x1p-6); // to the even one
  EXPECT_EQ(round(Format::BF16, 1.999, Rounding::ToZero), 1.9921875);
  // Half-way: up for the lower half of all random numbers.
  EXPECT_GT(round(Format::BF16, 1 + 0x1p-8, Rounding::Stochastic,
                  Overflow::Standard, 0),
            1);
  EXPECT_EQ(round(Format::BF16, 1 + 0x1p-8, Rounding::Stochastic,
                  Overflow::Standard, 0xFFFFFFFF),
            1);
}

TEST(Format, StochasticPowersOfTwo) {
  auto at = [](double v, uint32_t random) {
    return round(Format::E8M0, v, Rounding::Stochastic, Overflow::Standard,
                 random);
  };
  EXPECT_EQ(at(1.25, 0x3FFFFFFF), 2);
  EXPECT_EQ(at(1.25, 0x40000000), 1);
  EXPECT_EQ(at(1, 0), 1);
}

TEST(Format, Saturation) {
  double inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(
      round(Format::E4M3FN, 1e6, Rounding::NearestEven, Overflow::Saturate),
      448);
  EXPECT_TRUE(std::isnan(round(Format::E4M3FN, 1e6)));
  EXPECT_EQ(round(Format::E5M2, 1e6), inf);
  EXPECT_EQ(
      round(Format::E5M2, -inf, Rounding::NearestEven, Overflow::Saturate),
      -57344);
}
