// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops over many elements of a memory of the core, as fast as this machine
// can; the bits do not depend on the machine.
#ifndef TERRAZZO_LIB_SIMULATOR_LANES_H
#define TERRAZZO_LIB_SIMULATOR_LANES_H

#include "lib/Simulator/Arithmetic.h"

namespace terrazzo::simulator {

/// What a lane holds: floats of at most 32 bits, double, integers of at most
/// 32 bits, other integers and addresses; integers sign extended.
enum class Lane : uint8_t { Float, Double, Integer, Long };
inline Lane laneOf(const ElementType &type) {
  if (type.isFloat())
    return type.bits > 32 ? Lane::Double : Lane::Float;
  return type.bits > 32 ? Lane::Long : Lane::Integer;
}

/// out[i] = op(in[0][i], ...) for i < n; \p out may be an input.
using LaneLoop = void (*)(const Arithmetic &op, void *out,
                          const void *const *in, int64_t n);

struct LaneLoops {
  LaneLoop (*loop)(const Arithmetic &op);
  /// Rounds lanes to a format; null where the loop has done it.
  LaneLoop (*rounding)(const Arithmetic &op);
  /// n elements of memory, \p stride bytes apart, into lanes and back.
  void (*load)(const ElementType &type, const char *from, int64_t stride,
               void *lanes, int64_t n);
  void (*store)(const ElementType &type, const void *lanes, char *to,
                int64_t stride, int64_t n);
  /// acc (m x n, \p stride lanes a row) += a b: \p a packed m x k, \p b packed
  /// in panels of \ref panel columns, k x panel each, the last one padded.
  /// Each element sums in ascending k, with one rounding a step.
  void (*multiplyFloat)(const float *a, const float *b, float *acc,
                        int64_t stride, int64_t m, int64_t n, int64_t k);
  void (*multiplyDouble)(const double *a, const double *b, double *acc,
                         int64_t stride, int64_t m, int64_t n, int64_t k);
  void (*multiplyInteger)(const int32_t *a, const int32_t *b, int32_t *acc,
                          int64_t stride, int64_t m, int64_t n, int64_t k);
};

/// Columns of a packed panel.
template <typename T> constexpr int64_t panel = 128 / int64_t(sizeof(T));

/// The loops for this machine; \p slow: those for any machine.
const LaneLoops &laneLoops(bool slow = false);

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_LANES_H
