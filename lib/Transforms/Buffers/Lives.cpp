// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Buffers/Lives.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;
using namespace terrazzo;

/// Whether \p user may run after \p op, of a value that lives in \p home.
static bool mayRunAfter(Operation *op, Operation *user, Block *home) {
  for (Block *block = home;;) {
    Operation *a = block->findAncestorOpInBlock(*op);
    Operation *u = block->findAncestorOpInBlock(*user);
    if (!a || !u)
      return true;
    if (a != u)
      return a->isBeforeInBlock(u);
    if (a == op) // the op itself, or something that it runs again
      return user != op && isa<LoopLikeOpInterface>(op);
    if (u == user || !isa<scf::IfOp>(a))
      return true; // the next iteration of a loop
    Region *ours = op->getParentRegion(), *theirs = user->getParentRegion();
    while (ours->getParentOp() != a)
      ours = ours->getParentOp()->getParentRegion();
    while (theirs->getParentOp() != a)
      theirs = theirs->getParentOp()->getParentRegion();
    if (ours != theirs)
      return false; // the other branch
    block = &ours->front();
  }
}

bool buffers::diesAt(Value value, Operation *op) {
  Block *home = value.getParentBlock();
  if (!home->findAncestorOpInBlock(*op))
    return false;
  for (Operation *user : value.getUsers())
    if (mayRunAfter(op, user, home))
      return false;
  return true;
}
