// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Ascend/Lowering/Flags.h"

#include "targets/Ascend/IR/Ascend.h"
#include "targets/Ascend/IR/Pipes.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::ascend;

static int64_t idsOf(const chip::Chip &chip, StringRef sync,
                     int64_t otherwise) {
  const chip::Quantity *ids = chip.number("sync", sync, "ids");
  return ids ? int64_t(ids->value) : otherwise;
}

Flags::Flags(const chip::Chip &chip, bool hasCube)
    : events(idsOf(chip, "event", 8)), hasCube(hasCube) {}

StringRef Flags::engineOf(Operation *op) const { return pipeOf(op); }

bool Flags::writesGlobal(Operation *op) const {
  return isa<StoreOp, FixpipeStoreOp, AtomicOp>(op);
}

ValueRange Flags::slotsOf(Operation *op) const {
  auto init = dyn_cast<InitQueOp>(op);
  return init ? init.getSlots() : ValueRange();
}

Flags::Used &Flags::used(Operation *op) const {
  return usedBy[op->getParentOfType<tile::LaunchOp>()];
}

int64_t Flags::take(Used &used, StringRef stream, StringRef from, StringRef to,
                    int64_t count) const {
  // For the stream itself one event is enough for all places where it waits:
  // that is the first.
  auto [place, isNew] = used.events.try_emplace(
      {stream.str(), from.str(), to.str()}, to == "s" ? 1 : 0);
  int64_t first = place->second;
  if (first + count > events)
    return -1;
  place->second += count;
  return first;
}

void Flags::within(OpBuilder &b, Location loc, StringRef stream, StringRef from,
                   StringRef to) const {
  int64_t event =
      to == "s" ? 0 : take(used(&*b.getInsertionPoint()), stream, from, to, 1);
  if (event < 0) {
    PipeBarrierOp::create(b, loc, stream);
    return;
  }
  SetFlagOp::create(b, loc, stream, from, to, event, Value());
  WaitFlagOp::create(b, loc, stream, from, to, event, Value());
}

/// Flags between streams count, and both streams pass the places in the same
/// order: one flag is enough for all places where a pipe is waited for.
void Flags::across(OpBuilder &b, Location loc, StringRef from,
                   StringRef stream) const {
  auto [other, pipe] = partsOf(from);
  int64_t flag = blockFlagOf(from);
  SyncBlockSetOp::create(b, loc, stream, other, pipe, flag);
  SyncBlockWaitOp::create(b, loc, stream, other, pipe, flag);
}

/// Pipes of both streams are done at the end of a launch.
static void barrierAtEnd(OpBuilder &b, Location loc, StringRef stream) {
  for (Operation *op = b.getInsertionPoint()->getPrevNode();
       isa_and_nonnull<PipeBarrierOp>(op); op = op->getPrevNode())
    if (cast<PipeBarrierOp>(op).getStream() == stream)
      return;
  PipeBarrierOp::create(b, loc, stream);
}

void Flags::order(OpBuilder &b, Location loc, StringRef from,
                  StringRef to) const {
  Operation *next = &*b.getInsertionPoint();
  auto [stream, pipe] = partsOf(from);
  if (isa<tile::YieldOp>(next))
    return barrierAtEnd(b, loc, stream);
  llvm::SmallVector<std::pair<StringRef, StringRef>> targets;
  if (!to.empty()) {
    targets.push_back(partsOf(to));
  } else {
    targets.push_back({"vector", "s"});
    if (hasCube && !isOfVectorStream(next))
      targets.push_back({"cube", "s"});
  }
  for (auto [theirs, target] : targets)
    if (theirs == stream)
      within(b, loc, stream, pipe, target);
    else
      across(b, loc, from, theirs);
}

/// Where a stream itself has waited, all that it gives afterwards knows.
llvm::SmallVector<std::string> Flags::learners(Operation *op, StringRef from,
                                               StringRef to) const {
  if (to.empty() && !(hasCube && isOfVectorStream(op)))
    return {""};
  StringRef stream = to.empty() ? "vector" : partsOf(to).first;
  if (!to.empty() && stream == partsOf(from).first)
    return {to.str()};
  if (stream == "cube")
    return {"cube.mte2", "cube.mte1", "cube.m", "cube.fix"};
  return {"vector.mte2", "vector.v", "vector.mte3"};
}

/// A pipe, or the vector stream itself.
static std::pair<StringRef, StringRef> named(StringRef engine) {
  return engine.empty() ? std::pair<StringRef, StringRef>("vector", "s")
                        : partsOf(engine);
}

void Flags::ring(Operation *op, ArrayRef<std::string> producers,
                 ArrayRef<std::string> consumers) const {
  int64_t depth = cast<InitQueOp>(op).getQue().getType().getDepth();
  Queue &queue = queues[op];
  Used &mine = used(op);
  for (const std::string &producer : producers)
    for (const std::string &consumer : consumers) {
      auto [stream, from] = named(producer);
      auto [theirs, to] = named(consumer);
      if (stream != theirs)
        op->emitError("a queue between two streams has no events");
      queue.stream = stream.str();
      if (from == to)
        continue; // in order with itself
      Pair pair{stream.str(), from.str(), to.str(),
                take(mine, stream, from, to, depth),
                take(mine, stream, to, from, depth)};
      queue.hasEvents &= pair.full >= 0 && pair.free >= 0;
      queue.pairs.push_back(std::move(pair));
    }
}
