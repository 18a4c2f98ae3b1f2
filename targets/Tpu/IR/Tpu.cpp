// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Tpu/IR/Tpu.h"

#include "dialects/Interfaces/ChipOps.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace terrazzo::tpu;

#include "targets/Tpu/IR/TpuDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "targets/Tpu/IR/TpuTypes.cpp.inc"

#define GET_OP_CLASSES
#include "targets/Tpu/IR/TpuOps.cpp.inc"

llvm::LogicalResult EnqueueDmaInOp::verify() {
  return terrazzo::chipops::verifyTransferOp(*this);
}
llvm::LogicalResult EnqueueDmaOutOp::verify() {
  return terrazzo::chipops::verifyTransferOp(*this);
}
llvm::LogicalResult AtomicDmaOp::verify() {
  return terrazzo::chipops::verifyTransferOp(*this);
}
llvm::LogicalResult VpuOp::verify() {
  return terrazzo::chipops::verifyMapOp(*this);
}
llvm::LogicalResult XluReduceOp::verify() {
  return terrazzo::chipops::verifyCombineOp(*this);
}
llvm::LogicalResult XluScanOp::verify() {
  return terrazzo::chipops::verifyCombineOp(*this, /*keeps=*/true);
}
llvm::LogicalResult XluShuffleOp::verify() {
  return terrazzo::chipops::verifyTakeOp(*this);
}
llvm::LogicalResult MatmulPushRhsOp::verify() {
  if (mlir::cast<mlir::MemRefType>(getRhs().getType()).getRank() != 2)
    return emitOpError("pushes a matrix, not ") << getRhs().getType();
  return mlir::success();
}
llvm::LogicalResult MatmulAccLhsOp::verify() {
  auto push = getWeights().getDefiningOp<MatmulPushRhsOp>();
  if (!push)
    return emitOpError("needs weights that `tpu.matmul_push_rhs` made here");
  return terrazzo::chipops::verifyProduct(*this, getLhs(), push.getRhs(),
                                          getAcc());
}
llvm::LogicalResult SemAllocOp::verify() {
  if (mlir::cast<SemaphoreType>(getType()).getCount() < 1)
    return emitOpError("makes at least one semaphore");
  return mlir::success();
}
llvm::LogicalResult WaitDmaOp::verify() {
  if (int64_t(getAmount()) < 1)
    return emitOpError("waits for at least one DMA");
  return mlir::success();
}

void TpuDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "targets/Tpu/IR/TpuTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "targets/Tpu/IR/TpuOps.cpp.inc"
      >();
}
