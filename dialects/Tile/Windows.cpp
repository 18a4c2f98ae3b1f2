// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tile/Tile.h"

using namespace mlir;
using namespace terrazzo::tile;

LogicalResult ViewOp::verify() {
  size_t rank = getView().getType().getTensor().getRank();
  if (!getSizes().empty() && getSizes().size() != 2 * rank)
    return emitOpError("an extent and a stride for each dimension");
  return success();
}

LogicalResult SliceOp::verify() {
  RankedTensorType from = getView().getType().getTensor();
  RankedTensorType to = getWindow().getType().getTensor();
  if (from.getElementType() != to.getElementType() ||
      from.getEncoding() != to.getEncoding())
    return emitOpError(
        "TC5: a window keeps its parent's element type and place");
  if (!to.hasStaticShape())
    return emitOpError("TC5: the dimensions of a window are static");
  if (static_cast<int64_t>(getOffsets().size()) != from.getRank())
    return emitOpError("TC5: one offset for each dimension of the view");
  for (Value offset : getOffsets())
    if (!isa<IndexType, RankedTensorType>(offset.getType()))
      return emitOpError("TC5: an offset is an index or an index tensor");
  // A rank-1 array indexed by a tensor of any rank has the tensor's shape.
  auto indices = getOffsets().size() == 1
                     ? dyn_cast<RankedTensorType>(getOffsets()[0].getType())
                     : RankedTensorType();
  if (!getDims() && from.getRank() == 1 && indices) {
    if (indices.getShape() != to.getShape())
      return emitOpError(
          "TC5: a gathered window has the shape of its index tensor");
  } else if (!getDims() && to.getRank() != from.getRank())
    return emitOpError("TC5: a window of another rank needs `dims`");
  if (getDims()) {
    llvm::SmallVector<int64_t> seen;
    for (auto dim : getDims()->getAsRange<IntegerAttr>()) {
      if (dim.getInt() < 0 || dim.getInt() >= from.getRank() ||
          llvm::is_contained(seen, dim.getInt()))
        return emitOpError(
            "TC5: `dims` names each source dimension at most once");
      seen.push_back(dim.getInt());
    }
    if (static_cast<int64_t>(seen.size()) != to.getRank())
      return emitOpError(
          "TC5: one entry of `dims` for each dimension of the window");
  }
  bool bounded = llvm::any_of(getWindow().getType().getBoundaries(),
                              [](Attribute a) { return !isa<InAttr>(a); });
  Value root = getView();
  while (auto slice = root.getDefiningOp<SliceOp>())
    root = slice.getView();
  if (bounded && isa_and_nonnull<AcquireOp, WaitOp>(root.getDefiningOp()))
    return emitOpError("TC5: a window of a slot has no boundary but `in`");
  return success();
}

static LogicalResult verifySame(Operation *op, Type value, ViewType view) {
  RankedTensorType window = view.getTensor();
  auto tensor = dyn_cast<RankedTensorType>(value);
  bool scalar = !tensor && window.getRank() == 0;
  if (!scalar && (!tensor || tensor.getShape() != window.getShape()))
    return op->emitOpError("TC6: shapes differ: ")
           << value << " and " << window;
  if (getElementTypeOrSelf(value) != window.getElementType())
    return op->emitOpError("TC6: element types differ: ")
           << value << " and " << window;
  return success();
}
static LogicalResult verifyTarget(Operation *op, ViewType view) {
  if (llvm::any_of(view.getBoundaries(), llvm::IsaPred<ClampAttr, WrapAttr>))
    return op->emitOpError("TC6: nothing is written through `clamp` or `wrap`");
  return success();
}
static LogicalResult verifyMask(Operation *op, Value mask, ViewType view) {
  if (!mask)
    return success();
  auto tensor = dyn_cast<RankedTensorType>(mask.getType());
  if (!getElementTypeOrSelf(mask.getType()).isInteger(1) ||
      (tensor ? tensor.getShape() != view.getTensor().getShape()
              : view.getTensor().getRank() != 0))
    return op->emitOpError("TC6: a mask is i1 in the shape of the window");
  return success();
}

LogicalResult LoadOp::verify() {
  if (failed(verifySame(*this, getValue().getType(), getView().getType())))
    return failure();
  return verifyMask(*this, getMask(), getView().getType());
}
LogicalResult StoreOp::verify() {
  if (failed(verifySame(*this, getValue().getType(), getView().getType())) ||
      failed(verifyTarget(*this, getView().getType())))
    return failure();
  return verifyMask(*this, getMask(), getView().getType());
}
LogicalResult CopyOp::verify() {
  if (failed(verifySame(*this, getSource().getType().getTensor(),
                        getTarget().getType())))
    return failure();
  return verifyTarget(*this, getTarget().getType());
}
LogicalResult AtomicOp::verify() {
  if (!llvm::is_contained({"add", "fadd", "and", "or", "xor", "min", "max",
                           "umin", "umax", "xchg", "cas", "load"},
                          getKind()))
    return emitOpError("TC19: no atomic `") << getKind() << "`";
  if (!llvm::is_contained({"relaxed", "acquire", "release", "acq_rel"},
                          getSem()))
    return emitOpError("TC19: no memory order `") << getSem() << "`";
  if (!llvm::is_contained({"core", "cluster", "chip", "system"}, getScope()))
    return emitOpError("TC19: no scope `") << getScope() << "`";
  if (failed(verifyMask(*this, getMask(), getView().getType())))
    return failure();
  return verifyTarget(*this, getView().getType());
}
