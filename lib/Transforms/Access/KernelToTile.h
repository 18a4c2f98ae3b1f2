// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernel IR, one program, becomes Tile IR, the whole launch: pointer and mask
// arithmetic is recovered as views with extents, the grid becomes a
// `tile.launch`, elementwise ops become `tile.map`s.
#ifndef TERRAZZO_LIB_TRANSFORMS_ACCESS_KERNELTOTILE_H
#define TERRAZZO_LIB_TRANSFORMS_ACCESS_KERNELTOTILE_H

#include "lib/Diagnostics/Diagnostics.h"

#include "mlir/IR/BuiltinOps.h"

namespace terrazzo {

/// Converts the kernel of \p module in place (form 1, unplaced). Its function
/// gets three more arguments, the extents of the grid. What cannot be said in
/// Tile IR yet is reported by name.
llvm::LogicalResult kernelToTile(mlir::ModuleOp module,
                                 DiagnosticEngine &engine);

} // namespace terrazzo

#endif // TERRAZZO_LIB_TRANSFORMS_ACCESS_KERNELTOTILE_H
