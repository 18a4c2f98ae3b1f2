// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions outside itself that a kernel's code may call: a fixed list, so
// that an object cannot reach anything else of the process.
#ifndef TERRAZZO_LIB_RUNTIME_SYMBOLS_H
#define TERRAZZO_LIB_RUNTIME_SYMBOLS_H

#include <span>
#include <string_view>

namespace terrazzo::runtime {

struct Symbol {
  std::string_view name;
  void *address;
};

/// All of them.
std::span<const Symbol> symbols();
/// Null when the list has none of this name.
void *symbolNamed(std::string_view name);

} // namespace terrazzo::runtime

#endif // TERRAZZO_LIB_RUNTIME_SYMBOLS_H
