// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What can be said of a chip file only when all of it was read.
#ifndef TERRAZZO_LIB_CHIP_CHECKS_H
#define TERRAZZO_LIB_CHIP_CHECKS_H

#include "lib/Chip/Chip.h"

namespace terrazzo::chip {

/// Whether names of parts name parts, keys that must be there are there, and
/// the tiles of matrix engines fit into the memories of their operands. False
/// after an error, which was reported.
bool checkParts(const Chip &chip, DiagnosticEngine &engine);

} // namespace terrazzo::chip

#endif // TERRAZZO_LIB_CHIP_CHECKS_H
