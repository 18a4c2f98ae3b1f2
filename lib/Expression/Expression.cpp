// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Expression/Expression.h"

#include "llvm/ADT/StringExtras.h"

#include <vector>

using namespace terrazzo::expression;

namespace {
/// Recursive descent; stops at the first mistake.
class Reader {
public:
  using Lookup = llvm::function_ref<std::optional<int64_t>(llvm::StringRef)>;
  Reader(llvm::StringRef text, Lookup lookup, Error &error)
      : text(text), lookup(lookup), error(error) {}

  std::optional<int64_t> all() {
    auto v = sum();
    if (v && (space(), at < text.size()))
      return stop("`" + text.substr(at, 1).str() + "` is not expected here");
    return v;
  }

private:
  static constexpr unsigned maxDepth = 100;

  std::nullopt_t stop(std::string message) {
    if (error.message.empty())
      error = {at, std::move(message)};
    return std::nullopt;
  }
  void space() {
    while (at < text.size() && llvm::isSpace(text[at]))
      ++at;
  }
  bool eat(llvm::StringRef token) {
    space();
    if (!text.substr(at).starts_with(token))
      return false;
    at += token.size();
    return true;
  }
  std::optional<int64_t> combine(char op, int64_t a, int64_t b) {
    int64_t r;
    bool wraps = op == '+'   ? __builtin_add_overflow(a, b, &r)
                 : op == '-' ? __builtin_sub_overflow(a, b, &r)
                             : __builtin_mul_overflow(a, b, &r);
    if (wraps)
      return stop("the result does not fit 64 bits");
    return r;
  }
  std::optional<int64_t> divide(int64_t a, int64_t b, bool quotient) {
    if (b == 0)
      return stop("division by zero");
    if (a == INT64_MIN && b == -1)
      return stop("the result does not fit 64 bits");
    int64_t q = a / b - (a % b != 0 && (a < 0) != (b < 0));
    return quotient ? q : a - q * b;
  }
  std::optional<int64_t> sum() {
    auto left = product();
    while (left) {
      char op = eat("+") ? '+' : eat("-") ? '-' : 0;
      if (!op)
        return left;
      auto right = product();
      left = right ? combine(op, *left, *right) : std::nullopt;
    }
    return left;
  }
  std::optional<int64_t> product() {
    auto left = factor();
    while (left) {
      bool quotient = eat("//");
      bool remainder = !quotient && eat("%");
      bool times = !quotient && !remainder && eat("*");
      if (!quotient && !remainder && !times)
        return left;
      auto right = factor();
      if (!right)
        return std::nullopt;
      left =
          times ? combine('*', *left, *right) : divide(*left, *right, quotient);
    }
    return left;
  }
  std::optional<int64_t> factor() {
    if (++depth > maxDepth)
      return stop("nested more than 100 levels deep");
    auto v = primary();
    --depth;
    return v;
  }
  std::optional<int64_t> primary() {
    if (eat("-")) {
      auto v = factor();
      return v ? combine('-', 0, *v) : std::nullopt;
    }
    if (eat("(")) {
      auto v = sum();
      if (v && !eat(")"))
        return stop("`)` is missing");
      return v;
    }
    space();
    llvm::StringRef word = text.substr(at).take_while(
        [](char c) { return llvm::isAlnum(c) || c == '_'; });
    if (word.empty())
      return stop(at < text.size() ? "a number or a name is expected"
                                   : "the expression ends too early");
    size_t start = at;
    at += word.size();
    if (llvm::isDigit(word[0])) {
      int64_t v;
      if (word.getAsInteger(0, v)) {
        at = start;
        return stop("`" + word.str() + "` is not a 64-bit number");
      }
      return v;
    }
    if (eat("("))
      return call(word, start);
    if (auto v = lookup(word))
      return v;
    at = start;
    return stop("unknown name `" + word.str() + "`");
  }
  std::optional<int64_t> call(llvm::StringRef name, size_t start) {
    std::vector<int64_t> values;
    do {
      auto v = sum();
      if (!v)
        return std::nullopt;
      values.push_back(*v);
    } while (eat(","));
    if (!eat(")"))
      return stop("`)` is missing");
    if (name == "next_power_of_2" && values.size() == 1) {
      int64_t p = 1;
      while (p < values[0] && p < (int64_t(1) << 62))
        p *= 2;
      return p;
    }
    if (values.size() == 2 && name == "cdiv") {
      auto v = combine('+', values[0], values[1] - 1);
      return v ? divide(*v, values[1], true) : std::nullopt;
    }
    if (name == "min" || name == "max") {
      int64_t r = values[0];
      for (int64_t v : values)
        r = name == "min" ? std::min(r, v) : std::max(r, v);
      return r;
    }
    at = start;
    return stop("no function `" + name.str() + "` of " +
                std::to_string(values.size()) +
                " arguments; there are `cdiv`, "
                "`min`, `max`, `next_power_of_2`");
  }

  llvm::StringRef text;
  Lookup lookup;
  Error &error;
  size_t at = 0;
  unsigned depth = 0;
};
} // namespace

std::optional<int64_t> terrazzo::expression::evaluate(
    llvm::StringRef text,
    llvm::function_ref<std::optional<int64_t>(llvm::StringRef)> lookup,
    Error &error) {
  return Reader(text, lookup, error).all();
}
