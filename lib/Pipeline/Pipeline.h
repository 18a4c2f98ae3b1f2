// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one place where the order of the passes is written that all targets
// share.
#ifndef TERRAZZO_LIB_PIPELINE_PIPELINE_H
#define TERRAZZO_LIB_PIPELINE_PIPELINE_H

#include "lib/Chip/Chip.h"
#include "lib/Schedule/Schedule.h"
#include "lib/Transforms/Buffers/Buffers.h"
#include "lib/Transforms/Decompose/Products.h"

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

/// How the cores of a modeled chip take a launch.
struct CorePlan {
  int64_t cores = 1;
  std::string memory; // of a core: where blocks arrive and leave
  /// Where blocks arrive that only products read; empty: where others do.
  std::string operandMemory;
  int64_t depth = 2; // slots of a ring
  /// Waits block a core's stream (P4): loops are skewed so that blocks arrive
  /// one iteration early. Else engines wait for one another.
  bool skew = true;
  /// Sums of products stay in a memory of their own.
  bool hasSums = false;
  /// They go to global memory without becoming blocks.
  bool storesSums = false;
  /// What the matrix engines multiply.
  HasProduct hasProduct;
};

/// The cores of \p chip, its matrix engines: a plan without memories.
CorePlan planFor(const chip::Chip &chip);

/// As \ref toTile, and on: each core has one loop over its programs, whose
/// blocks go through rings (form 2).
llvm::LogicalResult toCores(mlir::ModuleOp module,
                            const schedule::Schedule &schedule,
                            const CorePlan &plan, DiagnosticEngine &engine,
                            bool mayOverlap = false);

/// As \ref toCores, and on: a program over buffers in the memories of the
/// cores, in the instructions of \p family.
llvm::LogicalResult toBuffers(mlir::ModuleOp module,
                              const schedule::Schedule &schedule,
                              const CorePlan &plan, buffers::Family &family,
                              DiagnosticEngine &engine, bool mayOverlap);

/// Constants folded, equal values made once, what stays the same in a loop made
/// before it.
llvm::LogicalResult tidy(mlir::Operation *root);

} // namespace terrazzo

#endif // TERRAZZO_LIB_PIPELINE_PIPELINE_H
