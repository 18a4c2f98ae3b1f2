// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which registers and which memory an instruction reads and writes.
#ifndef TERRAZZO_LIB_SIMULATOR_USES_H
#define TERRAZZO_LIB_SIMULATOR_USES_H

#include "lib/Simulator/Program.h"

namespace terrazzo::simulator {

struct Uses {
  llvm::SmallVector<const Window *, 6> reads, writes; // of the core's memory
  const GlobalWindow *global = nullptr;
  bool readsGlobal = false, writesGlobal = false, isAtomic = false;
  /// Registers that what is computed needs; those that say how much a transfer
  /// moves, where control goes, and what an event counts.
  llvm::SmallVector<Register, 8> values, steering;
  llvm::SmallVector<Register, 2> results;
};

Uses usesOf(const Program &program, const Instruction &instruction);

/// Of a run that only takes time: the instructions that must be computed all
/// the same, since control, an event or the size of a transfer depends on them.
std::vector<bool> steeringOf(const Program &program);

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_USES_H
