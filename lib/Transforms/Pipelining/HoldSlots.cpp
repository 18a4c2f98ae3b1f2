// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A slot is held as long as what was loaded from it is used: then nobody has to
// copy it.
#include "lib/Transforms/Pipelining/Passes.h"

#include "dialects/Tile/Tile.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

/// The last op of \p block that uses what was read through \p view; null when
/// something outlives the block's iteration.
static Operation *lastUse(Value view, Block *block, Operation *last) {
  for (Operation *user : view.getUsers()) {
    Operation *here = block->findAncestorOpInBlock(*user);
    if (!here || here->hasTrait<OpTrait::IsTerminator>())
      return nullptr;
    if (last->isBeforeInBlock(here))
      last = here;
    if (isa<SliceOp, LoadOp, TakeOp>(user)) // a transpose may be read in place
      for (Value result : user->getResults())
        if (!(last = lastUse(result, block, last)))
          return nullptr;
  }
  return last;
}

namespace {
struct HoldSlots : PassWrapper<HoldSlots, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(HoldSlots)
  StringRef getArgument() const override { return "hold-slots"; }
  StringRef getDescription() const override {
    return "a slot is held until the last use of what was loaded from it";
  }
  void runOnOperation() override {
    llvm::SmallVector<WaitOp> waits;
    getOperation()->walk([&](WaitOp wait) { waits.push_back(wait); });
    for (WaitOp wait : waits) {
      ReleaseOp release;
      for (Operation *op = wait; op && !release; op = op->getNextNode())
        if (auto found = dyn_cast<ReleaseOp>(op);
            found && found.getChannel() == wait.getChannel())
          release = found;
      if (!release)
        continue;
      Operation *last = release;
      for (Value view : wait.getViews())
        if (last)
          last = lastUse(view, wait->getBlock(), last);
      // Never past the next hold of the same ring.
      for (Operation *op = release; last && op && op != last;
           op = op->getNextNode())
        op->walk([&](Operation *inner) {
          if (isa<WaitOp, AcquireOp>(inner) &&
              inner->getOperand(0) == wait.getChannel())
            last = nullptr;
        });
      if (last && last != release)
        release->moveAfter(last);
    }
  }
};
} // namespace

std::unique_ptr<Pass> terrazzo::createHoldSlots() {
  return std::make_unique<HoldSlots>();
}
