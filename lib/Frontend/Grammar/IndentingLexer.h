// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The generated lexer with Python's layout: INDENT and DEDENT from leading
// white space, one NEWLINE per logical line, none inside brackets.
#ifndef TERRAZZO_LIB_FRONTEND_GRAMMAR_INDENTINGLEXER_H
#define TERRAZZO_LIB_FRONTEND_GRAMMAR_INDENTINGLEXER_H

#include "TritonLexer.h"

#include <deque>
#include <optional>
#include <vector>

namespace terrazzo::grammar {

class IndentingLexer : public TritonLexer {
public:
  /// Brackets and blocks deeper than this are refused: the parser recurses.
  unsigned maxDepth = 200;

  enum class Fault {
    StrayCharacter,
    UnterminatedString,
    InconsistentDedent,
    UnexpectedIndent,
    TooDeep,
    UnbalancedBracket
  };
  struct Error {
    Fault fault;
    size_t begin; // in code points
    size_t end;
    std::string text;
  };

  explicit IndentingLexer(antlr4::CharStream *input) : TritonLexer(input) {
    removeErrorListeners();
  }

  std::unique_ptr<antlr4::Token> nextToken() override;

  /// The first thing that is no token; parsing is pointless with one.
  const std::optional<Error> &error() const { return firstError; }

private:
  std::unique_ptr<antlr4::Token> make(size_t type, size_t at);
  void fail(Fault fault, const antlr4::Token &token);
  void layout(const antlr4::Token &next);
  void brackets(const antlr4::Token &token);
  static unsigned columnOf(const antlr4::Token &token);

  std::deque<std::unique_ptr<antlr4::Token>> pending;
  std::vector<unsigned> indents{0};
  std::vector<char> open;
  std::optional<Error> firstError;
  bool lineStart = true;
  bool sawToken = false;
};

} // namespace terrazzo::grammar

#endif // TERRAZZO_LIB_FRONTEND_GRAMMAR_INDENTINGLEXER_H
