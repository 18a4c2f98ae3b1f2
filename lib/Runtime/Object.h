// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Makes an x86-64 ELF relocatable object, as the CPU's emitter writes it,
// callable: no linker, no LLVM. The bytes are not trusted: every field is
// checked against the object's size, and what is not understood is an error.
// (What the code *does* is not checked; a checksum is no signature.)
#ifndef TERRAZZO_LIB_RUNTIME_OBJECT_H
#define TERRAZZO_LIB_RUNTIME_OBJECT_H

#include "terrazzo-c/Runtime.h"

#include <map>
#include <optional>
#include <span>
#include <string>

namespace terrazzo::runtime {

/// Code in memory; unmapped when this object dies.
class Loaded {
public:
  Loaded(Loaded &&other) noexcept { *this = std::move(other); }
  Loaded &operator=(Loaded &&other) noexcept;
  Loaded(const Loaded &) = delete;
  ~Loaded();

  /// A global function of the object; null when it has none of this name.
  void *function(const std::string &name) const;
  TerrazzoEntry entry(const std::string &name) const {
    return reinterpret_cast<TerrazzoEntry>(function(name));
  }

private:
  friend class ObjectLoader;
  Loaded() = default;
  void *memory = nullptr;
  size_t bytes = 0;
  std::map<std::string, void *> functions;
};

/// Nothing when \p object cannot be loaded; \p error says why.
std::optional<Loaded> load(std::span<const char> object, std::string &error);

} // namespace terrazzo::runtime

#endif // TERRAZZO_LIB_RUNTIME_OBJECT_H
