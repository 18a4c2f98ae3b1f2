// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/Timing.h"

#include "lib/Simulator/Arithmetic.h"

#include <cstdlib>

using namespace terrazzo;
using namespace terrazzo::simulator;

namespace {
/// Extents and distances of a box, the smallest distance first.
struct Sides {
  llvm::SmallVector<std::pair<int64_t, int64_t>, 6> all; // distance, extent
  void add(int64_t distance, int64_t extent) {
    if (extent == 1)
      return;
    distance = std::abs(distance);
    size_t i = all.size();
    all.push_back({distance, extent});
    for (; i > 0 && all[i - 1].first > distance; --i)
      all[i] = all[i - 1];
    all[i] = {distance, extent};
  }
  /// Bytes of a run of adjacent elements.
  int64_t run(int64_t size) const {
    for (auto [distance, extent] : all) {
      if (distance != size)
        break;
      size *= extent;
    }
    return size;
  }
};
} // namespace

static Moved moved(int64_t elements, int64_t size, int64_t run) {
  if (elements == 0)
    return {};
  return {elements * size, elements * size / run, run};
}

static Moved movedIn(const Window &window) {
  Sides sides;
  int64_t size = bytesOf(window.type), elements = 1;
  for (auto [n, s] : llvm::zip(window.shape, window.strides)) {
    sides.add(s * size, n);
    elements *= n;
  }
  return moved(elements, size, sides.run(size));
}

static Moved movedIn(const GlobalWindow &window, const Word *registers) {
  Sides sides;
  int64_t size = bytesOf(window.type), elements = 1;
  for (size_t d = 0; d < window.shape.size(); ++d) {
    int64_t low = 0, high = window.shape[d];
    if (d < window.low.size())
      low = std::max(low, valueOf(window.low[d], registers));
    if (d < window.high.size())
      high = std::min(high, valueOf(window.high[d], registers));
    int64_t n = std::max<int64_t>(0, high - low);
    elements *= n;
    // Positions that an index picks are taken one by one.
    bool isPicked =
        window.index && (window.indexDim < 0 || size_t(window.indexDim) == d);
    int64_t stride =
        d < window.strides.size() ? valueOf(window.strides[d], registers) : 0;
    sides.add(isPicked ? INT64_MAX : stride * size, n);
  }
  return moved(elements, size, sides.run(size));
}

Moved simulator::movedBy(const Transfer &work, const Word *registers) {
  if (work.global)
    return movedIn(*work.global, registers);
  Moved from = movedIn(*work.source), to = movedIn(*work.target);
  return from.runs > to.runs ? from : to;
}

Moved simulator::movedBy(const Element &work, const Word *registers) {
  int64_t size = bytesOf(work.global ? work.global->type : work.window->type);
  return {size, 1, size};
}

double simulator::occupancy(const Path &path, const Moved &moved) {
  if (moved.runs == 0)
    return 0;
  int64_t burst = std::max<int64_t>(1, path.burst);
  int64_t bursts = (moved.run + burst - 1) / burst;
  double time = double(moved.runs) * path.setup;
  if (path.bandwidth > 0)
    time +=
        double(moved.runs) * double(bursts) * double(burst) / path.bandwidth;
  return time;
}
