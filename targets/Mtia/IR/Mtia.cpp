// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Mtia/IR/Mtia.h"

#include "dialects/Interfaces/ChipOps.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace terrazzo::mtia;

#include "targets/Mtia/IR/MtiaDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "targets/Mtia/IR/MtiaTypes.cpp.inc"

#define GET_OP_CLASSES
#include "targets/Mtia/IR/MtiaOps.cpp.inc"

llvm::LogicalResult DmaInOp::verify() {
  return terrazzo::chipops::verifyTransferOp(*this);
}
llvm::LogicalResult DmaOutOp::verify() {
  return terrazzo::chipops::verifyTransferOp(*this);
}
llvm::LogicalResult DmaAtomicOp::verify() {
  return terrazzo::chipops::verifyTransferOp(*this);
}
llvm::LogicalResult SeEltwiseOp::verify() {
  return terrazzo::chipops::verifyMapOp(*this);
}
llvm::LogicalResult SeReduceOp::verify() {
  return terrazzo::chipops::verifyCombineOp(*this);
}
llvm::LogicalResult SeScanOp::verify() {
  return terrazzo::chipops::verifyCombineOp(*this, /*keeps=*/true);
}
llvm::LogicalResult MluShuffleOp::verify() {
  return terrazzo::chipops::verifyTakeOp(*this);
}
llvm::LogicalResult MmlOp::verify() {
  return terrazzo::chipops::verifyProduct(*this, getA(), getB(), getAcc());
}
llvm::LogicalResult ReduceOp::verify() {
  if (mlir::cast<mlir::MemRefType>(getAcc().getType()).getShape() !=
      mlir::cast<mlir::MemRefType>(getTarget().getType()).getShape())
    return emitOpError("reads a sum into a block of another shape");
  return mlir::success();
}
llvm::LogicalResult CbInitOp::verify() {
  for (mlir::Value slots : getSlots()) {
    auto type = mlir::cast<mlir::MemRefType>(slots.getType());
    if (type.getRank() < 1 ||
        type.getDimSize(0) != mlir::cast<CbType>(getType()).getDepth())
      return emitOpError("the first dimension of ")
             << type << " is not the number of slots";
  }
  return mlir::success();
}
static bool isUnit(llvm::StringRef name) {
  return llvm::is_contained({"riscv", "fi", "dpe", "re", "se", "mlu"}, name);
}
llvm::LogicalResult DependOp::verify() {
  if (!isUnit(getFrom()) || !isUnit(getTo()))
    return emitOpError("knows the units riscv, fi, dpe, re, se and mlu");
  return mlir::success();
}

void MtiaDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "targets/Mtia/IR/MtiaTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "targets/Mtia/IR/MtiaOps.cpp.inc"
      >();
}
