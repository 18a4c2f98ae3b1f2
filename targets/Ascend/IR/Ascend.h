// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The dialect of an Ascend AI core's instructions.
#ifndef TERRAZZO_TARGETS_ASCEND_IR_ASCEND_H
#define TERRAZZO_TARGETS_ASCEND_IR_ASCEND_H

#include "dialects/Kernel/Kernel.h"
#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include "targets/Ascend/IR/AscendDialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "targets/Ascend/IR/AscendTypes.h.inc"

#define GET_OP_CLASSES
#include "targets/Ascend/IR/AscendOps.h.inc"

#endif // TERRAZZO_TARGETS_ASCEND_IR_ASCEND_H
