// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Programs that go over one row several times, each pass needing a number from
// the one before (softmax, norms), run skewed: pass 0 of one program, pass 1 of
// the one before, … share a single loop, so that memory, arithmetic and stores
// overlap. This is tile-ir.md's Pipelining (P1) with one group, over the
// programs of a thread; they are unordered, so any order of theirs is legal.
// Where that would fetch too much from the second cache, the passes run one
// after the other instead. docs/Rationale/CpuRows.md has the figures.
#include "targets/Cpu/Lowering/Emitter.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// Vectors a step: partial sums of each reduction, enough to hide its latency.
static constexpr int64_t unroll = 4;
/// How far ahead of the first pass memory is asked for: 8 KiB was the best of
/// 2, 4 and 8 measured on Zen 5 (docs/Rationale/CpuRows.md).
static constexpr int32_t prefetchBytes = 8192;
/// The same from the last pass to the next row, when passes are not skewed.
static constexpr int32_t nextRowBytes = 4096;

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

/// The passes that compute \p v, as bits: those that use it, unless they read
/// a kept row instead.
static uint64_t passesOf(Value v, Emitter::RowPlan &plan) {
  uint64_t passes = 0;
  for (Operation *user : v.getUsers()) {
    for (const Emitter::Reduced &r : plan.reduces)
      if (r.op == user)
        passes |= uint64_t(1) << r.pass;
    if (plan.store == user)
      passes |= uint64_t(1) << plan.last;
    if (!isDeferrable(user))
      continue;
    for (Value result : user->getResults()) {
      auto kept = llvm::find_if(plan.kept, [&](const Emitter::KeptRow &k) {
        return k.value == result;
      });
      passes |= kept != plan.kept.end() ? uint64_t(1) << kept->pass
                                        : passesOf(result, plan);
    }
  }
  return passes;
}

/// Whether \p v may differ from program to program.
static bool varies(Value v, Block &body) {
  if (v.getParentBlock() != &body)
    return false;
  Operation *op = v.getDefiningOp();
  return !op || op->getNumRegions() ||
         llvm::any_of(op->getOperands(),
                      [&](Value o) { return varies(o, body); });
}

/// Skewed or one after the other. The rows of a skewed step are read in turn,
/// so either all of them stay in the first cache or none does. Lines from the
/// second cache take their turn with those from and to memory; measured, they
/// are hidden while they are no more than these.
bool Emitter::isSkewed(RowPlan &plan, tile::LaunchOp launch) {
  const chip::Quantity *l1 = chip.number("memories", "l1", "bytes");
  int64_t holds = l1 ? int64_t(l1->value) : int64_t(32) << 10;
  int64_t touched = prefetchBytes, again = 0;
  int64_t memory = plan.size * bytesOf(elementOf(plan.store.getValue()));
  Block &body = launch.getBody().front();
  // Loads of the same row by their passes: each loop of a program has its own.
  llvm::SmallVector<std::pair<tile::LoadOp, uint64_t>> rows;
  for (auto load : body.getOps<tile::LoadOp>()) {
    uint64_t passes = passesOf(load.getValue(), plan);
    if (!isTensor(load.getValue()) || !passes)
      continue;
    auto same = llvm::find_if(rows, [&](auto &row) {
      return sameWindow(row.first.getView(), load.getView());
    });
    if (same != rows.end())
      same->second |= passes;
    else
      rows.push_back({load, passes});
  }
  for (auto [load, passes] : rows) {
    int64_t row = plan.size * bytesOf(elementOf(load.getValue()));
    int64_t times = llvm::popcount(passes);
    if (varies(load.getView(), body)) {
      memory += row;
      again += (times - 1) * row;
      touched += times * row;
    } else {
      again += row;
      touched += row;
    }
  }
  for (const KeptRow &k : plan.kept) {
    int64_t rows = k.count * plan.size * bytesOf(elementOf(k.value));
    again += rows;
    touched += rows;
  }
  return touched <= holds || again <= memory;
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
    // A step reads the oldest row before it writes the newest over it.
    int64_t count = final - first;
    plan.kept.push_back({v, {}, count, first});
  }
  plan.skewed = isSkewed(plan, launch);
  for (KeptRow &k : plan.kept) {
    if (!plan.skewed)
      k.count = 1;
    k.memory = allocate({k.count, plan.size}, elementOf(k.value));
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

/// Asks for memory that pass 0 will read, \p bytes beyond \p at.
void Emitter::prefetchRow(RowPlan &plan, tile::LaunchOp launch, Value at,
                          int32_t bytes) {
  for (auto load : launch.getBody().front().getOps<tile::LoadOp>()) {
    if (!isTensor(load.getValue()) || !(passesOf(load.getValue(), plan) & 1))
      continue;
    Window w = windowOf(load.getView());
    Value pointer = pointerAt(w.base, w.element, at);
    pointer = LLVM::GEPOp::create(b, loc, pointerType, b.getI8Type(), pointer,
                                  llvm::ArrayRef<LLVM::GEPArg>{bytes});
    LLVM::Prefetch::create(b, loc, pointer, 0, 3, 1);
  }
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
    swapState(state);
  }
  return all;
}

/// Passes from \p from on, each of a program of its own, in one loop; gives
/// their partial sums. Later passes come first in it: they read what earlier
/// ones overwrite. \p stream: all is whole, and whether it is stored past the
/// caches; null: all is masked. \p storing: whether anything is stored.
llvm::SmallVector<Value> Emitter::rowLoop(RowPlan &plan, tile::LaunchOp launch,
                                          int64_t from,
                                          llvm::SmallVector<PassState> states,
                                          PassState *next, Value stream,
                                          Value storing) {
  unsigned width = widthFor(elementOf(plan.store.getValue()));
  int64_t to = from + states.size();
  inside = bool(stream);
  lanes = width;
  llvm::SmallVector<Value> sums;
  for (Reduced &r : plan.reduces)
    if (r.pass >= from && r.pass < to)
      sums.append(unroll, asLanes(identityOf(r.op.getBody(),
                                             elementOf(r.op.getIns()[0]))));
  lanes = 1;
  auto results = carryingLoop(
      0, plan.size, unroll * width, sums, [&](Value j, ValueRange carried) {
        llvm::SmallVector<Value> numbers(carried);
        llvm::SmallVector<std::pair<Value, Value>> stored;
        lanes = width;
        for (int64_t u = 0; u < unroll; ++u) {
          Indices at{{plus(j, index(u * width)), true, {}}};
          if (next && u == 0)
            prefetchNext(plan, launch, *next, from, j);
          for (int64_t pass = to; pass-- > from;) {
            swapState(states[pass - from]);
            if (!next && pass == 0)
              prefetchRow(plan, launch, at[0].scalar, prefetchBytes);
            size_t n = 0;
            for (Reduced &r : plan.reduces) {
              if (r.pass < from || r.pass >= to)
                continue;
              Value &sum = numbers[n++ * unroll + u];
              if (r.pass == pass)
                sum = combine(r.op.getBody(), sum,
                              asLanes(evaluate(r.op.getIns()[0], at)))[0];
            }
            if (pass == plan.last)
              stored.push_back(
                  {at[0].scalar, evaluate(plan.store.getValue(), at)});
            keep(along, at);
            swapState(states[pass - from]);
          }
        }
        if (!stored.empty()) {
          swapState(states.back());
          storeRow(plan, stored, stream, storing);
          swapState(states.back());
        }
        lanes = 1;
        return numbers;
      });
  inside = false;
  return results;
}

/// The last two passes ask for the next program's row: the first half of it is
/// brought near, then all of it, some way ahead.
void Emitter::prefetchNext(RowPlan &plan, tile::LaunchOp launch,
                           PassState &next, int64_t pass, Value j) {
  unsigned width = widthFor(elementOf(plan.store.getValue()));
  if (pass < plan.last - 1)
    return;
  swapState(next);
  if (pass == plan.last)
    for (int64_t u = 0; u < unroll; ++u)
      prefetchRow(plan, launch, plus(j, index(u * width)), nextRowBytes);
  else
    for (int64_t u = 0; u < unroll / 2; ++u)
      prefetchRow(
          plan, launch,
          plus(arith::DivUIOp::create(b, loc, j, index(2)), index(u * width)),
          0);
  swapState(next);
}

/// Stores vectors of the row.
void Emitter::storeRow(RowPlan &plan,
                       llvm::ArrayRef<std::pair<Value, Value>> stored,
                       Value stream, Value storing) {
  Window w = windowOf(plan.store.getView());
  auto write = [&](bool past) {
    for (auto [where, value] : stored) {
      Address a = addressOf(w, {{where, true, {}}}, !stream);
      if (!stream)
        a.mask = both(a.mask, storing);
      storeAt(w.base, w.element, a, value, past);
    }
  };
  if (!stream)
    return write(false);
  auto branch = scf::IfOp::create(b, loc, stream, true);
  for (bool past : {true, false}) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(past ? branch.thenBlock() : branch.elseBlock());
    write(past);
  }
}

/// A loop over passes in two forms: without masks where the rows are whole.
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
  stream = constant(b.getBoolAttr(false));
  if (to > plan.last) {
    swapState(states.back());
    stream = streams(windowOf(plan.store.getView()));
    swapState(states.back());
  }
  llvm::SmallVector<Reduced *> mine;
  llvm::SmallVector<Type> types;
  for (Reduced &r : plan.reduces)
    if (r.pass >= from && r.pass < to) {
      mine.push_back(&r);
      types.append(unroll,
                   Vector::get({widthFor(elementOf(plan.store.getValue()))},
                               elementOf(r.op.getIns()[0])));
    }
  auto branch = scf::IfOp::create(b, loc, types, whole, true);
  for (bool which : {true, false}) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(which ? branch.thenBlock() : branch.elseBlock());
    auto sums =
        rowLoop(plan, launch, from, llvm::SmallVector<PassState>(states), next,
                which ? stream : Value(), storing);
    if (!types.empty())
      scf::YieldOp::create(b, loc, sums);
  }
  lanes = widthFor(elementOf(plan.store.getValue()));
  for (auto [n, r] : llvm::enumerate(mine)) {
    llvm::SmallVector<Value> parts(
        branch.getResults().slice(n * unroll, unroll));
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
