// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Decompose/Products.h"

#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

namespace {

class Cutting {
public:
  Cutting(MmaOp op, const HasProduct &has) : op(op), has(has), b(op) {}
  LogicalResult run();

private:
  using Body = llvm::function_ref<Value(OpBuilder &, Value)>;
  /// A map over one block, element by element.
  Value each(Value block, Type element, Body body);
  Value widen(Value block, Type element);
  /// The \p number parts of an f32 block, the most significant first.
  llvm::SmallVector<Value> parts(Value block, int number);
  Type commonType(Type a, Type rhs);
  bool integers();
  void multiply(Value a, Value rhs, Value &acc);

  MmaOp op;
  const HasProduct &has;
  OpBuilder b;
};

} // namespace

Value Cutting::each(Value block, Type element, Body body) {
  auto type = cast<RankedTensorType>(block.getType());
  auto result = RankedTensorType::get(type.getShape(), element);
  auto map = MapOp::create(b, op.getLoc(), TypeRange{result}, ValueRange{block},
                           b.getArrayAttr({b.getI64ArrayAttr(llvm::to_vector(
                               llvm::seq<int64_t>(0, type.getRank())))}));
  OpBuilder inner(op.getContext());
  Block *made = inner.createBlock(&map.getBody());
  for (int64_t d = 0; d < type.getRank(); ++d)
    made->addArgument(b.getIndexType(), op.getLoc());
  Value x = made->addArgument(type.getElementType(), op.getLoc());
  YieldOp::create(inner, op.getLoc(), body(inner, x));
  return map.getResult(0);
}

Value Cutting::widen(Value block, Type element) {
  if (cast<RankedTensorType>(block.getType()).getElementType() == element)
    return block;
  return each(block, element, [&](OpBuilder &inner, Value x) -> Value {
    return arith::ExtFOp::create(inner, op.getLoc(), element, x);
  });
}

/// The leading 8 bits of a number, by cutting the others off: exact, and never
/// an overflow. What is no number stays what it is, and has no other parts.
static Value lead(OpBuilder &b, Location loc, Value x) {
  Type i32 = b.getI32Type(), f32 = b.getF32Type();
  auto word = [&](int64_t v) -> Value {
    return arith::ConstantIntOp::create(b, loc, v, 32);
  };
  Value bits = arith::BitcastOp::create(b, loc, i32, x);
  Value cut = arith::AndIOp::create(b, loc, bits, word(int32_t(0xFFFF0000)));
  Value isNumber =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::ORD, x, x);
  Value kept = arith::SelectOp::create(b, loc, isNumber, cut, bits);
  return arith::BitcastOp::create(b, loc, f32, kept);
}

static Value rest(OpBuilder &b, Location loc, Value x) {
  Value first = lead(b, loc, x);
  Value left = arith::SubFOp::create(b, loc, x, first);
  Value zero = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0));
  // Infinity less itself would be no number.
  Value isFinite =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, left, left);
  return arith::SelectOp::create(b, loc, isFinite, left, zero);
}

llvm::SmallVector<Value> Cutting::parts(Value block, int number) {
  llvm::SmallVector<Value> out;
  for (int part = 0; part < number; ++part)
    out.push_back(
        each(block, b.getBF16Type(), [&](OpBuilder &inner, Value x) -> Value {
          for (int i = 0; i < part; ++i)
            x = rest(inner, op.getLoc(), x);
          if (part + 1 < number || number == 1)
            x = lead(inner, op.getLoc(), x);
          return arith::TruncFOp::create(inner, op.getLoc(),
                                         inner.getBF16Type(), x);
        }));
  return out;
}

void Cutting::multiply(Value a, Value rhs, Value &acc) {
  acc = MmaOp::create(b, op.getLoc(), acc.getType(), a, rhs, acc, ValueRange(),
                      StringAttr(), StringAttr());
}

/// The narrowest float that holds both and that the engine multiplies.
Type Cutting::commonType(Type a, Type rhs) {
  auto holds = [](Type wide, Type narrow) {
    auto w = cast<FloatType>(wide), n = cast<FloatType>(narrow);
    return wide == narrow || (w.getWidth() > n.getWidth() &&
                              w.getFPMantissaWidth() >= n.getFPMantissaWidth());
  };
  for (Type wide :
       {Type(b.getBF16Type()), Type(b.getF16Type()), Type(b.getF32Type())})
    if (holds(wide, a) && holds(wide, rhs) && has(wide, wide, b.getF32Type()))
      return wide;
  return Type();
}

/// Bytes are bf16 numbers, and their products' sums f32 numbers, exactly, as
/// long as no sum reaches 2^24. False where that does not help.
bool Cutting::integers() {
  auto a = cast<RankedTensorType>(op.getA().getType());
  auto rhs = cast<RankedTensorType>(op.getB().getType());
  auto acc = cast<RankedTensorType>(op.getAcc().getType());
  Type bf16 = b.getBF16Type(), f32 = b.getF32Type();
  constexpr int64_t most = (1 << 24) / (128 * 128);
  if (!a.getElementType().isInteger(8) || !rhs.getElementType().isInteger(8) ||
      !acc.getElementType().isInteger(32) || a.getDimSize(1) > most ||
      !has(bf16, bf16, f32))
    return false;
  Location loc = op.getLoc();
  auto asFloat = [&](Value block) {
    return each(block, bf16, [&](OpBuilder &inner, Value x) -> Value {
      return arith::SIToFPOp::create(inner, loc, bf16, x);
    });
  };
  Value sum = each(op.getAcc(), f32, [&](OpBuilder &inner, Value) -> Value {
    return arith::ConstantOp::create(inner, loc, inner.getF32FloatAttr(0));
  });
  multiply(asFloat(op.getA()), asFloat(op.getB()), sum);
  auto spans = b.getI64ArrayAttr({0, 1});
  auto added =
      MapOp::create(b, loc, TypeRange{acc}, ValueRange{op.getAcc(), sum},
                    b.getArrayAttr({spans, spans}));
  OpBuilder inner(op.getContext());
  Block *block = inner.createBlock(&added.getBody());
  for (int d = 0; d < 2; ++d)
    block->addArgument(b.getIndexType(), loc);
  Value old = block->addArgument(acc.getElementType(), loc);
  Value more = arith::FPToSIOp::create(inner, loc, acc.getElementType(),
                                       block->addArgument(f32, loc));
  YieldOp::create(inner, loc,
                  ValueRange{arith::AddIOp::create(inner, loc, old, more)});
  op.getResult().replaceAllUsesWith(added.getResult(0));
  op.erase();
  return true;
}

LogicalResult Cutting::run() {
  auto elementOf = [](Value v) { return getElementTypeOrSelf(v.getType()); };
  Value a = op.getA(), rhs = op.getB(), acc = op.getAcc();
  Type accType = elementOf(acc), f32 = b.getF32Type();
  if (has(elementOf(a), elementOf(rhs), accType) || !op.getScales().empty())
    return success();
  auto refuse = [&] {
    return op.emitError("no matrix engine of this chip multiplies ")
           << elementOf(op.getA()) << " and " << elementOf(op.getB())
           << " into " << accType
           << ", and no products that it has make this one";
  };
  if (integers())
    return success();
  bool floats = isa<FloatType>(elementOf(a)) &&
                isa<FloatType>(elementOf(rhs)) && isa<FloatType>(accType);
  if (!floats || accType.isF64() || elementOf(a).isF64() ||
      elementOf(rhs).isF64())
    return refuse();
  if (!accType.isF32())
    acc = widen(acc, f32);
  if (Type wide = commonType(elementOf(a), elementOf(rhs))) {
    multiply(widen(a, wide), widen(rhs, wide), acc);
  } else if (has(b.getBF16Type(), b.getBF16Type(), f32)) {
    bool half = elementOf(a).isF16() && elementOf(rhs).isF16();
    bool coarse = op.getPrecision() && *op.getPrecision() == "tf32";
    int number = half || coarse ? 2 : 3, most = half ? 2 : coarse ? 1 : 2;
    auto left = parts(widen(a, f32), number),
         right = parts(widen(rhs, f32), number);
    // The small ones first: their sum is not lost beside the large one.
    for (int order = most; order >= 0; --order)
      for (int i = 0; i < number; ++i)
        if (int j = order - i; j >= 0 && j < number)
          multiply(left[i], right[j], acc);
  } else {
    return refuse();
  }
  if (!accType.isF32())
    acc = each(acc, accType, [&](OpBuilder &inner, Value x) -> Value {
      return arith::TruncFOp::create(inner, op.getLoc(), accType, x);
    });
  op.getResult().replaceAllUsesWith(acc);
  op.erase();
  return success();
}

LogicalResult terrazzo::decomposeProducts(Operation *root,
                                          const HasProduct &has) {
  llvm::SmallVector<MmaOp> products;
  root->walk([&](MmaOp op) { products.push_back(op); });
  for (MmaOp op : products)
    if (failed(Cutting(op, has).run()))
      return failure();
  return success();
}
