// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_LIB_FRONTEND_SOURCEOPTIONS_H
#define TERRAZZO_LIB_FRONTEND_SOURCEOPTIONS_H

#include "terrazzo/Limits.h"

#include <string>
#include <vector>

namespace terrazzo::frontend {

/// What may be read, and what it may cost.
struct SourceOptions {
  Limits limits;
  /// The folders of `-I`, in which imports are looked for, in their order.
  std::vector<std::string> roots;
};

} // namespace terrazzo::frontend

#endif // TERRAZZO_LIB_FRONTEND_SOURCEOPTIONS_H
