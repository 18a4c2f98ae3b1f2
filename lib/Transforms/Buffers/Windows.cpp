// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Views and what goes through them.
#include "lib/Transforms/Buffers/Accumulators.h"
#include "lib/Transforms/Buffers/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::buffers;
using namespace terrazzo::tile;

static RankedTensorType arrayOf(ViewType view) {
  return cast<RankedTensorType>(view.getTensor());
}

/// An extent of -1 is unknown.
static bool isKnown(Value extent) {
  APInt v;
  return !matchPattern(extent, m_ConstantInt(&v)) || !v.isAllOnes();
}

/// Memory of the program that is read and written at any place of it lies in
/// global memory: an argument of the function, with a part for each core.
void Lowering::allocOp(AllocOp op, OpBuilder &b) {
  auto type = cast<ViewType>(op.getType());
  RankedTensorType array = arrayOf(type);
  Location loc = op.getLoc();
  auto place = dyn_cast_or_null<PlaceAttr>(array.getEncoding());
  if (place && place.getMemory() != "global") {
    View view;
    view.local = allocate(array, loc, place.getMemory().getValue());
    views[op.getResult()] = view;
    return;
  }
  auto function = op->getParentOfType<func::FuncOp>();
  auto launch = op->getParentOfType<LaunchOp>();
  unsigned number = function.getNumArguments();
  NamedAttrList attributes;
  attributes.set("kernel.workspace",
                 b.getI64IntegerAttr(array.getNumElements()));
  attributes.set("kernel.noalias", b.getUnitAttr());
  (void)function.insertArgument(number,
                                kernel::PtrType::get(array.getElementType()),
                                attributes.getDictionary(b.getContext()), loc);
  Value core = map.lookup(launch.getBody().getArgument(0));
  Value begin = arith::MulIOp::create(b, loc, core,
                                      constant(b, loc, array.getNumElements()));
  Value moved = arith::IndexCastOp::create(b, loc, b.getI64Type(), begin);
  Value whole = function.getArgument(number);
  View view;
  view.global.base =
      kernel::AddPtrOp::create(b, loc, whole.getType(), whole, moved);
  view.global.element = array.getElementType();
  view.global.shape.assign(array.getShape().begin(), array.getShape().end());
  int64_t stride = 1;
  for (int64_t size : llvm::reverse(array.getShape())) {
    view.global.strides.insert(view.global.strides.begin(),
                               constant(b, loc, stride));
    view.extents.insert(view.extents.begin(), constant(b, loc, size));
    stride *= size;
  }
  views[op.getResult()] = view;
}

void Lowering::viewOp(ViewOp op, OpBuilder &b) {
  RankedTensorType array = arrayOf(cast<ViewType>(op.getType()));
  View view;
  auto known = views.find(op.getBase());
  view.global.base = known != views.end() ? known->second.global.base
                                          : map.lookupOrDefault(op.getBase());
  view.global.element = array.getElementType();
  view.global.shape.assign(array.getShape().begin(), array.getShape().end());
  ValueRange sizes = op.getSizes();
  for (Value stride : sizes.drop_front(array.getRank()))
    view.global.strides.push_back(map.lookupOrDefault(stride));
  for (Value extent : sizes.take_front(array.getRank()))
    view.extents.push_back(isKnown(extent) ? map.lookupOrDefault(extent)
                                           : Value());
  views[op.getResult()] = view;
}

/// low <= i < high of a window's dimension, whose first element is \p offset of
/// an array with the extent that \p view has.
void Lowering::boundary(View &view, size_t dim, Value offset, Attribute kind,
                        OpBuilder &b, Location loc) {
  auto fill = dyn_cast_or_null<FillAttr>(kind);
  Value extent = view.extents[dim];
  GlobalWindow &g = view.global;
  if (!fill)
    return;
  if (auto value = dyn_cast<TypedAttr>(fill.getValue()))
    g.fill = value;
  if (g.low.empty())
    for (int64_t size : g.shape) {
      g.low.push_back(constant(b, loc, 0));
      g.high.push_back(constant(b, loc, size));
    }
  Value zero = constant(b, loc, 0), size = constant(b, loc, g.shape[dim]);
  // Before the array's start: an offset that is seen to be no less than 0 needs
  // no bound.
  APInt known;
  if (!matchPattern(offset, m_ConstantInt(&known)) || known.isNegative()) {
    Value before = arith::SubIOp::create(b, loc, zero, offset);
    before = arith::MaxSIOp::create(b, loc, before, zero);
    g.low[dim] = arith::MinSIOp::create(b, loc, before, size);
  }
  if (extent) {
    Value left = arith::SubIOp::create(b, loc, extent, offset);
    left = arith::MaxSIOp::create(b, loc, left, zero);
    g.high[dim] = arith::MinSIOp::create(b, loc, left, size);
  }
}

void Lowering::sliceLocal(SliceOp op, OpBuilder &b) {
  const View &from = views.find(op.getView())->second;
  RankedTensorType result = arrayOf(cast<ViewType>(op.getType()));
  auto source = cast<MemRefType>(from.local.getType());
  llvm::SmallVector<OpFoldResult> offsets, sizes, strides;
  llvm::SmallVector<int64_t> dims;
  if (auto listed = op.getDims())
    for (Attribute dim : *listed)
      dims.push_back(cast<IntegerAttr>(dim).getInt());
  else
    dims = llvm::to_vector(llvm::seq<int64_t>(0, source.getRank()));
  if (!llvm::is_sorted(dims))
    refuse(op, "a transposed window of a core's memory has no instruction");
  for (int64_t d = 0; d < source.getRank(); ++d) {
    if (isa<RankedTensorType>(op.getOffsets()[d].getType()))
      refuse(op, "a gather within a core's memory has no instruction");
    offsets.push_back(map.lookupOrDefault(op.getOffsets()[d]));
    auto at = llvm::find(dims, d);
    sizes.push_back(b.getIndexAttr(
        at == dims.end() ? 1 : result.getDimSize(at - dims.begin())));
    strides.push_back(b.getIndexAttr(1));
  }
  auto type = memref::SubViewOp::inferRankReducedResultType(
      result.getShape(), source, offsets, sizes, strides);
  View view;
  view.local = memref::SubViewOp::create(b, op.getLoc(), cast<MemRefType>(type),
                                         from.local, offsets, sizes, strides);
  view.ring = from.ring;
  view.slot = from.slot;
  views[op.getResult()] = view;
}

void Lowering::sliceOp(SliceOp op, OpBuilder &b) {
  const View from = views.find(op.getView())->second;
  if (from.local)
    return sliceLocal(op, b);
  auto type = cast<ViewType>(op.getType());
  RankedTensorType result = arrayOf(type);
  Location loc = op.getLoc();
  size_t rank = from.global.shape.size();
  if (from.global.index || !from.global.low.empty())
    refuse(op, "a window of a window with bounds has no instruction");
  llvm::SmallVector<int64_t> dims;
  if (auto listed = op.getDims())
    for (Attribute dim : *listed)
      dims.push_back(cast<IntegerAttr>(dim).getInt());
  else
    dims = llvm::to_vector(llvm::seq<int64_t>(0, rank));

  View view;
  GlobalWindow &g = view.global;
  g.element = from.global.element;
  g.shape.assign(result.getShape().begin(), result.getShape().end());
  // A block of positions: of one dimension, or of all elements of a list.
  llvm::SmallVector<int64_t> gathered;
  for (size_t d = 0; d < rank; ++d)
    if (isa<RankedTensorType>(op.getOffsets()[d].getType()))
      gathered.push_back(d);
  if (gathered.size() > 1)
    refuse(op, "positions along two dimensions have no instruction");
  bool reshaped =
      !gathered.empty() && rank == 1 &&
      (cast<RankedTensorType>(op.getOffsets()[0].getType()).getRank() != 1 ||
       dims.size() != 1);
  Value offset = constant(b, loc, 0);
  for (size_t d = 0; d < rank; ++d) {
    if (llvm::is_contained(gathered, int64_t(d)))
      continue;
    Value part =
        arith::MulIOp::create(b, loc, map.lookupOrDefault(op.getOffsets()[d]),
                              from.global.strides[d]);
    offset = arith::AddIOp::create(b, loc, offset, part);
  }
  Value moved = arith::IndexCastOp::create(b, loc, b.getI64Type(), offset);
  g.base = kernel::AddPtrOp::create(b, loc, from.global.base.getType(),
                                    from.global.base, moved);
  auto kindOf = [&](size_t i) -> Attribute {
    ArrayAttr kinds = type.getBoundaries();
    return i < kinds.size() ? kinds[i] : Attribute();
  };
  auto bounds = [&](size_t d, size_t i) {
    if (auto fill = dyn_cast_or_null<FillAttr>(kindOf(i))) {
      if (auto value = dyn_cast<TypedAttr>(fill.getValue()))
        g.fill = value;
      if (from.extents[d])
        g.indexBounds = {constant(b, loc, 0), from.extents[d]};
      else
        g.indexBounds = {constant(b, loc, 0), constant(b, loc, INT64_MAX)};
    }
  };
  if (reshaped) {
    g.index = buffer(op.getOffsets()[0], b);
    g.indexDim = -1;
    g.strides = from.global.strides;
    bounds(0, 0);
    views[op.getResult()] = view;
    return;
  }
  for (auto [i, d] : llvm::enumerate(dims)) {
    g.strides.push_back(from.global.strides[d]);
    view.extents.push_back(from.extents[d]);
  }
  for (auto [i, d] : llvm::enumerate(dims)) {
    Value at = op.getOffsets()[d];
    Attribute kind = kindOf(i);
    if (isa<RankedTensorType>(at.getType())) {
      g.index = buffer(at, b);
      g.indexDim = i;
      bounds(d, i);
      continue;
    }
    at = map.lookupOrDefault(at);
    if (isa_and_nonnull<ClampAttr, WrapAttr>(kind)) {
      if (g.index || !gathered.empty())
        refuse(op, "positions along two dimensions have no instruction");
      g.index =
          wrapped(at, from.extents[d], isa<WrapAttr>(kind), g.shape[i], b, loc);
      g.indexDim = i;
      // The positions count from the array's start.
      Value back = arith::MulIOp::create(b, loc, at, g.strides[i]);
      back = arith::SubIOp::create(b, loc, constant(b, loc, 0), back);
      back = arith::IndexCastOp::create(b, loc, b.getI64Type(), back);
      g.base = kernel::AddPtrOp::create(b, loc, g.base.getType(), g.base, back);
      continue;
    }
    boundary(view, i, at, kind, b, loc);
  }
  views[op.getResult()] = view;
}

/// (offset + i) modulo the extent, or clamped to it, as a block of positions.
Value Lowering::wrapped(Value offset, Value extent, bool wraps, int64_t size,
                        OpBuilder &b, Location loc) {
  Value to = allocate(RankedTensorType::get({size}, b.getI64Type()), loc);
  Operation *made = family.map(b, loc, {}, to, b.getArrayAttr({}));
  OpBuilder inner(b.getContext());
  Block *block = inner.createBlock(&made->getRegion(0));
  Value at = arith::AddIOp::create(inner, loc, offset,
                                   block->addArgument(b.getIndexType(), loc));
  Value zero = constant(inner, loc, 0);
  if (wraps) {
    Value rest = arith::RemSIOp::create(inner, loc, at, extent);
    Value isLow = arith::CmpIOp::create(inner, loc, arith::CmpIPredicate::slt,
                                        rest, zero);
    Value up = arith::AddIOp::create(inner, loc, rest, extent);
    at = arith::SelectOp::create(inner, loc, isLow, up, rest);
  } else {
    Value last =
        arith::SubIOp::create(inner, loc, extent, constant(inner, loc, 1));
    at = arith::MaxSIOp::create(inner, loc, at, zero);
    at = arith::MinSIOp::create(inner, loc, at, last);
  }
  Value number = arith::IndexCastOp::create(inner, loc, b.getI64Type(), at);
  YieldOp::create(inner, loc, number);
  return to;
}

/// What lies outside is filled first, where anything does.
void Lowering::fetch(const View &from, Value to, Value mask, Ring *ring,
                     Value slot, OpBuilder &b, Location loc) {
  const GlobalWindow &g = from.global;
  if (g.fill && g.index && !g.indexBounds.empty()) {
    fill(to, g.fill, b, loc);
  } else if (g.fill && !g.low.empty()) {
    Value ragged;
    for (auto [low, high, size] : llvm::zip(g.low, g.high, g.shape)) {
      Value zero = constant(b, loc, 0), all = constant(b, loc, size);
      Value before =
          arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, low, zero);
      Value after =
          arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, high, all);
      Value some = arith::OrIOp::create(b, loc, before, after);
      ragged = ragged ? arith::OrIOp::create(b, loc, ragged, some).getResult()
                      : some;
    }
    if (ragged) {
      auto branch = scf::IfOp::create(b, loc, TypeRange(), ragged,
                                      /*withElseRegion=*/false);
      OpBuilder inner = branch.getThenBodyBuilder();
      fill(to, g.fill, inner, loc);
    }
  }
  family.transferIn(b, loc, g, to, mask, ring, slot);
}

void Lowering::loadOp(LoadOp op, OpBuilder &b) {
  const View &view = views.find(op.getView())->second;
  Value mask = op.getMask() ? asBlock(op.getMask(), b) : Value();
  auto tensor = dyn_cast<RankedTensorType>(op.getResult().getType());
  if (view.local) {
    if (!tensor) {
      map.map(op.getResult(),
              memref::LoadOp::create(b, op.getLoc(), view.local).getResult());
      return;
    }
    // A slot is read in place while it is held.
    if (isHeldSoLong(op)) {
      held[op.getResult()] = view.local;
      borrowed.insert(view.local);
      return;
    }
    Value to = allocate(tensor, op.getLoc());
    copy(view.local, to, b, op.getLoc());
    held[op.getResult()] = to;
    return;
  }
  Value to = allocate(
      tensor ? tensor : RankedTensorType::get({}, op.getResult().getType()),
      op.getLoc(), tensor ? StringRef() : family.scalarMemory());
  fetch(view, to, mask, nullptr, Value(), b, op.getLoc());
  if (tensor)
    held[op.getResult()] = to;
  else
    map.map(op.getResult(),
            memref::LoadOp::create(b, op.getLoc(), to).getResult());
}

/// Whether the slot that \p load reads is released only after the last use.
bool Lowering::isHeldSoLong(LoadOp load) {
  Operation *made = load.getView().getDefiningOp();
  while (auto slice = dyn_cast_or_null<SliceOp>(made))
    made = slice.getView().getDefiningOp();
  if (!isa_and_nonnull<WaitOp>(made))
    return false;
  Value channel = cast<WaitOp>(made).getChannel();
  Block *block = made->getBlock();
  Operation *release = nullptr;
  for (Operation *op = made; op && !release; op = op->getNextNode())
    if (auto r = dyn_cast<ReleaseOp>(op); r && r.getChannel() == channel)
      release = r;
  llvm::SmallVector<Operation *> open(load->getUsers());
  while (!open.empty()) {
    Operation *user = open.pop_back_val();
    Operation *here = block->findAncestorOpInBlock(*user);
    if (!here || !release || !here->isBeforeInBlock(release))
      return false;
    if (isa<TakeOp>(user)) // may be read in place
      llvm::append_range(open, user->getUsers());
  }
  return true;
}

/// A number as a buffer of rank 0; a block as its buffer.
Value Lowering::asBlock(Value value, OpBuilder &b) {
  if (isa<RankedTensorType>(value.getType()))
    return buffer(value, b);
  Value at = allocate(RankedTensorType::get({}, value.getType()),
                      value.getLoc(), family.scalarMemory());
  memref::StoreOp::create(b, value.getLoc(), map.lookupOrDefault(value), at);
  return at;
}

bool Lowering::storeSum(StoreOp op, OpBuilder &b) {
  if (!op->hasAttr("direct") || !family.storesSums())
    return false;
  Value sum = storedSum(op, sums);
  Value known = sum ? held.lookup(sum) : Value();
  if (!known)
    return false;
  Location loc = op.getLoc();
  const GlobalWindow &to = views.find(op.getView())->second.global;
  if (sum.getDefiningOp<MmaOp>() || settle(known, b, loc)) {
    family.storeSum(b, loc, known, to);
    return true;
  }
  // A sum that no product began is 0.
  Value empty = memref::LoadOp::create(b, loc, isFresh.lookup(known));
  auto branch = scf::IfOp::create(b, loc, TypeRange(), empty,
                                  /*withElseRegion=*/true);
  OpBuilder then = branch.getThenBodyBuilder();
  Value zero = allocate(RankedTensorType::get(to.shape, to.element), loc);
  fill(zero, b.getZeroAttr(to.element), then, loc);
  family.transferOut(then, loc, zero, to, Value(), nullptr, Value());
  OpBuilder otherwise = branch.getElseBodyBuilder();
  family.storeSum(otherwise, loc, known, to);
  return true;
}

void Lowering::storeOp(StoreOp op, OpBuilder &b) {
  if (storeSum(op, b))
    return;
  const View &view = views.find(op.getView())->second;
  Value mask = op.getMask() ? asBlock(op.getMask(), b) : Value();
  if (view.local) {
    if (mask)
      refuse(op, "a masked store to a core's memory has no instruction");
    if (!isa<RankedTensorType>(op.getValue().getType())) {
      memref::StoreOp::create(b, op.getLoc(),
                              map.lookupOrDefault(op.getValue()), view.local);
      return;
    }
    Value from = buffer(op.getValue(), b);
    if (from != view.local)
      copy(from, view.local, b, op.getLoc());
    return;
  }
  family.transferOut(b, op.getLoc(), asBlock(op.getValue(), b), view.global,
                     mask, nullptr, Value());
}

void Lowering::copyOp(CopyOp op, OpBuilder &b) {
  const View &from = views.find(op.getSource())->second;
  const View &to = views.find(op.getTarget())->second;
  if (from.local && to.local)
    return copy(from.local, to.local, b, op.getLoc());
  if (to.local)
    return fetch(from, to.local, Value(), to.ring, to.slot, b, op.getLoc());
  if (from.local)
    return family.transferOut(b, op.getLoc(), from.local, to.global, Value(),
                              from.ring, from.slot);
  auto type = arrayOf(cast<ViewType>(op.getSource().getType()));
  Value between =
      allocate(RankedTensorType::get(type.getShape(), type.getElementType()),
               op.getLoc());
  fetch(from, between, Value(), nullptr, Value(), b, op.getLoc());
  family.transferOut(b, op.getLoc(), between, to.global, Value(), nullptr,
                     Value());
}

void Lowering::atomicOp(AtomicOp op, OpBuilder &b) {
  const View &view = views.find(op.getView())->second;
  if (view.local)
    refuse(op, "an atomic on a core's memory has no instruction");
  Value mask = op.getMask() ? asBlock(op.getMask(), b) : Value();
  StringRef name = op.getKind();
  Value old;
  if (op.getOld() && !op.getOld().use_empty()) {
    Type type = op.getOld().getType();
    auto tensor = dyn_cast<RankedTensorType>(type);
    old = allocate(tensor ? tensor : RankedTensorType::get({}, type),
                   op.getLoc(), tensor ? StringRef() : family.scalarMemory());
  }
  if (name == "load")
    family.transferIn(b, op.getLoc(), view.global, old, mask, nullptr, Value());
  else if (name == "cas")
    family.atomic(b, op.getLoc(), asBlock(op.getValues()[1], b), view.global,
                  mask, std::nullopt, asBlock(op.getValues()[0], b), old);
  else if (auto kind = kernel::symbolizeAtomicKind(name))
    family.atomic(b, op.getLoc(), asBlock(op.getValues()[0], b), view.global,
                  mask, kind, Value(), old);
  else
    refuse(op, "no atomic of this kind");
  if (!old)
    return;
  if (isa<RankedTensorType>(op.getOld().getType()))
    held[op.getOld()] = old;
  else
    map.map(op.getOld(),
            memref::LoadOp::create(b, op.getLoc(), old).getResult());
}
