// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_TARGETS_CPU_CHIPS_H
#define TERRAZZO_TARGETS_CPU_CHIPS_H

#include "lib/Chip/Chip.h"

namespace terrazzo::cpu {

/// The family's chip files (targets/Cpu/chips), part of the program.
std::vector<chip::File> chipFiles();

} // namespace terrazzo::cpu

#endif // TERRAZZO_TARGETS_CPU_CHIPS_H
