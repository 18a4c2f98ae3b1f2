// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Survey/Windows.h"

#include <algorithm>
#include <bit>

using namespace terrazzo::survey;

/// Where position \p c leads, in elements; -1 where it is filled or nowhere.
static int64_t place(const Axis &axis, int64_t c) {
  bool outside = axis.extent >= 0 && (c < 0 || c >= axis.extent);
  if (outside && axis.extent > 0 && axis.edge == Edge::Clamp)
    c = std::clamp<int64_t>(c, 0, axis.extent - 1);
  else if (outside && axis.extent > 0 && axis.edge == Edge::Wrap)
    c = (c % axis.extent + axis.extent) % axis.extent;
  else if (outside)
    return INT64_MIN;
  return int64_t(uint64_t(c) * uint64_t(axis.stride));
}

static int64_t positionOf(const Axis &axis, int64_t i) {
  return axis.index ? (*axis.index)[size_t(i)] : axis.offset + i;
}

llvm::SmallVector<Range, 2> Window::inside() const {
  llvm::SmallVector<Range, 2> out;
  for (size_t d = 0; d < shape.size(); ++d) {
    Range all{0, shape[d]};
    const Axis *axis = isReshaped ? nullptr : &axes[dims[d]];
    bool ends = axis && axis->extent >= 0 && !axis->index &&
                (axis->edge == Edge::Fill || axis->edge == Edge::In);
    out.push_back(
        ends ? all.within({-axis->offset, axis->extent - axis->offset}) : all);
  }
  return out;
}

namespace {
/// The parts of elements that a window's dimensions give.
struct Tables {
  int64_t start = 0;
  bool isEmpty = false;
  std::vector<std::vector<int64_t>> each; // by dimension, outermost first
  explicit Tables(const Window &w);
};
} // namespace

Tables::Tables(const Window &w) : start(w.base) {
  auto add = [&](const Axis &axis, int64_t n) {
    std::vector<int64_t> &table = each.emplace_back();
    table.reserve(size_t(n));
    for (int64_t i = 0; i < n; ++i)
      table.push_back(place(axis, positionOf(axis, i)));
  };
  if (w.isReshaped) {
    int64_t n = 1;
    for (int64_t d : w.shape)
      n *= d;
    add(w.axes[0], n);
    return;
  }
  for (size_t a = 0; a < w.axes.size(); ++a) {
    if (std::find(w.dims.begin(), w.dims.end(), int(a)) != w.dims.end())
      continue;
    int64_t at = place(w.axes[a], positionOf(w.axes[a], 0));
    isEmpty |= at == INT64_MIN;
    start += isEmpty ? 0 : at;
  }
  for (size_t d = 0; d < w.dims.size(); ++d)
    add(w.axes[w.dims[d]], w.shape[d]);
}

std::vector<int64_t> Window::elements() const {
  Tables tables(*this);
  std::vector<int64_t> out{tables.isEmpty ? INT64_MIN : tables.start};
  for (const std::vector<int64_t> &table : tables.each) {
    std::vector<int64_t> more;
    more.reserve(out.size() * table.size());
    for (int64_t e : out)
      for (int64_t part : table)
        more.push_back(e == INT64_MIN || part == INT64_MIN ? INT64_MIN
                                                           : e + part);
    out = std::move(more);
  }
  std::replace(out.begin(), out.end(), INT64_MIN, int64_t(-1));
  return out;
}

void Touched::add(int64_t first, int64_t number) {
  // What lies outside is the oracle's to report.
  int64_t end = std::min(first + number, count);
  first = std::max<int64_t>(first, 0);
  while (first < end) {
    int64_t bit = first % 64, take = std::min<int64_t>(64 - bit, end - first);
    bits[size_t(first / 64)] |=
        (take == 64 ? ~uint64_t(0) : (uint64_t(1) << take) - 1) << bit;
    first += take;
  }
}

/// The runs of neighbours in a table, as (first, number).
static std::vector<std::pair<int64_t, int64_t>>
runsOf(const std::vector<int64_t> &table) {
  std::vector<std::pair<int64_t, int64_t>> runs;
  for (int64_t e : table) {
    if (e == INT64_MIN)
      continue;
    if (!runs.empty() && runs.back().first + runs.back().second == e)
      ++runs.back().second;
    else
      runs.push_back({e, 1});
  }
  return runs;
}

void Touched::add(const Window &window, const std::vector<int64_t> *active) {
  if (active) {
    std::vector<int64_t> all = window.elements();
    for (size_t i = 0; i < all.size(); ++i)
      if (all[i] >= 0 && (*active)[i])
        add(all[i], 1);
    return;
  }
  Tables tables(window);
  if (tables.isEmpty)
    return;
  if (tables.each.empty())
    return add(tables.start, 1);
  // The dimension of the smallest steps last: its runs are long.
  auto step = [](const std::vector<int64_t> &t) {
    return t.size() < 2 || t[0] == INT64_MIN || t[1] == INT64_MIN
               ? INT64_MAX
               : std::abs(t[1] - t[0]);
  };
  auto last =
      std::min_element(tables.each.begin(), tables.each.end(),
                       [&](auto &a, auto &b) { return step(a) < step(b); });
  auto runs = runsOf(*last);
  tables.each.erase(last);
  std::vector<int64_t> starts{tables.start};
  for (const std::vector<int64_t> &table : tables.each) {
    std::vector<int64_t> more;
    for (int64_t e : starts)
      for (int64_t part : table)
        if (part != INT64_MIN)
          more.push_back(e + part);
    starts = std::move(more);
  }
  for (int64_t e : starts)
    for (auto [first, number] : runs)
      add(e + first, number);
}

int64_t Touched::size() const {
  int64_t n = 0;
  for (uint64_t word : bits)
    n += std::popcount(word);
  return n;
}
