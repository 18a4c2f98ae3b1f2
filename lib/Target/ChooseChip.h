// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which chip a `--target` names, and whether this machine is one.
#ifndef TERRAZZO_LIB_TARGET_CHOOSECHIP_H
#define TERRAZZO_LIB_TARGET_CHOOSECHIP_H

#include "lib/Target/Target.h"

namespace terrazzo {

/// A chip and the family whose code runs on it.
struct ChosenChip {
  /// Null for a chip file of a family that is not among the targets.
  const Target *target = nullptr;
  chip::Chip chip;
};

/// All built-in chips of \p targets. Nothing after an error, which was
/// reported.
std::optional<std::vector<ChosenChip>> knownChips(const Targets &targets,
                                                  DiagnosticEngine &engine);

/// The one among \p known that a family's name stands for: the kind whose file
/// fits this machine best. Null when none does.
const ChosenChip *chipOfThisMachine(const std::vector<ChosenChip> &known,
                                    llvm::StringRef family);

/// The chip that \p name names: a family's name for this machine's kind, a
/// built-in chip, or a chip file (its path ends in `.yaml`). Nothing after an
/// error, which was reported.
std::optional<ChosenChip> chooseChip(llvm::StringRef name,
                                     const Targets &targets,
                                     DiagnosticEngine &engine);

/// Whether code can be made for \p chip. False after an error, which was
/// reported.
bool hasCode(const ChosenChip &chip, DiagnosticEngine &engine);

/// What can be done for a chip: `run` its code here, make `code` for another
/// machine, `time` programs in a simulator, or compare with its `roofline`.
llvm::StringRef abilityOf(const ChosenChip &chip);

/// The features that code for \p chip, for which there is code, may use and
/// this machine lacks.
std::vector<std::string> lackingFeatures(const ChosenChip &chip);

} // namespace terrazzo

#endif // TERRAZZO_LIB_TARGET_CHOOSECHIP_H
