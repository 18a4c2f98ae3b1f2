// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The dialect of an MTIA processing element's instructions.
#ifndef TERRAZZO_TARGETS_MTIA_IR_MTIA_H
#define TERRAZZO_TARGETS_MTIA_IR_MTIA_H

#include "dialects/Kernel/Kernel.h"
#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include "targets/Mtia/IR/MtiaDialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "targets/Mtia/IR/MtiaTypes.h.inc"

#define GET_OP_CLASSES
#include "targets/Mtia/IR/MtiaOps.h.inc"

#endif // TERRAZZO_TARGETS_MTIA_IR_MTIA_H
