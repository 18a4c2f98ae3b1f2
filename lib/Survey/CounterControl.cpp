// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Constants, branches, loops, and the programs of a launch.
#include "lib/Survey/Counter.h"

#include "dialects/Kernel/Kernel.h"
#include "dialects/Tile/Order.h"
#include "lib/Diagnostics/Progress.h"
#include "lib/Interpreter/Tensor.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace terrazzo;
using namespace terrazzo::survey;
namespace scf = mlir::scf;

/// All of a tensor.
static llvm::SmallVector<Range, 2> whole(mlir::Type type) {
  llvm::SmallVector<Range, 2> out;
  if (auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type))
    for (int64_t d : tensor.getShape())
      out.push_back({0, d});
  return out;
}

bool Counter::control(const Step &step) {
  return llvm::TypeSwitch<mlir::Operation *, bool>(step.op)
      .Case<mlir::arith::ConstantOp, mlir::ub::PoisonOp>([&](auto) {
        constant(step);
        return true;
      })
      .Case([&](kernel::AddPtrOp op) {
        Value &result = out(step);
        const Value &base = in(step, 0), &by = in(step, 1);
        result.isKnown = base.isKnown && by.isKnown;
        auto type = op.getPtr().getType();
        auto pointee =
            mlir::cast<kernel::PtrType>(mlir::getElementTypeOrSelf(type))
                .getPointee();
        unsigned bits = interpreter::elementTypeOf(pointee).bits;
        result.number = base.number + by.number * (bits < 8 ? 1 : bits / 8);
        return true;
      })
      .Case([&](scf::ForOp) {
        forLoop(step);
        return true;
      })
      .Case([&](scf::WhileOp) {
        whileLoop(step);
        return true;
      })
      .Case([&](scf::IfOp) {
        const Body &body = step.bodies[numberOf(step, step.ins[0]) ? 0 : 1];
        run(body);
        give(step.outs, take(body.results));
        return true;
      })
      .Case([&](tile::LaunchOp) {
        launch(step);
        return true;
      })
      .Case([&](tile::OrderOp) {
        order(step);
        return true;
      })
      .Case<kernel::AssertOp, kernel::PrintOp, tile::PrefetchOp>(
          [&](auto) { return true; })
      .Default(false);
}

void Counter::constant(const Step &step) {
  Value &result = out(step);
  result = Value();
  mlir::Type type = step.op->getResult(0).getType();
  result.valid = whole(type);
  auto op = mlir::dyn_cast<mlir::arith::ConstantOp>(step.op);
  if (!op)
    return;
  auto number = [](const llvm::APInt &v) {
    return v.sextOrTrunc(64).getSExtValue();
  };
  if (auto integer = mlir::dyn_cast<mlir::IntegerAttr>(op.getValue())) {
    result.isKnown = true;
    result.number = number(integer.getValue());
  }
  auto dense = mlir::dyn_cast<mlir::DenseIntElementsAttr>(op.getValue());
  if (!dense || !step.steers)
    return;
  auto elements = std::make_shared<std::vector<int64_t>>();
  for (const llvm::APInt &v : dense.getValues<llvm::APInt>())
    elements->push_back(number(v));
  result.elements = std::move(elements);
}

void Counter::forLoop(const Step &step) {
  auto loop = mlir::cast<scf::ForOp>(step.op);
  int64_t lower = numberOf(step, step.ins[0]),
          upper = numberOf(step, step.ins[1]), by = numberOf(step, step.ins[2]);
  unsigned bits = bitsOf(loop.getInductionVar().getType());
  if (loop.getUnsignedCmp()) {
    lower = int64_t(interpreter::zeroExtend(lower, bits));
    upper = int64_t(interpreter::zeroExtend(upper, bits));
  }
  if (by <= 0)
    refuse(step, "a loop whose step is not above 0");
  const Body &body = step.bodies[0];
  llvm::ArrayRef<unsigned> arguments(body.arguments);
  std::vector<Value> carried =
      take(llvm::ArrayRef<unsigned>(step.ins).drop_front(3));
  for (int64_t i = lower; i < upper;) {
    Value &iteration = values[arguments[0]];
    iteration.isKnown = true;
    iteration.number = interpreter::signExtend(i, bits);
    give(arguments.drop_front(), carried);
    if (++passes > mostPasses)
      refuse(step, "its loops take too long (`--limits passes`)");
    run(body);
    carried = take(body.results);
    if (__builtin_add_overflow(i, by, &i))
      break;
  }
  give(step.outs, carried);
}

void Counter::whileLoop(const Step &step) {
  const Body &before = step.bodies[0], &after = step.bodies[1];
  std::vector<Value> carried = take(step.ins);
  while (true) {
    give(before.arguments, carried);
    if (++passes > mostPasses)
      refuse(step, "its loops take too long (`--limits passes`)");
    run(before);
    llvm::ArrayRef<unsigned> results(before.results);
    carried = take(results.drop_front());
    if (!numberOf(step, results[0]))
      break;
    give(after.arguments, carried);
    run(after);
    carried = take(after.results);
  }
  give(step.outs, carried);
}

void Counter::launch(const Step &step) {
  auto op = mlir::cast<tile::LaunchOp>(step.op);
  llvm::SmallVector<int64_t> extents;
  int64_t total = 1;
  for (unsigned in :
       llvm::ArrayRef<unsigned>(step.ins).take_front(op.getExtents().size())) {
    extents.push_back(numberOf(step, in));
    if (extents.back() < 0 ||
        __builtin_mul_overflow(total, extents.back(), &total) ||
        total > (int64_t(1) << 40))
      refuse(step, "its grid is too large");
  }
  const Body &body = step.bodies[0];
  Progress progress(engine, "survey: program", total);
  for (int64_t i = 0; i < total; ++i) {
    int64_t rest = i;
    for (size_t d = extents.size(); d-- > 0;) {
      Value &iv = values[body.arguments[d]];
      iv.isKnown = true;
      iv.number = rest % extents[d];
      rest /= extents[d];
    }
    passes = 0;
    run(body);
    progress.step();
  }
  work.programs += total;
}

void Counter::order(const Step &step) {
  auto op = mlir::cast<tile::OrderOp>(step.op);
  llvm::SmallVector<int64_t> extents;
  int64_t total = 1;
  for (unsigned in : llvm::ArrayRef<unsigned>(step.ins).drop_front())
    extents.push_back(numberOf(step, in)), total *= extents.back();
  int64_t index = numberOf(step, step.ins[0]);
  if (index < 0 || index >= total)
    refuse(step, "an index of an order outside its grid");
  auto at = tile::inOrder(*tile::orderNamed(op.getKind()),
                          op.getGroup().value_or(1), extents, index);
  for (auto [result, i] : llvm::zip(step.outs, at)) {
    values[result].isKnown = true;
    values[result].number = i;
  }
}
