// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Ops that go through memory of the program: histograms and batched products.
#include "lib/Transforms/Access/Converter.h"

using namespace terrazzo;
using namespace terrazzo::access;
using namespace mlir;

static Dims allDims(llvm::ArrayRef<int64_t> shape) {
  Dims dims;
  for (size_t d = 0; d < shape.size(); ++d)
    dims.push_back(d);
  return dims;
}

/// New memory of the program.
Value Converter::memoryFor(llvm::ArrayRef<int64_t> shape, Type element) {
  auto type = tile::ViewType::get(builder.getContext(),
                                  RankedTensorType::get(shape, element, global),
                                  builder.getArrayAttr({}));
  return tile::AllocOp::create(builder, loc, type);
}

/// One added to the bin of each element; an element outside of all bins, which
/// the oracle reports, counts nowhere.
void Converter::histogram(kernel::HistogramOp op) {
  llvm::ArrayRef<int64_t> shape = shapeOf(op.getSrc()), bins = shapeOf(op);
  auto tensor = cast<RankedTensorType>(op.getType());
  Type element = tensor.getElementType();
  Value memory = memoryFor(bins, element);
  Spread zero{
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(element)),
      {}};
  tile::StoreOp::create(builder, loc, full(zero, bins), memory, Value());
  llvm::SmallVector<Spread> conditions{spreadOf(op.getSrc())};
  if (op.getMask())
    conditions.push_back(spreadOf(op.getMask()));
  std::pair<int64_t, int64_t> domain{0, shape[0]};
  Spread counted = map(
      conditions, builder.getI1Type(),
      [&](OpBuilder &b, ValueRange, ValueRange e) -> Value {
        Value bin = e[0];
        if (bin.getType().getIntOrFloatBitWidth() < 32) // holds no bound
          bin = arith::ExtSIOp::create(b, loc, b.getI32Type(), bin);
        Value end = arith::ConstantOp::create(
            b, loc, b.getIntegerAttr(bin.getType(), bins[0]));
        Value inside =
            arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, bin, end);
        return e.size() == 1
                   ? inside
                   : arith::AndIOp::create(b, loc, inside, e[1]).getResult();
      },
      domain);
  Spread where = map(
      {spreadOf(op.getSrc())}, builder.getIndexType(),
      [&](OpBuilder &b, ValueRange, ValueRange e) -> Value {
        return arith::IndexCastOp::create(b, loc, b.getIndexType(), e[0]);
      },
      domain);
  Spread one{
      arith::ConstantOp::create(builder, loc, builder.getOneAttr(element)), {}};
  Value root = view(memory, element, {index(bins[0])}, {index(1)});
  Value window = slice(
      root, {where.source}, shape,
      builder.getArrayAttr({tile::InAttr::get(builder.getContext())}), {});
  tile::AtomicOp::create(builder, loc, Type(), window,
                         ValueRange{full(one, shape)}, counted.source, "add",
                         "relaxed", "core");
  spreads[op] = {
      tile::LoadOp::create(builder, loc, op.getType(), memory, Value())
          .getValue(),
      {0}};
}

/// A product for each index of the first dimension.
void Converter::batchedDot(kernel::DotOp op) {
  llvm::ArrayRef<int64_t> shape = shapeOf(op);
  Type element = elementOf(op.getResult());
  Value memory = memoryFor(shape, element);
  Value a = full(op.getA()), b = full(op.getB()), acc = full(op.getAcc());
  auto loop = scf::ForOp::create(builder, loc, index(0), index(shape[0]),
                                 index(1), ValueRange());
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value batch = loop.getInductionVar();
    auto part = [&](Value whole) -> Value {
      llvm::ArrayRef<int64_t> sizes = shapeOf(whole);
      AffineMap map = AffineMap::get(2, 1,
                                     {builder.getAffineSymbolExpr(0),
                                      builder.getAffineDimExpr(0),
                                      builder.getAffineDimExpr(1)},
                                     builder.getContext());
      return tile::TakeOp::create(
          builder, loc,
          RankedTensorType::get(sizes.drop_front(), elementOf(whole)), whole,
          ValueRange{batch}, map);
    };
    Value from = part(acc);
    auto product = tile::MmaOp::create(
        builder, loc, from.getType(), part(a), part(b), from, ValueRange(),
        builder.getStringAttr(kernel::stringifyPrecision(op.getPrecision())),
        StringAttr());
    llvm::SmallVector<Attribute> in(2, tile::InAttr::get(builder.getContext()));
    Value window = slice(memory, {batch, index(0), index(0)},
                         shape.drop_front(), builder.getArrayAttr(in), {1, 2});
    tile::StoreOp::create(builder, loc, product.getResult(), window, Value());
  }
  spreads[op] = {
      tile::LoadOp::create(builder, loc, op.getType(), memory, Value())
          .getValue(),
      allDims(shape)};
}
