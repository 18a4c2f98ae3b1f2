// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Expression/Expression.h"

#include <gtest/gtest.h>

using namespace terrazzo::expression;

static std::optional<int64_t> valueOf(llvm::StringRef text, Error &error) {
  return evaluate(
      text,
      [](llvm::StringRef name) -> std::optional<int64_t> {
        if (name == "rows")
          return 1823;
        return std::nullopt;
      },
      error);
}

TEST(Expression, PrecedenceAndFunctions) {
  Error error;
  EXPECT_EQ(valueOf("2 + 3 * 4", error), 14);
  EXPECT_EQ(valueOf("(2 + 3) * 4", error), 20);
  EXPECT_EQ(valueOf("-7 // 2", error), -4); // towards minus infinity
  EXPECT_EQ(valueOf("-7 % 3", error), 2);
  EXPECT_EQ(valueOf("cdiv(rows, 64)", error), 29);
  EXPECT_EQ(valueOf("next_power_of_2(rows)", error), 2048);
  EXPECT_EQ(valueOf("min(rows, 0x10, 20)", error), 16);
}

TEST(Expression, MistakesSayWhere) {
  struct Case {
    const char *text, *message;
    size_t offset;
  } cases[] = {
      {"1 +", "the expression ends too early", 3},
      {"1 + cols", "unknown name `cols`", 4},
      {"1 / 2", "`/` is not expected here", 2},
      {"(1", "`)` is missing", 2},
      {"4 // (2 - 2)", "division by zero", 12},
      {"9223372036854775807 + 1", "the result does not fit 64 bits", 23},
      {"99999999999999999999",
       "`99999999999999999999` is not a "
       "64-bit number",
       0}};
  for (const Case &c : cases) {
    Error error;
    EXPECT_EQ(valueOf(c.text, error), std::nullopt) << c.text;
    EXPECT_EQ(error.message, c.message);
    EXPECT_EQ(error.offset, c.offset) << c.text;
  }
  Error error;
  EXPECT_EQ(valueOf(std::string(100000, '('), error), std::nullopt);
}
