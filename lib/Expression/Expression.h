// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one expression language of launch files: integers, + - * // % and
// parentheses, min, max, cdiv, next_power_of_2, and names.
#ifndef TERRAZZO_LIB_EXPRESSION_EXPRESSION_H
#define TERRAZZO_LIB_EXPRESSION_EXPRESSION_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>

namespace terrazzo::expression {

struct Error {
  size_t offset = 0;
  std::string message;
};

/// The value of \p text; names are looked up with \p lookup. On a mistake
/// returns nothing and says in \p error what and where.
std::optional<int64_t>
evaluate(llvm::StringRef text,
         llvm::function_ref<std::optional<int64_t>(llvm::StringRef)> lookup,
         Error &error);

} // namespace terrazzo::expression

#endif // TERRAZZO_LIB_EXPRESSION_EXPRESSION_H
