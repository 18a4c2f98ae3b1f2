// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What vector code costs: the ops of a region by the chip's rates.
#ifndef TERRAZZO_LIB_SIMULATOR_COSTS_H
#define TERRAZZO_LIB_SIMULATOR_COSTS_H

#include "lib/Simulator/ChipRates.h"

#include "mlir/IR/Region.h"

namespace terrazzo::simulator {

/// Of one vector part of a chip.
class VectorCosts {
public:
  VectorCosts(const chip::Chip &chip, llvm::StringRef part);
  /// Seconds for one element of a region's ops on one core.
  double each(mlir::Region &region) const;
  /// Seconds for one element of an op that `costs` names: its interval counts
  /// simple ops of the same type.
  double named(llvm::StringRef op) const;

private:
  double simple(llvm::StringRef type) const;

  const chip::Chip &chip;
  ChipRates rates;
  std::string part;
};

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_COSTS_H
