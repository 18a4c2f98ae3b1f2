// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// R6: the replicas of a role share a dimension of its accumulators.
#ifndef TERRAZZO_LIB_TRANSFORMS_PIPELINING_REPLICAS_H
#define TERRAZZO_LIB_TRANSFORMS_PIPELINING_REPLICAS_H

#include "dialects/Tile/Tile.h"

namespace terrazzo::tile {

/// Gives each of the \p replicas of the role whose body is \p region its part
/// of dimension \p dim of every `mma` result, and of all that follows from it.
/// The channels' shares say what a replica sees of a payload.
mlir::LogicalResult splitReplicas(mlir::Region &region, int64_t replicas,
                                  int64_t dim);

} // namespace terrazzo::tile

#endif // TERRAZZO_LIB_TRANSFORMS_PIPELINING_REPLICAS_H
