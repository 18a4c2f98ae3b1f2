// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The search space of a kernel as a tuner reads it.
#include "lib/Frontend/Frontend.h"

#include "gtest/gtest.h"

using namespace terrazzo;
using namespace terrazzo::frontend;

namespace {

struct Tuning : testing::Test {
  std::string shown;
  llvm::raw_string_ostream os{shown};
  DiagnosticEngine engine{os};

  KernelInfo read(const std::string &decorators) {
    unsigned buffer = engine.addBuffer(
        "k.py", "import triton\nimport triton.language as tl\n" + decorators +
                    "@triton.jit\ndef k(x, n, B: tl.constexpr, E: "
                    "tl.constexpr):\n    pass\n");
    std::vector<KernelInfo> all = listKernels(engine, buffer);
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? KernelInfo() : all[0];
  }
  static std::string text(const std::vector<Argument> &list) {
    std::string out;
    for (const Argument &a : list)
      out += (out.empty() ? "" : " ") + a.name + "=" + a.text;
    return out;
  }
};

TEST_F(Tuning, EveryPointOfAComprehension) {
  KernelInfo info = read("@triton.autotune(configs=[triton.Config({'B': b, "
                         "'E': b > 32}, num_warps=w, num_stages=2) for b in "
                         "[32, 64] for w in (4, 8)], key=['n', 'x'])\n");
  ASSERT_EQ(info.space.size(), 4u);
  EXPECT_EQ(text(info.space[0].constants), "B=32 E=False");
  EXPECT_EQ(text(info.space[0].options), "num_warps=4 num_stages=2");
  EXPECT_EQ(text(info.space[1].options), "num_warps=8 num_stages=2");
  EXPECT_EQ(text(info.space[3].constants), "B=64 E=True");
  EXPECT_EQ(info.tuningKey, (std::vector<std::string>{"n", "x"}));
  EXPECT_EQ(info.tuningFault, "");
}

TEST_F(Tuning, TheNamesOfHeuristics) {
  KernelInfo info = read("@triton.heuristics({'B': lambda a: a['n'], 'E': "
                         "lambda a: True})\n");
  EXPECT_EQ(info.heuristics, (std::vector<std::string>{"B", "E"}));
  EXPECT_TRUE(info.space.empty());
}

TEST_F(Tuning, WhatCannotBeReadIsSaidOnlyWhenAsked) {
  KernelInfo info =
      read("@triton.autotune(configs=read_file('best'), key=['n'])\n");
  EXPECT_TRUE(info.space.empty());
  EXPECT_EQ(info.tuningFault, "unknown name `read_file`");
  EXPECT_FALSE(engine.hasErrors());
  EXPECT_EQ(shown, "");
}

TEST_F(Tuning, NoDecoratorsNoSpace) {
  KernelInfo info = read("");
  EXPECT_TRUE(info.space.empty());
  EXPECT_TRUE(info.heuristics.empty());
  EXPECT_EQ(info.tuningFault, "");
}

TEST_F(Tuning, ConstantsOverGivenValues) {
  unsigned buffer = engine.addBuffer(
      "k.py", "import triton\nimport triton.language as tl\n"
              "@triton.autotune([triton.Config({'B': 16})], ['n'])\n"
              "@triton.heuristics({'E': lambda a: a['n'] // a['B']})\n"
              "@triton.jit\ndef k(x, n, B: tl.constexpr, E: tl.constexpr):\n"
              "    pass\n");
  auto chosen =
      decoratedConstants(engine, buffer, "k", {{"x", "*fp32"}, {"n", "100"}});
  ASSERT_TRUE(chosen.has_value());
  EXPECT_EQ(text(*chosen), "B=16 E=6");
  chosen = decoratedConstants(engine, buffer, "k", {{"n", "100"}, {"E", "1"}});
  ASSERT_TRUE(chosen.has_value());
  EXPECT_EQ(text(*chosen), "B=16");
  EXPECT_FALSE(
      decoratedConstants(engine, buffer, "k", {{"n", "i32"}}).has_value());
}

} // namespace
