// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Programs that go over one row several times, each pass needing a number from
// the one before (softmax, norms), run skewed: pass 0 of one program, pass 1 of
// the one before, … share a single loop, so that memory, arithmetic and stores
// overlap. This is tile-ir.md's Pipelining (P1) with one group, over the
// programs of a thread; they are unordered, so any order of theirs is legal.
#include "targets/Cpu/Lowering/Emitter.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// Vectors a step: partial sums of each reduction, enough to hide its latency.
static constexpr int64_t unroll = 4;
/// How far ahead of the first pass memory is asked for: 8 KiB was the best of
/// 2, 4 and 8 measured on Zen 5 (docs/Rationale/CpuRows.md).
static constexpr int32_t prefetchBytes = 8192;

/// The pass in which a scalar is known: one after the last reduction that it
/// depends on.
static int64_t passOf(Value v, const llvm::DenseMap<Value, int64_t> &reduced,
                      unsigned depth = 0) {
  auto found = reduced.find(v);
  if (found != reduced.end())
    return found->second + 1;
  Operation *op = v.getDefiningOp();
  if (!op || depth > 64)
    return 0;
  int64_t pass = 0;
  for (Value o : op->getOperands())
    pass = std::max(pass, passOf(o, reduced, depth + 1));
  for (Region &region : op->getRegions())
    region.walk([&](Operation *inner) {
      for (Value o : inner->getOperands())
        if (!region.isAncestor(o.getParentRegion()))
          pass = std::max(pass, passOf(o, reduced, depth + 1));
    });
  return pass;
}

/// The launch as passes over one row, if it is nothing else.
std::optional<Emitter::RowPlan> Emitter::planRows(tile::LaunchOp launch) {
  RowPlan plan;
  llvm::DenseMap<Value, int64_t> reduced;
  auto body = launch.getBody().front().without_terminator();
  int64_t passes = 0;
  for (Operation &op : body) {
    if (auto reduce = dyn_cast<tile::ReduceOp>(op)) {
      if (reduce.getIns().size() != 1 || isTensor(reduce.getResult(0)) ||
          !hasIdentity(reduce.getBody()))
        return std::nullopt;
      int64_t pass = passOf(reduce.getIns()[0], reduced);
      reduced[reduce.getResult(0)] = pass;
      plan.reduces.push_back({reduce, pass, 0});
      passes = std::max(passes, pass + 1);
    } else if (auto store = dyn_cast<tile::StoreOp>(op)) {
      if (plan.store || !isTensor(store.getValue()) || store.getMask())
        return std::nullopt;
      plan.store = store;
    } else if (auto load = dyn_cast<tile::LoadOp>(op)) {
      if (load.getMask() && isTensor(load.getValue()))
        return std::nullopt;
    } else if (isa<kernel::PrintOp, kernel::AssertOp>(op)) {
      return std::nullopt;
    } else if (!isa<tile::MapOp, tile::ViewOp, tile::SliceOp>(op) &&
               (op.getNumRegions() ||
                op.getDialect()->getNamespace() == "tile"))
      return std::nullopt;
  }
  if (!plan.store || plan.reduces.empty())
    return std::nullopt;
  // The last pass stores; every number is known before it.
  plan.last = std::max(passOf(plan.store.getValue(), reduced),
                       passOf(plan.store.getView(), reduced));
  plan.size = shapeOf(plan.store.getValue())[0];
  if (plan.last != passes ||
      plan.size % (unroll * widthFor(elementOf(plan.store.getValue()))))
    return std::nullopt;
  for (Operation &op : body)
    for (Value r : op.getResults())
      if (isTensor(r) && (shapeOf(r).size() != 1 || shapeOf(r)[0] != plan.size))
        return std::nullopt;
  // Programs run ahead of each other: no load may see another's store.
  for (auto load : launch.getBody().front().getOps<tile::LoadOp>())
    if (mayAlias(load.getView(), plan.store.getView()) ||
        !isPlainRow(load.getView()))
      return std::nullopt;
  if (!isPlainRow(plan.store.getView()))
    return std::nullopt;
  for (Reduced &r : plan.reduces) {
    r.firstRegister = plan.registers;
    plan.registers += plan.last - r.pass;
  }
  planKept(plan, launch);
  return plan;
}

/// A scalar, or consecutive elements.
bool Emitter::isPlainRow(Value view) {
  auto slice = view.getDefiningOp<tile::SliceOp>();
  if (!slice)
    return cast<tile::ViewType>(view.getType()).getTensor().getRank() == 0;
  auto root = slice.getView().getDefiningOp<tile::ViewOp>();
  if (!root || root.getSizes().size() != 2 || slice.getDims())
    return false;
  auto is = [](Value v, int64_t wanted) {
    APInt n;
    return matchPattern(v, m_ConstantInt(&n)) && n.getSExtValue() == wanted;
  };
  return is(root.getSizes()[1], 1) && !isTensor(slice.getOffsets()[0]) &&
         is(slice.getOffsets()[0], 0);
}

/// The launch with its loops replaced by one step of each, when all of them go
/// by arguments of the kernel alone; beside it, when that is right: every loop
/// has exactly one step. A block as long as the row makes such loops.
tile::LaunchOp Emitter::singleSteps(tile::LaunchOp launch, Value &holds) {
  auto loops = llvm::to_vector(launch.getBody().front().getOps<scf::ForOp>());
  if (loops.empty())
    return {};
  auto known = [&](Value v) { // outside the launch, or a constant
    return v.getDefiningOp<arith::ConstantOp>() ||
           !launch.getBody().isAncestor(v.getParentRegion());
  };
  for (scf::ForOp loop : loops)
    if (loop.getUnsignedCmp() || !known(loop.getLowerBound()) ||
        !known(loop.getUpperBound()) || !known(loop.getStep()))
      return {};
  OpBuilder::InsertionGuard guard(b);
  auto copy = cast<tile::LaunchOp>(launch->clone());
  launch->getBlock()->getOperations().insertAfter(launch->getIterator(), copy);
  for (scf::ForOp loop :
       llvm::to_vector(copy.getBody().front().getOps<scf::ForOp>())) {
    loop.getInductionVar().replaceAllUsesWith(loop.getLowerBound());
    for (auto [argument, init] :
         llvm::zip(loop.getRegionIterArgs(), loop.getInitArgs()))
      argument.replaceAllUsesWith(init);
    Operation *yield = loop.getBody()->getTerminator();
    loop.replaceAllUsesWith(yield->getOperands());
    yield->erase();
    loop->getBlock()->getOperations().splice(loop->getIterator(),
                                             loop.getBody()->getOperations());
    loop.erase();
  }
  for (scf::ForOp loop : loops) {
    using P = arith::CmpIPredicate;
    Value lower = scalarOf(loop.getLowerBound()),
          upper = scalarOf(loop.getUpperBound());
    Value next = arith::AddIOp::create(b, loc, lower, scalarOf(loop.getStep()));
    holds = both(holds, arith::CmpIOp::create(b, loc, P::slt, lower, upper));
    holds = both(holds, arith::CmpIOp::create(b, loc, P::sge, next, upper));
  }
  return copy;
}

/// What several passes need and is expensive is kept from the first of them to
/// the last, one row for each program in between.
void Emitter::planKept(RowPlan &plan, tile::LaunchOp launch) {
  for (auto map : launch.getBody().front().getOps<tile::MapOp>()) {
    Value v = map.getResult(0);
    llvm::SmallPtrSet<Operation *, 8> roots;
    collectRoots(v, roots);
    int64_t first = plan.last, final = 0;
    for (Operation *root : roots) {
      int64_t pass = plan.last;
      for (Reduced &r : plan.reduces)
        if (r.op == root)
          pass = r.pass;
      first = std::min(first, pass);
      final = std::max(final, pass);
    }
    unsigned budget = 12;
    if (first == final || v.hasOneUse() || !isExpensive(v, budget))
      continue;
    int64_t count = final - first + 1;
    plan.kept.push_back(
        {v, allocate({count, plan.size}, elementOf(v)), count, first});
  }
}

/// The scalars of one pass of one program. What depends on later reductions is
/// left out.
Emitter::PassState Emitter::openPass(RowPlan &plan, tile::LaunchOp launch,
                                     int64_t pass, Value program,
                                     ValueRange registers) {
  PassState outer;
  swapState(outer);
  scalars = outer.scalars;
  bindProgram(launch, program);
  for (Reduced &r : plan.reduces)
    if (r.pass < pass)
      scalars[r.op->getResult(0)] =
          registers[r.firstRegister + pass - r.pass - 1];
  auto available = [&](Value v) {
    return scalars.count(v) || v.getDefiningOp<arith::ConstantOp>();
  };
  for (Operation &op : launch.getBody().front().without_terminator()) {
    loc = op.getLoc();
    if (auto load = dyn_cast<tile::LoadOp>(op)) {
      auto view = load.getView().getDefiningOp<tile::ViewOp>();
      if (!isTensor(load.getValue()) && available(view.getBase()) &&
          (!load.getMask() || available(load.getMask())))
        scalars[load.getValue()] = loadWindow(load, {});
    } else if (op.getDialect()->getNamespace() != "tile" &&
               llvm::all_of(op.getOperands(), available)) {
      scalarOp(&op);
    }
  }
  for (const KeptRow &k : plan.kept) {
    Value slot = arith::RemUIOp::create(b, loc, program, index(k.count));
    Buffer row = k.memory;
    row.shape = {plan.size};
    row.base = pointerAt(row.base, row.element, times(slot, index(plan.size)));
    if (k.pass < pass)
      buffers[k.value] = row;
    else if (k.pass == pass)
      outer.along.push_back({k.value, row});
  }
  std::swap(along, outer.along);
  swapState(outer);
  return outer;
}

void Emitter::swapState(PassState &s) {
  std::swap(scalars, s.scalars);
  std::swap(windows, s.windows);
  std::swap(buffers, s.buffers);
  std::swap(along, s.along);
  cache.clear();
}

/// Asks for the memory that pass 0 of a later program will read.
void Emitter::prefetchRow(RowPlan &plan, tile::LaunchOp launch,
                          const Indices &at) {
  auto readInPass0 = [&](tile::LoadOp load) {
    llvm::SmallPtrSet<Operation *, 8> roots;
    collectRoots(load.getValue(), roots);
    return llvm::any_of(plan.reduces, [&](Reduced &r) {
      return r.pass == 0 && roots.contains(r.op);
    });
  };
  for (auto load : launch.getBody().front().getOps<tile::LoadOp>()) {
    if (!isTensor(load.getValue()) || !readInPass0(load))
      continue;
    Window w = windowOf(load.getView());
    Value pointer = pointerAt(w.base, w.element, at[0].scalar);
    pointer = LLVM::GEPOp::create(b, loc, pointerType, b.getI8Type(), pointer,
                                  llvm::ArrayRef<LLVM::GEPArg>{prefetchBytes});
    LLVM::Prefetch::create(b, loc, pointer, 0, 3, 1);
  }
}

/// One step of all passes: pass k works on program `step - k`. \p storing says
/// whether the last pass takes part. Gives the numbers for the next step.
llvm::SmallVector<Value> Emitter::rowStep(RowPlan &plan, tile::LaunchOp launch,
                                          Value step, Value first, Value final,
                                          ValueRange registers, bool storing,
                                          bool stream) {
  int64_t passes = plan.last + storing;
  llvm::SmallVector<PassState> states;
  for (int64_t pass = 0; pass < passes; ++pass) {
    // Before the first and behind the last program: any, for nothing.
    Value program = arith::SubIOp::create(b, loc, step, index(pass));
    program = arith::MinSIOp::create(
        b, loc, arith::MaxSIOp::create(b, loc, program, first), final);
    states.push_back(openPass(plan, launch, pass, program, registers));
  }
  unsigned width = widthFor(elementOf(plan.store.getValue()));
  lanes = width;
  llvm::SmallVector<Value> sums;
  for (Reduced &r : plan.reduces)
    sums.append(unroll, asLanes(identityOf(r.op.getBody(),
                                           elementOf(r.op.getIns()[0]))));
  lanes = 1;
  auto results = carryingLoop(
      0, plan.size, unroll * width, sums, [&](Value j, ValueRange carried) {
        llvm::SmallVector<Value> next(carried);
        lanes = width;
        for (int64_t u = 0; u < unroll; ++u) {
          Indices at{{plus(j, index(u * width)), true, {}}};
          for (int64_t pass = 0; pass < passes; ++pass) {
            swapState(states[pass]);
            if (pass == 0)
              prefetchRow(plan, launch, at);
            for (auto [n, r] : llvm::enumerate(plan.reduces))
              if (r.pass == pass) {
                Value &sum = next[n * unroll + u];
                sum = combine(r.op.getBody(), sum,
                              asLanes(evaluate(r.op.getIns()[0], at)))[0];
              }
            keep(along, at);
            if (pass == plan.last) {
              Value value = evaluate(plan.store.getValue(), at);
              Window w = windowOf(plan.store.getView());
              storeAt(w.base, w.element, addressOf(w, at, !stream), value,
                      stream);
            }
            swapState(states[pass]);
          }
        }
        lanes = 1;
        return next;
      });
  llvm::SmallVector<Value> out(registers);
  for (auto [n, r] : llvm::enumerate(plan.reduces)) {
    for (int64_t k = plan.last - r.pass - 1; k > 0; --k)
      out[r.firstRegister + k] = registers[r.firstRegister + k - 1];
    llvm::SmallVector<Value> parts(
        llvm::ArrayRef<Value>(results).slice(n * unroll, unroll));
    lanes = width;
    for (; parts.size() > 1; parts.resize(parts.size() / 2))
      for (size_t i = 0; i < parts.size() / 2; ++i)
        parts[i] = combine(r.op.getBody(), parts[2 * i], parts[2 * i + 1])[0];
    out[r.firstRegister] = acrossLanes(r.op.getBody(), parts)[0];
    lanes = 1;
  }
  return out;
}

/// The programs [begin, end), skewed.
void Emitter::emitRows(RowPlan &plan, tile::LaunchOp launch, Value begin,
                       Value end) {
  Value final = arith::SubIOp::create(b, loc, end, index(1));
  llvm::SmallVector<Value> start;
  for (Reduced &r : plan.reduces)
    start.append(
        plan.last - r.pass,
        constant(cast<TypedAttr>(b.getZeroAttr(r.op->getResult(0).getType()))));
  auto steps =
      [&](Value from, Value to, ValueRange inits,
          llvm::function_ref<llvm::SmallVector<Value>(Value, ValueRange)>
              body) {
        auto loop = scf::ForOp::create(b, loc, from, to, index(1), inits);
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(loop.getBody());
        scf::YieldOp::create(
            b, loc, body(loop.getInductionVar(), loop.getRegionIterArgs()));
        return llvm::SmallVector<Value>(loop.getResults().begin(),
                                        loop.getResults().end());
      };
  Value full = plus(begin, index(plan.last));
  Value some =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, begin, end);
  Value filled = arith::SelectOp::create(b, loc, some, full, begin);
  auto numbers = steps(begin, filled, start, [&](Value t, ValueRange r) {
    return rowStep(plan, launch, t, begin, final, r, false, false);
  });
  Value until =
      arith::SelectOp::create(b, loc, some, plus(end, index(plan.last)), full);
  steps(full, until, numbers, [&](Value t, ValueRange r) {
    Value program = arith::SubIOp::create(b, loc, t, index(plan.last));
    PassState state = openPass(plan, launch, plan.last, program, r);
    swapState(state);
    Value stream = streams(windowOf(plan.store.getView()));
    swapState(state);
    auto branch = scf::IfOp::create(b, loc, r.getTypes(), stream, true);
    for (bool which : {true, false}) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(which ? branch.thenBlock()
                                       : branch.elseBlock());
      scf::YieldOp::create(
          b, loc, rowStep(plan, launch, t, begin, final, r, true, which));
    }
    return llvm::SmallVector<Value>(branch.getResults().begin(),
                                    branch.getResults().end());
  });
}
