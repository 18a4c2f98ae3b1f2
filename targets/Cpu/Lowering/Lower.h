// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernel IR to the LLVM dialect, for a chip. The kernel becomes one llvm.func
// of its name with the shape of TerrazzoEntry (include/terrazzo-c/Runtime.h).
#ifndef TERRAZZO_TARGETS_CPU_LOWERING_LOWER_H
#define TERRAZZO_TARGETS_CPU_LOWERING_LOWER_H

#include "lib/Target/Target.h"

namespace terrazzo::cpu {

/// What there is of a kernel.
enum class Versions {
  Any,     // one, right for any arguments
  NoAlias, // one, where nothing that is written overlaps another argument
  Guarded, // that one, one for any arguments, and a test in the entry
};

/// Kernel IR in, LLVM dialect out, in place. Fails after an error, which was
/// reported.
llvm::FailureOr<Versions> lower(mlir::ModuleOp module, const chip::Chip &chip,
                                const LoweringOptions &options,
                                DiagnosticEngine &engine);

} // namespace terrazzo::cpu

#endif // TERRAZZO_TARGETS_CPU_LOWERING_LOWER_H
