// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Accesses become windows of views.
#include "lib/Transforms/Access/Converter.h"

#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Matchers.h"

using namespace terrazzo;
using namespace terrazzo::access;
using namespace mlir;

static RankedTensorType placed(llvm::ArrayRef<int64_t> shape, Type element,
                               Attribute place) {
  return RankedTensorType::get(shape, element, place);
}

/// An array at \p base; a null extent is unknown, a null stride 0.
Value Converter::view(Value base, Type element, llvm::ArrayRef<Value> extents,
                      llvm::ArrayRef<Value> strides) {
  llvm::SmallVector<Value> sizes;
  for (Value e : extents)
    sizes.push_back(e ? e : index(-1));
  for (Value s : strides)
    sizes.push_back(s ? s : index(0));
  llvm::SmallVector<int64_t> shape(extents.size(), ShapedType::kDynamic);
  auto type =
      tile::ViewType::get(builder.getContext(), placed(shape, element, global),
                          builder.getArrayAttr({}));
  return tile::ViewOp::create(builder, loc, type, base, sizes);
}

Value Converter::slice(Value view, ValueRange offsets,
                       llvm::ArrayRef<int64_t> shape, ArrayAttr boundaries,
                       llvm::ArrayRef<int64_t> dims) {
  Type element =
      cast<tile::ViewType>(view.getType()).getTensor().getElementType();
  auto type = tile::ViewType::get(builder.getContext(),
                                  placed(shape, element, global), boundaries);
  return tile::SliceOp::create(builder, loc, type, view, offsets,
                               dims.empty() ? ArrayAttr()
                                            : builder.getI64ArrayAttr(dims));
}

/// A bound as an extent: not below 0, since -1 says that there is none.
Value Converter::extentOf(Value upper) {
  if (!upper)
    return upper;
  if (auto n = constantOf(upper))
    return *n < 0 ? index(0) : upper;
  return arith::MaxSIOp::create(builder, loc, upper, index(0));
}

/// The pointer \p by elements on.
Value Converter::moved(Value base, Value by) {
  if (!by)
    return base;
  Value wide =
      arith::IndexCastOp::create(builder, loc, builder.getI64Type(), by);
  return kernel::AddPtrOp::create(builder, loc, base.getType(), base, wide);
}

/// Where lower <= i < upper along a dimension.
Spread Converter::rangeMask(const Range &range, int64_t dim, int64_t size) {
  return map({}, builder.getI1Type(),
             [&](OpBuilder &b, ValueRange ivs, ValueRange) -> Value {
               using P = arith::CmpIPredicate;
               Value lower, upper;
               if (range.lower)
                 lower =
                     arith::CmpIOp::create(b, loc, P::sge, ivs[0], range.lower);
               if (range.upper)
                 upper =
                     arith::CmpIOp::create(b, loc, P::slt, ivs[0], range.upper);
               if (!lower || !upper)
                 return lower ? lower : upper;
               return arith::AndIOp::create(b, loc, lower, upper);
             },
             {{dim, size}});
}

Converter::Access Converter::window(Value pointer, Value maskValue,
                                    Attribute fill) {
  Pointers p = pointersOf(pointer);
  llvm::ArrayRef<int64_t> shape = shapeOf(pointer);
  Type element = cast<kernel::PtrType>(getElementTypeOrSelf(pointer.getType()))
                     .getPointee();
  Mask mask = maskOf(maskValue, shape);
  if (shape.empty())
    return {view(moved(p.base, p.offset.constant), element, {}, {}),
            mask.uniform, false};
  if (p.offset.rest)
    return gatheredWindow(p, mask, shape, fill);
  Access r;
  Value corner = p.offset.constant;
  llvm::SmallVector<Value> extents, offsets;
  llvm::SmallVector<Attribute> boundaries;
  for (auto [d, range] : llvm::enumerate(mask.ranges)) {
    // The view starts where the bound does; the window starts before it.
    Value upper = range.upper;
    if (d == 0 && mask.uniform)
      upper =
          arith::SelectOp::create(builder, loc, mask.uniform,
                                  upper ? upper : index(shape[0]), index(0));
    if (range.lower) {
      corner = plus(corner, times(p.offset.strides[d], range.lower));
      upper = orZero(plus(upper ? upper : index(shape[d]), range.lower, true));
    }
    upper = extentOf(upper);
    extents.push_back(upper);
    offsets.push_back(range.lower ? plus(Value(), range.lower, true)
                                  : index(0));
    boundaries.push_back(
        upper ? Attribute(tile::FillAttr::get(builder.getContext(), fill))
              : Attribute(tile::InAttr::get(builder.getContext())));
    r.bounded |= bool(upper);
  }
  Value root = view(moved(p.base, corner), element, extents, p.offset.strides);
  r.window = slice(root, offsets, shape, builder.getArrayAttr(boundaries), {});
  if (mask.other)
    r.mask = full(*mask.other, shape);
  return r;
}

/// A window with a gathered dimension. When the irregular part runs along one
/// dimension only, the others keep their strides and bounds; otherwise all is
/// one array indexed by a tensor.
Converter::Access Converter::gatheredWindow(const Pointers &p, Mask &mask,
                                            llvm::ArrayRef<int64_t> shape,
                                            Attribute fill) {
  Access r;
  MLIRContext *context = builder.getContext();
  Type element = cast<kernel::PtrType>(p.base.getType()).getPointee();
  bool single = p.offset.rest->dims.size() == 1 && shape.size() > 1;
  int64_t dim = p.offset.rest->dims[0];
  llvm::SmallVector<std::pair<int64_t, int64_t>> domain;
  for (auto [d, size] : llvm::enumerate(shape))
    if (!single || int64_t(d) == dim)
      domain.push_back({d, size});
  Spread where = map(
      {*p.offset.rest}, builder.getIndexType(),
      [&](OpBuilder &b, ValueRange ivs, ValueRange e) -> Value {
        Value sum = e[0];
        for (auto [k, d] : llvm::enumerate(domain))
          if (Value stride = p.offset.strides[d.first])
            sum = arith::AddIOp::create(
                b, loc, sum, arith::MulIOp::create(b, loc, ivs[k], stride));
        return sum;
      },
      domain);
  for (auto [d, range] : llvm::enumerate(mask.ranges))
    if ((!single || int64_t(d) == dim) && (range.lower || range.upper))
      mask.other = conjoin(mask.other, rangeMask(range, d, shape[d]));
  if (mask.uniform) {
    Spread uniform{mask.uniform, {}};
    mask.other =
        mask.other
            ? conjoin(mask.other, uniform)
            : map({uniform}, builder.getI1Type(),
                  [](OpBuilder &, ValueRange, ValueRange e) { return e[0]; },
                  {{dim, shape[dim]}});
  }
  Value corner = p.offset.constant;
  Attribute in = tile::InAttr::get(context);
  if (!single) {
    Value root = view(moved(p.base, corner), element, {Value()}, {index(1)});
    r.window = slice(
        root, {where.source}, shape,
        builder.getArrayAttr(llvm::SmallVector<Attribute>(shape.size(), in)),
        {});
  } else {
    llvm::SmallVector<Value> extents, strides, offsets;
    llvm::SmallVector<Attribute> boundaries;
    for (auto [d, range] : llvm::enumerate(mask.ranges)) {
      bool here = int64_t(d) == dim;
      Value upper = here ? Value() : range.upper;
      if (!here && range.lower) {
        corner = plus(corner, times(p.offset.strides[d], range.lower));
        upper =
            orZero(plus(upper ? upper : index(shape[d]), range.lower, true));
      }
      upper = extentOf(upper);
      extents.push_back(upper);
      strides.push_back(here ? index(1) : p.offset.strides[d]);
      offsets.push_back(here          ? where.source
                        : range.lower ? plus(Value(), range.lower, true)
                                      : index(0));
      boundaries.push_back(upper ? Attribute(tile::FillAttr::get(context, fill))
                                 : in);
      r.bounded |= bool(upper);
    }
    Value root = view(moved(p.base, corner), element, extents, strides);
    r.window =
        slice(root, offsets, shape, builder.getArrayAttr(boundaries), {});
  }
  if (mask.other)
    r.mask = full(*mask.other, shape);
  return r;
}

/// The constant that stands in every element, if there is one.
static Attribute splatConstant(Value v) {
  if (!v)
    return {};
  Attribute a;
  if (auto splat = v.getDefiningOp<kernel::SplatOp>())
    v = splat.getSrc();
  if (!matchPattern(v, m_Constant(&a)))
    return {};
  if (auto dense = dyn_cast<DenseElementsAttr>(a))
    return dense.isSplat() ? dense.getSplatValue<Attribute>() : Attribute();
  return a;
}

void Converter::load(kernel::LoadOp op) {
  llvm::ArrayRef<int64_t> shape = shapeOf(op.getPtr());
  Attribute fill = splatConstant(op.getOther());
  bool constant = bool(fill);
  if (!fill)
    fill = ub::PoisonAttr::get(builder.getContext());
  Access access = window(op.getPtr(), op.getMask(), fill);
  Type type = op.getType();
  auto load =
      tile::LoadOp::create(builder, loc, type, access.window, access.mask);
  if (op.getEvict() != kernel::EvictionPolicy::Normal)
    load->setAttr("hint",
                  builder.getStringAttr(
                      op.getEvict() == kernel::EvictionPolicy::First ? "stream"
                                                                     : "keep"));
  Spread spread{load.getValue(), {}};
  for (size_t d = 0; d < shape.size(); ++d)
    spread.dims.push_back(d);
  // What the extents cut off is filled already; an element that only the mask
  // leaves out gets its `other` here.
  if (op.getOther() && (access.mask || !constant)) {
    Spread condition =
        constant ? Spread{access.mask, spread.dims} : spreadOf(op.getMask());
    spread = map({condition, spread, spreadOf(op.getOther())},
                 elementOf(op.getResult()),
                 [&](OpBuilder &b, ValueRange, ValueRange e) -> Value {
                   return arith::SelectOp::create(b, loc, e[0], e[1], e[2]);
                 });
  }
  spreads[op] = spread;
}

void Converter::store(kernel::StoreOp op) {
  Value value = full(spreadOf(op.getValue()), shapeOf(op.getPtr()));
  Access access = window(op.getPtr(), op.getMask(),
                         ub::PoisonAttr::get(builder.getContext()));
  auto store =
      tile::StoreOp::create(builder, loc, value, access.window, access.mask);
  if (op.getEvict() == kernel::EvictionPolicy::First)
    store->setAttr("hint", builder.getStringAttr("stream"));
}

static llvm::StringRef scopeName(kernel::MemScope scope) {
  return scope == kernel::MemScope::Core   ? "core"
         : scope == kernel::MemScope::Chip ? "chip"
                                           : "system";
}

void Converter::atomic(kernel::AtomicRMWOp op) {
  Value value = full(spreadOf(op.getValue()), shapeOf(op.getPtr()));
  Access access = window(op.getPtr(), op.getMask(),
                         ub::PoisonAttr::get(builder.getContext()));
  auto result = tile::AtomicOp::create(
      builder, loc, op->use_empty() ? Type() : op.getType(), access.window,
      ValueRange{value}, access.mask, kernel::stringifyAtomicKind(op.getKind()),
      kernel::stringifyMemSemantic(op.getSem()), scopeName(op.getScope()));
  if (Value old = result.getOld()) {
    Dims dims;
    for (size_t d = 0; d < shapeOf(op.getPtr()).size(); ++d)
      dims.push_back(d);
    spreads[op] = {old, dims};
  }
}

void Converter::compareAndSwap(kernel::AtomicCASOp op) {
  Access access =
      window(op.getPtr(), {}, ub::PoisonAttr::get(builder.getContext()));
  llvm::ArrayRef<int64_t> shape = shapeOf(op.getPtr());
  Value expected = full(spreadOf(op.getCmp()), shape),
        value = full(spreadOf(op.getValue()), shape);
  auto result = tile::AtomicOp::create(
      builder, loc, op.getType(), access.window, ValueRange{expected, value},
      Value(), "cas", kernel::stringifyMemSemantic(op.getSem()),
      scopeName(op.getScope()));
  Dims dims;
  for (size_t d = 0; d < shape.size(); ++d)
    dims.push_back(d);
  spreads[op] = {result.getOld(), dims};
}
