// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Statements. Expressions are in ExpressionBuilder.cpp.
#include "lib/Frontend/Ast/AstBuilder.h"

#include "llvm/ADT/STLExtras.h"

using namespace terrazzo;
using namespace terrazzo::frontend;
using P = terrazzo::grammar::TritonParser;

Range AstBuilder::rangeOf(antlr4::Token *token) const {
  return {byteOf(token->getStartIndex()), byteOf(token->getStopIndex() + 1)};
}

Range AstBuilder::rangeOf(Context *tree) const {
  antlr4::Token *start = tree->getStart(), *stop = tree->getStop();
  // A suite ends in NEWLINE or DEDENT, which are not worth underlining.
  uint32_t begin = byteOf(start->getStartIndex());
  uint32_t end = stop ? byteOf(stop->getStopIndex() + 1) : begin;
  return {begin, end < begin ? begin : end};
}

void AstBuilder::fault(Range range, std::string text) {
  found.push_back({range, std::move(text)});
}

Expr *AstBuilder::unsupported(Context *tree, std::string what) {
  Expr *e = make(Expr::Kind::Unsupported, tree);
  e->text = std::move(what);
  return e;
}

Stmt *AstBuilder::unsupportedStatement(Context *tree, std::string what) {
  Stmt *s = module.make(Stmt::Kind::Unsupported, rangeOf(tree->getStart()));
  s->text = std::move(what);
  return s;
}

Stmt *AstBuilder::build(P::IslandContext *tree) {
  Suite out;
  statement(tree->statement(), out);
  for (Stmt *s : out)
    module.statements.push_back(s);
  return out.empty() ? nullptr : out.front();
}

void AstBuilder::statement(P::StatementContext *tree, Suite &out) {
  if (auto *c = tree->compound()) {
    out.push_back(compound(c));
    return;
  }
  for (auto *s : tree->simpleLine()->simple())
    out.push_back(simple(s));
}

static bool startsWith(antlr4::ParserRuleContext *tree, llvm::StringRef word) {
  return tree->getStart()->getText() == word;
}

Stmt *AstBuilder::simple(P::SimpleContext *tree) {
  if (auto *line = tree->expressionLine())
    return expressionLine(line);
  std::string word = tree->getStart()->getText();
  auto tests = tree->test();
  auto keyword = [&](Stmt::Kind kind) {
    return module.make(kind, rangeOf(tree));
  };
  if (word == "return") {
    Stmt *s = keyword(Stmt::Kind::Return);
    if (auto *list = tree->testlist())
      s->value = testlist(list);
    return s;
  }
  if (word == "pass")
    return keyword(Stmt::Kind::Pass);
  if (word == "break")
    return keyword(Stmt::Kind::Break);
  if (word == "continue")
    return keyword(Stmt::Kind::Continue);
  if (word == "assert") {
    Stmt *s = keyword(Stmt::Kind::Assert);
    s->value = test(tests[0]);
    s->message = tests.size() > 1 ? test(tests[1]) : nullptr;
    return s;
  }
  if (word == "raise") {
    Stmt *s = keyword(Stmt::Kind::Raise);
    s->value = tests.empty() ? nullptr : test(tests[0]);
    return s;
  }
  if (word == "import" || word == "from")
    return importLine(tree);
  return unsupportedStatement(tree, word);
}

Stmt *AstBuilder::importLine(P::SimpleContext *tree) {
  bool from = startsWith(tree, "from");
  Stmt *s = module.make(from ? Stmt::Kind::ImportFrom : Stmt::Kind::Import,
                        rangeOf(tree));
  if (from) {
    for (auto *child : tree->children) {
      std::string text = child->getText();
      if (text == "import")
        break;
      if (text != "from")
        s->text += text;
    }
    for (auto *name : tree->nameAs())
      s->names.emplace_back(name->NAME(0)->getText(),
                            name->NAME().back()->getText());
    return s;
  }
  for (auto *name : tree->dottedAs()) {
    std::string path = name->dotted()->getText();
    s->names.emplace_back(path, name->NAME() ? name->NAME()->getText() : path);
  }
  return s;
}

static bool assignable(const Expr *e) {
  switch (e->kind) {
  case Expr::Kind::Name:
  case Expr::Kind::Attribute:
  case Expr::Kind::Subscript:
  case Expr::Kind::Unsupported:
    return true;
  case Expr::Kind::Starred:
    return assignable(e->items[0]);
  case Expr::Kind::Tuple:
  case Expr::Kind::List:
    return llvm::all_of(e->items, assignable);
  default:
    return false;
  }
}

Stmt *AstBuilder::expressionLine(P::ExpressionLineContext *tree) {
  auto lists = tree->testlist();
  Expr *first = testlist(lists[0]);
  Stmt *s;
  if (auto *op = tree->AUGASSIGN()) {
    s = module.make(Stmt::Kind::AugAssign, rangeOf(tree));
    s->text = op->getText();
    s->text.pop_back();
    s->targets.push_back(first);
    s->value = testlist(lists[1]);
  } else if (auto *annotation = tree->test()) {
    s = module.make(Stmt::Kind::AnnAssign, rangeOf(tree));
    s->targets.push_back(first);
    s->annotation = test(annotation);
    s->value = lists.size() > 1 ? testlist(lists[1]) : nullptr;
  } else if (lists.size() > 1) {
    s = module.make(Stmt::Kind::Assign, rangeOf(tree));
    s->targets.push_back(first);
    for (size_t i = 1; i + 1 < lists.size(); ++i)
      s->targets.push_back(testlist(lists[i]));
    s->value = testlist(lists.back());
  } else {
    s = module.make(Stmt::Kind::Expression, rangeOf(tree));
    s->value = first;
  }
  for (Expr *target : s->targets)
    if (!assignable(target))
      fault(target->range, "cannot assign to this expression");
  return s;
}

Suite AstBuilder::suite(P::SuiteContext *tree) {
  Suite out;
  if (auto *line = tree->simpleLine())
    for (auto *s : line->simple())
      out.push_back(simple(s));
  for (auto *s : tree->statement())
    statement(s, out);
  return out;
}

Stmt *AstBuilder::compound(P::CompoundContext *tree) {
  // Skip decorators to find the keyword.
  std::string word;
  for (auto *child : tree->children)
    if (!dynamic_cast<P::DecoratorContext *>(child)) {
      word = child->getText();
      break;
    }
  if (word == "def")
    return function(tree);
  if (word == "if" || word == "while")
    return conditional(tree);
  if (word == "for") {
    Stmt *s = module.make(Stmt::Kind::For, rangeOf(tree));
    s->targets.push_back(targetList(tree->targets()));
    s->value = testlist(tree->testlist());
    s->body = suite(tree->suite(0));
    if (tree->suite().size() > 1)
      s->orelse = suite(tree->suite(1));
    return s;
  }
  if (word == "with") {
    Stmt *s = module.make(Stmt::Kind::With, rangeOf(tree));
    for (auto *item : tree->withItem())
      s->items.push_back(test(item->test()));
    s->body = suite(tree->suite(0));
    return s;
  }
  return unsupportedStatement(tree, word);
}

Stmt *AstBuilder::function(P::CompoundContext *tree) {
  Stmt *s = module.make(Stmt::Kind::Function, rangeOf(tree));
  s->text = tree->NAME(0)->getText();
  // The name is what diagnostics about a function point at.
  s->range = rangeOf(tree->NAME(0)->getSymbol());
  for (auto *d : tree->decorator())
    s->decorators.push_back(test(d->test()));
  if (auto *list = tree->parameters())
    parameters(list, s->parameters);
  s->body = suite(tree->suite(0));
  return s;
}

void AstBuilder::parameters(P::ParametersContext *tree,
                            std::vector<Parameter> &out) {
  bool sawDefault = false;
  for (auto *p : tree->parameter()) {
    Parameter parameter;
    parameter.range = rangeOf(p);
    std::string first = p->getStart()->getText();
    parameter.stars = first == "*" ? 1 : first == "**" ? 2 : 0;
    if (!p->NAME())
      continue; // `*` and `/` alone
    parameter.name = p->NAME()->getText();
    auto tests = p->test();
    size_t next = 0;
    for (size_t i = 0; i + 1 < p->children.size(); ++i) {
      std::string mark = p->children[i]->getText();
      if (dynamic_cast<antlr4::tree::TerminalNode *>(p->children[i])) {
        if (mark == ":")
          parameter.annotation = test(tests[next++]);
        else if (mark == "=")
          parameter.defaultValue = test(tests[next++]);
      }
    }
    for (const Parameter &other : out)
      if (other.name == parameter.name)
        fault(parameter.range, "duplicate parameter `" + parameter.name + "`");
    if (sawDefault && !parameter.defaultValue && parameter.stars == 0)
      fault(parameter.range,
            "a parameter without a default follows one with a default");
    sawDefault |= parameter.defaultValue != nullptr;
    out.push_back(std::move(parameter));
  }
}

/// `if` with its `elif`s as nested ones, and `while`.
Stmt *AstBuilder::conditional(P::CompoundContext *tree) {
  bool isWhile = startsWith(tree, "while");
  auto tests = tree->test();
  auto suites = tree->suite();
  Stmt *first = nullptr, *last = nullptr;
  for (size_t i = 0; i < tests.size(); ++i) {
    Stmt *s = module.make(isWhile ? Stmt::Kind::While : Stmt::Kind::If,
                          rangeOf(tests[i]));
    s->value = test(tests[i]);
    s->body = suite(suites[i]);
    if (last)
      last->orelse.push_back(s);
    else
      first = s;
    last = s;
  }
  if (suites.size() > tests.size())
    last->orelse = suite(suites.back());
  return first;
}
