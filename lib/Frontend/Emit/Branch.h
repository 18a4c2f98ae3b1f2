// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two ways that control may go, and what is true of the names after them. A way
// that `return`, `break` or `continue` left is dead: what its names hold there
// does not matter, but for those that a loop carries and the ones below.
#ifndef TERRAZZO_LIB_FRONTEND_EMIT_BRANCH_H
#define TERRAZZO_LIB_FRONTEND_EMIT_BRANCH_H

#include "lib/Frontend/Emit/Emitter.h"

namespace terrazzo::frontend {

using Names = std::map<std::string, Value>;

// Where control stands is kept among the names, so that branches merge it like
// any value; `%` keeps it apart from identifiers. Booleans, and the value of
// `return`.
inline constexpr const char *liveName = "%live", *brokeName = "%broke",
                            *returnedName = "%returned",
                            *resultName = "%result";

/// The names that a suite may bind, and where first.
void boundNames(const Suite &suite, std::map<std::string, Range> &out);
/// The runtime values in a value, tuples and block pointers opened.
void flatten(const Value &v, llvm::SmallVectorImpl<Value> &out);
/// \p v with its runtime values replaced by those from \p next on.
Value rebuild(const Value &v, llvm::ArrayRef<mlir::Value> &next);
/// Some value of the type of \p like, for a way where none matters.
Value anyOf(Emitter &e, const Value &like);
bool sameValue(const Value &a, const Value &b);
bool sameTypes(const Value &a, const Value &b);

/// Makes the branches below \p root smaller: results that nothing reads go.
void dropUnusedResults(mlir::Operation *root);

class Branch {
public:
  /// The names that a merge keeps.
  enum class Keep { All, OfLoop, None };

  Branch(Emitter &emitter, const Value &condition);
  /// Emits at the end of a side (0: the condition holds).
  void on(int side, llvm::function_ref<void()> emit);
  Emitter::Flow flow(int side) const;
  /// Makes the op and joins the names of both sides. \p bound: what the sides
  /// may bind, for the names that are gone after it.
  Emitter::Flow merge(Keep keep, const std::map<std::string, Range> &bound);

private:
  struct Merged {
    std::string name;
    Value value;
    bool isResult;
  };
  void mergeName(const std::string &name);
  void mergeResult();
  void join(const std::string &name, Value a, Value b);
  void takeFrom(int side, const std::string &name, const Value &value);
  bool isKept(const std::string &name) const;

  Emitter &e;
  Value condition;
  Names before;
  std::map<std::string, Range> lostBefore;
  struct Side {
    mlir::Region region;
    Names names;
    std::map<std::string, Range> lost;
    llvm::SmallVector<Value> yields;
  };
  Side sides[2];
  std::vector<Merged> merged;
};

} // namespace terrazzo::frontend

#endif // TERRAZZO_LIB_FRONTEND_EMIT_BRANCH_H
