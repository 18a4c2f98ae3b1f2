// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The dialect of a TPU's instructions.
#ifndef TERRAZZO_TARGETS_TPU_IR_TPU_H
#define TERRAZZO_TARGETS_TPU_IR_TPU_H

#include "dialects/Kernel/Kernel.h"
#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include "targets/Tpu/IR/TpuDialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "targets/Tpu/IR/TpuTypes.h.inc"

#define GET_OP_CLASSES
#include "targets/Tpu/IR/TpuOps.h.inc"

#endif // TERRAZZO_TARGETS_TPU_IR_TPU_H
