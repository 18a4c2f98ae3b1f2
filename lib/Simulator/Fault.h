// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_LIB_SIMULATOR_FAULT_H
#define TERRAZZO_LIB_SIMULATOR_FAULT_H

#include "lib/Diagnostics/Diagnostics.h"

#include "mlir/IR/Location.h"
#include "llvm/ADT/SmallVector.h"

namespace terrazzo::simulator {

/// What ends the simulation of a core; thrown, and reported by who knows the
/// instruction and the core.
struct Fault {
  DiagnosticKind kind;
  llvm::SmallVector<std::string, 4> words; // of its text; at most five
  struct Note {
    DiagnosticKind kind;
    std::optional<mlir::Location> where;
    llvm::SmallVector<std::string, 4> words;
  };
  std::vector<Note> notes;
};

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_FAULT_H
