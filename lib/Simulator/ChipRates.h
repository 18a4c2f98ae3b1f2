// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A chip file as the simulator needs it: seconds and bytes a second.
#ifndef TERRAZZO_LIB_SIMULATOR_CHIPRATES_H
#define TERRAZZO_LIB_SIMULATOR_CHIPRATES_H

#include "lib/Chip/Chip.h"
#include "lib/Simulator/Program.h"

#include "mlir/IR/Types.h"

namespace terrazzo::simulator {

/// The numbers of one chip, in SI units. What a file does not say costs
/// nothing.
class ChipRates {
public:
  explicit ChipRates(const chip::Chip &chip) : chip(chip) {}

  /// Cycles of an engine in seconds: by its own clock, else by the chip's other
  /// clocks; 0 where no clock is known.
  double cycle(llvm::StringRef engine) const;
  /// A bandwidth in B/s; 0: not known.
  double bandwidth(llvm::StringRef section, llvm::StringRef part) const;
  /// A time in s; \p engine's clock counts cycles.
  double seconds(llvm::StringRef section, llvm::StringRef part,
                 llvm::StringRef key, llvm::StringRef engine = {}) const;
  /// Operations a second of one core: a rate of a `vector` or `matrix` part.
  double rate(llvm::StringRef section, llvm::StringRef part,
              llvm::StringRef key = "rate") const;
  int64_t number(llvm::StringRef section, llvm::StringRef part,
                 llvm::StringRef key, int64_t otherwise) const;
  /// The matrix part for these formats; null: none.
  const chip::Part *matrix(mlir::Type a, mlir::Type b, mlir::Type acc) const;

  /// Memories, engines, streams, paths and launch costs of a program whose
  /// cores share what cores share.
  /// \p sharers, if not 0: how many there are instead of the chip's cores.
  Program start(int64_t sharers = 0) const;

private:
  const chip::Chip &chip;
};

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_CHIPRATES_H
