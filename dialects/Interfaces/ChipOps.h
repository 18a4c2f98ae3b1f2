// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What holds of every instruction that derives from ChipOps.td, whatever the
// family calls it. An error is reported at the op.
#ifndef TERRAZZO_DIALECTS_INTERFACES_CHIPOPS_H
#define TERRAZZO_DIALECTS_INTERFACES_CHIPOPS_H

#include "dialects/Kernel/Kernel.h"

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinTypes.h"

namespace terrazzo::chipops {

/// Bounds, strides, index list and mask fit the block in the core's memory.
llvm::LogicalResult verifyTransfer(mlir::Operation *op, kernel::PtrType base,
                                   mlir::Value local, size_t strides,
                                   size_t low, size_t high, mlir::Value index,
                                   size_t indexBounds,
                                   std::optional<int64_t> indexDim,
                                   mlir::Value mask);
llvm::LogicalResult verifyMap(mlir::Operation *op, mlir::ValueRange ins,
                              mlir::ValueRange outs, mlir::ArrayAttr dims,
                              mlir::Region &body);
/// \p keeps: the results have the dimension too (a scan).
llvm::LogicalResult verifyCombine(mlir::Operation *op, mlir::ValueRange ins,
                                  mlir::ValueRange outs, int64_t dim,
                                  mlir::Region &body, bool keeps);
llvm::LogicalResult verifyTake(mlir::Operation *op, mlir::Value source,
                               size_t symbols, mlir::Value target,
                               mlir::AffineMap map);
/// M x K, K x N and M x N.
llvm::LogicalResult verifyProduct(mlir::Operation *op, mlir::Value a,
                                  mlir::Value b, mlir::Value acc);

template <typename Op> llvm::LogicalResult verifyTransferOp(Op op) {
  return verifyTransfer(op, mlir::cast<kernel::PtrType>(op.getBase().getType()),
                        op.getLocal(), op.getStrides().size(),
                        op.getLow().size(), op.getHigh().size(), op.getIndex(),
                        op.getIndexBounds().size(), op.getIndexDim(),
                        op.getMask());
}
template <typename Op> llvm::LogicalResult verifyMapOp(Op op) {
  return verifyMap(op, op.getIns(), op.getOuts(), op.getDims(), op.getBody());
}
template <typename Op>
llvm::LogicalResult verifyCombineOp(Op op, bool keeps = false) {
  return verifyCombine(op, op.getIns(), op.getOuts(), int64_t(op.getDim()),
                       op.getBody(), keeps);
}
template <typename Op> llvm::LogicalResult verifyTakeOp(Op op) {
  return verifyTake(op, op.getSource(), op.getSymbols().size(), op.getTarget(),
                    op.getMap());
}

} // namespace terrazzo::chipops

#endif // TERRAZZO_DIALECTS_INTERFACES_CHIPOPS_H
