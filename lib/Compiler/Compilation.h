// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From the source to any level and to an artifact, on whichever target: what
// `terrazzo`, its bench and the C++ API do with a kernel.
#ifndef TERRAZZO_LIB_COMPILER_COMPILATION_H
#define TERRAZZO_LIB_COMPILER_COMPILATION_H

#include "lib/Compiler/CompileCache.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace terrazzo {

/// An artifact and how it came about.
struct Compiled {
  artifact::Artifact artifact;
  std::string bytes; // of its file
  PhaseSeconds seconds;
};

/// Writes what is known of a launch into the kernel and the options. False
/// after an error, which was reported.
using BindLaunch =
    llvm::function_ref<bool(mlir::func::FuncOp, LoweringOptions &)>;

/// From the source to an artifact. Nothing after an error, which was reported.
/// Without \p bind nothing is known of the arguments: they may overlap.
std::optional<Compiled> compileArtifact(const frontend::Request &request,
                                        BindLaunch bind,
                                        const CompileInputs &inputs,
                                        const CompileCache &cache,
                                        DiagnosticEngine &engine);

/// Whether `kernel` or `tile`: levels that depend on no chip.
bool isAboveTargets(llvm::StringRef level);

/// The text of a level: `kernel`, `tile`, or one of the target's own; \p chip
/// may be null for the former. \p schedule is for all but `kernel`. Nothing
/// after an error, which was reported.
std::optional<std::string> levelText(llvm::StringRef level,
                                     const frontend::Request &request,
                                     const ChosenChip *chip,
                                     const schedule::Schedule &schedule,
                                     DiagnosticEngine &engine);

} // namespace terrazzo

#endif // TERRAZZO_LIB_COMPILER_COMPILATION_H
