// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a schedule does to the size of blocks, on Kernel IR on its way to Tile
// IR (the kernel that its author wrote stays as it is). Each returns what came
// of it in words, or the obstacle.
#ifndef TERRAZZO_LIB_TRANSFORMS_TILING_TILING_H
#define TERRAZZO_LIB_TRANSFORMS_TILING_TILING_H

#include "lib/Transforms/Tiling/Widening.h"

namespace terrazzo::tiling {

struct Outcome {
  /// The first op in the way; none when all went well.
  std::optional<Obstacle> obstacle;
  bool isDone = false;
};

/// coarsen: one program does \p factors[axis] neighbours of each axis. Where
/// their blocks are one longer block, as one; else, and in groups that turn out
/// not to be neighbours, one after the other, which is always allowed.
Outcome coarsen(mlir::func::FuncOp function, llvm::ArrayRef<int64_t> factors);

/// kmerge: \p factor steps of a loop become one over a block as much longer, in
/// every loop that adds up products or sums of such blocks; what is left over
/// runs in a loop as it was written.
Outcome mergeSteps(mlir::func::FuncOp function, int64_t factor);

/// subtile: dimension d of the block that is stored is done in \p parts[d]
/// parts, one after the other: only where no part can read what an earlier one
/// has stored. With \p mayOverlap the arguments may share memory.
Outcome subtile(mlir::func::FuncOp function, llvm::ArrayRef<int64_t> parts,
                bool mayOverlap);

} // namespace terrazzo::tiling

#endif // TERRAZZO_LIB_TRANSFORMS_TILING_TILING_H
