// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which part of global memory a launch touches: behind a cache that all cores
// share, memory itself moves each block once, as long as all fit.
#ifndef TERRAZZO_LIB_SIMULATOR_TRAFFIC_H
#define TERRAZZO_LIB_SIMULATOR_TRAFFIC_H

#include "lib/Simulator/Program.h"

#include "llvm/ADT/BitVector.h"

#include <map>

namespace terrazzo::simulator {

class Traffic {
public:
  /// Bytes of a block. Assumed, between the sectors of a cache and the rows of
  /// a memory; only ragged edges depend on it.
  static constexpr int64_t block = 512;

  void touch(const GlobalWindow &window, const Word *registers);
  void join(const Traffic &other);
  /// Bytes that memory moves: each block once, and again what does not stay in
  /// a cache of \p capacity bytes.
  double bytes(int64_t capacity) const;

private:
  void mark(int64_t address, int64_t bytes);

  std::map<int, llvm::BitVector> blocks; // by buffer
  int64_t picked = 0;                    // bytes at places that data decides
  int64_t moved = 0;
};

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_TRAFFIC_H
