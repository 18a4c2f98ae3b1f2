// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an index is a multiple of, as far as its arithmetic tells.
#ifndef TERRAZZO_DIALECTS_TILE_DIVISORS_H
#define TERRAZZO_DIALECTS_TILE_DIVISORS_H

#include "mlir/IR/Value.h"

namespace terrazzo::tile {

/// The largest number that is known to divide \p value; 0 for zero, which
/// everything divides.
int64_t divisorOf(mlir::Value value);

/// Whether \p divisor, as `divisorOf` gives it, is a multiple of \p granule.
inline bool isMultiple(int64_t divisor, int64_t granule) {
  return divisor == 0 || divisor % granule == 0;
}

} // namespace terrazzo::tile

#endif // TERRAZZO_DIALECTS_TILE_DIVISORS_H
