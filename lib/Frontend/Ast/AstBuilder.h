// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From ANTLR's parse tree of an island to the AST.
#ifndef TERRAZZO_LIB_FRONTEND_AST_ASTBUILDER_H
#define TERRAZZO_LIB_FRONTEND_AST_ASTBUILDER_H

#include "lib/Frontend/Ast/Ast.h"

#include "TritonParser.h"

#include <functional>

namespace terrazzo::frontend {

/// What the grammar accepts and Python does not.
struct SyntaxFault {
  Range range;
  std::string text;
};

class AstBuilder {
public:
  /// \p byteOf maps a code point index of the island to a byte offset of the
  /// file.
  AstBuilder(Module &module, std::function<uint32_t(size_t)> byteOf)
      : module(module), byteOf(std::move(byteOf)) {}

  Stmt *build(grammar::TritonParser::IslandContext *tree);
  const std::vector<SyntaxFault> &faults() const { return found; }

private:
  using P = grammar::TritonParser;
  using Context = antlr4::ParserRuleContext;

  Range rangeOf(Context *tree) const;
  Range rangeOf(antlr4::Token *token) const;
  void fault(Range range, std::string text);

  void statement(P::StatementContext *tree, Suite &out);
  Stmt *simple(P::SimpleContext *tree);
  Stmt *expressionLine(P::ExpressionLineContext *tree);
  Stmt *importLine(P::SimpleContext *tree);
  Stmt *compound(P::CompoundContext *tree);
  Stmt *function(P::CompoundContext *tree);
  Stmt *conditional(P::CompoundContext *tree);
  void parameters(P::ParametersContext *tree, std::vector<Parameter> &out);
  Suite suite(P::SuiteContext *tree);

  Expr *testlist(P::TestlistContext *tree);
  Expr *targetList(P::TargetsContext *tree);
  Expr *starTest(P::StarTestContext *tree);
  Expr *test(P::TestContext *tree);
  Expr *flat(P::FlatContext *tree);
  struct Chain;
  Expr *climb(Chain &chain, unsigned power);
  Expr *prefixed(Chain &chain);
  Expr *binary(Expr *left, const std::string &op, Expr *right);
  Expr *primary(P::AtomContext *atom,
                const std::vector<P::TrailerContext *> &trailers);
  Expr *atom(P::AtomContext *tree);
  Expr *dict(P::AtomContext *tree);
  // In Strings.cpp.
  Expr *strings(P::AtomContext *tree);
  void formatString(Expr *into, antlr4::Token *token);
  Expr *embedded(llvm::StringRef code, size_t codePoint);
  Expr *trailer(Expr *base, P::TrailerContext *tree);
  void arguments(P::ArgumentsContext *tree, Expr *call);
  Expr *subscript(P::SubscriptContext *tree);
  Expr *comprehension(Expr *element, P::ComprehensionContext *tree);
  Expr *make(Expr::Kind kind, Context *tree) {
    return module.make(kind, rangeOf(tree));
  }
  Expr *unsupported(Context *tree, std::string what);
  Stmt *unsupportedStatement(Context *tree, std::string what);

  Module &module;
  std::function<uint32_t(size_t)> byteOf;
  std::vector<SyntaxFault> found;
  unsigned depth = 0; // f-strings around
};

/// Fills \p expr (kind, integer, real, text) from the text of a number.
bool readNumber(llvm::StringRef text, Expr &expr);

/// One string literal without its prefix and quotes.
struct StringLiteral {
  bool bytes = false;
  bool format = false;
  bool raw = false;
  llvm::StringRef body;
  size_t bodyOffset = 0;
};
StringLiteral readString(llvm::StringRef text);
/// The value of a string body with its escapes resolved.
std::string unescape(llvm::StringRef body, bool raw);

} // namespace terrazzo::frontend

#endif // TERRAZZO_LIB_FRONTEND_AST_ASTBUILDER_H
