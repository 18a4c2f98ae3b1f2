// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From Kernel IR to the program of an Ascend's AI cores.
#ifndef TERRAZZO_TARGETS_ASCEND_LOWERING_LOWER_H
#define TERRAZZO_TARGETS_ASCEND_LOWERING_LOWER_H

#include "lib/Target/Target.h"

namespace terrazzo::ascend {

/// In place; an error was reported.
llvm::LogicalResult lower(mlir::ModuleOp module, const chip::Chip &chip,
                          const LoweringOptions &options,
                          DiagnosticEngine &engine);

} // namespace terrazzo::ascend

#endif // TERRAZZO_TARGETS_ASCEND_LOWERING_LOWER_H
