// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Frontend/Ast/AstBuilder.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"

#include <cstdlib>

using namespace terrazzo::frontend;

bool terrazzo::frontend::readNumber(llvm::StringRef text, Expr &expr) {
  std::string digits;
  for (char c : text)
    if (c != '_')
      digits.push_back(c);
  llvm::StringRef s(digits);
  if (s.ends_with_insensitive("j"))
    return false;
  unsigned base = 10;
  if (s.size() > 2 && s[0] == '0' && !llvm::isDigit(s[1]) && s[1] != '.' &&
      s[1] != 'e' && s[1] != 'E') {
    base = llvm::toLower(s[1]) == 'x' ? 16 : llvm::toLower(s[1]) == 'o' ? 8 : 2;
    s = s.drop_front(2);
  }
  if (base == 10 && s.find_first_of(".eE") != llvm::StringRef::npos) {
    expr.kind = Expr::Kind::Float;
    expr.real = std::strtod(digits.c_str(), nullptr);
    expr.text = digits;
    return true;
  }
  // 0777 is no number in Python 3, 00 is.
  if (base == 10 && s.size() > 1 && s[0] == '0' &&
      s.find_first_not_of('0') != llvm::StringRef::npos)
    return false;
  expr.kind = Expr::Kind::Integer;
  unsigned __int128 value = 0;
  for (char c : s) {
    if (value >> 122) { // keeps the text: the evaluator refuses it by name
      expr.text = digits;
      return true;
    }
    value = value * base + llvm::hexDigitValue(c);
  }
  expr.integer = static_cast<__int128>(value);
  return true;
}

StringLiteral terrazzo::frontend::readString(llvm::StringRef text) {
  StringLiteral literal;
  size_t at = 0;
  for (; text[at] != '"' && text[at] != '\''; ++at) {
    char c = llvm::toLower(text[at]);
    literal.bytes |= c == 'b';
    literal.format |= c == 'f';
    literal.raw |= c == 'r';
  }
  llvm::StringRef rest = text.drop_front(at);
  size_t quotes =
      rest.size() >= 6 && rest[1] == rest[0] && rest[2] == rest[0] ? 3 : 1;
  literal.bodyOffset = at + quotes;
  literal.body = rest.drop_front(quotes).drop_back(quotes);
  return literal;
}

/// Reads up to \p count digits of \p base at \p at.
static unsigned digitsAt(llvm::StringRef s, size_t &at, unsigned count,
                         unsigned base) {
  unsigned value = 0;
  for (unsigned i = 0; i < count && at < s.size(); ++i, ++at) {
    unsigned digit = llvm::hexDigitValue(s[at]);
    if (digit >= base)
      break;
    value = value * base + digit;
  }
  return value;
}

static void appendCodePoint(std::string &out, unsigned code) {
  char buffer[4];
  char *end = buffer;
  if (llvm::ConvertCodePointToUTF8(code, end))
    out.append(buffer, end);
}

std::string terrazzo::frontend::unescape(llvm::StringRef s, bool raw) {
  if (raw || !s.contains('\\'))
    return s.str();
  std::string out;
  for (size_t at = 0; at < s.size();) {
    char c = s[at++];
    if (c != '\\' || at == s.size()) {
      out.push_back(c);
      continue;
    }
    c = s[at++];
    static constexpr llvm::StringLiteral from = "abfnrtv\\'\"",
                                         to = "\a\b\f\n\r\t\v\\'\"";
    size_t simple = from.find(c);
    if (simple != llvm::StringRef::npos)
      out.push_back(to[simple]);
    else if (c == '\n' || c == '\r')
      at += c == '\r' && at < s.size() && s[at] == '\n';
    else if (c == 'x')
      appendCodePoint(out, digitsAt(s, at, 2, 16));
    else if (c == 'u')
      appendCodePoint(out, digitsAt(s, at, 4, 16));
    else if (c == 'U')
      appendCodePoint(out, digitsAt(s, at, 8, 16));
    else if (c >= '0' && c <= '7')
      appendCodePoint(out, digitsAt(s, --at, 3, 8));
    else {
      out.push_back('\\');
      out.push_back(c);
    }
  }
  return out;
}
