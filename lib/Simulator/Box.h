// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bytes that an access touches, exactly: runs of adjacent bytes at the
// corners of a grid.
#ifndef TERRAZZO_LIB_SIMULATOR_BOX_H
#define TERRAZZO_LIB_SIMULATOR_BOX_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>

namespace terrazzo::simulator {

class Box {
public:
  /// \p shape elements of \p size bytes, the first at byte \p first.
  Box(int64_t first, int64_t size, llvm::ArrayRef<int64_t> shape,
      llvm::ArrayRef<int64_t> strides);

  int64_t low() const { return first; }
  int64_t high() const { return last; } // one past the last byte
  bool isEmpty() const { return first == last; }
  bool overlaps(const Box &other) const;
  /// Whether it surely has all bytes of the other.
  bool contains(const Box &other) const;

private:
  struct Side {
    int64_t stride, extent;
    bool operator==(const Side &) const = default;
  };
  int64_t first, last, run;
  llvm::SmallVector<Side, 4> sides; // the largest stride first
};

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_BOX_H
