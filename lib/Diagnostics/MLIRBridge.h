// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Joins MLIR's diagnostics to ours: what a verifier or the interpreter says of
// an op is printed at the line of the Python source that the op came from.

#ifndef TERRAZZO_LIB_DIAGNOSTICS_MLIRBRIDGE_H
#define TERRAZZO_LIB_DIAGNOSTICS_MLIRBRIDGE_H

#include "lib/Diagnostics/Diagnostics.h"

#include "mlir/IR/Diagnostics.h"

namespace terrazzo {

/// The place that a location names: the innermost file position; of a fused
/// location the first that has one; of a call site the callee.
Where where(mlir::Location location);

/// The call sites around a location, innermost first.
llvm::SmallVector<Where> callers(mlir::Location location);

/// While it lives, diagnostics of the context go to the engine.
class MLIRDiagnosticBridge : public mlir::ScopedDiagnosticHandler {
public:
  MLIRDiagnosticBridge(mlir::MLIRContext *context, DiagnosticEngine &engine);
};

} // namespace terrazzo

#endif // TERRAZZO_LIB_DIAGNOSTICS_MLIRBRIDGE_H
