// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From Kernel IR to the program of a TPU's cores.
#ifndef TERRAZZO_TARGETS_TPU_LOWERING_LOWER_H
#define TERRAZZO_TARGETS_TPU_LOWERING_LOWER_H

#include "lib/Target/Target.h"

namespace terrazzo::tpu {

/// In place; an error was reported.
llvm::LogicalResult lower(mlir::ModuleOp module, const chip::Chip &chip,
                          const LoweringOptions &options,
                          DiagnosticEngine &engine);

} // namespace terrazzo::tpu

#endif // TERRAZZO_TARGETS_TPU_LOWERING_LOWER_H
