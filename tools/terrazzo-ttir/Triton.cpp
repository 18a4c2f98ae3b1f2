// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo-ttir/Triton.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::triton;
// The attributes of memory and dots are the Kernel dialect's own.
using namespace terrazzo::kernel;

#include "TritonDialect.cpp.inc"
#include "TritonEnums.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "TritonTypes.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "TritonTextAttributes.cpp.inc"
#define GET_OP_CLASSES
#include "TritonTextOps.cpp.inc"

void TritonDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "TritonTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "TritonTextAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "TritonTextOps.cpp.inc"
      >();
}

Type terrazzo::triton::pointeeLike(Type pointers) {
  auto pointer = dyn_cast<triton::PtrType>(getElementTypeOrSelf(pointers));
  return pointer ? withShapeOf(pointers, pointer.getPointee()) : Type();
}

ParseResult triton::FuncOp::parse(OpAsmParser &parser, OperationState &result) {
  auto type = [](Builder &builder, ArrayRef<Type> arguments,
                 ArrayRef<Type> results, function_interface_impl::VariadicFlag,
                 std::string &) {
    return builder.getFunctionType(arguments, results);
  };
  return function_interface_impl::parseFunctionOp(
      parser, result, /*allowVariadic=*/false,
      getFunctionTypeAttrName(result.name), type,
      getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void triton::FuncOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(
      printer, *this, /*isVariadic=*/false, getFunctionTypeAttrName(),
      getArgAttrsAttrName(), getResAttrsAttrName());
}

triton::GpuDialect::GpuDialect(MLIRContext *context)
    : Dialect(getDialectNamespace(), context, TypeID::get<GpuDialect>()) {
  allowUnknownOperations();
}

/// `ttg.barrier all`, or the address spaces that it orders:
/// `local|global_read`.
static ParseResult parseBarrier(OpAsmParser &parser, OperationState &) {
  StringRef space;
  do {
    if (parser.parseKeyword(&space))
      return failure();
  } while (succeeded(parser.parseOptionalVerticalBar()));
  return success();
}

std::optional<Dialect::ParseOpHook>
triton::GpuDialect::getParseOperationHook(StringRef name) const {
  if (name == "ttg.barrier")
    return ParseOpHook(parseBarrier);
  return std::nullopt;
}
