// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Windows into the arguments, and which of their elements a launch touched.
#ifndef TERRAZZO_LIB_SURVEY_WINDOWS_H
#define TERRAZZO_LIB_SURVEY_WINDOWS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace terrazzo::survey {

using Elements = std::shared_ptr<const std::vector<int64_t>>;

/// Positions of a dimension, the second not included.
struct Range {
  int64_t low = 0, high = 0;
  int64_t size() const { return high > low ? high - low : 0; }
  Range within(Range other) const {
    return {std::max(low, other.low), std::min(high, other.high)};
  }
};

enum class Edge : uint8_t { In, Fill, Clamp, Wrap };

struct Axis {
  int64_t stride = 1;
  int64_t extent = -1; // of the array; -1: unknown
  int64_t offset = 0;
  Edge edge = Edge::In;
  Elements index; // gathered: the positions themselves
};

struct Window {
  int buffer = -1;        // -1: private memory, or none of the arguments
  bool isAddress = false; // positions count from address 0, in elements
  int64_t bytesEach = 1;
  int64_t base = 0;
  llvm::SmallVector<Axis, 3> axes;
  llvm::SmallVector<int, 3> dims; // the axis of each dimension
  llvm::SmallVector<int64_t, 3> shape;
  bool isReshaped = false; // a rank-1 array gathered by a tensor of higher rank

  /// The positions of each dimension that lie inside the array, where that is
  /// one range; gathered dimensions count as inside.
  llvm::SmallVector<Range, 2> inside() const;
  /// The elements of the memory in row-major order; -1 for what is filled.
  std::vector<int64_t> elements() const;
};

/// A set of elements of a memory.
class Touched {
public:
  explicit Touched(int64_t count) : bits((count + 63) / 64), count(count) {}
  void add(int64_t first, int64_t number);
  /// All elements of a window in one memory. With \p active only those where
  /// it is not 0.
  void add(const Window &window, const std::vector<int64_t> *active);
  int64_t size() const;

private:
  std::vector<uint64_t> bits;
  int64_t count;
};

} // namespace terrazzo::survey

#endif // TERRAZZO_LIB_SURVEY_WINDOWS_H
