// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Channels of one stream: slots in turn, counted in scalar memory.
#include "lib/Transforms/Buffers/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::buffers;
using namespace terrazzo::tile;

static bool isGlobal(Value view) {
  auto tensor =
      cast<RankedTensorType>(cast<ViewType>(view.getType()).getTensor());
  return cast<PlaceAttr>(tensor.getEncoding()).getMemory() == "global";
}

/// Between \p from and the end of the hold that it begins: how many copies fill
/// the slot from global memory, or empty it.
static int64_t transfersOf(Operation *from) {
  auto acquire = dyn_cast<AcquireOp>(from);
  int64_t count = 0;
  ValueRange views = from->getResults();
  for (Operation *op = from; op; op = op->getNextNode()) {
    Value channel =
        acquire ? acquire.getChannel() : cast<WaitOp>(from).getChannel();
    if (auto commit = dyn_cast<CommitOp>(op);
        acquire && commit && commit.getChannel() == channel)
      break;
    if (auto release = dyn_cast<ReleaseOp>(op);
        !acquire && release && release.getChannel() == channel)
      break;
    op->walk([&](CopyOp copy) {
      Value ours = acquire ? copy.getTarget() : copy.getSource();
      Value other = acquire ? copy.getSource() : copy.getTarget();
      while (auto slice = ours.getDefiningOp<SliceOp>())
        ours = slice.getView();
      count += llvm::is_contained(views, ours) && isGlobal(other);
    });
  }
  return count;
}

void Lowering::channelOp(ChannelOp op, OpBuilder &b) {
  auto type = cast<ChannelType>(op.getType());
  if (op.getFrom() || op.getTo() || op.getRing())
    refuse(op, "streams that meet have no instruction on this chip");
  Location loc = op.getLoc();
  auto ring = std::make_unique<Ring>();
  ring->depth = type.getDepth();
  ring->isOrdered = op->hasAttr("ordered");
  for (Attribute payload : type.getPayload()) {
    auto slot = cast<ViewType>(cast<TypeAttr>(payload).getValue());
    auto tensor = cast<RankedTensorType>(slot.getTensor());
    llvm::SmallVector<int64_t> shape = {ring->depth};
    shape.append(tensor.getShape().begin(), tensor.getShape().end());
    auto place = cast<PlaceAttr>(tensor.getEncoding());
    ring->slots.push_back(
        allocate(RankedTensorType::get(shape, tensor.getElementType()), loc,
                 place.getMemory().getValue()));
    keep(ring->slots.back());
  }
  auto counter = RankedTensorType::get({}, b.getIndexType());
  for (Value *at : {&ring->acquired, &ring->waited}) {
    *at = allocate(counter, loc, family.scalarMemory());
    memref::StoreOp::create(b, loc, constant(b, loc, 0), *at);
  }
  for (Operation *user : op->getUsers()) {
    if (isa<AcquireOp>(user))
      ring->filling = std::max(ring->filling, transfersOf(user));
    else if (isa<WaitOp>(user))
      ring->emptying = std::max(ring->emptying, transfersOf(user));
  }
  family.makeRing(b, loc, *ring);
  made.push_back(ring.get());
  rings[op.getResult()] = std::move(ring);
}

/// The number that was in \p counter, which is one more now.
Value Lowering::bump(Value counter, OpBuilder &b, Location loc) {
  Value count = memref::LoadOp::create(b, loc, counter);
  Value next = arith::AddIOp::create(b, loc, count, constant(b, loc, 1));
  memref::StoreOp::create(b, loc, next, counter);
  return count;
}

Value Lowering::slotOf(Ring &ring, Value count, OpBuilder &b, Location loc) {
  if (ring.depth == 1)
    return constant(b, loc, 0);
  return arith::RemUIOp::create(b, loc, count, constant(b, loc, ring.depth));
}

void Lowering::bindSlots(ValueRange results, Ring &ring, Value slot,
                         OpBuilder &b, Location loc) {
  for (auto [result, slots] : llvm::zip(results, ring.slots)) {
    auto type = cast<MemRefType>(slots.getType());
    llvm::SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)),
        sizes, strides(type.getRank(), b.getIndexAttr(1));
    offsets[0] = slot;
    for (int64_t size : type.getShape())
      sizes.push_back(b.getIndexAttr(size));
    sizes[0] = b.getIndexAttr(1);
    auto part = memref::SubViewOp::inferRankReducedResultType(
        type.getShape().drop_front(), type, offsets, sizes, strides);
    View view;
    view.local = memref::SubViewOp::create(b, loc, cast<MemRefType>(part),
                                           slots, offsets, sizes, strides);
    view.ring = &ring;
    view.slot = slot;
    views[result] = view;
  }
}

void Lowering::acquireOp(AcquireOp op, OpBuilder &b) {
  Ring &ring = *rings[op.getChannel()];
  Value count = bump(ring.acquired, b, op.getLoc());
  Value slot = slotOf(ring, count, b, op.getLoc());
  family.acquire(b, op.getLoc(), ring, count, slot);
  bindSlots(op.getViews(), ring, slot, b, op.getLoc());
  committing[op.getChannel()] = slot;
}

void Lowering::commitOp(CommitOp op, OpBuilder &b) {
  family.commit(b, op.getLoc(), *rings[op.getChannel()],
                committing[op.getChannel()]);
}

void Lowering::waitOp(WaitOp op, OpBuilder &b) {
  Ring &ring = *rings[op.getChannel()];
  Value slot = slotOf(ring, bump(ring.waited, b, op.getLoc()), b, op.getLoc());
  family.wait(b, op.getLoc(), ring, slot);
  bindSlots(op.getViews(), ring, slot, b, op.getLoc());
  releasing[op.getChannel()] = slot;
}

void Lowering::releaseOp(ReleaseOp op, OpBuilder &b) {
  family.release(b, op.getLoc(), *rings[op.getChannel()],
                 releasing[op.getChannel()]);
}
