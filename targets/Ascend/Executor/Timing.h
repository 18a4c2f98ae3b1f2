// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How long an Ascend's instructions take, by its chip file.
#ifndef TERRAZZO_TARGETS_ASCEND_EXECUTOR_TIMING_H
#define TERRAZZO_TARGETS_ASCEND_EXECUTOR_TIMING_H

#include "lib/Simulator/ChipRates.h"
#include "targets/Ascend/IR/Ascend.h"

namespace terrazzo::ascend {

/// Seconds of one core.
class Timing {
public:
  explicit Timing(const chip::Chip &chip);

  /// A vector instruction goes over 256 bytes in each repeat. Where the vector
  /// unit works on UB each op of the region is an instruction of its own; where
  /// it has registers a repeat is loaded once, and all ops work on it.
  double map(VfOp op) const;
  /// Along the last dimension rows are reduced one by one, else the halves of
  /// the dimension are combined until one is left.
  double reduce(VreduceOp op) const;
  /// By doubling distances.
  double scan(VcumOp op) const;
  /// In and out, repeat by repeat.
  double gather(VgatherOp op) const;
  /// Whole fractals at the cube's rate, after its pipeline has filled.
  double multiply(MmadOp op) const;
  double fill(InitConstValueOp op) const;
  double flag() const { return rates.seconds("sync", "event", "cost", "v"); }
  double crossFlag() const {
    return rates.seconds("sync", "cross", "cost", "v");
  }

  simulator::ChipRates rates;

private:
  struct Cost {
    double startup = 0, interval = 0; // s, the second for each repeat
  };
  Cost costOf(mlir::Operation *op) const;
  Cost costOf(llvm::StringRef name) const;
  /// All ops of a region, each over \p repeats.
  double instructions(mlir::Region &region, int64_t repeats) const;

  const chip::Chip &chip;
  bool hasRegisters;
};

} // namespace terrazzo::ascend

#endif // TERRAZZO_TARGETS_ASCEND_EXECUTOR_TIMING_H
