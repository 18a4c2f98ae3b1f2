// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The LLVM dialect to machine code for a chip. What may be used and what is
// tuned for comes from the chip file, never from the machine that compiles; the
// same module and chip give the same bytes everywhere.
#ifndef TERRAZZO_TARGETS_CPU_EMIT_EMIT_H
#define TERRAZZO_TARGETS_CPU_EMIT_EMIT_H

#include "lib/Target/Target.h"

#include "llvm/Support/Error.h"

namespace terrazzo::cpu {

/// LLVM IR as it goes into code generation. The steps that \p seconds names
/// here are `translate`, `optimize` and `codegen`.
llvm::Expected<std::string> llvmText(mlir::ModuleOp module,
                                     const chip::Chip &chip,
                                     PhaseSeconds *seconds = nullptr);
llvm::Expected<std::string> assembly(mlir::ModuleOp module,
                                     const chip::Chip &chip,
                                     PhaseSeconds *seconds = nullptr);
/// An ELF relocatable object, which lib/Runtime loads.
llvm::Expected<std::vector<char>> object(mlir::ModuleOp module,
                                         const chip::Chip &chip,
                                         PhaseSeconds *seconds = nullptr);

} // namespace terrazzo::cpu

#endif // TERRAZZO_TARGETS_CPU_EMIT_EMIT_H
