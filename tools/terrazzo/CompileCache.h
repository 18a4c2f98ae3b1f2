// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled kernels by all that they depend on, this very program included.
#ifndef TERRAZZO_TOOLS_TERRAZZO_COMPILECACHE_H
#define TERRAZZO_TOOLS_TERRAZZO_COMPILECACHE_H

#include "lib/Artifact/Artifact.h"
#include "lib/Artifact/Cache.h"
#include "lib/Chip/Chip.h"
#include "lib/Frontend/Frontend.h"
#include "lib/Schedule/Schedule.h"

namespace terrazzo::tool {

/// What an artifact is made from.
struct CompileInputs {
  llvm::StringRef source;
  std::string kernel;
  std::string signature; // as --sig
  std::vector<frontend::Argument> arguments;
  std::string sharedMemory; // driver::sharedMemory
  chip::Chip chip;
  schedule::Schedule schedule;
  std::vector<std::string> imported; // texts of other files
};

class CompileCache {
public:
  /// Finds and keeps nothing unless \p isUsed.
  explicit CompileCache(bool isUsed)
      : cache(isUsed ? artifact::Cache::defaultFolder() : "") {}

  std::optional<artifact::Artifact> find(const CompileInputs &inputs) const;
  void keep(const CompileInputs &inputs, const std::string &bytes) const;

private:
  artifact::Cache cache;
};

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_COMPILECACHE_H
