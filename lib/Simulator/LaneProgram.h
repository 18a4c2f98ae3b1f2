// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A lambda that runs on many elements at once: each of its registers is a row
// of lanes.
#ifndef TERRAZZO_LIB_SIMULATOR_LANEPROGRAM_H
#define TERRAZZO_LIB_SIMULATOR_LANEPROGRAM_H

#include "lib/Simulator/Lanes.h"

#include "llvm/ADT/ArrayRef.h"

namespace terrazzo::simulator {

class LaneProgram {
public:
  static constexpr int64_t width = 512; // elements at once

  /// The rows of the registers, and for each element whether it has no value.
  class Frame {
  public:
    void reserve(int32_t registers);
    void *row(Register r) { return rows + int64_t(r) * rowBytes; }
    uint8_t *flags(Register r) { return flagRows.data() + r * width; }

  private:
    static constexpr int64_t rowBytes = width * 8;
    std::vector<char> memory;
    char *rows = nullptr; // aligned to a cache line
    std::vector<uint8_t> flagRows;
  };

  LaneProgram(const Lambda &lambda, llvm::ArrayRef<ElementType> arguments,
              llvm::ArrayRef<ElementType> results);

  /// Spreads what is the same for all elements over \p n lanes.
  void begin(Frame &frame, const Word *registers, int64_t n) const;
  void run(Frame &frame, int64_t n) const;
  /// Which results have no value, from those of the arguments.
  void runFlags(Frame &frame, int64_t n) const;

  const Lambda &lambda;
  std::vector<ElementType> types; // of the registers
  std::vector<bool> isUsed;       // a register, by an op or as a result

private:
  struct Step {
    const Arithmetic *op;
    LaneLoop loop, rounding;
  };
  std::vector<Step> steps;
};

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_LANEPROGRAM_H
