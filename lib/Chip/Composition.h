// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A chip made of several dies, or a system of several chips.
#ifndef TERRAZZO_LIB_CHIP_COMPOSITION_H
#define TERRAZZO_LIB_CHIP_COMPOSITION_H

#include "lib/Chip/Chip.h"

namespace terrazzo::chip {

/// Makes \p chip \p count of itself: what is said of the whole chip (dies,
/// the memories of its scope, rates in operations a second, power, price) is
/// multiplied and becomes derived; what is said of one core, engine or path
/// stays. Its own file may then say better.
void multiply(Chip &chip, const Quantity &count);

} // namespace terrazzo::chip

#endif // TERRAZZO_LIB_CHIP_COMPOSITION_H
