// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What only a chip file can say of a program: whether its names, sizes, paths
// and places are the chip's (docs/Spec/Tile.md, "On a chip").
#ifndef TERRAZZO_LIB_SCHEDULE_PASSES_H
#define TERRAZZO_LIB_SCHEDULE_PASSES_H

#include "lib/Chip/Chip.h"

#include "mlir/Pass/Pass.h"

#include <functional>
#include <memory>

namespace terrazzo {

/// The chip of a name; nothing after an error, which was reported.
using ChipLookup = std::function<std::optional<chip::Chip>(llvm::StringRef)>;

/// Holds every launch against \p chip. Errors name the op and, in a note, the
/// line of the chip file.
std::unique_ptr<mlir::Pass> createVerifyOnChip(chip::Chip chip);
/// Writes which ops may still run when others need them, as attributes.
std::unique_ptr<mlir::Pass> createEnginesInFlight(chip::Chip chip);

/// As passes with the option `chip`, a name that \p lookup knows.
void registerSchedulePasses(ChipLookup lookup);

} // namespace terrazzo

#endif // TERRAZZO_LIB_SCHEDULE_PASSES_H
