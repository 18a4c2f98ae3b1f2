// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Driver/Exactness.h"

#include "lib/Interpreter/Tensor.h"
#include "lib/Transforms/Decompose/ScaledDots.h"

#include "dialects/Kernel/Kernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

#include <cmath>

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::driver;

static bool isFloat(Value value) {
  return isa<FloatType>(getElementTypeOrSelf(value));
}
static bool hasFloat(ValueRange values) {
  return llvm::any_of(values, [](Value v) { return isFloat(v); });
}

static int significandBits(Type type) {
  auto element = interpreter::elementTypeOf(getElementTypeOrSelf(type));
  return numerics::info(element.format).mantissaBits + 1;
}

static bool inCombine(Operation *op) {
  return isa<kernel::ReduceOp, kernel::ScanOp>(op->getParentOp());
}

/// Ops that only place elements elsewhere.
static bool movesElements(Operation *op) {
  return isa<kernel::SplatOp, kernel::ExpandDimsOp, kernel::BroadcastOp,
             kernel::ReshapeOp, kernel::TransOp, kernel::JoinOp,
             kernel::SplitOp, kernel::CatOp>(op);
}

/// Whether a value goes nowhere but to memory.
static bool isOnlyStored(Value value) {
  return llvm::all_of(value.getUses(), [](OpOperand &use) {
    Operation *user = use.getOwner();
    if (isa<kernel::StoreOp>(user))
      return true;
    return movesElements(user) &&
           llvm::all_of(user->getResults(), isOnlyStored);
  });
}

static bool isInteger(Attribute value) {
  auto whole = [](const llvm::APFloat &f) {
    return f.isInfinity() || (f.isFinite() && f.isInteger());
  };
  if (auto f = dyn_cast<FloatAttr>(value))
    return whole(f.getValue());
  auto dense = dyn_cast<DenseFPElementsAttr>(value);
  return dense && llvm::all_of(dense.getValues<llvm::APFloat>(), whole);
}

static std::string whyCastRounds(Operation *op) {
  Value from = op->getOperand(0), to = op->getResult(0);
  if (significandBits(to.getType()) >= significandBits(from.getType()))
    return {};
  auto cast = dyn_cast<kernel::FpCastOp>(op);
  if (cast &&
      (cast.getSaturate() || cast.getRounding() != kernel::Rounding::Nearest))
    return "a cast saturates or rounds to zero";
  return isOnlyStored(to) ? "" : "a rounded value is used further";
}

/// Why one op rounds on integers.
static std::string whyOpRounds(Operation *op) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    if (isFloat(constant) && !isInteger(constant.getValue()))
      return "a constant is no integer";
    return {};
  }
  if (isa<kernel::AtomicRMWOp, kernel::AtomicCASOp>(op) && !op->use_empty())
    return "what an atomic returns depends on the order of programs";
  if (!hasFloat(op->getOperands()) && !hasFloat(op->getResults()))
    return {};
  if (isa<arith::TruncFOp, kernel::FpCastOp>(op))
    return whyCastRounds(op);
  if (isa<kernel::BitcastOp>(op))
    return isFloat(op->getResult(0)) ? "bits are taken for a float" : "";
  if (isa<arith::MulFOp, math::FmaOp, kernel::DotOp>(op) && inCombine(op))
    return "a product goes along an axis";
  if (isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::NegFOp,
          arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp,
          arith::MinNumFOp, arith::SelectOp, arith::CmpFOp, arith::ExtFOp,
          arith::SIToFPOp, arith::UIToFPOp, arith::FPToSIOp, arith::FPToUIOp,
          math::AbsFOp, math::FmaOp, math::FloorOp, math::CeilOp>(op) ||
      movesElements(op) ||
      isa<kernel::LoadOp, kernel::StoreOp, kernel::AtomicRMWOp, kernel::DotOp,
          kernel::DotScaledOp, kernel::ReduceOp, kernel::ScanOp,
          kernel::YieldOp, kernel::GatherOp, kernel::ClampOp, kernel::PrintOp,
          scf::ForOp, scf::IfOp, scf::WhileOp, scf::YieldOp, scf::ConditionOp>(
          op))
    return {};
  return "`" + op->getName().getStringRef().str() + "` rounds";
}

namespace {
/// Follows what comparisons of floats decide: it may be stored, and choose
/// between two values, but not which elements, branches or steps there are.
class Decisions {
public:
  std::string why(ModuleOp module);

private:
  void follow(ResultRange results) {
    for (Value v : results)
      if (!isFloat(v))
        open.push_back(v);
  }
  bool isHarmless(OpOperand &use);
  llvm::SmallVector<Value> open;
};
} // namespace

bool Decisions::isHarmless(OpOperand &use) {
  Operation *user = use.getOwner();
  if (auto store = dyn_cast<kernel::StoreOp>(user))
    return use.get() == store.getValue() && use.get() != store.getMask();
  if (isa<kernel::PrintOp, kernel::AssertOp, kernel::AssumeOp>(user))
    return true;
  if (isa<kernel::YieldOp>(user)) {
    follow(user->getParentOp()->getResults());
    return true;
  }
  // Casts to floats and pointers would make magnitudes of it.
  bool follows = movesElements(user) ||
                 isa<kernel::ReduceOp, kernel::ScanOp>(user) ||
                 (isa<arith::ArithDialect>(user->getDialect()) &&
                  !isa<arith::SIToFPOp, arith::UIToFPOp>(user));
  if (follows)
    follow(user->getResults());
  return follows;
}

std::string Decisions::why(ModuleOp module) {
  module.walk([&](Operation *op) {
    if (isa<arith::CmpFOp, arith::FPToSIOp, arith::FPToUIOp>(op) ||
        (isa<kernel::BitcastOp>(op) && isFloat(op->getOperand(0))))
      follow(op->getResults());
  });
  llvm::DenseSet<Value> seen;
  while (!open.empty()) {
    Value value = open.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    for (OpOperand &use : value.getUses())
      if (!isHarmless(use))
        return "a comparison of floats decides what `" +
               use.getOwner()->getName().getStringRef().str() + "` does";
    // Into the regions that combine elements.
    for (OpOperand &use : value.getUses())
      if (isa<kernel::ReduceOp, kernel::ScanOp>(use.getOwner()))
        for (Value argument :
             use.getOwner()->getRegion(0).front().getArguments())
          if (!isFloat(argument))
            open.push_back(argument);
  }
  return {};
}

std::string terrazzo::driver::whyInexact(ModuleOp module) {
  std::string why;
  module.walk([&](Operation *op) {
    why = whyOpRounds(op);
    return why.empty() ? WalkResult::advance() : WalkResult::interrupt();
  });
  return why.empty() ? Decisions().why(module) : why;
}

//===-- Magnitudes
//-----------------------------------------------------------------===//

static Attribute magnitudeOf(Attribute value) {
  if (auto f = dyn_cast<FloatAttr>(value))
    return FloatAttr::get(f.getType(), llvm::abs(f.getValue()));
  auto dense = cast<DenseFPElementsAttr>(value);
  return dense.mapValues(dense.getElementType(), [](const llvm::APFloat &f) {
    return llvm::abs(f).bitcastToAPInt();
  });
}

/// Asserts that no element of \p value is beyond 2^bits.
static void assertExact(OpBuilder &builder, Value value, int bits) {
  Type type = value.getType();
  Location loc = value.getLoc();
  auto element = cast<FloatType>(getElementTypeOrSelf(type));
  llvm::APFloat limit(std::ldexp(1.0, bits));
  bool lost;
  limit.convert(element.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven,
                &lost);
  TypedAttr attribute = FloatAttr::get(element, limit);
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    attribute = DenseElementsAttr::get(tensor, limit);
  Value bound = arith::ConstantOp::create(builder, loc, attribute);
  Value small = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OLE,
                                      value, bound);
  kernel::AssertOp::create(builder, loc, small, tooLarge);
}
static void assertExact(OpBuilder &builder, Value value) {
  if (isFloat(value))
    assertExact(builder, value, significandBits(value.getType()));
}

/// The op on magnitudes that is never below the magnitude of \p op's result;
/// null when that is the op itself.
static Value boundOf(OpBuilder &builder, Operation *op) {
  Location loc = op->getLoc();
  auto larger = [&](Value a, Value b) -> Value {
    return arith::MaximumFOp::create(builder, loc, a, b);
  };
  if (auto o = dyn_cast<arith::SubFOp>(op))
    return arith::AddFOp::create(builder, loc, o.getLhs(), o.getRhs());
  if (isa<arith::NegFOp>(op))
    return op->getOperand(0);
  if (isa<arith::MinimumFOp, arith::MinNumFOp, arith::MaxNumFOp>(op))
    return larger(op->getOperand(0), op->getOperand(1));
  if (auto o = dyn_cast<arith::SelectOp>(op); o && isFloat(o))
    return larger(o.getTrueValue(), o.getFalseValue());
  if (auto o = dyn_cast<kernel::ClampOp>(op))
    return larger(o.getX(), larger(o.getLo(), o.getHi()));
  return {};
}

/// Scaled elements are integers only if the scales are large enough.
static void assertIntegers(kernel::DotScaledOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  auto magnitude = [&](Value v) -> Value {
    Value whole = math::FloorOp::create(builder, loc, v);
    kernel::AssertOp::create(builder, loc,
                             arith::CmpFOp::create(builder, loc,
                                                   arith::CmpFPredicate::OEQ, v,
                                                   whole),
                             "scales make fractions");
    return math::AbsFOp::create(builder, loc, v);
  };
  auto [a, b] = scaledOperands(op);
  auto dot =
      kernel::DotOp::create(builder, loc, op.getType(), magnitude(a),
                            magnitude(b), op.getAcc(), kernel::Precision::IEEE);
  assertExact(builder, dot);
  op.replaceAllUsesWith(dot.getResult());
  op.erase();
}

static void addAssertions(OpBuilder &builder, Operation *op) {
  if (auto dot = dyn_cast<kernel::DotOp>(op);
      dot && dot.getPrecision() == kernel::Precision::TF32 &&
      getElementTypeOrSelf(dot.getA().getType()).isF32())
    for (Value operand : {dot.getA(), dot.getB()})
      assertExact(builder, operand,
                  numerics::info(numerics::Format::TF32).mantissaBits + 1);
  bool sums = isa<kernel::ReduceOp, kernel::ScanOp>(op) &&
              llvm::any_of(op->getRegion(0).front(), [](Operation &inner) {
                return isa<arith::AddFOp, arith::SubFOp>(inner);
              });
  if (sums || isa<arith::AddFOp, arith::MulFOp, math::FmaOp, kernel::DotOp>(op))
    for (Value result : op->getResults())
      assertExact(builder, result);
  if (auto atomic = dyn_cast<kernel::AtomicRMWOp>(op);
      atomic && isFloat(atomic) && atomic.getKind() == kernel::AtomicKind::FAdd)
    assertExact(builder,
                arith::AddFOp::create(builder, op->getLoc(), atomic.getResult(),
                                      atomic.getValue()));
}

OwningOpRef<ModuleOp> terrazzo::driver::magnitudeOf(ModuleOp module) {
  OwningOpRef<ModuleOp> copy = module.clone();
  llvm::SmallVector<Operation *> ops;
  for (auto function : copy->getOps<func::FuncOp>())
    function.getBody().walk([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : ops) {
    if (auto dot = dyn_cast<kernel::DotScaledOp>(op)) {
      assertIntegers(dot);
      continue;
    }
    OpBuilder builder(op->getContext());
    builder.setInsertionPointAfter(op);
    if (auto constant = dyn_cast<arith::ConstantOp>(op);
        constant && isFloat(constant))
      constant.setValueAttr(
          cast<TypedAttr>(::magnitudeOf(constant.getValue())));
    if (isa<arith::SIToFPOp>(op)) {
      Value signedValue = op->getResult(0);
      auto magnitude = math::AbsFOp::create(builder, op->getLoc(), signedValue);
      signedValue.replaceAllUsesExcept(magnitude, magnitude);
    }
    if (auto atomic = dyn_cast<kernel::AtomicRMWOp>(op);
        atomic && isFloat(atomic) &&
        atomic.getKind() == kernel::AtomicKind::Min)
      atomic.setKind(kernel::AtomicKind::Max);
    if (Value bound = boundOf(builder, op)) {
      bool isSum = isa<arith::SubFOp>(op), combines = inCombine(op);
      op->getResult(0).replaceAllUsesWith(bound);
      op->erase();
      if (isSum && !combines)
        assertExact(builder, bound);
    } else if (!inCombine(op)) {
      addAssertions(builder, op);
    }
  }
  return copy;
}
