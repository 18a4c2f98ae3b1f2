// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The CPU family from Kernel IR to an artifact.
#ifndef TERRAZZO_TARGETS_CPU_TARGET_H
#define TERRAZZO_TARGETS_CPU_TARGET_H

#include "lib/Artifact/Artifact.h"
#include "targets/Cpu/Emit/Emit.h"
#include "targets/Cpu/Lowering/Lower.h"

namespace terrazzo::cpu {

/// Compiles a kernel; \p module is used up. The artifact lacks what only the
/// caller knows: the hash of the source. Nothing after an error, which was
/// reported.
std::optional<artifact::Artifact> compile(mlir::ModuleOp module,
                                          const chip::Chip &chip,
                                          const LoweringOptions &options,
                                          PhaseSeconds &seconds,
                                          DiagnosticEngine &engine);

/// Lowers a kernel for `llvmText` and `assembly`; the time goes to `lower`.
llvm::FailureOr<Versions> lowerTimed(mlir::ModuleOp module,
                                     const chip::Chip &chip,
                                     const LoweringOptions &options,
                                     PhaseSeconds &seconds,
                                     DiagnosticEngine &engine);

/// The family for `allTargets`.
const Target &target();

} // namespace terrazzo::cpu

#endif // TERRAZZO_TARGETS_CPU_TARGET_H
