// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/Box.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

using namespace terrazzo::simulator;

Box::Box(int64_t from, int64_t size, llvm::ArrayRef<int64_t> shape,
         llvm::ArrayRef<int64_t> strides)
    : first(from), last(from), run(size) {
  for (auto [n, s] : llvm::zip(shape, strides)) {
    if (n <= 0)
      return;
    if (s < 0)
      first += (n - 1) * s;
    if (n > 1 && s != 0)
      sides.push_back({s < 0 ? -s : s, n});
  }
  llvm::sort(sides,
             [](const Side &a, const Side &b) { return a.stride > b.stride; });
  while (!sides.empty() && sides.back().stride <= run) {
    run += (sides.back().extent - 1) * sides.back().stride;
    sides.pop_back();
  }
  last = first + run;
  for (const Side &side : sides)
    last += (side.extent - 1) * side.stride;
}

bool Box::contains(const Box &other) const {
  if (sides.empty())
    return first <= other.first && other.last <= last;
  return first == other.first && run == other.run && sides == other.sides;
}

static int64_t floorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0); }

namespace {
/// Two boxes under the strides of both: a side that one lacks is one long.
struct Pair {
  struct Level {
    int64_t stride, a, b; // extents
    int64_t spanA, spanB; // of what lies within
  };
  llvm::SmallVector<Level, 8> levels;
  int64_t runA, runB;

  /// \p d: how far b's corner lies after a's.
  bool meet(size_t level, int64_t d) const {
    if (level == levels.size())
      return d < runA && -d < runB;
    const Level &l = levels[level];
    // b lies at d + k * stride from a, for k from -(a - 1) to b - 1.
    int64_t low = floorDivide(-l.spanB - d, l.stride) + 1,
            high = floorDivide(l.spanA - 1 - d, l.stride);
    low = std::max(low, 1 - l.a);
    high = std::min(high, l.b - 1);
    for (int64_t k = low; k <= high; ++k)
      if (meet(level + 1, d + k * l.stride))
        return true;
    return false;
  }
};
} // namespace

bool Box::overlaps(const Box &other) const {
  if (first >= other.last || other.first >= last)
    return false;
  if (isEmpty() || other.isEmpty())
    return false;
  Pair pair{{}, run, other.run};
  for (size_t i = 0, j = 0; i < sides.size() || j < other.sides.size();) {
    int64_t a = i < sides.size() ? sides[i].stride : 0,
            b = j < other.sides.size() ? other.sides[j].stride : 0;
    int64_t stride = std::max(a, b);
    pair.levels.push_back({stride, a == stride ? sides[i++].extent : 1,
                           b == stride ? other.sides[j++].extent : 1, 0, 0});
  }
  int64_t spanA = run, spanB = other.run;
  for (auto &level : llvm::reverse(pair.levels)) {
    level.spanA = spanA;
    level.spanB = spanB;
    spanA += (level.a - 1) * level.stride;
    spanB += (level.b - 1) * level.stride;
  }
  return pair.meet(0, other.first - first);
}
