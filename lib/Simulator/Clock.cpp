// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/Clock.h"

#include <algorithm>

using namespace terrazzo::simulator;

bool Clock::coversWork(uint64_t work) const {
  auto after = std::upper_bound(
      works.begin(), works.end(), work,
      [](uint64_t w, const auto &range) { return w < range.first; });
  return after != works.begin() && work < std::prev(after)->second;
}

uint64_t Clock::advance(int agent) {
  if (size_t(agent) >= epochs.size())
    epochs.resize(size_t(agent) + 1, 0);
  return ++epochs[agent];
}

void Clock::finish(uint64_t work) { works = unite(works, {{work, work + 1}}); }

Clock::Works Clock::unite(const Works &a, const Works &b) {
  Works out;
  for (size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    bool isFirst = j == b.size() || (i < a.size() && a[i].first < b[j].first);
    auto next = isFirst ? a[i++] : b[j++];
    if (!out.empty() && next.first <= out.back().second)
      out.back().second = std::max(out.back().second, next.second);
    else
      out.push_back(next);
  }
  return out;
}

Clock::Works Clock::intersect(const Works &a, const Works &b) {
  Works out;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    uint64_t low = std::max(a[i].first, b[j].first),
             high = std::min(a[i].second, b[j].second);
    if (low < high)
      out.push_back({low, high});
    (a[i].second < b[j].second ? i : j) += 1;
  }
  return out;
}

void Clock::join(const Clock &other) {
  if (epochs.size() < other.epochs.size())
    epochs.resize(other.epochs.size(), 0);
  for (size_t i = 0; i < other.epochs.size(); ++i)
    epochs[i] = std::max(epochs[i], other.epochs[i]);
  if (works != other.works)
    works = unite(works, other.works);
}

Clock Clock::meet(const Clock &a, const Clock &b) {
  Clock out;
  size_t n = std::min(a.epochs.size(), b.epochs.size());
  for (size_t i = 0; i < n; ++i)
    out.epochs.push_back(std::min(a.epochs[i], b.epochs[i]));
  out.works = intersect(a.works, b.works);
  return out;
}

bool Clock::includes(const Clock &other) const {
  for (size_t i = 0; i < other.epochs.size(); ++i)
    if (other.epochs[i] > epoch(int(i)))
      return false;
  return unite(works, other.works) == works;
}

/// Any of them may have been counted first: of each component the smallest are
/// taken, and the largest stay.
Clock Clock::takeAny(llvm::MutableArrayRef<Clock> clocks, size_t taken) {
  // Passes of exchanges: clocks[i] gets what both know, the later one the rest.
  bool isOrdered = true;
  for (size_t i = 0; i + 1 < clocks.size() && isOrdered; ++i)
    isOrdered = clocks[i + 1].includes(clocks[i]);
  for (size_t i = 0; i < taken && !isOrdered; ++i)
    for (size_t j = clocks.size() - 1; j > i; --j) {
      Clock low = meet(clocks[j - 1], clocks[j]);
      clocks[j].join(clocks[j - 1]);
      clocks[j - 1] = std::move(low);
    }
  Clock out;
  for (size_t i = 0; i < taken; ++i)
    out.join(clocks[i]);
  return out;
}
