// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The memory that a run takes for its arguments, held against what there is
// before any is taken: a system that has given out more than it has ends the
// program without a word.
#ifndef TERRAZZO_LIB_DRIVER_FOOTPRINT_H
#define TERRAZZO_LIB_DRIVER_FOOTPRINT_H

#include "lib/Interpreter/Tensor.h"
#include "terrazzo/Limits.h"

namespace terrazzo::driver {

/// How often a run holds its arguments at once at least, when it holds them
/// most often: as the oracle's elements, and as a device's.
struct Footprint {
  uint64_t oracle = 1, device = 0;
  /// Only how many elements there are of floats matters: they get no contents.
  bool timesOnly = false;

  uint64_t bytesEach(const interpreter::ElementType &type) const;
};

/// Bytes that this process can still have: what the system has without taking
/// it from others, what the container allows, what the limit `memory` leaves.
uint64_t memoryThere(const Limits &limits);

} // namespace terrazzo::driver

#endif // TERRAZZO_LIB_DRIVER_FOOTPRINT_H
