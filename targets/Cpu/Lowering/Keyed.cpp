// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A packed operand that stays for the next program. In a loop whose B depends
// on scalars only, all of B is packed into memory of the thread; a program that
// asks for the same (equal scalars, hence the same elements) finds it there.
// Legal because no store of the launch changes B's array (tile-ir.md, L1), or
// only those of other programs that nothing orders before: a program may read
// what was there before any of them wrote.
#include "targets/Cpu/Lowering/Emitter.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// The scalars outside \p loop that decide \p v at each of its steps; false
/// when something else does.
static bool scalarsBehind(Value v, scf::ForOp loop,
                          llvm::SetVector<Value> &outside,
                          llvm::DenseSet<Value> &seen) {
  if (!seen.insert(v).second)
    return true;
  if (!loop.getRegion().isAncestor(v.getParentRegion())) {
    if (v.getDefiningOp<arith::ConstantOp>())
      return true;
    if (!isa<IndexType, IntegerType, kernel::PtrType>(v.getType()))
      return false;
    outside.insert(v);
    return true;
  }
  if (auto argument = dyn_cast<BlockArgument>(v)) {
    if (argument == loop.getInductionVar())
      return true;
    if (argument.getOwner() != loop.getBody() || isTensor(v))
      return false;
    unsigned number = argument.getArgNumber() - 1;
    return scalarsBehind(loop.getInitArgs()[number], loop, outside, seen) &&
           scalarsBehind(loop.getBody()->getTerminator()->getOperand(number),
                         loop, outside, seen);
  }
  Operation *op = v.getDefiningOp();
  if (op->getNumRegions() || op->getBlock() != loop.getBody() ||
      isa<tile::LoadOp, tile::AtomicOp>(op))
    return false;
  return llvm::all_of(op->getOperands(), [&](Value o) {
    return scalarsBehind(o, loop, outside, seen);
  });
}

/// The scalars that decide what the B of an mma is, if nothing else does. Only
/// in a loop of the program itself: what a loop or a branch asks of the scratch
/// memory, others get after it, and the panels would be written over.
std::optional<llvm::SetVector<Value>> Emitter::keyOf(tile::MmaOp op,
                                                     scf::ForOp loop) {
  auto load = op.getB().getDefiningOp<tile::LoadOp>();
  if (!load || load.getMask() || load->getBlock() != loop.getBody() ||
      loop.getUnsignedCmp() || !isa<tile::LaunchOp>(loop->getParentOp()))
    return std::nullopt;
  llvm::SetVector<Value> key;
  llvm::DenseSet<Value> seen;
  if (!scalarsBehind(load.getView(), loop, key, seen))
    return std::nullopt;
  // How much of B is packed depends on A's size, too (usedOfK).
  if (Value size = zeroBeyond(op.getA(), 1))
    if (!scalarsBehind(size, loop, key, seen))
      return std::nullopt;
  for (Value v : {loop.getLowerBound(), loop.getUpperBound(), loop.getStep()})
    if (!v.getDefiningOp<arith::ConstantOp>())
      key.insert(v);
  return isChanged(load, loop) ? std::nullopt : std::make_optional(key);
}

/// Whether what \p load reads in \p loop may be another in the next program. A
/// store behind the loop is seen by other programs only, and they do not wait
/// for it unless an atomic orders them.
bool Emitter::isChanged(tile::LoadOp load, scf::ForOp loop) {
  auto launch = loop->getParentOfType<tile::LaunchOp>();
  bool ordered = launch
                     ->walk([](tile::AtomicOp atomic) {
                       return atomic.getSem() == "relaxed"
                                  ? WalkResult::advance()
                                  : WalkResult::interrupt();
                     })
                     .wasInterrupted();
  size_t before = assumptions.size();
  auto changes = launch->walk([&](Operation *inner) {
    Value view = writtenBy(inner);
    if (!view)
      return WalkResult::advance();
    // In a loop of the program the store comes before the next step's load.
    bool isLater = !ordered && loop->getParentOp() == launch &&
                   loop->isBeforeInBlock(
                       loop->getBlock()->findAncestorOpInBlock(*inner)) &&
                   rootOf(view) != rootOf(load.getView());
    return !isLater && mayAlias(load.getView(), view) ? WalkResult::interrupt()
                                                      : WalkResult::advance();
  });
  if (changes.wasInterrupted())
    assumptions.resize(before);
  return changes.wasInterrupted();
}

/// Memory for one operand over all steps of the loop; a longer one is packed
/// anew by each program. A quarter of the last cache: A, B, C and other cores
/// want theirs, too.
int64_t Emitter::keyedBytes() const { return lastCacheBytes() / 4; }

/// Before a loop: whether each operand that can stay is there already.
void Emitter::openKeyed(scf::ForOp loop) {
  for (auto op : loop.getBody()->getOps<tile::MmaOp>()) {
    auto key = keyOf(op, loop);
    if (!key)
      continue;
    Keyed k;
    int64_t capacity = keyedBytes(), words = 1 + key->size();
    Value header = scratch(words * 8);
    k.slots = scratch(capacity);
    k.tileBytes = (bytesOfB(shapeOfMma(op)) + 63) / 64 * 64;
    Type i64 = b.getI64Type();
    auto word = [&](int64_t n) -> Value {
      return LLVM::GEPOp::create(b, loc, pointerType, i64, header,
                                 llvm::ArrayRef<LLVM::GEPArg>{int32_t(n)});
    };
    auto asIndex = [&](Value v) -> Value {
      v = scalarOf(v);
      return v.getType().isIndex()
                 ? v
                 : arith::IndexCastOp::create(b, loc, b.getIndexType(), v)
                       .getResult();
    };
    k.lower = asIndex(loop.getLowerBound());
    k.step = asIndex(loop.getStep());
    Value length =
        arith::SubIOp::create(b, loc, asIndex(loop.getUpperBound()), k.lower);
    length = plus(length, arith::SubIOp::create(b, loc, k.step, index(1)));
    Value steps = arith::DivSIOp::create(b, loc, length, k.step);
    k.fits = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, steps,
                                   index(capacity / k.tileBytes));
    // What another launch left there is not valid: its arrays have changed.
    Value launch = contextWord(6, i64);
    Value same = arith::CmpIOp::create(
        b, loc, arith::CmpIPredicate::eq,
        LLVM::LoadOp::create(b, loc, i64, word(0), 8), launch);
    for (auto [n, v] : llvm::enumerate(*key)) {
      Value now = scalarOf(v);
      if (now.getType() == pointerType)
        now = LLVM::PtrToIntOp::create(b, loc, i64, now);
      else if (now.getType().isIndex())
        now = arith::IndexCastOp::create(b, loc, i64, now);
      else if (now.getType() != i64)
        now = arith::ExtSIOp::create(b, loc, i64, now);
      Value before = LLVM::LoadOp::create(b, loc, i64, word(1 + n), 8);
      same = arith::AndIOp::create(
          b, loc, same,
          arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, now, before));
      LLVM::StoreOp::create(b, loc, now, word(1 + n), 8);
    }
    Value none = constant(b.getI64IntegerAttr(0));
    LLVM::StoreOp::create(b, loc,
                          arith::SelectOp::create(b, loc, k.fits, launch, none),
                          word(0), 8);
    Value yes = constant(b.getBoolAttr(true));
    k.missing = arith::XOrIOp::create(b, loc, same, yes);
    k.iv = loop.getInductionVar();
    keyedB[op] = k;
  }
}

/// In the loop: the place of this step's operand, packed if it is missing.
Value Emitter::packKeyed(tile::MmaOp op, const MmaShape &s, const Keyed &k) {
  Value iv = scalarOf(k.iv);
  if (!iv.getType().isIndex())
    iv = arith::IndexCastOp::create(b, loc, b.getIndexType(), iv);
  Value step = arith::DivSIOp::create(
      b, loc, arith::SubIOp::create(b, loc, iv, k.lower), k.step);
  step = arith::SelectOp::create(b, loc, k.fits, step, index(0));
  Value at = pointerAt(k.slots, b.getI8Type(), times(step, index(k.tileBytes)));
  auto branch = scf::IfOp::create(b, loc, k.missing, false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  auto outside = cache;
  packB(op.getB(), s, at);
  cache = std::move(outside);
  return at;
}
