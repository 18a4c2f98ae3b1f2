// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Triton 3.9's dialect as far as its front end's text needs it, and the way
// from there to Kernel IR.
#ifndef TERRAZZO_TOOLS_TERRAZZO_TTIR_TRITON_H
#define TERRAZZO_TOOLS_TERRAZZO_TTIR_TRITON_H

#include "lib/Diagnostics/Diagnostics.h"

#include "dialects/Kernel/Kernel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

#include "TritonDialect.h.inc"
#include "TritonEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "TritonTypes.h.inc"
#define GET_ATTRDEF_CLASSES
#include "TritonTextAttributes.h.inc"

namespace terrazzo::triton {

/// Of `ttg`, the dialect of GPU layouts, Triton's front end writes one op.
class GpuDialect : public mlir::Dialect {
public:
  explicit GpuDialect(mlir::MLIRContext *context);
  static constexpr llvm::StringLiteral getDialectNamespace() { return "ttg"; }
  std::optional<ParseOpHook>
  getParseOperationHook(mlir::StringRef name) const override;
};

/// What Triton's pointers point to, in their shape.
mlir::Type pointeeLike(mlir::Type pointers);

/// Reads Triton's IR text and makes Kernel IR of it: calls inlined, branches
/// as scf, the public function as the entry. \p names are its parameters'.
/// Null after an error, which was reported.
mlir::OwningOpRef<mlir::ModuleOp> importText(mlir::MLIRContext &context,
                                             unsigned buffer,
                                             llvm::ArrayRef<std::string> names,
                                             DiagnosticEngine &engine);

} // namespace terrazzo::triton

#define GET_OP_CLASSES
#include "TritonTextOps.h.inc"

#endif // TERRAZZO_TOOLS_TERRAZZO_TTIR_TRITON_H
