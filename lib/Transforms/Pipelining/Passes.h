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

void registerPipeliningPasses();

} // namespace terrazzo

#endif // TERRAZZO_LIB_TRANSFORMS_PIPELINING_PASSES_H
