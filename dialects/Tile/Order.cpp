// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tile/Order.h"

#include "llvm/ADT/StringSwitch.h"

#include <algorithm>

using namespace terrazzo::tile;

std::optional<OrderKind> terrazzo::tile::orderNamed(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<OrderKind>>(name)
      .Case("row", OrderKind::Row)
      .Case("grouped", OrderKind::Grouped)
      .Case("snake", OrderKind::Snake)
      .Case("hilbert", OrderKind::Hilbert)
      .Default(std::nullopt);
}

/// How many cells of the square of \p side at (x, y) lie in the grid.
static int64_t inside(int64_t x, int64_t y, int64_t side, int64_t rows,
                      int64_t columns) {
  int64_t h = std::clamp<int64_t>(rows - x, 0, side),
          w = std::clamp<int64_t>(columns - y, 0, side);
  return h * w;
}

/// Goes down from square to quarter, skipping what lies outside the grid.
static std::pair<int64_t, int64_t> hilbert(int64_t rows, int64_t columns,
                                           int64_t t) {
  int64_t side = 1;
  while (side < rows || side < columns)
    side *= 2;
  int64_t x = 0, y = 0;
  // The curve enters the square at one corner and leaves at a neighbour: (ux,
  // uy) leads from the entry along the first side, (vx, vy) across.
  int64_t ux = 0, uy = 1, vx = 1, vy = 0, cx = 0, cy = 0; // entry corner, 0 / 1
  while (side > 1) {
    side /= 2;
    // Quarters by their offset from the entry: 0, u, u + v, v.
    const int64_t du[4] = {0, 1, 1, 0}, dv[4] = {0, 0, 1, 1};
    for (int q = 0; q < 4; ++q) {
      int64_t qx = cx + du[q] * ux + dv[q] * vx,
              qy = cy + du[q] * uy + dv[q] * vy;
      int64_t n = inside(x + qx * side, y + qy * side, side, rows, columns);
      if (t >= n) {
        t -= n;
        continue;
      }
      x += qx * side;
      y += qy * side;
      if (q == 0) { // u and v change places
        std::swap(ux, vx);
        std::swap(uy, vy);
      } else if (q == 3) { // and look back
        int64_t ax = ux, ay = uy;
        ux = -vx, uy = -vy;
        vx = -ax, vy = -ay;
      }
      cx = ux + vx < 0 ? 1 : 0;
      cy = uy + vy < 0 ? 1 : 0;
      break;
    }
  }
  return {x, y};
}

static std::pair<int64_t, int64_t> inPlane(OrderKind kind, int64_t group,
                                           int64_t rows, int64_t columns,
                                           int64_t t) {
  int64_t row = t / columns, column = t % columns;
  if (kind == OrderKind::Snake)
    return {row, row % 2 ? columns - 1 - column : column};
  if (kind == OrderKind::Hilbert)
    return hilbert(rows, columns, t);
  if (kind == OrderKind::Grouped) {
    group = std::clamp<int64_t>(group, 1, rows);
    int64_t first = t / (group * columns) * group;
    int64_t height = std::min(rows - first, group);
    int64_t within = t % (group * columns);
    return {first + within % height, within / height};
  }
  return {row, column};
}

llvm::SmallVector<int64_t>
terrazzo::tile::inOrder(OrderKind kind, int64_t group,
                        llvm::ArrayRef<int64_t> extents, int64_t t) {
  llvm::SmallVector<int64_t> at(extents.size(), 0);
  size_t planes = extents.size();
  if (kind != OrderKind::Row && extents.size() >= 2) {
    planes -= 2;
    int64_t rows = extents[planes], columns = extents[planes + 1];
    std::tie(at[planes], at[planes + 1]) =
        inPlane(kind, group, rows, columns, t % (rows * columns));
    t /= rows * columns;
  }
  for (size_t d = planes; d-- > 0;) {
    at[d] = t % extents[d];
    t /= extents[d];
  }
  return at;
}
