// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "lib/Expression/Expression.h"

#include "gtest/gtest.h"

using namespace terrazzo;
using namespace terrazzo::expression;

namespace {

struct Outcome {
  std::string text;
  std::vector<DiagnosticRecord> records;
};

Outcome evaluate(llvm::StringRef source) {
  DiagnosticEngine engine(llvm::nulls());
  engine.setSilent(true);
  unsigned buffer = engine.addBuffer("e", source);
  Outcome outcome;
  if (auto parsed = Expression::parse(engine.text(buffer), engine)) {
    auto lookup = [](llvm::StringRef name) -> std::optional<Value> {
      if (name == "n")
        return Value(int64_t{781});
      if (name == "half")
        return Value(0.5);
      return std::nullopt;
    };
    if (auto value = parsed->evaluate(lookup, engine))
      outcome.text = value->str();
  }
  outcome.records = engine.records();
  return outcome;
}

// Each expected value is what CPython 3.11 prints for the expression.
TEST(Expression, FollowsPython) {
  const std::pair<const char *, const char *> cases[] = {
      {"1 + 2 * 3", "7"},
      {"-7 // 2", "-4"},
      {"-7 % 3", "2"},
      {"7 % -3", "-2"},
      {"-2 ** 2", "-4"},
      {"2 ** 3 ** 2", "512"},
      {"2 ** -1", "0.5"},
      {"7 / 2", "3.5"},
      {"0x10 + 0b11 + 1_000", "1019"},
      {"1e3", "1000"},
      {"not 0 and 3", "3"},
      {"0 or 5", "5"},
      {"1 if n > 700 else 1 // 0", "1"},
      {"3 < 2", "False"},
      {"True + 1", "2"},
      {"cdiv(n, 64)", "13"},
      {"triton.cdiv(-7, 2)", "-3"},
      {"cdiv(7, -2)", "-3"},
      {"next_power_of_2(n)", "1024"},
      {"next_power_of_2(1)", "1"},
      {"min(3, n, 2)", "2"},
      {"max(3, half)", "3"},
      {"abs(-4)", "4"},
      {"-9223372036854775807 - 1", "-9223372036854775808"},
      {"half * 4", "2"},
      {"(1)", "1"},
  };
  for (auto [source, expected] : cases) {
    Outcome outcome = evaluate(source);
    EXPECT_EQ(outcome.text, expected) << source;
    EXPECT_TRUE(outcome.records.empty()) << source;
  }
}

TEST(Expression, SaysWhereItIsWrong) {
  struct Case {
    const char *source, *kind;
    unsigned column;
  } cases[] = {
      {"1 +", "InvalidExpression", 4},
      {"(1", "InvalidExpression", 1},
      {"1 2", "InvalidExpression", 3},
      {"1 < 2 < 3", "InvalidExpression", 7},
      {"", "InvalidExpression", 0},
      {"9223372036854775808", "InvalidExpression", 1},
      {"0x", "InvalidExpression", 1},
      {"1.2.3", "InvalidExpression", 1},
      {"cdiv(1)", "InvalidExpression", 1},
      {"cdvi(1, 2)", "UnknownExpressionFunction", 1},
      {"2 + m", "UnknownExpressionName", 5},
      {"1 + 9223372036854775807", "ExpressionOverflow", 1},
      {"10 ** 30", "ExpressionOverflow", 1},
      {"n // (n - n)", "ExpressionDivisionByZero", 1},
      {"n % 0", "ExpressionDivisionByZero", 1},
      {"next_power_of_2(half)", "ExpressionNotInteger", 1},
  };
  for (const Case &test : cases) {
    Outcome outcome = evaluate(test.source);
    ASSERT_EQ(outcome.records.size(), 1u) << test.source;
    EXPECT_EQ(outcome.records[0].name(), test.kind) << test.source;
    if (test.column)
      EXPECT_EQ(outcome.records[0].where.column, test.column) << test.source;
    EXPECT_EQ(outcome.text, "") << test.source;
  }
}

TEST(Expression, RefusesWhatIsTooDeepOrTooLong) {
  std::string deep = std::string(1000, '(') + "1" + std::string(1000, ')');
  EXPECT_EQ(evaluate(deep).records.at(0).name(), "InvalidExpression");
  EXPECT_EQ(evaluate(std::string(4000, '-') + "1").records.size(), 1u);
  EXPECT_EQ(evaluate(std::string(20000, '(')).records.at(0).name(),
            "ExpressionTooLong");
}

TEST(Expression, ListsItsNames) {
  DiagnosticEngine engine(llvm::nulls());
  auto parsed = Expression::parse("cdiv(n, B) * m + n", engine);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->names(), (std::vector<llvm::StringRef>{"n", "B", "m"}));
}

} // namespace
