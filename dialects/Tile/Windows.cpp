// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tile/Divisors.h"
#include "dialects/Tile/Layouts.h"
#include "dialects/Tile/Tile.h"

using namespace mlir;
using namespace terrazzo::tile;

std::optional<llvm::SmallVector<int64_t>> terrazzo::tile::rootDims(Value view) {
  llvm::SmallVector<SliceOp> cuts;
  llvm::SmallDenseSet<Value> seen; // dominance has not been verified yet
  for (auto slice = view.getDefiningOp<SliceOp>();
       slice && seen.insert(view).second;
       slice = view.getDefiningOp<SliceOp>()) {
    cuts.push_back(slice);
    view = slice.getView();
  }
  auto type = dyn_cast<ViewType>(view.getType());
  if (!type)
    return std::nullopt;
  auto all = llvm::seq<int64_t>(0, type.getTensor().getRank());
  llvm::SmallVector<int64_t> dims(all.begin(), all.end());
  for (SliceOp slice : llvm::reverse(cuts)) {
    if (!slice.getDims()) // of the same rank, or a rank-1 array gathered whole
      continue;
    llvm::SmallVector<int64_t> next;
    for (auto dim : slice.getDims()->getAsRange<IntegerAttr>()) {
      if (dim.getInt() < 0 || dim.getInt() >= int64_t(dims.size()))
        return std::nullopt;
      next.push_back(dims[dim.getInt()]);
    }
    dims = next;
  }
  auto rank = cast<ViewType>(cuts.empty() ? view.getType()
                                          : cuts.front().getWindow().getType())
                  .getTensor()
                  .getRank();
  if (int64_t(dims.size()) != rank)
    return std::nullopt;
  return dims;
}

LogicalResult ViewOp::verify() {
  size_t rank = getView().getType().getTensor().getRank();
  if (!getSizes().empty() && getSizes().size() != 2 * rank)
    return emitOpError("an extent and a stride for each dimension");
  return success();
}

// The position in the window of the dimension \p source of what it is cut from;
// -1 for one that the window lacks.
static int64_t windowDim(SliceOp op, int64_t source) {
  if (!op.getDims())
    return source;
  for (auto [number, listed] :
       llvm::enumerate(op.getDims()->getAsRange<IntegerAttr>()))
    if (listed.getInt() == source)
      return number;
  return -1;
}

// An index tensor gives one position for each element along its dimension.
static LogicalResult verifyGathered(SliceOp op, RankedTensorType from,
                                    RankedTensorType to) {
  for (auto [source, offset] : llvm::enumerate(op.getOffsets())) {
    auto index = dyn_cast<RankedTensorType>(offset.getType());
    if (!index)
      continue;
    if (!index.getElementType().isIntOrIndex())
      return op.emitOpError("TC5: an index tensor holds integers");
    bool whole = from.getRank() == 1 && !op.getDims();
    int64_t dim = windowDim(op, source);
    bool fits =
        whole ? index.getShape() == to.getShape()
              : index.getRank() == 1 &&
                    (dim < 0 ? index.getDimSize(0) == 1
                             : dim < to.getRank() &&
                                   index.getDimSize(0) == to.getDimSize(dim));
    if (!fits)
      return op.emitOpError("TC5: an index tensor of ")
             << index << " does not gather " << to;
    ArrayAttr boundaries = op.getWindow().getType().getBoundaries();
    if (whole && !boundaries.empty() && !llvm::all_equal(boundaries))
      return op.emitOpError("TC5: one gathered dimension has one boundary");
    for (auto [number, boundary] : llvm::enumerate(boundaries))
      if ((whole || dim == int64_t(number)) &&
          isa<ClampAttr, WrapAttr>(boundary))
        return op.emitOpError("TC5: a gathered dim is `in` or `fill`");
  }
  return success();
}

// A window cuts no block of the layout that it holds whole. What the layout
// calls a dimension is one of the array that all windows were cut from.
static LogicalResult verifyGranules(SliceOp op) {
  RankedTensorType from = op.getView().getType().getTensor();
  RankedTensorType to = op.getWindow().getType().getTensor();
  auto place = dyn_cast_or_null<PlaceAttr>(from.getEncoding());
  if (!place || !from.getElementType().isIntOrFloat())
    return success();
  unsigned bits = from.getElementTypeBitWidth();
  std::optional<llvm::SmallVector<int64_t>> dims = rootDims(op.getView());
  if (!dims)
    return success();
  for (auto [source, offset] : llvm::enumerate(op.getOffsets())) {
    int64_t dim = windowDim(op, source);
    int64_t unit = granule(place.getLayout(), (*dims)[source],
                           dim < 0 ? 1 : to.getDimSize(dim), bits);
    if (unit == 1)
      continue;
    if (isa<IndexType>(offset.getType()) && isMultiple(divisorOf(offset), unit))
      continue;
    return op.emitOpError("TC5: the offset of dimension ")
           << source << " is not known to be a multiple of " << unit
           << ", the block of the layout that a window of "
           << (dim < 0 ? 1 : to.getDimSize(dim)) << " must not cut";
  }
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
  if (failed(verifyGathered(*this, from, to)))
    return failure();
  // A rank-1 array gathered by an index tensor takes the index's shape.
  if (from.getRank() == 1 && isa<RankedTensorType>(getOffsets()[0].getType()) &&
      !getDims())
    return success();
  if (!getDims() && to.getRank() != from.getRank())
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
  llvm::SmallDenseSet<Value> seen; // dominance has not been verified yet
  for (auto slice = root.getDefiningOp<SliceOp>();
       slice && seen.insert(root).second; slice = root.getDefiningOp<SliceOp>())
    root = slice.getView();
  if (bounded && isa_and_nonnull<AcquireOp, WaitOp>(root.getDefiningOp()))
    return emitOpError("TC5: a window of a slot has no boundary but `in`");
  return verifyGranules(*this);
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
  ViewType view = getView().getType();
  Type element = view.getTensor().getElementType();
  bool logical = llvm::is_contained({"and", "or", "xor"}, getKind());
  if (!llvm::is_contained({"add", "fadd", "and", "or", "xor", "min", "max",
                           "umin", "umax", "xchg", "cas", "load"},
                          getKind()))
    return emitOpError("TC19: no atomic `") << getKind() << "`";
  if (!llvm::is_contained({"relaxed", "acquire", "release", "acq_rel"},
                          getSem()))
    return emitOpError("TC19: no memory order `") << getSem() << "`";
  if (!llvm::is_contained({"core", "cluster", "chip", "system"}, getScope()))
    return emitOpError("TC19: no scope `") << getScope() << "`";
  bool integral = logical || getKind() == "umin" || getKind() == "umax";
  if (isa<FloatType>(element) ? integral : getKind() == "fadd")
    return emitOpError("TC19: no `") << getKind() << "` of " << element;
  size_t values = getKind() == "load" ? 0 : getKind() == "cas" ? 2 : 1;
  if (getValues().size() != values)
    return emitOpError("TC19: `")
           << getKind() << "` takes " << values << " values";
  for (Value value : getValues())
    if (failed(verifySame(*this, value.getType(), view)))
      return failure();
  if (getOld() && failed(verifySame(*this, getOld().getType(), view)))
    return failure();
  if (llvm::any_of(view.getBoundaries(), llvm::IsaPred<ClampAttr, WrapAttr>))
    return emitOpError("TC19: an atomic has boundary `in` or `fill`");
  return verifyMask(*this, getMask(), view);
}
