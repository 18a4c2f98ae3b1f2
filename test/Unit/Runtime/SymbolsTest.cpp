// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions that a kernel may call. The compiler's own conversions of f16
// and lib/Numerics for bf16 are the reference.
#include "lib/Runtime/Symbols.h"

#include "lib/Numerics/Format.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <set>

#include <gtest/gtest.h>

using namespace terrazzo::runtime;

namespace {

TEST(Symbols, EachOnceAndNoneElse) {
  std::set<std::string_view> names;
  for (const Symbol &s : symbols()) {
    EXPECT_TRUE(names.insert(s.name).second) << s.name;
    EXPECT_NE(s.address, nullptr) << s.name;
    EXPECT_EQ(symbolNamed(s.name), s.address);
  }
  for (const char *name : {"system", "dlopen", "malloc", "expl", "", "memcp"})
    EXPECT_EQ(symbolNamed(name), nullptr) << name;
}

TEST(Symbols, TheNameIsTheFunction) {
  auto *power = reinterpret_cast<float (*)(float, float)>(symbolNamed("powf"));
  EXPECT_EQ(power(2, 10), 1024);
  auto *cosine = reinterpret_cast<double (*)(double)>(symbolNamed("cos"));
  EXPECT_EQ(cosine(0), 1);
  auto *even = reinterpret_cast<double (*)(double)>(symbolNamed("roundeven"));
  EXPECT_EQ(even(2.5), 2);
  EXPECT_EQ(even(3.5), 4);
}

uint16_t low(float carrier) {
  return uint16_t(std::bit_cast<uint32_t>(carrier));
}

/// \p want narrows a double, \p wide widens a code.
template <typename Narrow, typename Wide>
void checkNarrow(const char *fromF, const char *fromD, Narrow want, Wide wide) {
  auto *f = reinterpret_cast<float (*)(float)>(symbolNamed(fromF));
  auto *d = reinterpret_cast<float (*)(double)>(symbolNamed(fromD));
  ASSERT_TRUE(f && d);
  std::mt19937_64 random(7);
  auto same = [&](uint16_t a, uint16_t b) {
    return a == b || (std::isnan(wide(a)) && std::isnan(wide(b)));
  };
  for (int i = 0; i < 200000; ++i) {
    float x = std::bit_cast<float>(uint32_t(random()));
    ASSERT_TRUE(same(low(f(x)), want(x))) << x;
  }
  // Every code, the middle to the next, and a little to either side of it.
  for (uint32_t code = 0; code < 0xffff; ++code) {
    double a = wide(uint16_t(code)), b = wide(uint16_t(code + 1));
    if (!std::isfinite(a) || !std::isfinite(b))
      continue;
    double middle = (a + b) / 2;
    ASSERT_EQ(low(d(a)), code);
    ASSERT_EQ(low(d(std::nextafter(middle, a))), code) << a;
    ASSERT_EQ(low(d(std::nextafter(middle, b))), code + 1) << a;
    ASSERT_EQ(low(d(middle)), code & 1 ? code + 1 : code) << a;
  }
}

TEST(Symbols, NarrowToF16) {
  checkNarrow(
      "__truncsfhf2", "__truncdfhf2",
      [](double v) { return std::bit_cast<uint16_t>(_Float16(v)); },
      [](uint16_t code) { return double(std::bit_cast<_Float16>(code)); });
}
TEST(Symbols, NarrowToBF16) {
  using namespace terrazzo::numerics;
  checkNarrow(
      "__truncsfbf2", "__truncdfbf2",
      [](double v) { return uint16_t(encode(Format::BF16, v)); },
      [](uint16_t code) { return decode(Format::BF16, code); });
}

TEST(Symbols, WidenF16) {
  auto *f = reinterpret_cast<float (*)(float)>(symbolNamed("__extendhfsf2"));
  for (uint32_t code = 0; code <= 0xffff; ++code) {
    float want = float(std::bit_cast<_Float16>(uint16_t(code)));
    float got = f(std::bit_cast<float>(code | 0xabcd0000));
    ASSERT_TRUE(got == want || (got != got && want != want)) << code;
    ASSERT_EQ(std::signbit(got), std::signbit(want)) << code;
  }
}

} // namespace
