// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Decompose/ExpandMath.h"
#include "lib/Transforms/Decompose/FloatCasts.h"
#include "lib/Transforms/Decompose/Functions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include "llvm/ADT/DenseMap.h"

using namespace mlir;
using namespace terrazzo;

namespace {

/// What is known of an op with no single instruction: its formula in f32, if
/// there is one, and its name in libm for f64.
struct Function {
  Value (*formula)(const Lanes &, ValueRange);
  const char *libm;
};

template <Value (*f)(const Lanes &, Value)>
Value unary(const Lanes &l, ValueRange operands) {
  return f(l, operands[0]);
}
template <Value (*f)(const Lanes &, Value, Value)>
Value binary(const Lanes &l, ValueRange operands) {
  return f(l, operands[0], operands[1]);
}

template <typename Op>
std::pair<TypeID, Function> entry(Value (*formula)(const Lanes &, ValueRange),
                                  const char *libm) {
  return {TypeID::get<Op>(), {formula, libm}};
}

const Function *functionOf(Operation *op) {
  static const std::initializer_list<std::pair<TypeID, Function>> entries{
      entry<math::ExpOp>(unary<functions::exp>, "exp"),
      entry<math::Exp2Op>(unary<functions::exp2>, "exp2"),
      entry<math::LogOp>(unary<functions::log>, "log"),
      entry<math::Log2Op>(unary<functions::log2>, "log2"),
      entry<math::Log10Op>(unary<functions::log10>, "log10"),
      entry<math::Log1pOp>(unary<functions::log1p>, "log1p"),
      entry<math::RsqrtOp>(unary<functions::rsqrt>, nullptr),
      entry<math::ExpM1Op>(unary<functions::expm1>, "expm1"),
      entry<math::SinhOp>(unary<functions::sinh>, "sinh"),
      entry<math::CoshOp>(unary<functions::cosh>, "cosh"),
      entry<math::TanhOp>(unary<functions::tanh>, "tanh"),
      entry<math::ErfOp>(unary<functions::erf>, "erf"),
      entry<math::SinOp>(unary<functions::sin>, "sin"),
      entry<math::CosOp>(unary<functions::cos>, "cos"),
      entry<math::TanOp>(unary<functions::tan>, "tan"),
      entry<math::AtanOp>(unary<functions::atan>, "atan"),
      entry<math::AsinOp>(unary<functions::asin>, "asin"),
      entry<math::AcosOp>(unary<functions::acos>, "acos"),
      entry<math::Atan2Op>(binary<functions::atan2>, "atan2"),
      entry<math::PowFOp>(binary<functions::pow>, "pow"),
      entry<math::AsinhOp>(nullptr, "asinh"),
      entry<math::AcoshOp>(nullptr, "acosh"),
      entry<math::AtanhOp>(nullptr, "atanh"),
      entry<math::CbrtOp>(nullptr, "cbrt"),
      entry<math::ErfcOp>(nullptr, "erfc"),
  };
  static const llvm::DenseMap<TypeID, Function> table(entries.begin(),
                                                      entries.end());
  auto info = op->getName().getRegisteredInfo();
  auto found = info ? table.find(info->getTypeID()) : table.end();
  return found == table.end() ? nullptr : &found->second;
}

/// A float narrower than f32 with a format.
bool isNarrow(Type t) {
  Type element = getElementTypeOrSelf(t);
  return isa<FloatType>(element) && element.getIntOrFloatBitWidth() < 32 &&
         formatOf(element);
}

/// Scalars and 1-D vectors of fixed length.
bool isLanes(Type t) {
  auto vector = dyn_cast<VectorType>(t);
  return vector ? vector.getRank() == 1 && !vector.isScalable()
                : t.isIntOrFloat();
}

class Expansion {
public:
  Expansion(RewriterBase &builder, Operation *op,
            const ExpandMathOptions &options)
      : b(builder), op(op), options(options), location(op->getLoc()) {}

  /// What the op's result becomes; null if the op stays.
  Value run();

private:
  Value cast();
  Value narrow();
  Value integerToNarrow();
  Value callLibm(const char *name);
  Value callLanes(func::FuncOp callee, ValueRange all, Type type);
  func::FuncOp declaration(StringRef name, unsigned operands);

  RewriterBase &b;
  Operation *op;
  const ExpandMathOptions &options;
  Location location;
};

} // namespace

Value Expansion::run() {
  if (op->getNumResults() != 1 || op->getNumOperands() == 0 ||
      !isLanes(op->getResult(0).getType()) ||
      !llvm::all_of(op->getOperandTypes(), isLanes))
    return {};
  if (isa<arith::ExtFOp, arith::TruncFOp>(op))
    return cast();
  if (isNarrow(op->getOperand(0).getType()))
    return narrow();
  if (isa<arith::SIToFPOp, arith::UIToFPOp>(op) &&
      isNarrow(op->getResult(0).getType()))
    return integerToNarrow();
  const Function *function = functionOf(op);
  if (!function)
    return {};
  Type type = op->getResult(0).getType(), element = getElementTypeOrSelf(type);
  if (element.isF32() && function->formula)
    return function->formula(Lanes(b, location, type, element, options.avx512),
                             op->getOperands());
  if (!element.isF32() && !element.isF64())
    return {};
  if (function->libm)
    return callLibm(function->libm);
  Lanes l(b, location, type, element);
  return functions::rsqrt(l, op->getOperand(0));
}

Value Expansion::cast() {
  Value from = op->getOperand(0);
  Type to = getElementTypeOrSelf(op->getResult(0).getType());
  Type fromElement = getElementTypeOrSelf(from.getType());
  auto rounding = kernel::Rounding::Nearest;
  if (auto truncate = dyn_cast<arith::TruncFOp>(op))
    if (auto mode = truncate.getRoundingmode()) {
      if (*mode == arith::RoundingMode::toward_zero)
        rounding = kernel::Rounding::ToZero;
      else if (*mode != arith::RoundingMode::to_nearest_even)
        return {};
    }
  if (!formatOf(fromElement) || !formatOf(to) ||
      (isNativeCast(fromElement, to) && rounding == kernel::Rounding::Nearest))
    return {};
  return castFloat(b, location, from, to, rounding);
}

/// Does the op in f32 and rounds its result back.
Value Expansion::narrow() {
  if (!isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) ||
      isa<arith::SelectOp, arith::BitcastOp, arith::ScalingExtFOp,
          arith::ScalingTruncFOp>(op))
    return {};
  // A change of the sign bit needs no f32, where LLVM knows the type.
  Type element = getElementTypeOrSelf(op->getOperand(0).getType());
  if ((element.isF16() || element.isBF16()) &&
      isa<arith::NegFOp, math::AbsFOp, math::CopySignOp>(op))
    return {};
  SmallVector<Value> operands;
  for (Value v : op->getOperands())
    operands.push_back(
        isNarrow(v.getType()) ? castFloat(b, location, v, b.getF32Type()) : v);
  Type result = op->getResult(0).getType();
  Lanes l(b, location, result, b.getF32Type());
  OperationState state(location, op->getName(), operands,
                       isNarrow(result) ? l.type() : result, op->getAttrs());
  Operation *wide = b.create(state);
  Value value = wide->getResult(0);
  if (Value expanded = Expansion(b, wide, options).run()) {
    value = expanded;
    b.eraseOp(wide);
  }
  return isNarrow(result)
             ? castFloat(b, location, value, getElementTypeOrSelf(result))
             : value;
}

/// By f64, which holds every integer of 53 bits: rounded once.
Value Expansion::integerToNarrow() {
  Value from = op->getOperand(0);
  Type result = op->getResult(0).getType();
  bool small =
      getElementTypeOrSelf(from.getType()).getIntOrFloatBitWidth() <= 16;
  Type element = small ? Type(b.getF32Type()) : Type(b.getF64Type());
  Lanes l(b, location, result, element);
  OperationState state(location, op->getName(), from, l.type(), op->getAttrs());
  return castFloat(b, location, b.create(state)->getResult(0),
                   getElementTypeOrSelf(result));
}

func::FuncOp Expansion::declaration(StringRef name, unsigned operands) {
  Operation *table = SymbolTable::getNearestSymbolTable(op);
  if (Operation *found = SymbolTable::lookupSymbolIn(table, name))
    return dyn_cast<func::FuncOp>(found);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&table->getRegion(0).front());
  SmallVector<Type> inputs(operands, b.getF64Type());
  auto type = b.getFunctionType(inputs, b.getF64Type());
  auto function = func::FuncOp::create(b, location, name, type);
  function.setPrivate();
  return function;
}

/// In f64, lane by lane; f32 goes there and back.
Value Expansion::callLibm(const char *name) {
  func::FuncOp callee = declaration(name, op->getNumOperands());
  if (!callee)
    return {};
  Type type = op->getResult(0).getType();
  Lanes l(b, location, type, getElementTypeOrSelf(type)), w = l.f64();
  bool isWide = l.width() == 64;
  SmallVector<Value> all(op->getOperands());
  for (Value &v : all)
    v = isWide ? v : l.extend(v, w);
  Value result = callLanes(callee, all, w.type());
  return isWide ? result : w.truncate(result, l);
}

Value Expansion::callLanes(func::FuncOp callee, ValueRange all, Type type) {
  auto call = [&](ValueRange operands) -> Value {
    return func::CallOp::create(b, location, callee, operands).getResult(0);
  };
  auto vector = dyn_cast<VectorType>(type);
  if (!vector)
    return call(all);
  SmallVector<Value> lanes;
  for (int64_t lane = 0; lane < vector.getNumElements(); ++lane) {
    SmallVector<Value> operands;
    for (Value v : all)
      operands.push_back(vector::ExtractOp::create(b, location, v, lane));
    lanes.push_back(call(operands));
  }
  return vector::FromElementsOp::create(b, location, vector, lanes);
}

void terrazzo::expandMath(Operation *root, const ExpandMathOptions &options) {
  SmallVector<Operation *> work;
  root->walk([&](Operation *op) {
    if (isa_and_nonnull<arith::ArithDialect, math::MathDialect>(
            op->getDialect()))
      work.push_back(op);
  });
  IRRewriter rewriter(root->getContext());
  for (Operation *op : work) {
    rewriter.setInsertionPoint(op);
    if (Value by = Expansion(rewriter, op, options).run())
      rewriter.replaceOp(op, by);
  }
}

namespace {
struct ExpandPattern : RewritePattern {
  ExpandPattern(MLIRContext *context, const ExpandMathOptions &options)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context), options(options) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    Value by = Expansion(rewriter, op, options).run();
    if (!by)
      return failure();
    rewriter.replaceOp(op, by);
    return success();
  }
  ExpandMathOptions options;
};
} // namespace

void terrazzo::populateExpandMathPatterns(RewritePatternSet &patterns,
                                          const ExpandMathOptions &options) {
  patterns.add<ExpandPattern>(patterns.getContext(), options);
}
