// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Mtia/IR/Mtia.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace terrazzo::mtia;

#include "targets/Mtia/IR/MtiaDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "targets/Mtia/IR/MtiaTypes.cpp.inc"

#define GET_OP_CLASSES
#include "targets/Mtia/IR/MtiaOps.cpp.inc"

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
