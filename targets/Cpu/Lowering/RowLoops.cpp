// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The loops of programs over one row (Rows.cpp says which and in what order).
#include "targets/Cpu/Lowering/Emitter.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

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
  std::swap(alwaysTrue, s.alwaysTrue);
  cache.clear();
}

/// Asks for memory that pass 0 will read, \p bytes beyond \p at.
void Emitter::prefetchRow(RowPlan &plan, tile::LaunchOp launch, Value at,
                          int32_t bytes) {
  if (!bytes)
    return;
  for (auto load : launch.getBody().front().getOps<tile::LoadOp>()) {
    if (!isTensor(load.getValue()) || !(passesOf(load.getValue(), plan) & 1))
      continue;
    Window w = windowOf(load.getView());
    Value pointer = pointerAt(w.base, w.element, at);
    pointer = LLVM::GEPOp::create(b, loc, pointerType, b.getI8Type(), pointer,
                                  llvm::ArrayRef<LLVM::GEPArg>{bytes});
    // What the author does not keep need not push out what stays.
    bool isOnce = hasHint(load, "stream") &&
                  llvm::popcount(passesOf(load.getValue(), plan)) == 1;
    LLVM::Prefetch::create(b, loc, pointer, 0, isOnce ? 0 : 3, 1);
  }
}

bool terrazzo::cpu::isRamp(Value v) {
  auto map = v.getDefiningOp<tile::MapOp>();
  if (!map || map.getNumResults() != 1 || shapeOf(v).size() != 1)
    return false;
  Block &body = map.getBody().front();
  Operation &op = body.front();
  if (op.getNextNode() != body.getTerminator())
    return false;
  if (isa<arith::IndexCastOp>(op))
    return op.getOperand(0) == body.getArgument(0);
  if (!isa<arith::AddIOp>(op))
    return false;
  for (unsigned k : {0, 1}) {
    auto argument = dyn_cast<BlockArgument>(op.getOperand(k));
    if (argument && argument.getOwner() == &body && argument.getArgNumber() &&
        op.getOperand(1 - k).getParentBlock() != &body)
      return isRamp(map.getIns()[argument.getArgNumber() - 1]);
  }
  return false;
}

Value terrazzo::cpu::boundedRamp(tile::MapOp map) {
  Block &body = map.getBody().front();
  auto compare = dyn_cast<arith::CmpIOp>(body.front());
  if (!compare || compare->getNextNode() != body.getTerminator() ||
      map.getIns().empty() ||
      compare.getPredicate() != arith::CmpIPredicate::slt ||
      compare.getRhs().getParentBlock() == &body)
    return {};
  auto argument = dyn_cast<BlockArgument>(compare.getLhs());
  if (!argument || argument.getOwner() != &body || !argument.getArgNumber())
    return {};
  Value ramp = map.getIns()[argument.getArgNumber() - 1];
  return isRamp(ramp) ? ramp : Value();
}

/// Whether all that the pass \p from and those after it touch is inside, each
/// for its program. Makes their windows, too.
Value Emitter::areWhole(RowPlan &plan, tile::LaunchOp launch, int64_t from,
                        llvm::MutableArrayRef<PassState> states) {
  Value all = constant(b.getBoolAttr(true));
  auto check = [&](Value view) {
    Window w = windowOf(view);
    for (size_t d = 0; d < w.shape.size(); ++d)
      if (w.extents[d] && !isa<tile::InAttr>(w.boundaries[d]))
        all = both(all, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge,
                                              w.extents[d], index(w.shape[d])));
  };
  for (auto [k, state] : llvm::enumerate(states)) {
    swapState(state);
    for (auto load : launch.getBody().front().getOps<tile::LoadOp>())
      if (isTensor(load.getValue()) &&
          passesOf(load.getValue(), plan) >> (from + k) & 1)
        check(load.getView());
    if (from + int64_t(k) == plan.last)
      check(plan.store.getView());
    for (auto map : launch.getBody().front().getOps<tile::MapOp>()) {
      Value ramp = boundedRamp(map);
      if (!ramp || !(passesOf(map.getResult(0), plan) >> (from + k) & 1))
        continue;
      Index start{index(0), false, {}}, end{index(plan.size - 1), false, {}};
      Value low = evaluate(ramp, {start}), high = evaluate(ramp, {end});
      all = both(all, evaluate(map.getResult(0), {end}));
      all = both(all, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle,
                                            low, high)); // it did not wrap
      alwaysTrue.insert(map.getResult(0));
    }
    swapState(state);
  }
  return all;
}

/// Passes from \p from on, each of a program of its own, in one loop; gives
/// their partial sums. Later passes come first in it: they read what earlier
/// ones overwrite. \p storing: whether anything is stored. Behind \p end, if it
/// is not null, the rows are the same everywhere.
llvm::SmallVector<Value> Emitter::rowLoop(RowPlan &plan, tile::LaunchOp launch,
                                          int64_t from,
                                          llvm::SmallVector<PassState> states,
                                          PassState *next, RowForm form,
                                          Value storing, Value end) {
  unsigned width = widthFor(elementOf(plan.store.getValue()));
  int64_t to = from + states.size();
  // Measured: a skewed loop that only waits for memory gets more of it when its
  // loads keep their masks; one that computes needs the time (CpuRows.md).
  inside = form != Masked && (next || !plan.kept.empty());
  lanes = width;
  llvm::SmallVector<Value> sums;
  for (Reduced &r : plan.reduces)
    if (r.pass >= from && r.pass < to)
      sums.append(unroll, asLanes(identityOf(r.op.getBody(),
                                             elementOf(r.op.getIns()[0]))));
  lanes = 1;
  int64_t step = unroll * width;
  auto results = carryingLoop(
      0, plan.size, step, sums,
      [&](Value j, ValueRange carried) {
        llvm::SmallVector<Value> numbers(carried);
        lanes = width;
        for (int64_t u = 0; u < unroll; ++u) {
          Indices at{{plus(j, index(u * width)), true, {}}};
          if (next)
            prefetchInTurn(plan, launch, states[0], *next, from, at[0].scalar);
          for (int64_t pass = to; pass-- > from;) {
            swapState(states[pass - from]);
            if (!next && pass == 0)
              prefetchRow(plan, launch, at[0].scalar, int32_t(skewedAhead()));
            size_t n = 0;
            for (Reduced &r : plan.reduces) {
              if (r.pass < from || r.pass >= to)
                continue;
              Value &sum = numbers[n++ * unroll + u];
              if (r.pass == pass)
                sum = combine(r.op.getBody(), sum,
                              asLanes(evaluate(r.op.getIns()[0], at)))[0];
            }
            if (pass == plan.last) {
              Value value = evaluate(plan.store.getValue(), at);
              Window w = windowOf(plan.store.getView());
              Address a = addressOf(w, at, form == Masked);
              if (form == Masked) {
                a.mask = both(a.mask, storing);
                a.some = both(a.some, storing);
              }
              storeAt(w.base, w.element, a, value, form == Stream);
            }
            keep(along, at);
            swapState(states[pass - from]);
          }
        }
        lanes = 1;
        return numbers;
      },
      end);
  inside = false;
  return end ? behindRows(plan, from, step, end, states, results) : results;
}

/// Passes in turn: the first asks for its own row as it goes, the last for the
/// next program's, both some way ahead. Between them memory has stores to do.
void Emitter::prefetchInTurn(RowPlan &plan, tile::LaunchOp launch,
                             PassState &own, PassState &next, int64_t pass,
                             Value at) {
  if (pass != 0 && pass != plan.last)
    return;
  PassState &state = pass == 0 ? own : next;
  swapState(state);
  prefetchRow(plan, launch, at, int32_t(bytesAhead()));
  swapState(state);
}

/// A loop over passes, without masks where the rows are whole.
/// Puts the numbers of its reductions into \p known, by number of reduction.
void Emitter::rowPasses(RowPlan &plan, tile::LaunchOp launch, int64_t from,
                        llvm::MutableArrayRef<PassState> states,
                        PassState *next, Value storing,
                        llvm::MutableArrayRef<Value> known) {
  int64_t to = from + states.size();
  Value whole = both(areWhole(plan, launch, from, states), storing), stream;
  if (next) { // its windows are made here, for both forms
    swapState(*next);
    for (auto load : launch.getBody().front().getOps<tile::LoadOp>())
      if (passesOf(load.getValue(), plan) & 1 && isTensor(load.getValue()))
        windowOf(load.getView());
    swapState(*next);
  }
  if (to > plan.last) {
    swapState(states.back());
    stream = streams(windowOf(plan.store.getView()), plan.store);
    swapState(states.back());
  }
  swapState(states.front());
  Value end = endOfRows(plan, launch,
                        unroll * widthFor(elementOf(plan.store.getValue())));
  swapState(states.front());
  llvm::SmallVector<Reduced *> mine;
  llvm::SmallVector<Type> types;
  for (Reduced &r : plan.reduces)
    if (r.pass >= from && r.pass < to) {
      mine.push_back(&r);
      types.append(unroll,
                   Vector::get({widthFor(elementOf(plan.store.getValue()))},
                               elementOf(r.op.getIns()[0])));
    }
  auto choose = [&](Value condition, auto yes, auto no) {
    auto branch = scf::IfOp::create(b, loc, types, condition, true);
    for (bool which : {true, false}) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(which ? branch.thenBlock()
                                       : branch.elseBlock());
      llvm::SmallVector<Value> sums = which ? yes() : no();
      if (!types.empty())
        scf::YieldOp::create(b, loc, sums);
    }
    return llvm::SmallVector<Value>(branch.getResults());
  };
  auto make = [&](RowForm form) {
    return [&, form] {
      return rowLoop(plan, launch, from, llvm::SmallVector<PassState>(states),
                     next, form, storing, form == Masked ? end : Value());
    };
  };
  auto plainly = [&] { return choose(whole, make(Whole), make(Masked)); };
  auto results =
      stream ? choose(both(whole, stream), make(Stream), plainly) : plainly();
  lanes = widthFor(elementOf(plan.store.getValue()));
  for (auto [n, r] : llvm::enumerate(mine)) {
    llvm::SmallVector<Value> parts(
        llvm::ArrayRef<Value>(results).slice(n * unroll, unroll));
    for (; parts.size() > 1; parts.resize(parts.size() / 2))
      for (size_t i = 0; i < parts.size() / 2; ++i)
        parts[i] = combine(r->op.getBody(), parts[2 * i], parts[2 * i + 1])[0];
    known[r - plan.reduces.begin()] = acrossLanes(r->op.getBody(), parts)[0];
  }
  lanes = 1;
}

/// One step of all passes: pass k works on program `step - k`. Gives the
/// numbers for the next step.
llvm::SmallVector<Value> Emitter::rowStep(RowPlan &plan, tile::LaunchOp launch,
                                          Value step, Value first, Value final,
                                          ValueRange registers) {
  llvm::SmallVector<PassState> states;
  for (int64_t pass = 0; pass <= plan.last; ++pass) {
    // Before the first and behind the last program: any, for nothing.
    Value program = arith::SubIOp::create(b, loc, step, index(pass));
    program = arith::MinSIOp::create(
        b, loc, arith::MaxSIOp::create(b, loc, program, first), final);
    states.push_back(openPass(plan, launch, pass, program, registers));
  }
  Value storing = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, step,
                                        plus(first, index(plan.last)));
  llvm::SmallVector<Value> known(plan.reduces.size());
  rowPasses(plan, launch, 0, states, nullptr, storing, known);
  llvm::SmallVector<Value> out(registers);
  for (auto [n, r] : llvm::enumerate(plan.reduces)) {
    for (int64_t k = plan.last - r.pass - 1; k > 0; --k)
      out[r.firstRegister + k] = registers[r.firstRegister + k - 1];
    out[r.firstRegister] = known[n];
  }
  return out;
}

/// One program, pass after pass.
void Emitter::rowInTurn(RowPlan &plan, tile::LaunchOp launch, Value program,
                        Value final) {
  Value after = arith::MinSIOp::create(b, loc, plus(program, index(1)), final);
  llvm::SmallVector<Value> registers(plan.registers),
      known(plan.reduces.size());
  for (int64_t pass = 0; pass <= plan.last; ++pass) {
    PassState state = openPass(plan, launch, pass, program, registers);
    PassState next = openPass(plan, launch, 0, after, registers);
    rowPasses(plan, launch, pass, state, &next, {}, known);
    for (auto [n, r] : llvm::enumerate(plan.reduces))
      for (int64_t k = 0; r.pass == pass && k < plan.last - r.pass; ++k)
        registers[r.firstRegister + k] = known[n];
  }
}

/// The programs [begin, end).
void Emitter::emitRows(RowPlan &plan, tile::LaunchOp launch, Value begin,
                       Value end) {
  Value final = arith::SubIOp::create(b, loc, end, index(1));
  OpBuilder::InsertionGuard guard(b);
  if (!plan.skewed) {
    auto loop = scf::ForOp::create(b, loc, begin, end, index(1));
    b.setInsertionPointToStart(loop.getBody());
    return rowInTurn(plan, launch, loop.getInductionVar(), final);
  }
  llvm::SmallVector<Value> start;
  for (Reduced &r : plan.reduces)
    start.append(
        plan.last - r.pass,
        constant(cast<TypedAttr>(b.getZeroAttr(r.op->getResult(0).getType()))));
  Value some =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, begin, end);
  Value until =
      arith::SelectOp::create(b, loc, some, plus(end, index(plan.last)), begin);
  auto loop = scf::ForOp::create(b, loc, begin, until, index(1), start);
  b.setInsertionPointToStart(loop.getBody());
  auto out = rowStep(plan, launch, loop.getInductionVar(), begin, final,
                     loop.getRegionIterArgs());
  scf::YieldOp::create(b, loc, out);
}
