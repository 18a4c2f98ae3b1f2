// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_PRODUCTS_H
#define TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_PRODUCTS_H

#include "mlir/IR/Operation.h"
#include "mlir/IR/Types.h"

#include <functional>

namespace terrazzo {

/// Whether a matrix engine multiplies elements of these two types into sums of
/// the third.
using HasProduct =
    std::function<bool(mlir::Type a, mlir::Type b, mlir::Type acc)>;

/// Every `tile.mma` (on tensors) below \p root that the engine lacks becomes
/// products that it has:
/// - of f32 (f16): each operand is cut into bf16 parts of 8 bits, exactly, and
///   the parts are multiplied: three products where `precision` is tf32 (2^-16
///   of a product is lost), else six (2^-24; none of f16, by four products);
/// - of bytes: as bf16 into sums of f32, exactly (up to 1,024 products a sum);
/// - of narrow floats, and of two types: as bf16, f16 or f32, which hold them;
/// - with sums that the engine lacks: sums of f32, rounded once.
/// Fails, reported at the op, where no such product exists (f64).
llvm::LogicalResult decomposeProducts(mlir::Operation *root,
                                      const HasProduct &has);

} // namespace terrazzo

#endif // TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_PRODUCTS_H
