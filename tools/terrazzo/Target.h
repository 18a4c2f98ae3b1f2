// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `--target` says, with the exit code for what is wrong with it.
#ifndef TERRAZZO_TOOLS_TERRAZZO_TARGET_H
#define TERRAZZO_TOOLS_TERRAZZO_TARGET_H

#include "tools/terrazzo/Commands.h"

#include "lib/Target/ChooseChip.h"

namespace terrazzo::tool {

/// The chip of any target that \p name names. Nothing after an error, which was
/// reported; \p code is then what to exit with.
std::optional<ChosenChip> chipNamed(const std::string &name,
                                    DiagnosticEngine &engine, ExitCode &code);

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_TARGET_H
