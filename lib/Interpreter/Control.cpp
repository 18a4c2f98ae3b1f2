// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Upstream ops that steer a program: constants, loops, branches, calls.
#include "lib/Interpreter/Report.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <cstring>

using namespace terrazzo;
using namespace terrazzo::interpreter;
namespace scf = mlir::scf;

static Tensor constantOf(mlir::Attribute value, mlir::Type type) {
  Tensor r;
  r.type = elementTypeOf(type);
  auto fill = [&](size_t i, mlir::Attribute a) {
    if (auto f = mlir::dyn_cast<mlir::FloatAttr>(a)) {
      llvm::APFloat v = f.getValue();
      bool lost;
      v.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven,
                &lost);
      r.values[i] = r.reference[i] = v.convertToDouble();
    } else if (auto n = mlir::dyn_cast<mlir::IntegerAttr>(a)) {
      r.ints[i] = n.getValue().sextOrTrunc(64).getSExtValue();
    }
  };
  auto dense = mlir::dyn_cast<mlir::DenseElementsAttr>(value);
  if (!dense) {
    r.allocate(1);
    fill(0, value);
    return r;
  }
  r.shape = dense.getType().getShape().vec();
  r.allocate(dense.getNumElements());
  if (dense.isSplat()) {
    fill(0, dense.getSplatValue<mlir::Attribute>());
    if (r.type.isFloat()) {
      std::fill(r.values.begin(), r.values.end(), r.values[0]);
      std::fill(r.reference.begin(), r.reference.end(), r.reference[0]);
    } else {
      std::fill(r.ints.begin(), r.ints.end(), r.ints[0]);
    }
    return r;
  }
  size_t i = 0;
  for (mlir::Attribute a : dense.getValues<mlir::Attribute>())
    fill(i++, a);
  return r;
}

static void constant(Program &program, mlir::arith::ConstantOp op) {
  if (program.values.count(op))
    return;
  if (mlir::isa<mlir::ShapedType>(op.getType()) &&
      !mlir::isa<mlir::DenseElementsAttr>(op.getValue()))
    program.fail(op, DiagnosticKind::CannotInterpret, "arith.constant");
  program.set(op, constantOf(op.getValue(), op.getType()));
}

static void poison(Program &program, mlir::ub::PoisonOp op) {
  if (!elementTypeOf(op.getType()).bits)
    program.fail(op, DiagnosticKind::CannotInterpret, "ub.poison");
  Tensor r = make(elementTypeOf(op.getType()), shapeOf(op.getType()));
  r.flags.assign(r.size(), Poison);
  program.set(op, std::move(r));
}

static void setAll(Program &program, mlir::ValueRange targets,
                   llvm::ArrayRef<Shared> from) {
  for (auto [target, value] : llvm::zip(targets, from))
    program.values[target] = value;
}

static llvm::SmallVector<Shared> gather(Program &program,
                                        mlir::ValueRange range) {
  llvm::SmallVector<Shared> out;
  for (mlir::Value v : range)
    out.push_back(program.get(v));
  return out;
}

static int64_t stepOf(Program &program, mlir::Operation *op, mlir::Value v) {
  int64_t by = program.decide(op, v);
  if (by <= 0)
    program.fail(op, DiagnosticKind::BadLoopStep, std::to_string(by));
  return by;
}

static void forLoop(Program &program, scf::ForOp loop) {
  unsigned bits = elementTypeOf(loop.getInductionVar().getType()).bits;
  auto bound = [&](mlir::Value v) {
    int64_t n = program.decide(loop, v);
    return loop.getUnsignedCmp() ? int64_t(zeroExtend(n, bits)) : n;
  };
  int64_t lower = bound(loop.getLowerBound()),
          upper = bound(loop.getUpperBound());
  int64_t by = stepOf(program, loop, loop.getStep());
  llvm::SmallVector<Shared> carried = gather(program, loop.getInitArgs());
  for (int64_t i = lower; i < upper;) {
    program.set(loop.getInductionVar(), scalarOf(signExtend(i, bits), bits));
    setAll(program, loop.getRegionIterArgs(), carried);
    program.pass(loop);
    carried = program.block(*loop.getBody());
    if (__builtin_add_overflow(i, by, &i))
      break;
  }
  setAll(program, loop.getResults(), carried);
}

static void branch(Program &program, scf::IfOp op) {
  mlir::Region &region = program.decide(op, op.getCondition())
                             ? op.getThenRegion()
                             : op.getElseRegion();
  if (!region.empty())
    setAll(program, op.getResults(), program.block(region.front()));
}

static bool sameElements(const Tensor &a, const Tensor &b) {
  // Not by ==, which tells a NaN from itself.
  auto same = [](const std::vector<double> &x, const std::vector<double> &y) {
    return x.size() == y.size() &&
           (x.empty() ||
            std::memcmp(x.data(), y.data(), x.size() * sizeof(double)) == 0);
  };
  return a.ints == b.ints && same(a.values, b.values) && a.flags == b.flags &&
         !a.window && !b.window && !a.ring && !b.ring;
}

/// Whether a pass left what the loop carries as it was.
static bool sameValues(llvm::ArrayRef<Shared> a, llvm::ArrayRef<Shared> b) {
  return llvm::all_of_zip(a, b, [](const Shared &x, const Shared &y) {
    return x == y || sameElements(*x, *y);
  });
}

/// Nobody else can end a loop that reads no memory.
static bool readsMemory(scf::WhileOp loop) {
  mlir::WalkResult walk = loop->walk([](mlir::Operation *op) {
    bool reads = mlir::hasEffect<mlir::MemoryEffects::Read>(op) ||
                 mlir::isa<mlir::func::CallOp>(op);
    return reads ? mlir::WalkResult::interrupt() : mlir::WalkResult::advance();
  });
  return walk.wasInterrupted();
}

static void whileLoop(Program &program, scf::WhileOp loop) {
  llvm::SmallVector<Shared> carried = gather(program, loop.getInits()), before;
  Waiting &waiting = program.shared.waiting;
  while (true) {
    uint64_t epoch = waiting.epoch();
    program.pass(loop);
    before = carried;
    setAll(program, loop.getBeforeArguments(), carried);
    carried = program.block(loop.getBefore().front());
    auto condition =
        mlir::cast<scf::ConditionOp>(loop.getBefore().front().getTerminator());
    if (!program.decide(condition, condition.getCondition()))
      break;
    setAll(program, loop.getAfterArguments(), carried);
    carried = program.block(loop.getAfter().front());
    // Streams wait for each other by themselves.
    if (program.stream || !sameValues(before, carried))
      continue;
    if (!readsMemory(loop))
      program.fail(loop, DiagnosticKind::EndlessLoop);
    if (waiting.isForEver(epoch))
      program.fail(loop, DiagnosticKind::WaitsForEver);
  }
  setAll(program, loop.getResults(), carried);
}

/// The work of one program spread over its cluster: here a loop.
static void parallel(Program &program, scf::ParallelOp loop) {
  size_t rank = loop.getLowerBound().size();
  llvm::SmallVector<int64_t> lower, upper, by, at;
  for (size_t d = 0; d < rank; ++d) {
    lower.push_back(program.decide(loop, loop.getLowerBound()[d]));
    upper.push_back(program.decide(loop, loop.getUpperBound()[d]));
    by.push_back(stepOf(program, loop, loop.getStep()[d]));
  }
  at = lower;
  llvm::SmallVector<Shared> carried = gather(program, loop.getInitVals());
  bool empty = false;
  for (size_t d = 0; d < rank; ++d)
    empty |= lower[d] >= upper[d];
  auto end = mlir::dyn_cast<scf::ReduceOp>(loop.getBody()->getTerminator());
  while (!empty) {
    for (size_t d = 0; d < rank; ++d)
      program.set(loop.getInductionVars()[d], scalarOf(at[d], 64));
    program.pass(loop);
    llvm::SmallVector<Shared> parts = program.block(*loop.getBody());
    for (size_t i = 0; end && i < parts.size(); ++i) {
      mlir::Block &combine = end.getReductions()[i].front();
      program.values[combine.getArgument(0)] = carried[i];
      program.values[combine.getArgument(1)] = parts[i];
      carried[i] = program.block(combine)[0];
    }
    size_t d = rank;
    while (d-- > 0) {
      if (!__builtin_add_overflow(at[d], by[d], &at[d]) && at[d] < upper[d])
        break;
      at[d] = lower[d];
    }
    empty = d == size_t(-1);
  }
  setAll(program, loop.getResults(), carried);
}

static void call(Program &program, mlir::func::CallOp op) {
  auto callee = mlir::SymbolTable::lookupNearestSymbolFrom<mlir::func::FuncOp>(
      op, op.getCalleeAttr());
  if (!callee || callee.isExternal())
    program.fail(op, DiagnosticKind::NoBody, op.getCallee());
  uint64_t deepest = program.shared.launch.limits.calls;
  if (uint64_t(program.depth) == deepest)
    program.fail(op, DiagnosticKind::CallsTooDeep, std::to_string(deepest));
  Program inner(program, program.id);
  ++inner.depth;
  inner.passes = program.passes;
  setAll(inner, callee.getArguments(), gather(program, op.getOperands()));
  setAll(program, op.getResults(), inner.block(callee.getBody().front()));
  program.passes = inner.passes;
  program.step(inner.steps);
}

void terrazzo::interpreter::addControlSemantics(Semantics &semantics) {
  semantics.add(constant);
  semantics.add(poison);
  semantics.add(forLoop);
  semantics.add(branch);
  semantics.add(whileLoop);
  semantics.add(parallel);
  semantics.add(call);
}
