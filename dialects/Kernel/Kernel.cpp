// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Kernel/Kernel.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace terrazzo::kernel;

#include "dialects/Kernel/KernelDialect.cpp.inc"
#include "dialects/Kernel/KernelEnums.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Kernel/KernelTypes.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/Kernel/KernelOps.cpp.inc"

void KernelDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/Kernel/KernelTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Kernel/KernelOps.cpp.inc"
      >();
}

LogicalResult PtrType::verify(function_ref<InFlightDiagnostic()> emitError,
                              Type pointee) {
  if (!isa<IntegerType, FloatType, PtrType>(pointee))
    return emitError() << "KC26: a pointer points to an integer, a float or a "
                          "pointer, not to "
                       << pointee;
  return success();
}

Type terrazzo::kernel::withShapeOf(Type like, Type element) {
  if (auto tensor = dyn_cast<RankedTensorType>(like))
    return RankedTensorType::get(tensor.getShape(), element);
  return element;
}

Type terrazzo::kernel::pointeeLike(Type pointers) {
  auto pointer = dyn_cast<PtrType>(getElementTypeOrSelf(pointers));
  return pointer ? withShapeOf(pointers, pointer.getPointee()) : Type();
}

Type terrazzo::kernel::maskLike(Type pointers) {
  return withShapeOf(pointers, IntegerType::get(pointers.getContext(), 1));
}
