// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The chip files of all families, for the tools.
#ifndef TERRAZZO_TOOLS_CHIPS_CHIPS_H
#define TERRAZZO_TOOLS_CHIPS_CHIPS_H

#include "lib/Chip/Chip.h"

namespace terrazzo::tool {

std::vector<chip::File> chipFiles();

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_CHIPS_CHIPS_H
