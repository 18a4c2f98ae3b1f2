// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tree of a kernel file. Nodes are owned by their Module and point to each
// other freely; a range is a pair of byte offsets into the file.
#ifndef TERRAZZO_LIB_FRONTEND_AST_AST_H
#define TERRAZZO_LIB_FRONTEND_AST_AST_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace terrazzo::frontend {

struct Range {
  uint32_t begin = 0;
  uint32_t end = 0;
};

struct Expr;

struct Keyword {
  std::string name; // empty: `**value`
  Expr *value = nullptr;
  Range range;
};

/// An expression. Which fields hold what, by kind:
///   Name       text
///   Integer    integer, or text alone when it needs more than 128 bits
///   Float      real          String   text        Bool  integer
///   None, Ellipsis
///   FString    items: String and Formatted in turn
///   Formatted  items[0], text: `!r` and `:spec` as written
///   Unary      text (`-`, `+`, `~`, `not`), items[0]
///   Binary     text, items[0], items[1]
///   And, Or    items (two or more)
///   Compare    items, operators (one fewer)
///   Call       items[0] is the callee, then arguments; keywords
///   Attribute  items[0], text
///   Subscript  items[0], then the indices
///   Slice      items[0..2], each may be null
///   Starred    items[0]
///   Tuple, List  items
///   Conditional  items[0] if items[1] else items[2]
///   Lambda     parameters as items of kind Name, the body last
///   Dict       items: keys and values in turn
///   Comprehension  items[0], then a Tuple for each `for`: target, source,
///              conditions
///   Unsupported  text names the construct
struct Expr {
  enum class Kind {
    Name,
    Integer,
    Float,
    String,
    Bool,
    None,
    Ellipsis,
    FString,
    Formatted,
    Unary,
    Binary,
    And,
    Or,
    Compare,
    Call,
    Attribute,
    Subscript,
    Slice,
    Starred,
    Tuple,
    List,
    Conditional,
    Lambda,
    Dict,
    Comprehension,
    Unsupported
  };
  Kind kind;
  Range range;
  std::string text;
  __int128 integer = 0;
  double real = 0;
  std::vector<Expr *> items;
  std::vector<std::string> operators;
  std::vector<Keyword> keywords;
};

struct Parameter {
  std::string name;
  Expr *annotation = nullptr;
  Expr *defaultValue = nullptr;
  /// `*name` is 1, `**name` is 2.
  unsigned stars = 0;
  Range range;
};

struct Stmt;
using Suite = std::vector<Stmt *>;

/// A statement. Which fields hold what, by kind:
///   Expression   value
///   Assign       targets, value        AugAssign  targets[0], text (`+`),
///   value AnnAssign    targets[0], annotation, value (may be null) Return
///   value (may be null) If, While    value, body, orelse   For  targets[0],
///   value, body, orelse Pass, Break, Continue Assert       value, message (may
///   be null) Raise        value (may be null) With         items, body Import
///   names (module, alias)   ImportFrom  text, names (name, alias) Function
///   text, parameters, decorators, body Unsupported  text names the construct
struct Stmt {
  enum class Kind {
    Expression,
    Assign,
    AugAssign,
    AnnAssign,
    Return,
    If,
    While,
    For,
    Pass,
    Break,
    Continue,
    Assert,
    Raise,
    With,
    Import,
    ImportFrom,
    Function,
    Unsupported
  };
  Kind kind;
  Range range;
  std::string text;
  Expr *value = nullptr;
  Expr *annotation = nullptr;
  Expr *message = nullptr;
  std::vector<Expr *> targets;
  std::vector<Expr *> items;
  std::vector<Expr *> decorators;
  std::vector<Parameter> parameters;
  std::vector<std::pair<std::string, std::string>> names;
  Suite body;
  Suite orelse;
  /// Function: the text of its `#: sig(...)` comment, and where it stands.
  std::string signature;
  Range signatureRange;
};

/// The islands of a file that were parsed, and all that they own.
struct Module {
  unsigned buffer = 0;
  Suite statements;
  std::deque<Expr> expressions;
  std::deque<Stmt> allStatements;

  Expr *make(Expr::Kind kind, Range range) {
    expressions.push_back(Expr{kind, range, {}, 0, 0, {}, {}, {}});
    return &expressions.back();
  }
  Stmt *make(Stmt::Kind kind, Range range) {
    Stmt &s = allStatements.emplace_back();
    s.kind = kind;
    s.range = range;
    return &s;
  }
};

} // namespace terrazzo::frontend

#endif // TERRAZZO_LIB_FRONTEND_AST_AST_H
