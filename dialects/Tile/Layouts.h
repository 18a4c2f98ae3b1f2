// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the elements of an array lie: what a nest means, factor by factor.
#ifndef TERRAZZO_DIALECTS_TILE_LAYOUTS_H
#define TERRAZZO_DIALECTS_TILE_LAYOUTS_H

#include "dialects/Tile/Tile.h"

#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace terrazzo::tile {

/// One digit of an address: \p size steps along dimension \p dim.
struct Factor {
  int64_t dim;
  int64_t size;
};

/// The nest of \p layout for an array of \p shape with elements of \p bits
/// bits, sizes of -1 resolved, outermost first; none for a linear layout and
/// where the sizes do not divide the shape.
std::optional<llvm::SmallVector<Factor>>
factors(mlir::Attribute layout, llvm::ArrayRef<int64_t> shape, unsigned bits);

/// The offset in elements of the element at \p index, padding not counted.
int64_t locate(llvm::ArrayRef<Factor> nest, llvm::ArrayRef<int64_t> index);

/// The index that a linear layout gives the unit whose coordinate along each
/// input stands in \p units (an input that is not named there is at 0): the
/// exclusive or of the bases whose bit is set.
llvm::SmallVector<int64_t>
indexAt(LinearAttr layout,
        llvm::ArrayRef<std::pair<llvm::StringRef, int64_t>> units);

/// What the offset along \p dim of a window of \p size elements there must be
/// a multiple of, so that the window cuts no block that it holds whole: in a
/// nest the largest product of inner factors that divides \p size, in a linear
/// layout the largest power of two that does.
int64_t granule(mlir::Attribute layout, int64_t dim, int64_t size,
                unsigned bits);

/// The bytes that a value of \p shape takes, padding and copies counted.
int64_t footprint(mlir::Attribute layout, llvm::ArrayRef<int64_t> shape,
                  unsigned bits);

} // namespace terrazzo::tile

#endif // TERRAZZO_DIALECTS_TILE_LAYOUTS_H
