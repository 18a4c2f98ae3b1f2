// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Windows and scratch memory: addresses, masks, loads, stores.
#include "targets/Cpu/Lowering/Emitter.h"

#include "mlir/Dialect/UB/IR/UBOps.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// What stands in memory for an element: i1 as a byte, an index as i64, and
/// formats without an LLVM type as their bits.
Type Emitter::storageOf(Type element) {
  if (element.isInteger(1))
    return b.getI8Type();
  if (element.isIndex())
    return b.getI64Type();
  if (isa<kernel::PtrType>(element))
    return pointerType;
  if (isa<FloatType>(element) && !element.isF64() && !element.isF32() &&
      !element.isF16() && !element.isBF16())
    return b.getI8Type();
  return element;
}
unsigned Emitter::bytesOf(Type element) {
  Type storage = storageOf(element);
  return storage == pointerType ? 8 : (storage.getIntOrFloatBitWidth() + 7) / 8;
}
Type Emitter::lanesType(Type element) {
  return lanes == 1 ? element : Type(Vector::get({lanes}, element));
}

/// From what memory holds to the element's type, and back.
Value Emitter::widen(Value v, Type element) {
  if (storageOf(element) == element || storageOf(element) == pointerType)
    return v;
  Type type = isa<VectorType>(v.getType()) ? Type(Vector::get({lanes}, element))
                                           : element;
  if (element.isIndex())
    return arith::IndexCastOp::create(b, loc, type, v);
  if (element.isInteger(1))
    return arith::TruncIOp::create(b, loc, type, v);
  return arith::BitcastOp::create(b, loc, type, v);
}
Value Emitter::narrow(Value v, Type element) {
  Type storage = storageOf(element);
  if (storage == element || storage == pointerType)
    return v;
  Type type = isa<VectorType>(v.getType()) ? Type(Vector::get({lanes}, storage))
                                           : storage;
  if (element.isIndex())
    return arith::IndexCastOp::create(b, loc, type, v);
  if (element.isInteger(1))
    return arith::ExtUIOp::create(b, loc, type, v);
  return arith::BitcastOp::create(b, loc, type, v);
}

Value Emitter::scratch(int64_t bytes) {
  int64_t at = scratchTop;
  scratchTop += (bytes + 63) / 64 * 64;
  scratchMost = std::max(scratchMost, scratchTop);
  // A constant index of the op has 29 bits, with its sign.
  if (at >= int64_t(1) << 28)
    return pointerAt(scratchBase, b.getI8Type(), index(at));
  return LLVM::GEPOp::create(b, loc, pointerType, b.getI8Type(), scratchBase,
                             llvm::ArrayRef<LLVM::GEPArg>{int32_t(at)});
}

Buffer Emitter::allocate(llvm::ArrayRef<int64_t> shape, Type element) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  // Vectors may be read past the end of a short row; they stay in scratch.
  if (scratchTop + count * bytesOf(element) > (int64_t(1) << 30))
    refuse(current, "a program that keeps more than 1 GiB of blocks");
  Buffer r;
  r.base = scratch(count * bytesOf(element));
  r.element = element;
  r.shape.assign(shape.begin(), shape.end());
  return r;
}

Value Emitter::both(Value a, Value c) {
  if (!a || !c)
    return a ? a : c;
  if (isa<VectorType>(a.getType()) || isa<VectorType>(c.getType())) {
    a = asLanes(a);
    c = asLanes(c);
  }
  return arith::AndIOp::create(b, loc, a, c);
}

Window Emitter::windowOf(Value view) {
  auto found = windows.find(view);
  if (found != windows.end())
    return found->second;
  Window w;
  RankedTensorType type = cast<tile::ViewType>(view.getType()).getTensor();
  if (auto root = view.getDefiningOp<tile::ViewOp>()) {
    // Private memory is seen through another shape.
    w.base = isa<tile::ViewType>(root.getBase().getType())
                 ? windowOf(root.getBase()).base
                 : scalarOf(root.getBase());
    w.element = type.getElementType();
    w.shape.assign(type.getShape().begin(), type.getShape().end());
    size_t rank = type.getRank();
    auto known = [&](Value v) { // -1: unknown
      APInt n;
      return matchPattern(v, m_ConstantInt(&n)) && n.isAllOnes() ? Value()
                                                                 : scalarOf(v);
    };
    for (size_t d = 0; d < rank; ++d) {
      bool sized = !root.getSizes().empty();
      w.extents.push_back(sized ? known(root.getSizes()[d])
                                : index(type.getDimSize(d)));
      APInt n;
      Value stride = sized ? root.getSizes()[rank + d] : Value();
      w.strides.push_back(
          !stride || (matchPattern(stride, m_ConstantInt(&n)) && n.isZero())
              ? Value()
              : scalarOf(stride));
      w.offsets.push_back(Value());
      w.tensors.push_back(Value());
      w.boundaries.push_back(tile::InAttr::get(b.getContext()));
      w.dims.push_back(d);
    }
  } else if (auto slice = view.getDefiningOp<tile::SliceOp>()) {
    w = windowOf(slice.getView());
    for (auto [d, offset] : llvm::enumerate(slice.getOffsets())) {
      APInt n;
      if (isTensor(offset))
        w.tensors[d] = offset;
      else if (!matchPattern(offset, m_ConstantInt(&n)) || !n.isZero())
        w.offsets[d] = plus(w.offsets[d], scalarOf(offset));
    }
    w.shape.assign(type.getShape().begin(), type.getShape().end());
    w.wholeTensor = w.dims.size() == 1 && w.tensors[0] && !slice.getDims();
    auto bounds = cast<tile::ViewType>(view.getType()).getBoundaries();
    auto dims = w.dims;
    if (auto chosen = slice.getDims()) {
      w.dims.clear();
      for (auto d : chosen->getAsRange<IntegerAttr>())
        w.dims.push_back(dims[d.getInt()]);
    }
    if (!w.wholeTensor)
      for (auto [k, a] : llvm::enumerate(bounds))
        w.boundaries[w.dims[k]] = a;
  } else if (auto alloc = view.getDefiningOp<tile::AllocOp>()) {
    Buffer buffer = allocate(type.getShape(), type.getElementType());
    w.base = buffer.base;
    w.element = buffer.element;
    w.shape = buffer.shape;
    int64_t stride = 1;
    w.strides.resize(w.shape.size());
    for (size_t d = w.shape.size(); d-- > 0; stride *= w.shape[d])
      w.strides[d] = index(stride);
    for (size_t d = 0; d < w.shape.size(); ++d) {
      w.extents.push_back(Value());
      w.offsets.push_back(Value());
      w.tensors.push_back(Value());
      w.boundaries.push_back(tile::InAttr::get(b.getContext()));
      w.dims.push_back(d);
    }
  } else {
    refuse(view.getDefiningOp() ? view.getDefiningOp()
                                : view.getParentBlock()->getParentOp(),
           "this view");
  }
  windows[view] = w;
  return w;
}

/// Where the elements at given indices of a window lie, and which of them are
/// inside.
Emitter::Address Emitter::addressOf(const Window &w, const Indices &at,
                                    bool bounds) {
  Address a;
  auto addVector = [&](Value v) {
    a.vector =
        a.vector ? arith::AddIOp::create(b, loc, a.vector, v).getResult() : v;
  };
  auto addTensor = [&](Value tensor, const Indices &where) {
    Value v = evaluate(tensor, where);
    if (isa<VectorType>(v.getType()))
      addVector(v);
    else
      a.scalar = plus(a.scalar, v);
  };
  if (w.wholeTensor) {
    addTensor(w.tensors[0], at);
    return a;
  }
  for (auto [d, stride] : llvm::enumerate(w.strides)) {
    auto position = llvm::find(w.dims, int64_t(d));
    std::optional<Index> i;
    if (position != w.dims.end())
      i = at[position - w.dims.begin()];
    if (w.tensors[d]) {
      addTensor(w.tensors[d], i ? Indices{*i} : Indices{});
      continue;
    }
    if (w.offsets[d]) {
      if (!i)
        i = Index{index(0), false, {}};
      i = i->vector ? Index{{},
                            false,
                            arith::AddIOp::create(b, loc, i->vector,
                                                  asLanes(w.offsets[d]))}
                    : Index{plus(i->scalar, w.offsets[d]), i->lanes, {}};
    }
    if (!i)
      continue;
    if (stride) {
      if (i->vector)
        addVector(arith::MulIOp::create(b, loc, i->vector, asLanes(stride)));
      else
        a.scalar = plus(a.scalar, times(i->scalar, stride));
      if (i->lanes)
        a.stride = plus(a.stride, stride);
    }
    if (!bounds || !w.extents[d] || isa<tile::InAttr>(w.boundaries[d]))
      continue;
    using P = arith::CmpIPredicate;
    if (i->vector || (i->lanes && w.offsets[d])) {
      Value v = vectorOf(*i, b.getIndexType());
      a.mask = both(a.mask, arith::CmpIOp::create(b, loc, P::ult, v,
                                                  asLanes(w.extents[d])));
      continue;
    }
    if (!i->lanes || lanes == 1) {
      Value isInside = arith::CmpIOp::create(
          b, loc, w.offsets[d] ? P::ult : P::slt, i->scalar, w.extents[d]);
      a.mask = both(a.mask, isInside);
      a.some = both(a.some, isInside);
      continue;
    }
    // How many lanes are inside, as a narrow number.
    Value left = arith::SubIOp::create(b, loc, w.extents[d], i->scalar);
    a.some =
        both(a.some, arith::CmpIOp::create(b, loc, P::sgt, left, index(0)));
    left = arith::MaxSIOp::create(
        b, loc, arith::MinSIOp::create(b, loc, left, index(lanes)), index(0));
    Value many = arith::IndexCastOp::create(b, loc, b.getI32Type(), left);
    Value iota = vectorOf({index(0), true, {}}, b.getI32Type());
    a.mask = both(a.mask,
                  arith::CmpIOp::create(b, loc, P::slt, iota, asLanes(many)));
  }
  return a;
}

Emitter::Address Emitter::addressOf(const Buffer &buffer, const Indices &at) {
  Window w;
  w.base = buffer.base;
  int64_t stride = 1;
  w.strides.resize(buffer.shape.size());
  for (size_t d = buffer.shape.size(); d-- > 0; stride *= buffer.shape[d])
    w.strides[d] = index(stride);
  w.extents.resize(at.size());
  w.offsets.resize(at.size());
  w.tensors.resize(at.size());
  w.boundaries.assign(at.size(), tile::InAttr::get(b.getContext()));
  for (size_t d = 0; d < at.size(); ++d)
    w.dims.push_back(d);
  return addressOf(w, at, false);
}

Value Emitter::pointerAt(Value base, Type element, Value at) {
  if (!at)
    return base;
  Value wide = arith::IndexCastOp::create(b, loc, b.getI64Type(), at);
  return LLVM::GEPOp::create(b, loc, pointerType, storageOf(element), base,
                             llvm::ArrayRef<LLVM::GEPArg>{wide});
}

static bool isOne(Value v) {
  APInt n;
  return v && matchPattern(v, m_ConstantInt(&n)) && n.isOne();
}

/// The pointer of a vector access, or memory of our own when no lane is wanted:
/// an access that is masked off faults in silence where no page is mapped, and
/// takes 130 ns then (measured on Zen 5, loads and stores), not half of one.
Value Emitter::mappedPointer(Value pointer, const Address &a) {
  Value some = a.some;
  if (!some) {
    Type bits = b.getIntegerType(lanes);
    some = arith::CmpIOp::create(
        b, loc, arith::CmpIPredicate::ne,
        LLVM::BitcastOp::create(b, loc, bits, asLanes(a.mask)),
        constant(b.getIntegerAttr(bits, 0)));
  }
  return LLVM::SelectOp::create(b, loc, some, pointer, spare);
}

/// Loads the elements of an address; \p other stands where the mask is false.
Value Emitter::loadAt(Value base, Type element, const Address &a, Value other) {
  Type storage = storageOf(element);
  unsigned align = bytesOf(element);
  bool uniform = lanes == 1 || (!a.stride && !a.vector);
  Value pointer = pointerAt(base, element, a.scalar);
  if (uniform && (!a.mask || !isa<VectorType>(a.mask.getType()))) {
    auto simple = [&]() -> Value {
      return LLVM::LoadOp::create(b, loc, storage, pointer, align);
    };
    if (!a.mask)
      return widen(simple(), element);
    auto branch = scf::IfOp::create(b, loc, storage, a.mask, true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(b, loc, simple());
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, loc, narrow(other, element));
    b.setInsertionPointAfter(branch);
    return widen(branch.getResult(0), element);
  }
  auto type = Vector::get({lanes}, storage);
  if (isOne(a.stride) && !a.vector) {
    if (!a.mask)
      return widen(LLVM::LoadOp::create(b, loc, type, pointer, align), element);
    return widen(LLVM::MaskedLoadOp::create(
                     b, loc, type, mappedPointer(pointer, a), asLanes(a.mask),
                     narrow(asLanes(other), element), align),
                 element);
  }
  Value lane = a.vector;
  if (a.stride) {
    Value iota = vectorOf({index(0), true, {}}, b.getIndexType());
    Value steps = arith::MulIOp::create(b, loc, iota, asLanes(a.stride));
    lane =
        lane ? arith::AddIOp::create(b, loc, lane, steps).getResult() : steps;
  }
  if (!lane)
    lane = asLanes(index(0));
  Value wide = arith::IndexCastOp::create(
      b, loc, Vector::get({lanes}, b.getI64Type()), lane);
  Value pointers =
      LLVM::GEPOp::create(b, loc, Vector::get({lanes}, pointerType), storage,
                          pointer, llvm::ArrayRef<LLVM::GEPArg>{wide});
  Value mask = a.mask ? asLanes(a.mask)
                      : constant(DenseElementsAttr::get(
                            Vector::get({lanes}, b.getI1Type()), true));
  Value through = a.mask ? narrow(asLanes(other), element)
                         : constant(cast<TypedAttr>(b.getZeroAttr(type)));
  return widen(LLVM::masked_gather::create(b, loc, type, pointers, mask,
                                           ValueRange{through},
                                           b.getI32IntegerAttr(align)),
               element);
}

void Emitter::storeAt(Value base, Type element, const Address &a, Value value,
                      bool stream) {
  unsigned align = bytesOf(element);
  Value pointer = pointerAt(base, element, a.scalar);
  if (lanes == 1) {
    value = narrow(value, element);
    auto simple = [&] { LLVM::StoreOp::create(b, loc, value, pointer, align); };
    if (!a.mask)
      return simple();
    auto branch = scf::IfOp::create(b, loc, a.mask, false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    return simple();
  }
  value = narrow(asLanes(value), element);
  if (isOne(a.stride) && !a.vector) {
    if (!a.mask && stream && lanes * align == 64) {
      usesStream = true;
      LLVM::StoreOp::create(b, loc, value, pointer, 64, /*isVolatile=*/false,
                            /*isNonTemporal=*/true);
    } else if (!a.mask)
      LLVM::StoreOp::create(b, loc, value, pointer, align);
    else
      LLVM::MaskedStoreOp::create(b, loc, value, mappedPointer(pointer, a),
                                  asLanes(a.mask), b.getI32IntegerAttr(align));
    return;
  }
  Value lane = a.vector ? a.vector : asLanes(index(0));
  if (a.stride) {
    Value iota = vectorOf({index(0), true, {}}, b.getIndexType());
    lane = arith::AddIOp::create(
        b, loc, lane, arith::MulIOp::create(b, loc, iota, asLanes(a.stride)));
  }
  Value wide = arith::IndexCastOp::create(
      b, loc, Vector::get({lanes}, b.getI64Type()), lane);
  Value pointers = LLVM::GEPOp::create(
      b, loc, Vector::get({lanes}, pointerType), storageOf(element), pointer,
      llvm::ArrayRef<LLVM::GEPArg>{wide});
  Value mask = a.mask ? asLanes(a.mask)
                      : constant(DenseElementsAttr::get(
                            Vector::get({lanes}, b.getI1Type()), true));
  LLVM::masked_scatter::create(b, loc, value, pointers, mask,
                               b.getI32IntegerAttr(align));
}

Value Emitter::loadWindow(tile::LoadOp op, const Indices &at) {
  Window w = windowOf(op.getView());
  Address a = addressOf(w, at, !inside);
  if (op.getMask())
    a.mask = both(a.mask, evaluate(op.getMask(), at));
  Value other;
  if (a.mask) {
    TypedAttr fill;
    for (Attribute boundary : w.boundaries)
      if (auto f = dyn_cast<tile::FillAttr>(boundary))
        fill = dyn_cast<TypedAttr>(f.getValue());
    if (!fill)
      fill = cast<TypedAttr>(b.getZeroAttr(w.element));
    other = constant(fill);
  }
  return loadAt(w.base, w.element, a, other);
}

Value Emitter::loadBuffer(const Buffer &buffer, const Indices &at) {
  return loadAt(buffer.base, buffer.element, addressOf(buffer, at), {});
}
void Emitter::storeBuffer(const Buffer &buffer, const Indices &at,
                          Value value) {
  storeAt(buffer.base, buffer.element, addressOf(buffer, at), value, false);
}

/// Whether all of a window lies inside its array: null when it always does,
/// nothing when that cannot be said by its extents alone.
std::optional<Value> Emitter::isWhole(const Window &w) {
  auto plain = [](Value v) { return !v; };
  if (w.wholeTensor || !llvm::all_of(w.tensors, plain) ||
      !llvm::all_of(w.offsets, plain))
    return std::nullopt;
  Value whole;
  for (auto [k, d] : llvm::enumerate(w.dims))
    if (w.extents[d] && !isa<tile::InAttr>(w.boundaries[d]))
      whole =
          both(whole, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge,
                                            w.extents[d], index(w.shape[k])));
  return whole;
}

/// Whether the elements of a window are to be stored past the caches: all of
/// it is inside and in whole lines, and the launch writes more than the last
/// cache holds, so that the lines would be gone before they are read again. An
/// author who says that they are not read soon may mean it of what a nearer
/// cache would hold: the last is then left to others.
Value Emitter::streams(const Window &w, tile::StoreOp op) {
  int64_t holds = hasHint(op, "stream") ? cacheBytes("l2") : lastCacheBytes();
  int64_t bytes = bytesOf(w.element);
  for (int64_t size : w.shape)
    bytes *= size;
  using P = arith::CmpIPredicate;
  Value all = arith::CmpIOp::create(
      b, loc, P::sgt, times(programs, index(bytes)), index(holds));
  Value low = LLVM::PtrToIntOp::create(b, loc, b.getI64Type(), w.base);
  auto aligned = [&](Value address) {
    Value line = constant(b.getI64IntegerAttr(63));
    Value none = constant(b.getI64IntegerAttr(0));
    return arith::CmpIOp::create(b, loc, P::eq,
                                 arith::AndIOp::create(b, loc, address, line),
                                 none)
        .getResult();
  };
  all = both(all, aligned(low));
  for (size_t d = 0; d < w.strides.size(); ++d) {
    if (w.extents[d] && !isa<tile::InAttr>(w.boundaries[d]))
      all = both(all, arith::CmpIOp::create(b, loc, P::sge, w.extents[d],
                                            index(w.shape[d])));
    if (d + 1 < w.strides.size()) {
      Value distance = w.strides[d] ? w.strides[d] : index(0);
      distance = times(distance, index(bytesOf(w.element)));
      all = both(all, aligned(arith::IndexCastOp::create(b, loc, b.getI64Type(),
                                                         distance)));
    }
  }
  return all;
}

/// Whether a window is made for it: consecutive elements in whole vectors, and
/// enough of them to be worth a second loop.
bool Emitter::couldStream(tile::StoreOp op, const Window &w) {
  size_t rank = w.shape.size();
  if (!mayStream || op.getMask() || !rank || w.wholeTensor ||
      w.strides.size() != rank || !isOne(w.strides[rank - 1]))
    return false;
  int64_t count = 1;
  for (size_t d = 0; d < rank; ++d) {
    if (w.tensors[d] || w.offsets[d] || w.dims[d] != int64_t(d))
      return false;
    count *= w.shape[d];
  }
  unsigned width = widthFor(w.element);
  return count >= 256 && w.shape[rank - 1] % width == 0 &&
         width * bytesOf(w.element) == 64;
}

void Emitter::store(tile::StoreOp op) {
  auto found = stored.find(op);
  if (found == stored.end())
    return storeBlock(op, false);
  Value done = found->second;
  if (matchPattern(done, m_One()))
    return;
  auto branch = scf::IfOp::create(b, loc, done, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.elseBlock());
  auto outside = cache;
  storeBlock(op, true);
  cache = std::move(outside);
}

/// \p isSeldom: the code may be slow, but should be short.
void Emitter::storeBlock(tile::StoreOp op, bool isSeldom) {
  Window w = windowOf(op.getView());
  llvm::SmallVector<Value> roots{op.getValue()};
  if (op.getMask())
    roots.push_back(op.getMask());
  for (Value t : w.tensors)
    if (t)
      roots.push_back(t);
  auto along = alongTheWay(roots, w.shape);
  int64_t lane = int64_t(w.shape.size()) - 1;
  for (auto [k, d] : llvm::enumerate(w.dims))
    if (!w.wholeTensor && isOne(w.strides[d]))
      lane = k;
  // Nothing beyond the extents is stored, so it is not computed either.
  llvm::SmallVector<Value> ends;
  if (along.empty())
    ends = endsOf(w);
  Window rest = w; // what is still to be tested
  for (size_t k = 0; k < ends.size(); ++k)
    if (ends[k] && int64_t(k) != lane)
      rest.boundaries[w.dims[k]] = tile::InAttr::get(b.getContext());
  auto write = [&](RowForm form) {
    nest(
        w.shape, lane, widthFor(w.element),
        [&](const Indices &at) {
          Value value = evaluate(op.getValue(), at);
          Address a = addressOf(rest, at, form == Masked);
          if (op.getMask())
            a.mask = both(a.mask, evaluate(op.getMask(), at));
          keep(along, at);
          storeAt(w.base, w.element, a, value, form == Stream);
        },
        form == Masked ? llvm::ArrayRef<Value>(ends) : llvm::ArrayRef<Value>());
  };
  // Behind a product masks would take longer than all else there.
  RowForm form = isSeldom                    ? Masked
                 : couldStream(op, w)        ? Stream
                 : hasProducts && !isSmall() ? Whole
                                             : Masked;
  std::optional<Value> fast;
  if (form == Stream)
    fast = streams(w, op);
  else if (form == Whole && !op.getMask())
    fast = isWhole(w);
  if (fast && *fast) {
    auto branch = scf::IfOp::create(b, loc, *fast, true);
    auto outside = cache;
    for (bool isFast : {true, false}) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(isFast ? branch.thenBlock()
                                        : branch.elseBlock());
      write(isFast ? form : Masked);
      cache = outside;
    }
  } else {
    write(Masked);
  }
  kept(along);
}
