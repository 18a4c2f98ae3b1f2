// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which chip `--target` names, and whether this machine is one.
#ifndef TERRAZZO_TOOLS_TERRAZZO_TARGET_H
#define TERRAZZO_TOOLS_TERRAZZO_TARGET_H

#include "tools/terrazzo/Commands.h"

#include "lib/Chip/Chip.h"

namespace terrazzo::tool {

/// All chips that are built in. Nothing after an error, which was reported.
std::optional<std::vector<chip::Chip>> knownChips(DiagnosticEngine &engine);

/// LLVM's names of the features that this machine has.
std::vector<std::string> machineFeatures();

/// The features that code for \p chip may use and this machine lacks.
std::vector<std::string> lackingFeatures(const chip::Chip &chip);

/// Whether code can be made for \p chip. False after an error, which was
/// reported.
bool hasCode(const chip::Chip &chip, DiagnosticEngine &engine);

/// The chip that `--target` names: `cpu` for the kind whose file fits this
/// machine best, a built-in one, or a file. Nothing after an error, which was
/// reported; \p code is then what to exit with.
std::optional<chip::Chip> chooseChip(const std::string &name,
                                     DiagnosticEngine &engine, ExitCode &code);

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_TARGET_H
