// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Decompose/ScaledDots.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace terrazzo;

namespace {
/// Builds on blocks of any shape.
struct Blocks {
  OpBuilder &b;
  Location loc;

  static RankedTensorType typeOf(Value v) {
    return cast<RankedTensorType>(v.getType());
  }
  static RankedTensorType with(Value v, Type element) {
    return RankedTensorType::get(typeOf(v).getShape(), element);
  }
  Value bits(Value v, Type element) const {
    return kernel::BitcastOp::create(b, loc, with(v, element), v);
  }
  Value cast(Value v, Type element) const {
    if (typeOf(v).getElementType() == element)
      return v;
    return kernel::FpCastOp::create(b, loc, with(v, element), v);
  }
  Value splat(int64_t value, RankedTensorType type) const {
    auto one = b.getIntegerAttr(type.getElementType(), value);
    return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, one));
  }
  Value reshape(Value v, ArrayRef<int64_t> shape) const {
    auto type = RankedTensorType::get(shape, typeOf(v).getElementType());
    return kernel::ReshapeOp::create(b, loc, type, v, false);
  }
  Value trans(Value v, ArrayRef<int32_t> order) const {
    SmallVector<int64_t> shape;
    for (int32_t d : order)
      shape.push_back(typeOf(v).getDimSize(d));
    auto type = RankedTensorType::get(shape, typeOf(v).getElementType());
    return kernel::TransOp::create(b, loc, type, v, order);
  }
  Value decode(Value codes, Type element) const;
  Value unpack(Value bytes, int64_t dim, Type element) const;
  Value spread(Value scale, int64_t k) const;
};
} // namespace

/// The lower four bits of each byte, which are an f4E2M1FN, as \p element. But
/// for the bias these are the upper bits of an f16: its conversion reads the
/// subnormal number among them too, and no type is smaller than a byte.
Value Blocks::decode(Value codes, Type element) const {
  Value x = arith::ExtUIOp::create(b, loc, with(codes, b.getI16Type()), codes);
  RankedTensorType type = typeOf(x);
  auto moved = [&](int64_t mask, int64_t by) -> Value {
    Value bits = arith::AndIOp::create(b, loc, x, splat(mask, type));
    return arith::ShLIOp::create(b, loc, bits, splat(by, type));
  };
  Value code = arith::OrIOp::create(b, loc, moved(8, 12), moved(7, 9));
  Value value = cast(bits(code, b.getF16Type()), b.getF32Type());
  constexpr float bias = 1 << 14; // 2^(15 - 1)
  auto factor = DenseElementsAttr::get(with(codes, b.getF32Type()),
                                       b.getF32FloatAttr(bias));
  value = arith::MulFOp::create(b, loc, value,
                                arith::ConstantOp::create(b, loc, factor));
  return cast(value, element);
}

/// The two halves of each byte as neighbours along \p dim.
Value Blocks::unpack(Value bytes, int64_t dim, Type element) const {
  SmallVector<int64_t> shape(typeOf(bytes).getShape());
  int64_t rank = shape.size();
  shape.push_back(2);
  Value upper = arith::ShRUIOp::create(b, loc, bytes, splat(4, typeOf(bytes)));
  Value both = kernel::JoinOp::create(
      b, loc, RankedTensorType::get(shape, b.getI8Type()), bytes, upper);
  if (dim != rank - 1) { // the halves move next to their dimension
    SmallVector<int32_t> order;
    for (int32_t d = 0; d < rank; ++d) {
      order.push_back(d);
      if (d == dim)
        order.push_back(int32_t(rank));
    }
    both = trans(both, order);
  }
  shape.pop_back();
  shape[dim] *= 2;
  return decode(reshape(both, shape), element);
}

/// One scale for each element along the last dimension.
Value Blocks::spread(Value scale, int64_t k) const {
  auto type = typeOf(scale);
  SmallVector<int64_t> shape(type.getShape());
  int64_t rank = shape.size(), group = k / shape.back();
  shape.push_back(1);
  Value expanded = kernel::ExpandDimsOp::create(
      b, loc, RankedTensorType::get(shape, type.getElementType()), scale,
      uint32_t(rank));
  shape.back() = group;
  Value repeated = kernel::BroadcastOp::create(
      b, loc, RankedTensorType::get(shape, type.getElementType()), expanded);
  shape.pop_back();
  shape.back() = k;
  return reshape(repeated, shape);
}

/// An operand as a block of what the op rounds scaled elements to. \p inner is
/// its inner dimension, \p packed the one along which bytes hold two.
static Value scaledOperand(const Blocks &blocks, Value operand, Value scale,
                           int64_t inner, int64_t packed, Type element) {
  OpBuilder &b = blocks.b;
  // Every element times every scale is a number of f32.
  Type wide = scale ? Type(b.getF32Type()) : element;
  Value elements = kernel::DotScaledOp::isPacked(operand)
                       ? blocks.unpack(operand, packed, wide)
                       : blocks.cast(operand, wide);
  if (!scale)
    return elements;
  if (Blocks::typeOf(scale).getElementType().isInteger(8))
    scale = blocks.bits(scale, Float8E8M0FNUType::get(b.getContext()));
  int64_t rank = Blocks::typeOf(scale).getRank();
  int64_t k = Blocks::typeOf(elements).getDimSize(inner);
  Value factors = blocks.spread(blocks.cast(scale, wide), k);
  if (inner != rank - 1) {
    SmallVector<int32_t> order;
    for (int32_t d = 0; d < rank; ++d)
      order.push_back(d);
    std::swap(order[rank - 1], order[rank - 2]);
    factors = blocks.trans(factors, order);
  }
  Value product = arith::MulFOp::create(b, blocks.loc, elements, factors);
  return blocks.cast(product, element);
}

std::pair<Value, Value> terrazzo::scaledOperands(kernel::DotScaledOp op) {
  OpBuilder builder(op);
  Blocks blocks{builder, op.getLoc()};
  Type element = op.getScaledType();
  int64_t rank = Blocks::typeOf(op.getAcc()).getRank();
  int64_t outer = rank - 2, inner = rank - 1; // of a; of b the other way
  Value a = scaledOperand(blocks, op.getA(), op.getAScale(), inner,
                          op.getPackM() ? outer : inner, element);
  Value b = scaledOperand(blocks, op.getB(), op.getBScale(), outer,
                          op.getPackN() ? inner : outer, element);
  return {a, b};
}

void terrazzo::decomposeScaledDots(func::FuncOp function) {
  SmallVector<kernel::DotScaledOp> dots;
  function.walk([&](kernel::DotScaledOp op) { dots.push_back(op); });
  for (kernel::DotScaledOp op : dots) {
    auto [a, b] = scaledOperands(op);
    OpBuilder builder(op);
    auto dot = kernel::DotOp::create(builder, op.getLoc(), op.getType(), a, b,
                                     op.getAcc(), kernel::Precision::IEEE);
    op.replaceAllUsesWith(dot.getResult());
    op.erase();
  }
}
