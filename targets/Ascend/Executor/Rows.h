// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the instructions of a processing element do and how long they take.
#ifndef TERRAZZO_TARGETS_ASCEND_EXECUTOR_ROWS_H
#define TERRAZZO_TARGETS_ASCEND_EXECUTOR_ROWS_H

#include "lib/Chip/Chip.h"
#include "lib/Simulator/Decode.h"

namespace terrazzo::ascend {

/// The decoded program of \p module. Nothing after an error, which was reported
/// through MLIR's diagnostics.
std::optional<simulator::Program> decode(mlir::ModuleOp module,
                                         const chip::Chip &chip);

} // namespace terrazzo::ascend

#endif // TERRAZZO_TARGETS_ASCEND_EXECUTOR_ROWS_H
