// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is done with a product is done where it leaves the registers. A loop of
// products whose sums are stored behind it, element by element, stores each
// register tile in its last step: the block of sums is then neither written nor
// read again. Rows of A are read after the first results are stored, which is
// right where the two are apart; else they are stored behind the loop.
#include "targets/Cpu/Lowering/Emitter.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// The product that is all that \p loop does; null: there is more.
static tile::MmaOp onlyProduct(scf::ForOp loop) {
  tile::MmaOp product;
  for (Operation &op : loop.getBody()->without_terminator()) {
    if (auto mma = dyn_cast<tile::MmaOp>(op)) {
      if (product)
        return {};
      product = mma;
    } else if (auto load = dyn_cast<tile::LoadOp>(op);
               load && product && !isTensor(load.getValue())) {
      return {}; // in the last step it would come behind the stores
    } else if (!isa<tile::MapOp, tile::TakeOp, tile::LoadOp, tile::ViewOp,
                    tile::SliceOp>(op) &&
               (op.getNumRegions() || !isMemoryEffectFree(&op))) {
      return {};
    }
  }
  return product;
}

/// Whether the body of \p map takes a scalar that \p loop gives.
static bool takesResult(tile::MapOp map, Operation *loop) {
  return map
      .walk([&](Operation *inner) {
        bool takes =
            inner != map && llvm::any_of(inner->getOperands(), [&](Value v) {
              return v.getDefiningOp() == loop;
            });
        return takes ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

/// The store that alone uses \p v, which a loop gives, through maps from
/// element to element, whose results go to \p chain.
static tile::StoreOp storeBehind(Value v, Block *block,
                                 llvm::DenseSet<Operation *> &chain) {
  Operation *loop = v.getDefiningOp();
  while (v.hasOneUse()) {
    Operation *user = *v.user_begin();
    if (user->getBlock() != block)
      return {};
    if (auto store = dyn_cast<tile::StoreOp>(user))
      return store.getValue() == v ? store : tile::StoreOp();
    auto map = dyn_cast<tile::MapOp>(user);
    if (!map || map->getNumResults() != 1 || takesResult(map, loop) ||
        shapeOf(map.getResult(0)) != shapeOf(v))
      return {};
    unsigned number = v.use_begin()->getOperandNumber();
    if (!llvm::equal(spanOf(map, number),
                     llvm::seq<int64_t>(0, shapeOf(v).size())))
      return {};
    chain.insert(map);
    v = map.getResult(0);
  }
  return {};
}

/// Whether an op between a loop and its epilogue's store may come before it.
static bool comesBefore(Operation &op, scf::ForOp loop,
                        const llvm::DenseSet<Operation *> &chain) {
  if (!isa<tile::MapOp, tile::TakeOp, tile::LoadOp, tile::ViewOp,
           tile::SliceOp>(op) &&
      (op.getNumRegions() || !isMemoryEffectFree(&op)))
    return false;
  return !op.walk([&](Operation *inner) {
              for (Value v : inner->getOperands())
                if (v.getDefiningOp() == loop ||
                    chain.contains(v.getDefiningOp()))
                  return WalkResult::interrupt();
              return WalkResult::advance();
            }).wasInterrupted();
}

/// Whether storing to \p view may change what is still read of \p operand.
bool Emitter::isReadLater(Value operand, Value view) {
  llvm::SmallVector<Value> work{operand};
  while (!work.empty()) {
    Operation *op = work.pop_back_val().getDefiningOp();
    if (!op || !isa<tile::MapOp, tile::TakeOp, tile::LoadOp>(op))
      continue;
    auto load = dyn_cast<tile::LoadOp>(op);
    if (load && mayAlias(load.getView(), view))
      return true;
    llvm::append_range(work, op->getOperands());
  }
  return false;
}

/// The epilogue of \p loop, if there is one that can be fused.
std::optional<Emitter::Epilogue> Emitter::epilogueOf(scf::ForOp loop) {
  tile::MmaOp mma = onlyProduct(loop);
  if (isSmall() || loop.getUnsignedCmp() || !mma || !isTensor(mma.getA()) ||
      !isTensor(mma.getB()) || !mma.getScales().empty() ||
      !mma.getResult().hasOneUse() || shapeOfMma(mma).rowTiles)
    return std::nullopt;
  Value acc = mma.getAcc();
  auto argument = dyn_cast<BlockArgument>(acc);
  if (!argument || argument.getOwner() != loop.getBody() || !acc.hasOneUse() ||
      llvm::count_if(loop.getRegionIterArgs(), isTensor) != 1)
    return std::nullopt;
  unsigned number = argument.getArgNumber() - 1;
  if (loop.getBody()->getTerminator()->getOperand(number) != mma.getResult())
    return std::nullopt;
  llvm::DenseSet<Operation *> chain;
  Epilogue e;
  e.mma = mma;
  e.sums = loop.getResult(number);
  e.store = storeBehind(e.sums, loop->getBlock(), chain);
  if (!e.store)
    return std::nullopt;
  for (Operation *op = loop->getNextNode(); op != e.store;
       op = op->getNextNode()) {
    if (chain.contains(op))
      continue;
    if (!comesBefore(*op, loop, chain))
      return std::nullopt;
    e.before.push_back(op);
  }
  // Whether they are apart is asked for at run time; one version does for both.
  size_t assumed = assumptions.size();
  bool isLate = isReadLater(mma.getA(), e.store.getView());
  if (!isLate)
    apart.append(assumptions.begin() + assumed, assumptions.end());
  assumptions.resize(assumed);
  if (isLate)
    return std::nullopt;
  return e;
}

/// Before \p loop: what its epilogue needs.
void Emitter::openEpilogue(scf::ForOp loop) {
  auto e = epilogueOf(loop);
  if (!e)
    return;
  for (Operation *op : e->before) {
    cache.clear();
    operation(op);
    early.insert(op);
  }
  cache.clear();
  loc = loop.getLoc();
  current = loop;
  Window w = windowOf(e->store.getView());
  APInt n;
  if (w.wholeTensor || w.dims != llvm::SmallVector<int64_t, 4>{0, 1} ||
      !w.strides[1] || !matchPattern(w.strides[1], m_ConstantInt(&n)) ||
      !n.isOne())
    return;
  if (!e->store.getMask())
    e->whole = isWhole(w);
  MmaShape s = shapeOfMma(e->mma);
  e->tile = scratch(s.rows * s.panel * bytesOf(s.acc));
  if (!trustsArguments)
    e->apart = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne,
                                     contextWord(7, b.getI64Type()),
                                     constant(b.getI64IntegerAttr(0)));
  epilogue = std::move(e);
}

/// In the loop: whether this is the last step.
void Emitter::noteLastStep(scf::ForOp loop) {
  Value left = arith::SubIOp::create(b, loc, scalarOf(loop.getUpperBound()),
                                     scalarOf(loop.getInductionVar()));
  Value isLast = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, left,
                                       scalarOf(loop.getStep()));
  epilogue->isLast = both(epilogue->apart, isLast);
}

/// Behind the loop: a loop without a step has stored nothing.
void Emitter::closeEpilogue(scf::ForOp loop) {
  Value ran = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt,
                                    scalarOf(loop.getLowerBound()),
                                    scalarOf(loop.getUpperBound()));
  stored[epilogue->store] = both(epilogue->apart, ran);
  epilogue.reset();
}

/// Stores a register tile, which stands in the epilogue's memory.
void Emitter::storeTile(const MmaShape &s, Value row, Value panel,
                        int64_t rows) {
  tile::StoreOp op = epilogue->store;
  Window w = windowOf(op.getView());
  // Seen from the block's corner, so that an element has the same indices.
  Value corner = arith::SubIOp::create(b, loc, index(0),
                                       times(plus(row, panel), index(s.panel)));
  buffers[epilogue->sums] = {
      pointerAt(epilogue->tile, s.acc, corner), s.acc, {s.m, s.panel}};
  auto write = [&](bool bounds) {
    loop(0, rows, 1, [&](Value r) {
      loop(0, s.panel, s.width, [&](Value v) {
        Value column = plus(times(panel, index(s.panel)), v);
        Indices at{{plus(row, r), false, {}}, {column, lanes > 1, {}}};
        Value value = evaluate(op.getValue(), at);
        Address a = addressOf(w, at, bounds);
        if (op.getMask())
          a.mask = both(a.mask, evaluate(op.getMask(), at));
        storeAt(w.base, w.element, a, value, false);
      });
    });
  };
  auto outside = cache;
  if (epilogue->whole && *epilogue->whole) {
    auto branch = scf::IfOp::create(b, loc, *epilogue->whole, true);
    OpBuilder::InsertionGuard guard(b);
    for (bool isWhole : {true, false}) {
      b.setInsertionPointToStart(isWhole ? branch.thenBlock()
                                         : branch.elseBlock());
      cache = outside;
      write(!isWhole);
    }
  } else {
    write(!epilogue->whole);
  }
  cache = std::move(outside);
  buffers.erase(epilogue->sums);
}
