// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums that can stay in a matrix engine's own memory.
#ifndef TERRAZZO_LIB_TRANSFORMS_BUFFERS_ACCUMULATORS_H
#define TERRAZZO_LIB_TRANSFORMS_BUFFERS_ACCUMULATORS_H

#include "dialects/Kernel/Kernel.h"
#include "dialects/Tile/Tile.h"

#include "llvm/ADT/DenseSet.h"

namespace terrazzo::buffers {

/// The values of a launch that are sums of products alone: they begin with 0
/// and only products add to them, through loops and branches. Other readers
/// read them out.
llvm::DenseSet<mlir::Value> accumulatorsOf(mlir::Operation *root);

/// Where a product adds to a value that vector code made, it gets a sum of its
/// own, which vector code adds: afterwards every product's sum is an
/// accumulator.
void splitAccumulators(mlir::Operation *root);

/// The sum among \p sums that \p store stores, rounded to its memory's element
/// where that differs; null: it stores something else, or under a mask.
mlir::Value storedSum(tile::StoreOp store,
                      const llvm::DenseSet<mlir::Value> &sums);

/// Marks the stores of sums as `direct`: they need no ring.
void markDirectStores(mlir::Operation *root);

/// A block of zeros that is nothing else.
bool isZeroBlock(mlir::Value value);

} // namespace terrazzo::buffers

#endif // TERRAZZO_LIB_TRANSFORMS_BUFFERS_ACCUMULATORS_H
