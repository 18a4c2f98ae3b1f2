// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of matrices with scales, as plain products: for targets whose matrix
// units take no scales.
#ifndef TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_SCALEDDOTS_H
#define TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_SCALEDDOTS_H

#include "dialects/Kernel/Kernel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace terrazzo {

/// The operands of a plain product that means the same, built before \p op:
/// unpacked, multiplied by their scales and rounded as the op says.
std::pair<mlir::Value, mlir::Value> scaledOperands(kernel::DotScaledOp op);

/// Makes each kernel.dot_scaled a kernel.dot of such operands.
void decomposeScaledDots(mlir::func::FuncOp function);

} // namespace terrazzo

#endif // TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_SCALEDDOTS_H
