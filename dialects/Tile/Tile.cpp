// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tile/Tile.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace terrazzo::tile;

#include "dialects/Tile/TileDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Tile/TileAttributes.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Tile/TileTypes.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/Tile/TileOps.cpp.inc"

void TileDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Tile/TileAttributes.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/Tile/TileTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Tile/TileOps.cpp.inc"
      >();
}

DictionaryAttr terrazzo::tile::keysOf(LaunchOp launch) {
  auto schedule = launch->getAttrOfType<ScheduleAttr>("schedule");
  return schedule ? schedule.getKeys() : DictionaryAttr();
}

LogicalResult ViewType::verify(function_ref<InFlightDiagnostic()> emitError,
                               RankedTensorType tensor, ArrayAttr boundaries) {
  if (boundaries.empty())
    return success();
  if (static_cast<int64_t>(boundaries.size()) != tensor.getRank())
    return emitError() << "TC5: a view of rank " << tensor.getRank() << " has "
                       << boundaries.size() << " boundaries";
  for (Attribute boundary : boundaries)
    if (!isa<InAttr, FillAttr, ClampAttr, WrapAttr>(boundary))
      return emitError() << "TC5: " << boundary << " is no boundary";
  return success();
}

LogicalResult ChannelType::verify(function_ref<InFlightDiagnostic()> emitError,
                                  int64_t depth, ArrayAttr payload) {
  if (depth < 1)
    return emitError() << "TC9: the depth of a channel is at least 1";
  for (Attribute part : payload) {
    auto type = dyn_cast<TypeAttr>(part);
    if (!type || !isa<ViewType>(type.getValue()))
      return emitError() << "TC9: a payload is a list of views";
  }
  return success();
}

LogicalResult PlaceAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                StringAttr memory, Attribute layout) {
  if (memory.empty())
    return emitError() << "TC1: a place names a memory";
  if (!isa<NestAttr, LinearAttr, FractalAttr>(layout))
    return emitError() << "TC1: " << layout << " is no layout";
  return success();
}

LogicalResult RoleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               StringAttr, StringAttr, int64_t replicas,
                               DictionaryAttr) {
  if (replicas < 1)
    return emitError() << "TC4: a role has at least one replica";
  return success();
}
