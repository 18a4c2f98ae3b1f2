// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The Kernel dialect: one program instance of a launch (docs/Spec/Kernel.md).
#ifndef TERRAZZO_DIALECTS_KERNEL_KERNEL_H
#define TERRAZZO_DIALECTS_KERNEL_KERNEL_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/Kernel/KernelDialect.h.inc"
#include "dialects/Kernel/KernelEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Kernel/KernelTypes.h.inc"

namespace terrazzo::kernel {

/// The shape of \p like with \p element as element type; \p element itself when
/// \p like is no tensor.
mlir::Type withShapeOf(mlir::Type like, mlir::Type element);
/// The pointee of a pointer, or the tensor of pointees of a tensor of pointers.
mlir::Type pointeeLike(mlir::Type pointers);
/// An attribute of a function: how many programs one program of the launch
/// does, for each axis of the grid. `kernel.get_program_id` then counts groups.
constexpr llvm::StringLiteral coarsenName = "kernel.coarsen";
/// i1 in the shape of \p pointers.
mlir::Type maskLike(mlir::Type pointers);

} // namespace terrazzo::kernel

#define GET_OP_CLASSES
#include "dialects/Kernel/KernelOps.h.inc"

#endif // TERRAZZO_DIALECTS_KERNEL_KERNEL_H
