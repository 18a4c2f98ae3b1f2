// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Buffers/Lowering.h"

#include "lib/Transforms/Buffers/Accumulators.h"
#include "lib/Transforms/Buffers/Lives.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::buffers;
using namespace terrazzo::tile;

static bool isBlock(Value value) {
  return isa<RankedTensorType>(value.getType());
}

Lowering::Lowering(Family &family, Block &body)
    : family(family), top(OpBuilder::atBlockBegin(&body)) {
  // Allocations stand before all else.
  top.setInsertionPoint(
      arith::ConstantIndexOp::create(top, body.getParentOp()->getLoc(), 0));
}

void Lowering::refuse(Operation *op, const llvm::Twine &why) {
  op->emitError(why);
  throw Refused();
}

Value Lowering::constant(OpBuilder &b, Location loc, int64_t v) {
  return arith::ConstantIndexOp::create(b, loc, v);
}

void Lowering::block(Block &from, OpBuilder &b) {
  for (Operation &each : from.without_terminator())
    op(each, b);
}

void Lowering::op(Operation &op, OpBuilder &b) {
  llvm::TypeSwitch<Operation *>(&op)
      .Case([&](scf::ForOp o) { loop(o, b); })
      .Case([&](scf::IfOp o) { branch(o, b); })
      .Case([&](scf::WhileOp o) { whileLoop(o, b); })
      .Case([&](ViewOp o) { viewOp(o, b); })
      .Case([&](SliceOp o) { sliceOp(o, b); })
      .Case([&](LoadOp o) { loadOp(o, b); })
      .Case([&](StoreOp o) { storeOp(o, b); })
      .Case([&](CopyOp o) { copyOp(o, b); })
      .Case([&](AtomicOp o) { atomicOp(o, b); })
      .Case([&](ChannelOp o) { channelOp(o, b); })
      .Case([&](AcquireOp o) { acquireOp(o, b); })
      .Case([&](CommitOp o) { commitOp(o, b); })
      .Case([&](WaitOp o) { waitOp(o, b); })
      .Case([&](ReleaseOp o) { releaseOp(o, b); })
      .Case([&](MapOp o) { mapOp(o, b); })
      .Case([&](ReduceOp o) { reduceOp(o, b); })
      .Case([&](ScanOp o) { scanOp(o, b); })
      .Case([&](TakeOp o) { takeOp(o, b); })
      .Case([&](MmaOp o) { mmaOp(o, b); })
      .Case([&](MoveOp o) {
        held[o.getResult()] = buffer(o.getSource(), b);
        borrowed.insert(held[o.getResult()]);
      })
      .Case([&](PrefetchOp) {})
      .Case([&](AllocOp o) { allocOp(o, b); })
      .Default([&](Operation *o) {
        bool blocks = llvm::any_of(o->getOperands(), isBlock) ||
                      llvm::any_of(o->getResults(), isBlock);
        if (auto select = dyn_cast<arith::SelectOp>(o); select && blocks)
          return selectOp(select, b);
        // Constants and poison are made where they are needed.
        if (isa<arith::ConstantOp, ub::PoisonOp>(o) && blocks)
          return;
        if (blocks || o->getNumRegions() || !isMemoryEffectFree(o))
          refuse(o, "'" + o->getName().getStringRef() +
                        "' has no instruction on this chip");
        b.clone(*o, map);
      });
}

llvm::SmallVector<Value> Lowering::plain(ValueRange values) {
  llvm::SmallVector<Value> out;
  for (Value value : values)
    if (!isBlock(value))
      out.push_back(map.lookupOrDefault(value));
  return out;
}

void Lowering::bindPlain(ValueRange old, ValueRange now) {
  size_t next = 0;
  for (Value value : old)
    if (!isBlock(value))
      map.map(value, now[next++]);
}

Value Lowering::home(Value init, Operation *at, OpBuilder &b,
                     llvm::SmallDenseSet<Value> &taken) {
  if (isSum(init))
    return sumOf(init, b);
  Operation *made = init.getDefiningOp();
  bool isFresh = isa_and_nonnull<ub::PoisonOp>(made);
  if (!isFresh && !isa_and_nonnull<arith::ConstantOp>(made)) {
    Value old = buffer(init, b);
    if (!borrowed.contains(old) && diesAt(init, at) && taken.insert(old).second)
      return old;
  }
  Value now = allocate(cast<RankedTensorType>(init.getType()), at->getLoc());
  taken.insert(now);
  if (isFresh)
    keep(now); // the iterations alone write it
  else
    copy(buffer(init, b), now, b, at->getLoc());
  return now;
}

/// Values that the next iteration finds in \p buffers, all at once.
void Lowering::carry(ValueRange values, llvm::ArrayRef<Value> buffers,
                     OpBuilder &b) {
  llvm::SmallVector<std::pair<Value, Value>> moves;
  for (auto [value, to] : llvm::zip(values, buffers)) {
    if (isa_and_nonnull<ub::PoisonOp>(value.getDefiningOp()))
      continue;
    if (isSum(value)) {
      if (isZeroBlock(value)) // begins again
        memref::StoreOp::create(
            b, to.getLoc(), arith::ConstantIntOp::create(b, to.getLoc(), 1, 1),
            isFresh.lookup(to));
      else if (held.lookup(value) != to)
        refuse(value.getDefiningOp() ? value.getDefiningOp()
                                     : value.getParentBlock()->getParentOp(),
               "a sum changes its place");
      continue;
    }
    Value from = buffer(value, b);
    if (from != to)
      moves.push_back({from, to});
  }
  // What another move overwrites is put aside first.
  for (auto &[from, to] : moves)
    if (llvm::any_of(moves, [&, from = from](auto &other) {
          return other.second == from;
        })) {
      auto type = cast<MemRefType>(from.getType());
      Value aside = allocate(
          RankedTensorType::get(type.getShape(), type.getElementType()),
          from.getLoc());
      copy(from, aside, b, from.getLoc());
      from = aside;
    }
  for (auto [from, to] : moves)
    copy(from, to, b, from.getLoc());
}

static llvm::SmallVector<Value> blocksOf(ValueRange values) {
  return llvm::filter_to_vector(values, isBlock);
}

void Lowering::loop(scf::ForOp op, OpBuilder &b) {
  llvm::SmallDenseSet<Value> taken;
  llvm::SmallVector<Value> buffers;
  for (Value init : blocksOf(op.getInitArgs()))
    buffers.push_back(home(init, op, b, taken));
  auto made = scf::ForOp::create(
      b, op.getLoc(), map.lookupOrDefault(op.getLowerBound()),
      map.lookupOrDefault(op.getUpperBound()),
      map.lookupOrDefault(op.getStep()), plain(op.getInitArgs()));
  Block *body = made.getBody();
  if (!body->empty())
    body->back().erase();
  OpBuilder inner = OpBuilder::atBlockEnd(body);
  map.map(op.getInductionVar(), made.getInductionVar());
  bindPlain(op.getRegionIterArgs(), made.getRegionIterArgs());
  for (auto [argument, to] :
       llvm::zip(blocksOf(op.getRegionIterArgs()), buffers))
    held[argument] = to;
  block(*op.getBody(), inner);
  ValueRange yielded = op.getYieldedValues();
  carry(blocksOf(yielded), buffers, inner);
  scf::YieldOp::create(inner, op.getLoc(), plain(yielded));
  bindPlain(op.getResults(), made.getResults());
  for (auto [result, at] : llvm::zip(blocksOf(op.getResults()), buffers))
    held[result] = at;
}

void Lowering::branch(scf::IfOp op, OpBuilder &b) {
  // A value from outside that one branch hands on keeps its buffer.
  llvm::SmallDenseSet<Value> taken;
  llvm::SmallVector<Value> buffers;
  for (auto [number, result] : llvm::enumerate(op.getResults())) {
    if (!isBlock(result))
      continue;
    Value at;
    for (Region *region : {&op.getThenRegion(), &op.getElseRegion()}) {
      Value value = region->front().getTerminator()->getOperand(number);
      Operation *made = value.getDefiningOp();
      if (op->isAncestor(value.getParentBlock()->getParentOp()) ||
          isa_and_nonnull<ub::PoisonOp, arith::ConstantOp>(made))
        continue;
      if (isSum(value) && isZeroBlock(value))
        continue;
      Value old = isSum(value) ? held.lookup(value) : buffer(value, b);
      if (!at && !borrowed.contains(old) && diesAt(value, op) &&
          taken.insert(old).second)
        at = old;
    }
    auto type = cast<RankedTensorType>(result.getType());
    if (!at)
      at = isSum(result) ? beginSum(type, b, op.getLoc())
                         : allocate(type, op.getLoc());
    buffers.push_back(at);
  }
  llvm::SmallVector<Type> types;
  for (Value result : op.getResults())
    if (!isBlock(result))
      types.push_back(result.getType());
  bool otherwise = !op.getElseRegion().empty();
  auto made = scf::IfOp::create(b, op.getLoc(), types,
                                map.lookupOrDefault(op.getCondition()),
                                /*addThen=*/true, /*addElse=*/otherwise);
  auto fillBranch = [&](Region &from, Block *to) {
    if (to->mightHaveTerminator())
      to->getTerminator()->erase();
    OpBuilder inner = OpBuilder::atBlockEnd(to);
    block(from.front(), inner);
    ValueRange yielded = from.front().getTerminator()->getOperands();
    carry(blocksOf(yielded), buffers, inner);
    scf::YieldOp::create(inner, op.getLoc(), plain(yielded));
  };
  fillBranch(op.getThenRegion(), made.thenBlock());
  if (otherwise)
    fillBranch(op.getElseRegion(), made.elseBlock());
  bindPlain(op.getResults(), made.getResults());
  for (auto [result, at] : llvm::zip(blocksOf(op.getResults()), buffers))
    held[result] = at;
}

/// The condition hands its values on in the buffers that the loop carries.
void Lowering::whileLoop(scf::WhileOp op, OpBuilder &b) {
  llvm::SmallDenseSet<Value> taken;
  llvm::SmallVector<Value> buffers, handed;
  for (Value init : blocksOf(op.getInits()))
    buffers.push_back(home(init, op, b, taken));
  for (Value result : blocksOf(op.getResults()))
    handed.push_back(
        allocate(cast<RankedTensorType>(result.getType()), op.getLoc()));
  llvm::SmallVector<Type> types;
  for (Value result : op.getResults())
    if (!isBlock(result))
      types.push_back(result.getType());
  auto made = scf::WhileOp::create(b, op.getLoc(), types, plain(op.getInits()));
  auto part = [&](Region &from, Region &to, llvm::ArrayRef<Value> arguments) {
    Block *block = new Block;
    to.push_back(block);
    llvm::SmallVector<Value> now;
    for (Value argument : from.front().getArguments())
      if (!isBlock(argument))
        now.push_back(block->addArgument(argument.getType(), op.getLoc()));
    bindPlain(from.front().getArguments(), now);
    for (auto [argument, at] :
         llvm::zip(blocksOf(from.front().getArguments()), arguments))
      held[argument] = at;
    OpBuilder inner = OpBuilder::atBlockEnd(block);
    this->block(from.front(), inner);
    return inner;
  };
  OpBuilder before = part(op.getBefore(), made.getBefore(), buffers);
  auto condition = op.getConditionOp();
  carry(blocksOf(condition.getArgs()), handed, before);
  scf::ConditionOp::create(before, op.getLoc(),
                           map.lookupOrDefault(condition.getCondition()),
                           plain(condition.getArgs()));
  OpBuilder after = part(op.getAfter(), made.getAfter(), handed);
  ValueRange yielded = op.getYieldedValues();
  carry(blocksOf(yielded), buffers, after);
  scf::YieldOp::create(after, op.getLoc(), plain(yielded));
  bindPlain(op.getResults(), made.getResults());
  for (auto [result, at] : llvm::zip(blocksOf(op.getResults()), handed))
    held[result] = at;
}

void Lowering::finish(OpBuilder &b, Location loc) {
  for (Ring *ring : made)
    family.finish(b, loc, *ring);
}

/// Ops that a lowering leaves behind, of a launch whose body was made anew.
static LogicalResult lowerLaunch(LaunchOp launch, Family &family) {
  OpBuilder b(launch);
  auto made = LaunchOp::create(b, launch.getLoc(), launch.getExtents(),
                               launch.getKinds(), launch.getClusterAttr(),
                               launch.getResident(), false);
  for (NamedAttribute attribute : launch->getDiscardableAttrs())
    if (attribute.getName() != "schedule")
      made->setAttr(attribute.getName(), attribute.getValue());
  Block *body = &made.getBody().emplaceBlock();
  Block &old = launch.getBody().front();
  Lowering lowering(family, *body);
  if (!family.sumMemory().empty())
    lowering.sums = accumulatorsOf(launch);
  for (BlockArgument argument : old.getArguments())
    lowering.scalars().map(
        argument, body->addArgument(argument.getType(), argument.getLoc()));
  OpBuilder inner = OpBuilder::atBlockEnd(body);
  // What was made for all programs outside: views are made where they are used.
  try {
    for (Operation &op : launch->getBlock()->without_terminator())
      if (isa<ViewOp>(op) && op.isBeforeInBlock(launch))
        lowering.hostView(cast<ViewOp>(op), inner);
    lowering.block(old, inner);
    lowering.finish(inner, launch.getLoc());
  } catch (const Refused &) {
    made.erase();
    return failure();
  }
  YieldOp::create(inner, launch.getLoc(), ValueRange());
  launch.erase();
  return success();
}

LogicalResult buffers::lowerToBuffers(func::FuncOp function, Family &family) {
  llvm::SmallVector<LaunchOp> launches;
  function.walk([&](LaunchOp launch) { launches.push_back(launch); });
  for (LaunchOp launch : launches)
    if (failed(lowerLaunch(launch, family)))
      return failure();
  llvm::SmallVector<Operation *> left;
  function.walk([&](ViewOp view) { left.push_back(view); });
  for (Operation *view : llvm::reverse(left))
    if (view->use_empty())
      view->erase();
  return success();
}
