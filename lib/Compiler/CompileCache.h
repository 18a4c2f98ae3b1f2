// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled kernels by all that they depend on, this very program included.
#ifndef TERRAZZO_LIB_COMPILER_COMPILECACHE_H
#define TERRAZZO_LIB_COMPILER_COMPILECACHE_H

#include "lib/Artifact/Cache.h"
#include "lib/Frontend/Frontend.h"
#include "lib/Schedule/Schedule.h"
#include "lib/Target/ChooseChip.h"

namespace terrazzo {

/// What an artifact is made from.
struct CompileInputs {
  llvm::StringRef source;
  std::string kernel;
  std::string signature; // as --sig
  std::vector<frontend::Argument> arguments;
  std::string sharedMemory; // driver::sharedMemory
  ChosenChip chip;
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

} // namespace terrazzo

#endif // TERRAZZO_LIB_COMPILER_COMPILECACHE_H
