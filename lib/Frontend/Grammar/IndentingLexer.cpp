// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Frontend/Grammar/IndentingLexer.h"

#include "CommonToken.h"
#include "TritonParser.h"

using namespace antlr4;
using namespace terrazzo::grammar;

std::unique_ptr<Token> IndentingLexer::make(size_t type, size_t at) {
  auto token = std::make_unique<CommonToken>(
      std::pair<TokenSource *, CharStream *>(this, _input), type,
      Token::DEFAULT_CHANNEL, at, at == 0 ? 0 : at - 1);
  return token;
}

void IndentingLexer::fail(Fault fault, const Token &token) {
  if (!firstError)
    firstError = Error{fault, token.getStartIndex(), token.getStopIndex() + 1,
                       token.getText()};
}

/// The column of a token at the start of its line, tabs to multiples of eight
/// as CPython counts them.
unsigned IndentingLexer::columnOf(const Token &token) {
  CharStream *input = const_cast<Token &>(token).getInputStream();
  size_t start = token.getStartIndex();
  size_t line = start - token.getCharPositionInLine();
  unsigned column = 0;
  if (line >= start)
    return 0;
  for (char c : input->getText(misc::Interval(line, start - 1)))
    column = c == '\t' ? (column / 8 + 1) * 8 : c == '\f' ? 0 : column + 1;
  return column;
}

/// INDENT or DEDENTs before the first token of a logical line.
void IndentingLexer::layout(const Token &next) {
  unsigned column = next.getType() == Token::EOF ? 0 : columnOf(next);
  if (column > indents.back()) {
    if (!sawToken)
      fail(Fault::UnexpectedIndent, next);
    if (indents.size() >= maxDepth)
      fail(Fault::TooDeep, next);
    indents.push_back(column);
    pending.push_back(make(TritonParser::INDENT, next.getStartIndex()));
  }
  while (column < indents.back()) {
    indents.pop_back();
    pending.push_back(make(TritonParser::DEDENT, next.getStartIndex()));
  }
  if (column != indents.back())
    fail(Fault::InconsistentDedent, next);
}

void IndentingLexer::brackets(const Token &token) {
  std::string text = token.getText();
  if (text.size() != 1)
    return;
  char c = text[0];
  if (c == '(' || c == '[' || c == '{') {
    if (open.size() >= maxDepth)
      fail(Fault::TooDeep, token);
    open.push_back(c == '(' ? ')' : c == '[' ? ']' : '}');
  } else if (c == ')' || c == ']' || c == '}') {
    if (open.empty() || open.back() != c)
      fail(Fault::UnbalancedBracket, token);
    else
      open.pop_back();
  }
}

std::unique_ptr<Token> IndentingLexer::nextToken() {
  while (pending.empty()) {
    std::unique_ptr<Token> token = TritonLexer::nextToken();
    size_t type = token->getType();
    if (type == NEWLINE && (lineStart || !open.empty()))
      continue; // blank line, or inside brackets
    if (type == NEWLINE) {
      lineStart = true;
      return token;
    }
    if (type == Token::EOF) {
      if (!lineStart)
        pending.push_back(make(NEWLINE, token->getStartIndex()));
      lineStart = true;
      layout(*token);
      pending.push_back(std::move(token));
      break;
    }
    if (type == STRAY) {
      char c = token->getText()[0];
      fail(c == '"' || c == '\'' ? Fault::UnterminatedString
                                 : Fault::StrayCharacter,
           *token);
    }
    if (lineStart)
      layout(*token);
    lineStart = false;
    sawToken = true;
    brackets(*token);
    pending.push_back(std::move(token));
  }
  std::unique_ptr<Token> next = std::move(pending.front());
  pending.pop_front();
  return next;
}
