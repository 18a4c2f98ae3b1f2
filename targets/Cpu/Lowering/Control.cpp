// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops and branches that carry blocks: each carried block has its memory,
// allocated before the loop.
#include "targets/Cpu/Lowering/Emitter.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// Whether computing \p v reads memory of a carried block.
static bool readsCarried(Value v, const llvm::DenseMap<Value, Buffer> &buffers,
                         llvm::ArrayRef<Buffer> carries) {
  llvm::SmallVector<Value> work{v};
  llvm::SmallPtrSet<Operation *, 16> seen;
  while (!work.empty()) {
    Value next = work.pop_back_val();
    if (!isTensor(next))
      continue;
    auto found = buffers.find(next);
    Operation *op = next.getDefiningOp();
    if (found == buffers.end()) {
      if (!isDeferrable(op) || !seen.insert(op).second)
        continue;
      work.append(op->operand_begin(), op->operand_end());
      if (auto load = dyn_cast<tile::LoadOp>(op)) // where it reads
        if (auto slice = load.getView().getDefiningOp<tile::SliceOp>())
          llvm::append_range(work, slice.getOffsets());
    } else if (llvm::any_of(carries, [&](const Buffer &c) {
                 return c.base == found->second.base;
               })) {
      return true;
    }
  }
  return false;
}

/// Puts the next values of carried blocks into their memory, all at once in
/// effect: what reads an old value is computed before any is overwritten.
void Emitter::assign(ValueRange nexts, llvm::ArrayRef<Buffer> carries,
                     llvm::SmallVectorImpl<Value> &scalarNexts) {
  llvm::SmallVector<std::pair<Value, Buffer>> copies, computes;
  size_t number = 0;
  for (Value next : nexts) {
    if (!isTensor(next)) {
      scalarNexts.push_back(scalarOf(next));
      continue;
    }
    const Buffer &to = carries[number++];
    auto known = buffers.find(next);
    if (known != buffers.end()) {
      if (known->second.base == to.base)
        continue;
      if (readsCarried(next, buffers, carries)) {
        Buffer aside = allocate(to.shape, to.element);
        copy(known->second, aside);
        buffers[next] = aside;
      }
      copies.push_back({next, to});
      continue;
    }
    auto reuse = reusable(next, next.getParentBlock());
    if (reuse && reuse->base == to.base) {
      materialise(next, to);
      continue;
    }
    if (readsCarried(next, buffers, carries)) {
      materialise(next);
      copies.push_back({next, to});
    } else {
      computes.push_back({next, to});
    }
  }
  for (auto &[value, to] : copies)
    copy(buffers.lookup(value), to);
  for (auto &[value, to] : computes) {
    if (buffers.count(value))
      copy(buffers.lookup(value), to);
    else
      materialise(value, to);
  }
}

/// Memory of its own for each block among \p inits, holding it but for those
/// numbered in \p unwritten.
llvm::SmallVector<Buffer>
Emitter::carry(ValueRange inits, Block *here,
               const llvm::SmallDenseSet<unsigned> &unwritten) {
  llvm::SmallVector<Buffer> carries;
  for (auto [number, init] : llvm::enumerate(inits)) {
    if (!isTensor(init))
      continue;
    if (unwritten.contains(number)) {
      carries.push_back(allocate(shapeOf(init), elementOf(init)));
      continue;
    }
    if (auto own = reusable(init, here); own && buffers.count(init)) {
      carries.push_back(*own);
      continue;
    }
    Buffer memory = allocate(shapeOf(init), elementOf(init));
    if (buffers.count(init))
      copy(buffers.lookup(init), memory);
    else {
      // The same initial value may start several carries.
      materialise(init, memory);
      buffers.erase(init);
    }
    carries.push_back(memory);
  }
  return carries;
}

void Emitter::bindAll(ValueRange inner, ValueRange now,
                      llvm::ArrayRef<Buffer> carries) {
  size_t scalar = 0, tensor = 0;
  for (Value v : inner)
    if (isTensor(v))
      buffers[v] = carries[tensor++];
    else
      scalars[v] = now[scalar++];
}

static llvm::SmallVector<Value>
scalarInits(ValueRange values, llvm::function_ref<Value(Value)> f) {
  llvm::SmallVector<Value> out;
  for (Value v : values)
    if (!isTensor(v))
      out.push_back(f(v));
  return out;
}

void Emitter::forLoop(scf::ForOp op) {
  openEpilogue(op);
  bool hasEpilogue = epilogue.has_value();
  openKeyed(op);
  llvm::SmallDenseSet<unsigned> unwritten;
  for (unsigned i = 0; i < op.getInitArgs().size(); ++i)
    if (startsUnwritten(op, i))
      unwritten.insert(i);
  llvm::SmallVector<Buffer> carries =
      carry(op.getInitArgs(), op->getBlock(), unwritten);
  auto inits =
      scalarInits(op.getInitArgs(), [&](Value v) { return scalarOf(v); });
  auto loop = scf::ForOp::create(b, loc, scalarOf(op.getLowerBound()),
                                 scalarOf(op.getUpperBound()),
                                 scalarOf(op.getStep()), inits);
  loop.setUnsignedCmp(op.getUnsignedCmp());
  if (inits.empty())
    loop.getBody()->getTerminator()->erase();
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    int64_t top = scratchTop;
    cache.clear();
    scalars[op.getInductionVar()] = loop.getInductionVar();
    bindAll(op.getRegionIterArgs(), loop.getRegionIterArgs(), carries);
    for (unsigned i : unwritten)
      noteUnwritten(op, i);
    if (hasEpilogue)
      noteLastStep(op);
    block(*op.getBody());
    llvm::SmallVector<Value> nexts;
    assign(op.getBody()->getTerminator()->getOperands(), carries, nexts);
    scf::YieldOp::create(b, loc, nexts);
    scratchTop = top;
  }
  cache.clear();
  bindAll(op.getResults(), loop.getResults(), carries);
  for (unsigned i : unwritten)
    fillUnwritten(op, i, buffers.lookup(op.getResult(i)));
  if (hasEpilogue)
    closeEpilogue(op);
}

void Emitter::branch(scf::IfOp op) {
  llvm::SmallVector<Buffer> results;
  llvm::SmallVector<Type> types;
  for (Value r : op.getResults())
    if (isTensor(r))
      results.push_back(allocate(shapeOf(r), elementOf(r)));
    else
      types.push_back(isa<kernel::PtrType>(r.getType()) ? pointerType
                                                        : r.getType());
  bool hasElse = !op.getElseRegion().empty();
  auto made =
      scf::IfOp::create(b, loc, types, scalarOf(op.getCondition()), hasElse);
  auto fill = [&](Block &from, Block &to) {
    OpBuilder::InsertionGuard guard(b);
    if (!to.empty())
      to.back().erase();
    b.setInsertionPointToStart(&to);
    int64_t top = scratchTop;
    cache.clear();
    block(from);
    llvm::SmallVector<Value> values;
    assign(from.getTerminator()->getOperands(), results, values);
    scf::YieldOp::create(b, loc, values);
    scratchTop = top;
  };
  fill(*op.thenBlock(), *made.thenBlock());
  if (hasElse)
    fill(*op.elseBlock(), *made.elseBlock());
  cache.clear();
  bindAll(op.getResults(), made.getResults(), results);
}

void Emitter::whileLoop(scf::WhileOp op) {
  llvm::SmallVector<Buffer> carries = carry(op.getInits(), op->getBlock()),
                            passed;
  auto inits = scalarInits(op.getInits(), [&](Value v) { return scalarOf(v); });
  llvm::SmallVector<Type> types;
  for (Value r : op.getResults())
    if (isTensor(r))
      passed.push_back(allocate(shapeOf(r), elementOf(r)));
    else
      types.push_back(isa<kernel::PtrType>(r.getType()) ? pointerType
                                                        : r.getType());
  auto loop = scf::WhileOp::create(b, loc, types, inits);
  OpBuilder::InsertionGuard guard(b);
  int64_t top = scratchTop;
  auto open = [&](Region &region, TypeRange of, Block &from,
                  llvm::ArrayRef<Buffer> memory) {
    Block *to = b.createBlock(&region);
    for (Type t : of)
      to->addArgument(t, loc);
    cache.clear();
    bindAll(from.getArguments(), to->getArguments(), memory);
    block(from);
  };
  llvm::SmallVector<Type> initTypes;
  for (Value v : inits)
    initTypes.push_back(v.getType());
  open(loop.getBefore(), initTypes, op.getBefore().front(), carries);
  auto condition =
      cast<scf::ConditionOp>(op.getBefore().front().getTerminator());
  llvm::SmallVector<Value> values;
  Value holds = scalarOf(condition.getCondition());
  assign(condition.getArgs(), passed, values);
  scf::ConditionOp::create(b, loc, holds, values);
  open(loop.getAfter(), types, op.getAfter().front(), passed);
  values.clear();
  assign(op.getAfter().front().getTerminator()->getOperands(), carries, values);
  scf::YieldOp::create(b, loc, values);
  scratchTop = top;
  b.setInsertionPointAfter(loop);
  cache.clear();
  bindAll(op.getResults(), loop.getResults(), passed);
}
