// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_LIB_SIMULATOR_TIMING_H
#define TERRAZZO_LIB_SIMULATOR_TIMING_H

#include "lib/Simulator/Program.h"

namespace terrazzo::simulator {

/// What a transfer moves; it does not depend on what memory holds.
struct Moved {
  int64_t bytes = 0;
  int64_t runs = 0; // of adjacent bytes
  int64_t run = 0;  // bytes of each
};
Moved movedBy(const Transfer &work, const Word *registers);
Moved movedBy(const Element &work, const Word *registers);

/// How long a path is taken: bursts * burst / bandwidth and the setups.
double occupancy(const Path &path, const Moved &moved);

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_TIMING_H
