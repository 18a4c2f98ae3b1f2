// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Queues become flags: an event for each buffer that it is full, and one that
// it is free.
#include "targets/Ascend/Lowering/Flags.h"

#include "targets/Ascend/IR/Ascend.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::ascend;

void Flags::expand(Operation *step, const Queue &queue) const {
  OpBuilder b(step);
  Location loc = step->getLoc();
  Value slot = step->getOperand(1);
  if (!queue.hasEvents) {
    // What was read before the stream waited last is free: a queue of one
    // buffer waits for that too.
    int64_t depth = cast<QueType>(step->getOperand(0).getType()).getDepth();
    if (isa<DeQueOp>(step) || (depth == 1 && isa<AllocTensorOp>(step)))
      PipeBarrierOp::create(b, loc, queue.stream);
    return;
  }
  for (const Pair &p : queue.pairs) {
    if (isa<AllocTensorOp>(step))
      WaitFlagOp::create(b, loc, p.stream, p.consumer, p.producer, p.free,
                         slot);
    else if (isa<EnQueOp>(step))
      SetFlagOp::create(b, loc, p.stream, p.producer, p.consumer, p.full, slot);
    else if (isa<DeQueOp>(step))
      WaitFlagOp::create(b, loc, p.stream, p.producer, p.consumer, p.full,
                         slot);
    else
      SetFlagOp::create(b, loc, p.stream, p.consumer, p.producer, p.free, slot);
  }
}

/// All buffers are free at the start, and at the end of the launch again.
void Flags::finish(Operation *init, const Queue &queue) const {
  if (!queue.hasEvents)
    return;
  int64_t depth = cast<InitQueOp>(init).getQue().getType().getDepth();
  OpBuilder b(init);
  Operation *last =
      init->getParentOfType<tile::LaunchOp>().getBody().front().getTerminator();
  while (isa_and_nonnull<PipeBarrierOp>(last->getPrevNode()))
    last = last->getPrevNode();
  OpBuilder end(last);
  for (const Pair &p : queue.pairs)
    for (int64_t i = 0; i < depth; ++i) {
      SetFlagOp::create(b, init->getLoc(), p.stream, p.consumer, p.producer,
                        p.free + i, Value());
      WaitFlagOp::create(end, init->getLoc(), p.stream, p.consumer, p.producer,
                         p.free + i, Value());
    }
}

LogicalResult Flags::expandQueues(func::FuncOp function) const {
  llvm::SmallVector<InitQueOp> inits;
  function.walk([&](InitQueOp init) { inits.push_back(init); });
  for (InitQueOp init : inits) {
    const Queue &queue = queues[init];
    finish(init, queue);
    for (Operation *step : llvm::make_early_inc_range(init->getUsers())) {
      expand(step, queue);
      step->erase();
    }
    init->erase();
  }
  return success();
}
