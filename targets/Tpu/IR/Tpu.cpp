// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Tpu/IR/Tpu.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace terrazzo::tpu;

#include "targets/Tpu/IR/TpuDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "targets/Tpu/IR/TpuTypes.cpp.inc"

#define GET_OP_CLASSES
#include "targets/Tpu/IR/TpuOps.cpp.inc"

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
