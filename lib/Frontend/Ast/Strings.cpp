// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// String literals, and the expressions inside f-strings.
#include "lib/Frontend/Ast/AstBuilder.h"

#include "lib/Frontend/Grammar/IndentingLexer.h"

#include "ANTLRInputStream.h"
#include "BailErrorStrategy.h"
#include "CommonTokenStream.h"

#include "llvm/ADT/STLExtras.h"

using namespace terrazzo;
using namespace terrazzo::frontend;
using P = terrazzo::grammar::TritonParser;

/// F-strings within f-strings deeper than this are refused.
static constexpr unsigned maxEmbedded = 4;

/// One or more adjacent literals.
Expr *AstBuilder::strings(P::AtomContext *tree) {
  Expr *e = make(Expr::Kind::String, tree);
  for (auto *node : tree->STRING()) {
    std::string text = node->getText();
    StringLiteral literal = readString(text);
    if (literal.bytes)
      return unsupported(tree, "bytes literal");
    if (literal.format)
      e->kind = Expr::Kind::FString;
  }
  for (auto *node : tree->STRING()) {
    std::string text = node->getText();
    StringLiteral literal = readString(text);
    if (literal.format) {
      formatString(e, node->getSymbol());
    } else if (e->kind == Expr::Kind::FString) {
      Expr *piece = make(Expr::Kind::String, tree);
      piece->text = unescape(literal.body, literal.raw);
      e->items.push_back(piece);
    } else {
      e->text += unescape(literal.body, literal.raw);
    }
  }
  return e;
}

/// Where the expression of a replacement field ends: at `}`, `!r`, `:` or `=`
/// outside brackets and strings; npos when it does not.
static size_t endOfExpression(llvm::StringRef s, size_t at) {
  int depth = 0;
  char quote = 0;
  for (; at < s.size(); ++at) {
    char c = s[at];
    llvm::StringRef rest = s.substr(at);
    if (quote) {
      quote = c == quote ? 0 : quote;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if (depth > 0) {
      depth -= c == ')' || c == ']' || c == '}';
    } else if (rest.starts_with("==") || rest.starts_with("!=") ||
               rest.starts_with("<=") || rest.starts_with(">=")) {
      ++at;
    } else if (c == '}' || c == ':' || c == '!' || c == '=') {
      return at;
    }
  }
  return llvm::StringRef::npos;
}

/// The pieces of one f-string: text, and `{expression!r:spec}`.
void AstBuilder::formatString(Expr *into, antlr4::Token *token) {
  std::string text = token->getText();
  StringLiteral literal = readString(text);
  llvm::StringRef body = literal.body;
  Range range = rangeOf(token);
  auto piece = [&](Expr::Kind kind, std::string value) {
    Expr *e = module.make(kind, range);
    e->text = std::move(value);
    into->items.push_back(e);
    return e;
  };
  std::string plain;
  size_t at = 0;
  auto flush = [&] {
    if (!plain.empty())
      piece(Expr::Kind::String, unescape(plain, literal.raw));
    plain.clear();
  };
  while (at < body.size()) {
    char c = body[at];
    bool doubled = at + 1 < body.size() && body[at + 1] == c;
    if ((c != '{' && c != '}') || doubled) {
      plain += c;
      at += doubled && (c == '{' || c == '}') ? 2 : 1;
      continue;
    }
    size_t end = c == '{' ? endOfExpression(body, at + 1) : std::string::npos;
    size_t close = end == llvm::StringRef::npos ? end : body.find('}', end);
    if (close == llvm::StringRef::npos) {
      fault(range, c == '{' ? "`{` of an f-string is not closed"
                            : "a single `}` in an f-string");
      return;
    }
    llvm::StringRef code = body.slice(at + 1, end);
    llvm::StringRef how = body.slice(end, close);
    if (how.consume_front("=")) {
      plain += code.str() + "=";
      if (how.empty())
        how = "!r";
    }
    flush();
    // ANTLR counts code points.
    size_t offset = llvm::count_if(
        llvm::StringRef(text).take_front(literal.bodyOffset + at + 1),
        [](char b) { return (b & 0xC0) != 0x80; });
    Expr *value = embedded(code, token->getStartIndex() + offset);
    if (!value)
      return;
    piece(Expr::Kind::Formatted, how.str())->items.push_back(value);
    at = close + 1;
  }
  flush();
}

/// Parses what stands between the braces at \p codePoint of the island.
Expr *AstBuilder::embedded(llvm::StringRef code, size_t codePoint) {
  size_t space = code.size() - code.ltrim().size();
  code = code.trim();
  codePoint += space;
  auto place = [this, codePoint](size_t p) { return byteOf(codePoint + p); };
  Range range{place(0), place(code.size())};
  antlr4::ANTLRInputStream input(code.str());
  grammar::IndentingLexer lexer(&input);
  antlr4::CommonTokenStream tokens(&lexer);
  tokens.fill();
  P parser(&tokens);
  parser.removeErrorListeners();
  parser.setErrorHandler(std::make_shared<antlr4::BailErrorStrategy>());
  P::TestlistContext *tree = nullptr;
  try {
    if (!code.empty() && !lexer.error() && depth < maxEmbedded)
      tree = parser.testlist();
  } catch (const antlr4::ParseCancellationException &) {
  }
  bool whole = tree && parser.getCurrentToken()->getType() == P::NEWLINE;
  if (!whole) {
    fault(range, "this part of an f-string is no expression");
    return nullptr;
  }
  AstBuilder inner(module, place);
  inner.depth = depth + 1;
  Expr *e = inner.testlist(tree);
  found.insert(found.end(), inner.found.begin(), inner.found.end());
  return e;
}
