// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The orders of `tile.order`: bijections from a flat index to a grid.
#ifndef TERRAZZO_DIALECTS_TILE_ORDER_H
#define TERRAZZO_DIALECTS_TILE_ORDER_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>

namespace terrazzo::tile {

enum class OrderKind { Row, Grouped, Snake, Hilbert };

std::optional<OrderKind> orderNamed(llvm::StringRef name);

/// The point number \p t of the grid \p extents, 0 <= t < their product. All
/// orders but `row` walk the last two dimensions in their own way and the ones
/// before by rows: `grouped` goes down \p group rows of a column before the
/// next column (Triton's tutorial), `snake` turns round at the end of a row,
/// `hilbert` follows the curve of the enclosing square.
llvm::SmallVector<int64_t> inOrder(OrderKind kind, int64_t group,
                                   llvm::ArrayRef<int64_t> extents, int64_t t);

} // namespace terrazzo::tile

#endif // TERRAZZO_DIALECTS_TILE_ORDER_H
