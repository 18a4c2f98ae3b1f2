// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops that do one thing as fast as a core can, for `chips --calibrate`.
#ifndef TERRAZZO_TOOLS_TERRAZZO_CALIBRATIONCODE_H
#define TERRAZZO_TOOLS_TERRAZZO_CALIBRATIONCODE_H

#include "lib/Chip/Chip.h"
#include "lib/Runtime/Object.h"

namespace terrazzo::tool {

/// A loop of LLVM IR that was compiled for a chip and loaded. What it takes is
/// said by what made it.
class Loop {
public:
  /// Nothing after an error, which was reported.
  static std::optional<Loop> make(const std::string &text,
                                  const chip::Chip &chip,
                                  DiagnosticEngine &engine);
  struct Seconds {
    double own;  // that this thread ran
    double wall; // that went by
  };
  Seconds run(const std::vector<uint64_t> &arguments) const;

private:
  Loop(runtime::Loaded code, TerrazzoEntry entry)
      : code(std::move(code)), entry(entry) {}
  runtime::Loaded code;
  TerrazzoEntry entry;
};

/// How many chains of instructions run at once, and the bytes between the
/// places where each has its start.
constexpr unsigned chains = 12, chainBytes = 64;

struct RateLoop {
  std::string text;
  double operations; // of one pass
  std::string unit;
};
/// Multiplies and adds of \p type on the vector unit. Takes the passes, and an
/// address with the start of each chain and, behind them, the factor. Nothing
/// when the chip has no instruction for it.
std::optional<RateLoop> rateLoop(const chip::Chip &chip, llvm::StringRef type);

/// Takes the passes, an address and how many bytes to read from there.
std::string loadLoop(const chip::Chip &chip);

/// Takes the passes, an address of a number and a factor. A pass is so many
/// cycles, as its multiplications (3 cycles) and its other operations (1 each)
/// wait for each other.
std::string clockLoop();
constexpr double clockCycles = 8 * 4;

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_CALIBRATIONCODE_H
