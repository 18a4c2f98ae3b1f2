// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A kernel file is mostly host code. This cuts it at the top level, by column,
// brackets and strings only, into the islands that a compiler may need; all the
// rest is skipped, whatever it contains.
#ifndef TERRAZZO_LIB_FRONTEND_AST_ISLANDS_H
#define TERRAZZO_LIB_FRONTEND_AST_ISLANDS_H

#include "lib/Frontend/Ast/Ast.h"

#include <optional>

namespace terrazzo::frontend {

struct Island {
  enum class Kind { Import, Constant, Function };
  Kind kind;
  Range range;
  /// The function or constant.
  std::string name;
  bool decorated = false;
  /// The text inside the last `#: sig(...)` comment before or in a function.
  std::string signature;
  Range signatureRange;
};

std::vector<Island> findIslands(llvm::StringRef text);

} // namespace terrazzo::frontend

#endif // TERRAZZO_LIB_FRONTEND_AST_ISLANDS_H
