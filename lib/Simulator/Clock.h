// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an agent knows to be over: of every stream and every engine in order how
// many of its accesses, and which works of engines that keep no order.
#ifndef TERRAZZO_LIB_SIMULATOR_CLOCK_H
#define TERRAZZO_LIB_SIMULATOR_CLOCK_H

#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <utility>

namespace terrazzo::simulator {

class Clock {
public:
  bool covers(int agent, uint64_t epoch) const {
    return size_t(agent) < epochs.size() && epochs[agent] >= epoch;
  }
  bool coversWork(uint64_t work) const;
  uint64_t epoch(int agent) const {
    return size_t(agent) < epochs.size() ? epochs[agent] : 0;
  }
  /// The next epoch of \p agent.
  uint64_t advance(int agent);
  void finish(uint64_t work);
  void join(const Clock &other);

  /// Of \p clocks, of which \p taken are counted and nobody knows which: what
  /// is known then, and what the others are afterwards.
  static Clock takeAny(llvm::MutableArrayRef<Clock> clocks, size_t taken);
  /// Whether this clock has all that the other has.
  bool includes(const Clock &other) const;
  /// What both know.
  static Clock meet(const Clock &a, const Clock &b);

private:
  using Works = llvm::SmallVector<std::pair<uint64_t, uint64_t>, 2>;
  static Works unite(const Works &a, const Works &b);
  static Works intersect(const Works &a, const Works &b);
  llvm::SmallVector<uint64_t, 8> epochs;
  Works works; // from … up to, apart and ascending
};

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_CLOCK_H
