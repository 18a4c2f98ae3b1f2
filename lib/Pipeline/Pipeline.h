// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one place where the order of the passes is written that all targets
// share.
#ifndef TERRAZZO_LIB_PIPELINE_PIPELINE_H
#define TERRAZZO_LIB_PIPELINE_PIPELINE_H

#include "lib/Schedule/Schedule.h"

#include "mlir/IR/BuiltinOps.h"

namespace terrazzo {

/// From the kernel that its author wrote to the whole launch under a schedule:
/// Kernel IR in, Tile IR (form 1, unplaced) out, in place. Fails after an
/// error, which was reported: what the schedule asks for cannot be done, or
/// what the kernel does cannot be said in Tile IR. With \p mayOverlap arguments
/// may share memory, and what would need the contrary is refused.
llvm::LogicalResult toTile(mlir::ModuleOp module,
                           const schedule::Schedule &schedule,
                           DiagnosticEngine &engine, bool mayOverlap = false);

} // namespace terrazzo

#endif // TERRAZZO_LIB_PIPELINE_PIPELINE_H
