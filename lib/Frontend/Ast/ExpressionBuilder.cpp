// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Expressions: the grammar gives flat chains of operands and operators, the
// precedence is applied here.
#include "lib/Frontend/Ast/AstBuilder.h"

#include "llvm/ADT/StringSwitch.h"

using namespace terrazzo;
using namespace terrazzo::frontend;
using P = terrazzo::grammar::TritonParser;

/// The operands and operators of one flat expression, read from the left.
struct AstBuilder::Chain {
  std::vector<P::OperandContext *> operands;
  std::vector<std::string> operators;
  size_t at = 0;     // the operand that comes next
  size_t prefix = 0; // its prefixes already read
};

/// Operators in a chain longer than this would nest the tree too deep.
static constexpr size_t maxChain = 1000;

namespace {
enum Power : unsigned {
  Or = 1,
  And,
  Not,
  Comparison,
  BitOr,
  BitXor,
  BitAnd,
  Shift,
  Sum,
  Product,
  Sign,
  Exponent
};
} // namespace

static unsigned powerOf(llvm::StringRef op) {
  return llvm::StringSwitch<unsigned>(op)
      .Case("or", Or)
      .Case("and", And)
      .Case("|", BitOr)
      .Case("^", BitXor)
      .Case("&", BitAnd)
      .Cases({"<<", ">>"}, Shift)
      .Cases({"+", "-"}, Sum)
      .Cases({"*", "/", "//", "%", "@"}, Product)
      .Case("**", Exponent)
      .Default(Comparison);
}

Expr *AstBuilder::testlist(P::TestlistContext *tree) {
  auto items = tree->starTest();
  if (items.size() == 1 && tree->children.size() == 1)
    return starTest(items[0]);
  Expr *e = make(Expr::Kind::Tuple, tree);
  for (auto *item : items)
    e->items.push_back(starTest(item));
  // `a,,b` is accepted by the grammar, not by Python.
  size_t commas = tree->children.size() - items.size();
  if (commas > items.size())
    fault(e->range, "two commas without an expression between them");
  return e;
}

Expr *AstBuilder::targetList(P::TargetsContext *tree) {
  auto items = tree->target();
  std::vector<Expr *> out;
  for (auto *item : items)
    out.push_back(primary(item->atom(), item->trailer()));
  if (out.size() == 1 && tree->children.size() == 1)
    return out[0];
  Expr *e = make(Expr::Kind::Tuple, tree);
  e->items = std::move(out);
  return e;
}

Expr *AstBuilder::starTest(P::StarTestContext *tree) {
  Expr *value = test(tree->test());
  if (tree->children.size() == 1)
    return value;
  Expr *e = make(Expr::Kind::Starred, tree);
  e->text = tree->getStart()->getText();
  e->items.push_back(value);
  return e;
}

Expr *AstBuilder::test(P::TestContext *tree) {
  auto flats = tree->flat();
  if (flats.empty()) { // lambda
    Expr *e = make(Expr::Kind::Lambda, tree);
    if (auto *list = tree->parameters()) {
      std::vector<Parameter> names;
      parameters(list, names);
      for (const Parameter &p : names) {
        Expr *name = module.make(Expr::Kind::Name, p.range);
        name->text = p.name;
        e->items.push_back(name);
      }
    }
    e->items.push_back(test(tree->test().back()));
    return e;
  }
  Expr *value = flat(flats[0]);
  auto tests = tree->test();
  if (flats.size() == 2) {
    Expr *e = make(Expr::Kind::Conditional, tree);
    e->items = {value, flat(flats[1]), test(tests[0])};
    return e;
  }
  if (!tests.empty())
    return unsupported(tree, "assignment expression (`:=`)");
  return value;
}

Expr *AstBuilder::flat(P::FlatContext *tree) {
  auto operands = tree->operand();
  Chain chain{{operands.begin(), operands.end()}, {}, 0, 0};
  for (auto *op : tree->binop()) {
    std::string text = op->children[0]->getText();
    for (size_t i = 1; i < op->children.size(); ++i)
      text += " " + op->children[i]->getText();
    chain.operators.push_back(text);
  }
  if (operands.size() > maxChain) {
    fault(rangeOf(tree), "an expression of more than 1000 operands");
    return unsupported(tree, "expression");
  }
  return climb(chain, 0);
}

/// Precedence climbing: everything that binds stronger than \p power.
Expr *AstBuilder::climb(Chain &chain, unsigned power) {
  Expr *left = prefixed(chain);
  while (chain.at <= chain.operators.size() && chain.at > 0 &&
         chain.at - 1 < chain.operators.size()) {
    const std::string &op = chain.operators[chain.at - 1];
    unsigned own = powerOf(op);
    if (own <= power)
      break;
    // `**` groups from the right.
    Expr *right = climb(chain, own == Exponent ? Sign : own);
    left = binary(left, op, right);
  }
  return left;
}

Expr *AstBuilder::prefixed(Chain &chain) {
  P::OperandContext *operand = chain.operands[chain.at];
  size_t prefixes = operand->children.size() - 1 - operand->trailer().size();
  if (chain.prefix < prefixes) {
    std::string op = operand->children[chain.prefix++]->getText();
    Expr *inner = climb(chain, op == "not" ? Not : Sign);
    Expr *e = module.make(Expr::Kind::Unary,
                          {rangeOf(operand).begin, inner->range.end});
    e->text = op;
    if (op == "await")
      return unsupported(operand, "await");
    e->items.push_back(inner);
    return e;
  }
  chain.prefix = 0;
  ++chain.at;
  return primary(operand->atom(), operand->trailer());
}

Expr *AstBuilder::binary(Expr *left, const std::string &op, Expr *right) {
  Range range{left->range.begin, right->range.end};
  unsigned power = powerOf(op);
  Expr::Kind kind = power == Or           ? Expr::Kind::Or
                    : power == And        ? Expr::Kind::And
                    : power == Comparison ? Expr::Kind::Compare
                                          : Expr::Kind::Binary;
  // A chain `a < b < c` is one comparison; parentheses make a new range.
  if (kind == Expr::Kind::Compare && left->kind == kind && left->text.empty()) {
    left->items.push_back(right);
    left->operators.push_back(op);
    left->range = range;
    return left;
  }
  Expr *e = module.make(kind, range);
  e->items = {left, right};
  if (kind == Expr::Kind::Compare)
    e->operators.push_back(op);
  if (kind == Expr::Kind::Binary)
    e->text = op;
  return e;
}

Expr *AstBuilder::primary(P::AtomContext *tree,
                          const std::vector<P::TrailerContext *> &trailers) {
  Expr *e = atom(tree);
  if (trailers.size() > maxChain) {
    fault(e->range, "more than 1000 calls or attributes in a row");
    return e;
  }
  for (auto *t : trailers)
    e = trailer(e, t);
  return e;
}

Expr *AstBuilder::atom(P::AtomContext *tree) {
  std::string first = tree->getStart()->getText();
  if (tree->NAME()) {
    Expr *e = make(Expr::Kind::Name, tree);
    e->text = first;
    return e;
  }
  if (tree->NUMBER()) {
    Expr *e = make(Expr::Kind::Integer, tree);
    if (!readNumber(first, *e))
      return unsupported(tree, "number `" + first + "`");
    return e;
  }
  if (!tree->STRING().empty())
    return strings(tree);
  if (first == "None")
    return make(Expr::Kind::None, tree);
  if (first == "True" || first == "False") {
    Expr *e = make(Expr::Kind::Bool, tree);
    e->integer = first == "True";
    return e;
  }
  if (first == "...")
    return make(Expr::Kind::Ellipsis, tree);
  if (first == "{")
    return dict(tree);
  auto *list = tree->testlist();
  if (list && tree->comprehension())
    return comprehension(testlist(list), tree->comprehension());
  if (first == "(") {
    Expr *e = list ? testlist(list) : make(Expr::Kind::Tuple, tree);
    if (e->kind == Expr::Kind::Compare)
      e->text = "()"; // closed: no chain goes on
    e->range = rangeOf(tree);
    return e;
  }
  Expr *e = make(Expr::Kind::List, tree);
  if (list)
    for (auto *item : list->starTest())
      e->items.push_back(starTest(item));
  return e;
}

Expr *AstBuilder::dict(P::AtomContext *tree) {
  Expr *e = make(Expr::Kind::Dict, tree);
  for (auto *entry : tree->entry()) {
    if (!entry->test() || tree->comprehension())
      return unsupported(tree, "dict or set");
    e->items.push_back(starTest(entry->starTest()));
    e->items.push_back(test(entry->test()));
  }
  return e;
}

Expr *AstBuilder::trailer(Expr *base, P::TrailerContext *tree) {
  Range range{base->range.begin, rangeOf(tree).end};
  if (tree->NAME()) {
    Expr *e = module.make(Expr::Kind::Attribute, range);
    e->items.push_back(base);
    e->text = tree->NAME()->getText();
    return e;
  }
  if (auto *subscripts = tree->subscripts()) {
    Expr *e = module.make(Expr::Kind::Subscript, range);
    e->items.push_back(base);
    for (auto *s : subscripts->subscript())
      e->items.push_back(subscript(s));
    return e;
  }
  Expr *e = module.make(Expr::Kind::Call, range);
  e->items.push_back(base);
  if (auto *list = tree->arguments())
    arguments(list, e);
  return e;
}

void AstBuilder::arguments(P::ArgumentsContext *tree, Expr *call) {
  for (auto *a : tree->argument()) {
    auto tests = a->test();
    std::string first = a->getStart()->getText();
    if (tests.size() == 2) {
      Expr *name = test(tests[0]);
      if (name->kind != Expr::Kind::Name) {
        fault(name->range, "a keyword argument is `name=value`");
        continue;
      }
      call->keywords.push_back({name->text, test(tests[1]), rangeOf(a)});
      continue;
    }
    if (a->comprehension()) {
      call->items.push_back(comprehension(test(tests[0]), a->comprehension()));
      continue;
    }
    if (first == "**" && a->children.size() > 1) {
      call->keywords.push_back({"", test(tests[0]), rangeOf(a)});
      continue;
    }
    Expr *value = test(tests[0]);
    if (first == "*" && a->children.size() > 1) {
      Expr *star = make(Expr::Kind::Starred, a);
      star->items.push_back(value);
      value = star;
    } else if (!call->keywords.empty()) {
      fault(value->range, "a positional argument follows a keyword argument");
    }
    call->items.push_back(value);
  }
}

Expr *AstBuilder::subscript(P::SubscriptContext *tree) {
  bool isSlice = false;
  std::vector<Expr *> parts{nullptr, nullptr, nullptr};
  size_t part = 0;
  for (auto *child : tree->children) {
    if (auto *t = dynamic_cast<P::TestContext *>(child))
      parts[part] = test(t);
    else if (child->getText() == ":") {
      isSlice = true;
      ++part;
    } else
      return unsupported(tree, "starred index");
  }
  if (!isSlice)
    return parts[0];
  Expr *e = make(Expr::Kind::Slice, tree);
  e->items = parts;
  return e;
}

Expr *AstBuilder::comprehension(Expr *element, P::ComprehensionContext *tree) {
  Expr *e = module.make(Expr::Kind::Comprehension,
                        {element->range.begin, rangeOf(tree).end});
  e->items = {element};
  for (auto *child : tree->children) {
    if (child->getText() == "async")
      return unsupported(tree, "async");
    if (auto *targets = dynamic_cast<P::TargetsContext *>(child)) {
      e->items.push_back(make(Expr::Kind::Tuple, targets));
      e->items.back()->items.push_back(targetList(targets));
    } else if (auto *f = dynamic_cast<P::FlatContext *>(child)) {
      e->items.back()->items.push_back(flat(f));
    }
  }
  return e;
}
