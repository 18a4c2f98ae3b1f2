// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From form 1 of Tile IR to form 2 (docs/Spec/Tile.md). What a schedule says
// stands on the launch as `schedule = #tile.schedule<{roles, channels}>`.
#ifndef TERRAZZO_LIB_TRANSFORMS_PIPELINING_PASSES_H
#define TERRAZZO_LIB_TRANSFORMS_PIPELINING_PASSES_H

#include "mlir/Pass/Pass.h"

#include <memory>

namespace terrazzo {

/// Annotations `role` become `tile.roles` that meet through channels.
std::unique_ptr<mlir::Pass> createPartitionRoles();
/// Annotations `stage` of a loop become a skewed loop with self channels.
std::unique_ptr<mlir::Pass> createPipelining();
/// A loop whose guards hold but at its ends becomes its first and last
/// iterations and a loop without them (P3).
std::unique_ptr<mlir::Pass> createPeelGuards();
/// Remarks what is not proved of the balance of channels (B4); with \p strict
/// errors.
std::unique_ptr<mlir::Pass> createVerifyBalance(bool strict = false);

/// The grid becomes one loop over programs on each of \p cores cores.
std::unique_ptr<mlir::Pass> createSpreadGrid(int64_t cores = 1);
/// Loads that can run an iteration ahead, into rings of \p memory, get
/// `stage`s.
std::unique_ptr<mlir::Pass> createStageLoads(llvm::StringRef memory = "",
                                             int64_t depth = 2);
/// What is stored, and with \p loads what is loaded, goes through rings; what
/// only products read through rings of \p operands.
std::unique_ptr<mlir::Pass> createRingAccesses(llvm::StringRef memory = "",
                                               int64_t depth = 2,
                                               bool loads = false,
                                               llvm::StringRef operands = "");
/// Slots are released after the last use of what was loaded from them.
std::unique_ptr<mlir::Pass> createHoldSlots();

void registerPipeliningPasses();

} // namespace terrazzo

#endif // TERRAZZO_LIB_TRANSFORMS_PIPELINING_PASSES_H
