// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The intervals of guards: each op holds every result of every two numbers of
// its operands, and nothing that is known stays unsaid.
#include "lib/Runtime/Guards.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

using namespace terrazzo::runtime;

namespace {

using Words = std::vector<int64_t>;
constexpr int64_t least = INT64_MIN, most = INT64_MAX;

int64_t word(GuardOp op) { return int64_t(op); }

int ask(const Words &words, std::vector<uint64_t> arguments,
        std::vector<int64_t> grid = {1, 1, 1}, const char *names = "*p\0n\0") {
  const TerrazzoRuntime *r = terrazzoRuntime(1);
  return r->check(r, words.data(), names, arguments.data(), grid.data());
}

/// Whether the interval of the last value, in bytes from \p at, is apart from
/// the byte at \p other. \p values are triples.
bool isApart(const Words &values, int64_t at, int64_t other,
             std::vector<uint64_t> more = {},
             std::vector<int64_t> grid = {1, 1, 1}) {
  int64_t count = int64_t(values.size()) / 3;
  Words words{0, count + 1, 1};
  words.insert(words.end(), values.begin(), values.end());
  words.insert(words.end(), {word(GuardOp::Constant), 0, 0});
  // Argument 0 touches the interval, argument 1 one byte.
  words.insert(words.end(), {0, count - 1, 1, 1, count, 1, 0});
  std::vector<uint64_t> arguments{uint64_t(at), uint64_t(other)};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return ask(words, arguments, grid) == 0;
}

/// Whether \p n is in the interval of the last value.
bool holds(const Words &values, int64_t n, std::vector<uint64_t> more = {},
           std::vector<int64_t> grid = {1, 1, 1}) {
  return !isApart(values, 1 << 20, (1 << 20) + n, more, grid);
}

/// low to high, as Join of two constants, which are the values \p first and on.
Words range(int64_t first, int64_t low, int64_t high) {
  return {word(GuardOp::Constant), low,   0,
          word(GuardOp::Constant), high,  0,
          word(GuardOp::Join),     first, first + 1};
}

TEST(Guards, OpsHoldAllResultsAndNoOthersBeyondTheEnds) {
  using Function = std::function<int64_t(int64_t, int64_t)>;
  const std::vector<std::pair<GuardOp, Function>> ops = {
      {GuardOp::Add, std::plus<int64_t>()},
      {GuardOp::Subtract, std::minus<int64_t>()},
      {GuardOp::Multiply, std::multiplies<int64_t>()},
      {GuardOp::Minimum, [](int64_t a, int64_t b) { return std::min(a, b); }},
      {GuardOp::Maximum, [](int64_t a, int64_t b) { return std::max(a, b); }},
      {GuardOp::Divide, std::divides<int64_t>()},
      {GuardOp::Remainder, std::modulus<int64_t>()}};
  const std::vector<std::pair<int64_t, int64_t>> ranges = {
      {0, 0}, {5, 5}, {-3, -3}, {0, 7}, {-4, 0}, {-3, 4}, {2, 6}, {-9, -2}};
  for (auto &[op, function] : ops)
    for (auto [a, b] : ranges)
      for (auto [c, d] : ranges) {
        Words values = range(0, a, b), second = range(3, c, d);
        values.insert(values.end(), second.begin(), second.end());
        values.insert(values.end(), {word(op), 2, 5});
        bool divides = op == GuardOp::Divide || op == GuardOp::Remainder;
        if (divides && c == 0 && d == 0)
          continue; // no result at all
        int64_t low = most, high = least;
        for (int64_t x = a; x <= b; ++x)
          for (int64_t y = c; y <= d; ++y) {
            if (divides && y == 0)
              continue;
            low = std::min(low, function(x, y));
            high = std::max(high, function(x, y));
          }
        for (int64_t n = low; n <= high; ++n)
          ASSERT_TRUE(holds(values, n)) << int64_t(op) << ": " << a << ".." << b
                                        << ", " << c << ".." << d << ": " << n;
        // Quotients and remainders may be taken for somewhat more.
        if (divides)
          continue;
        EXPECT_FALSE(holds(values, low - 1)) << int64_t(op);
        EXPECT_FALSE(holds(values, high + 1)) << int64_t(op);
      }
}

TEST(Guards, QuotientsAndRemaindersOfOneSignAreSharp) {
  auto ends = [](GuardOp op, std::pair<int64_t, int64_t> x,
                 std::pair<int64_t, int64_t> y, int64_t low, int64_t high) {
    Words values = range(0, x.first, x.second),
          second = range(3, y.first, y.second);
    values.insert(values.end(), second.begin(), second.end());
    values.insert(values.end(), {word(op), 2, 5});
    return holds(values, low) && holds(values, high) &&
           !holds(values, low - 1) && !holds(values, high + 1);
  };
  EXPECT_TRUE(ends(GuardOp::Divide, {10, 25}, {2, 5}, 2, 12));
  EXPECT_TRUE(ends(GuardOp::Divide, {-10, 25}, {2, 5}, -5, 12));
  EXPECT_TRUE(ends(GuardOp::Divide, {10, 25}, {-5, -2}, -12, -2));
  EXPECT_TRUE(ends(GuardOp::Divide, {-3, 7}, {-1, 4}, -7, 7));
  EXPECT_TRUE(ends(GuardOp::Remainder, {0, 100}, {8, 8}, 0, 7));
  EXPECT_TRUE(ends(GuardOp::Remainder, {0, 3}, {-9, 9}, 0, 3));
  EXPECT_TRUE(ends(GuardOp::Remainder, {-100, 5}, {8, 8}, -7, 5));
  EXPECT_TRUE(ends(GuardOp::Remainder, {29, 29}, {8, 8}, 5, 5));
}

TEST(Guards, ProgramsGridsAndArguments) {
  Words program{word(GuardOp::Program), 1, 0}, grid{word(GuardOp::Grid), 2, 0};
  std::vector<int64_t> extents{3, 5, 7};
  EXPECT_TRUE(holds(program, 0, {}, extents));
  EXPECT_TRUE(holds(program, 4, {}, extents));
  EXPECT_FALSE(holds(program, 5, {}, extents));
  EXPECT_FALSE(holds(program, -1, {}, extents));
  EXPECT_TRUE(holds(grid, 7, {}, extents));
  EXPECT_FALSE(holds(grid, 6, {}, extents));
  // Only the bits of an integer count, with their sign.
  Words wide{word(GuardOp::Argument), 2, 64},
      narrow{word(GuardOp::Argument), 2, 32};
  EXPECT_TRUE(holds(wide, 1000, {1000}));
  EXPECT_TRUE(holds(narrow, -2, {0xfffffffe}));
  EXPECT_TRUE(holds(narrow, -2, {uint64_t(-2)}));
  EXPECT_FALSE(holds(wide, -2, {0xfffffffe}));
  // A program that does not run touches nothing.
  EXPECT_TRUE(isApart(wide, 64, 64, {0}, {4, 0, 1}));
  EXPECT_FALSE(isApart(wide, 64, 64, {0}, {4, 1, 1}));
}

TEST(Guards, WhatIsNotKnown) {
  Words any{word(GuardOp::Any), 0, 0};
  EXPECT_TRUE(holds(any, 0));
  EXPECT_TRUE(holds(any, 1 << 19));
  EXPECT_TRUE(holds(any, -(1 << 19)));
  auto with = [&](GuardOp op, int64_t low, int64_t high) {
    Words values = any, second = range(1, low, high);
    values.insert(values.end(), second.begin(), second.end());
    values.insert(values.end(), {word(op), 0, 3});
    return values;
  };
  // All but 0 times it is not known either; one end of it may be.
  EXPECT_TRUE(holds(with(GuardOp::Multiply, 1, 2), 77777));
  EXPECT_FALSE(holds(with(GuardOp::Multiply, 0, 0), 1));
  EXPECT_FALSE(holds(with(GuardOp::Minimum, 3, 9), 10));
  EXPECT_TRUE(holds(with(GuardOp::Minimum, 3, 9), -77777));
  EXPECT_FALSE(holds(with(GuardOp::Maximum, 3, 9), 2));
  EXPECT_FALSE(holds(with(GuardOp::Meet, 3, 9), 10));
  EXPECT_TRUE(holds(with(GuardOp::Meet, 3, 9), 3));
  EXPECT_TRUE(holds(with(GuardOp::Divide, 3, 9), 77777));
  EXPECT_FALSE(holds(with(GuardOp::Remainder, 3, 9), 9));
  EXPECT_FALSE(holds(with(GuardOp::Remainder, 3, 9), -9));
  EXPECT_TRUE(holds(with(GuardOp::Remainder, 3, 9), -8));
  // What divides by it is no further from 0; its remainder neither.
  for (GuardOp op : {GuardOp::Divide, GuardOp::Remainder}) {
    Words values = any, first = range(1, -5, 4);
    values.insert(values.end(), first.begin(), first.end());
    values.insert(values.end(), {word(op), 3, 0});
    EXPECT_TRUE(holds(values, -5));
    EXPECT_TRUE(holds(values, 4));
    EXPECT_FALSE(holds(values, -6));
    EXPECT_FALSE(holds(values, 6));
  }
  // Overflow is no number.
  Words large = range(0, 0, most - 1), sum = large, product = large;
  sum.insert(sum.end(), {word(GuardOp::Add), 2, 2});
  product.insert(product.end(), {word(GuardOp::Multiply), 2, 2});
  EXPECT_TRUE(holds(sum, 12345));
  EXPECT_TRUE(holds(product, 12345));
  EXPECT_TRUE(holds(product, -12345));
  // An op of a later compiler.
  EXPECT_TRUE(holds({99, 0, 0}, 5));
}

TEST(Guards, NumbersOfATypeAndWithoutSign) {
  auto of = [](GuardOp op, int64_t low, int64_t high, int64_t bits) {
    Words values = range(0, low, high);
    values.insert(values.end(), {word(op), 2, bits});
    return values;
  };
  EXPECT_FALSE(holds(of(GuardOp::Wrap, 0, 127, 8), 128));
  EXPECT_FALSE(holds(of(GuardOp::Wrap, 0, 127, 8), -1));
  EXPECT_TRUE(holds(of(GuardOp::Wrap, 0, 128, 8), -128));
  EXPECT_FALSE(holds(of(GuardOp::Wrap, 0, 128, 8), 128));
  EXPECT_TRUE(holds(of(GuardOp::Wrap, 0, 128, 64), 128));
  EXPECT_FALSE(holds(of(GuardOp::Natural, 0, 9, 0), 10));
  EXPECT_TRUE(holds(of(GuardOp::Natural, -1, 9, 0), 10));
}

TEST(Guards, ApartIsByTheLastByte) {
  // Elements of 8 bytes from 0 to 80 and of 4 from -8 to 0.
  Words words{0, 4, 1};
  for (const Words &part :
       {range(0, 0, 80), Words{word(GuardOp::Constant), -8, 0}})
    words.insert(words.end(), part.begin(), part.end());
  words.insert(words.end(), {0, 2, 8, 1, 3, 4, 0});
  EXPECT_EQ(ask(words, {1000, 1000 + 88 + 8}), 0);
  EXPECT_EQ(ask(words, {1000, 1000 + 88 + 8 - 1}), TERRAZZO_MAY_OVERLAP);
  EXPECT_EQ(ask(words, {1000, 1000 + 8 - 4}), 0);
  EXPECT_EQ(ask(words, {1000, 1000 + 8 - 3}), TERRAZZO_MAY_OVERLAP);
  // In place, and with equal numbers beside.
  Words same = words;
  same[13] = 0; // the constant -8
  same.back() = 2;
  same.insert(same.end(), {0, 1, 2, 3});
  EXPECT_EQ(ask(same, {1000, 1000, 5, 5}), 0);
  EXPECT_EQ(ask(same, {1000, 1000, 5, 6}), TERRAZZO_MAY_OVERLAP);
  EXPECT_EQ(ask(same, {1000, 996, 5, 5}), 0) << "apart";
  EXPECT_EQ(ask(same, {1000, 1008, 5, 5}), TERRAZZO_MAY_OVERLAP);
}

TEST(Guards, AreCounted) {
  uint64_t before = terrazzoFallbacks();
  Words any{word(GuardOp::Any), 0, 0};
  isApart(any, 0, 0);
  isApart({word(GuardOp::Constant), 0, 0}, 0, 64);
  EXPECT_EQ(terrazzoFallbacks(), before + 1);
}

TEST(Guards, PromisesThatAreBrokenAreToldByName) {
  Words words{2, 0, 0, 0, 64, 16, 1, 32, 12};
  EXPECT_EQ(ask(words, {0x1010, 24}), 0);
  EXPECT_STREQ(terrazzoFailure(), "");
  EXPECT_EQ(ask(words, {0x1018, 24}), TERRAZZO_BROKEN_PROMISE);
  EXPECT_STREQ(terrazzoFailure(), "argument 0, `p`, is the address 0x1018, "
                                  "which 16 does not divide");
  EXPECT_EQ(ask(words, {0x1010, uint64_t(-8)}), TERRAZZO_BROKEN_PROMISE);
  EXPECT_STREQ(terrazzoFailure(),
               "argument 1, `n`, is -8, which 12 does not divide");
  EXPECT_EQ(ask(words, {0x1010, 0xffffffff00000018}), 0) << "32 bits of it";
  EXPECT_STREQ(terrazzoFailure(), "");
}

TEST(Guards, MoreValuesThanThereIsRoomFor) {
  Words values;
  for (int64_t i = 0; i < maxGuardValues; ++i)
    values.insert(values.end(), {word(GuardOp::Constant), 0, 0});
  EXPECT_FALSE(isApart(values, 0, 64));
  values.resize(3 * (maxGuardValues - 1));
  EXPECT_TRUE(isApart(values, 0, 64));
}

} // namespace
