// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_TOOLS_TERRAZZO_CHEADER_H
#define TERRAZZO_TOOLS_TERRAZZO_CHEADER_H

#include "lib/Artifact/Artifact.h"

namespace terrazzo::tool {

/// A C header for the object file of an artifact: the entry's prototype, and in
/// comments what its arguments are.
std::string headerFor(const artifact::Artifact &artifact);

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_CHEADER_H
