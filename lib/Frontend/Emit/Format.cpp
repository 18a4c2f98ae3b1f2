// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Constants as Python prints them, for f-strings.
#include "lib/Frontend/Emit/Emitter.h"

#include <charconv>
#include <cmath>

using namespace terrazzo;
using namespace terrazzo::frontend;

static std::string printInteger(__int128 v) {
  std::string digits;
  bool negative = v < 0;
  do {
    int digit = int(v % 10);
    digits.insert(digits.begin(), char('0' + (digit < 0 ? -digit : digit)));
    v /= 10;
  } while (v != 0);
  return negative ? "-" + digits : digits;
}

/// The shortest digits that read back; as Python, with an exponent from 1e16
/// on and below 1e-4.
static std::string printFloat(double v) {
  if (std::isnan(v))
    return "nan";
  if (std::isinf(v))
    return v < 0 ? "-inf" : "inf";
  double m = std::fabs(v);
  bool exponent = m != 0 && (m >= 1e16 || m < 1e-4);
  char buffer[64];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, v,
                           exponent ? std::chars_format::scientific
                                    : std::chars_format::fixed);
  std::string text(buffer, end.ptr);
  return exponent || text.find('.') != std::string::npos ? text : text + ".0";
}

std::string Value::print(bool quoted) const {
  switch (kind) {
  case Kind::Bool:
    return integer ? "True" : "False";
  case Kind::Int:
    return printInteger(integer);
  case Kind::Float:
    return printFloat(real);
  case Kind::String:
    return quoted ? "'" + text + "'" : text;
  case Kind::DType:
    return type.str();
  case Kind::Tuple: {
    std::string out = "(";
    for (const Value &item : items)
      out += (out.size() > 1 ? ", " : "") + item.print(true);
    return out + (items.size() == 1 ? ",)" : ")");
  }
  default:
    return describe();
  }
}

/// `[0][width][,][.precision][type]` of a number.
static std::optional<std::string> printAs(const Value &v,
                                          llvm::StringRef spec) {
  std::string format = "%";
  size_t width = 0, precision = 0;
  if (spec.consume_front("0"))
    format += "0";
  if (!spec.consumeInteger(10, width))
    format += std::to_string(std::min<size_t>(width, 1000));
  if (spec.consume_front(".")) {
    if (spec.consumeInteger(10, precision))
      return std::nullopt;
    format += "." + std::to_string(std::min<size_t>(precision, 1000));
  }
  char type =
      spec.empty() ? (v.kind == Value::Kind::Float ? 'g' : 'd') : spec.front();
  if (spec.size() > 1)
    return std::nullopt;
  char buffer[2100];
  if (llvm::StringRef("dxXo").contains(type) && v.isInt() && precision == 0 &&
      v.integer == int64_t(v.integer)) {
    bool negative = v.integer < 0 && type != 'd';
    format += std::string("ll") + type;
    std::snprintf(buffer, sizeof buffer, format.c_str(),
                  (long long)(negative ? -v.integer : v.integer));
    return (negative ? "-" : "") + std::string(buffer);
  }
  if (llvm::StringRef("eEfFgG").contains(type) && v.isNumber()) {
    format += type;
    std::snprintf(buffer, sizeof buffer, format.c_str(), v.asReal());
    return std::string(buffer);
  }
  return std::nullopt;
}

std::string Emitter::formatted(Expr *e) {
  Value v = expression(e->items[0]);
  if (!v.isConstant())
    failAt(e->items[0]->range, DiagnosticKind::NotConstexpr,
           "a value in an f-string", v.describe());
  llvm::StringRef how = e->text;
  bool quoted = how.consume_front("!r");
  if (!quoted)
    how.consume_front("!s");
  if (how.empty() || how == ":")
    return v.print(quoted);
  std::optional<std::string> text;
  if (how.consume_front(":") && v.isNumber() && !quoted)
    text = printAs(v, how);
  if (!text)
    failAt(e->range, DiagnosticKind::UnsupportedSyntax,
           "the format `" + e->text + "` of an f-string");
  return *text;
}
