// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// B1: in every block the calls on a channel pair up. B2: commits equal waits.
#include "dialects/Tile/Counting.h"
#include "dialects/Tile/Tile.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace terrazzo::tile;

// TC10: the views of \p taken, and windows cut from them, are not used after
// \p given, the op of the same block that gives the slot back.
static LogicalResult verifyUses(Operation *taken, Operation *given) {
  llvm::SmallVector<Operation *> open = {taken};
  llvm::SmallDenseSet<Operation *> seen; // dominance is verified later
  while (!open.empty())
    for (Operation *user : open.pop_back_val()->getUsers()) {
      Operation *here = given->getBlock()->findAncestorOpInBlock(*user);
      if (here && given->isBeforeInBlock(here))
        return user->emitOpError("TC10: use of a slot after `")
               << given->getName() << "`";
      if (isa<SliceOp>(user) && seen.insert(user).second)
        open.push_back(user);
    }
  return success();
}

FailureOr<std::string> terrazzo::tile::obligationOf(ChannelOp channel) {
  Counter counter;
  Polynomial commits, waits;
  for (Operation *user : channel.getChannel().getUsers())
    if (isa<CommitOp, WaitOp>(user))
      add(isa<CommitOp>(user) ? commits : waits,
          counter.countOf(user, channel));
  if (channel.getFrom() && counter.dependsOnReplica) {
    channel.emitOpError("B2: how often a role calls a channel between roles "
                        "depends on its replica");
    return failure();
  }
  switch (compare(commits, waits)) {
  case Equality::Proved:
    return std::string();
  case Equality::Unproved:
    return toString(commits) + " commits are " + toString(waits) + " waits";
  case Equality::Broken:
    break;
  }
  InFlightDiagnostic error = channel.emitOpError("B2: ")
                             << toString(commits) << " commits and "
                             << toString(waits) << " waits";
  for (Operation *user : channel.getChannel().getUsers())
    if (isa<CommitOp, WaitOp>(user))
      error.attachNote(user->getLoc()) << "one is here";
  return error;
}

LogicalResult terrazzo::tile::verifyBalance(ChannelOp channel) {
  if (channel.getChannel().getType().getPayload().empty())
    return success(); // a counter has no pairs
  llvm::MapVector<Block *, llvm::SmallVector<Operation *>> calls;
  for (Operation *user : channel.getChannel().getUsers())
    calls[user->getBlock()].push_back(user);
  for (auto &[block, users] : calls) {
    llvm::sort(users, [](Operation *a, Operation *b) {
      return a != b && a->isBeforeInBlock(b);
    });
    llvm::SmallVector<Operation *> acquired, waited;
    for (Operation *user : users) {
      if (isa<AcquireOp>(user))
        acquired.push_back(user);
      else if (isa<WaitOp>(user))
        waited.push_back(user);
      else if (isa<CommitOp>(user)) {
        if (acquired.empty())
          return user->emitOpError("B1: commit without acquire in this block");
        if (failed(verifyUses(acquired.front(), user)))
          return failure();
        acquired.erase(acquired.begin()); // first in, first out
      } else if (isa<ReleaseOp>(user)) {
        if (waited.empty())
          return user->emitOpError("B1: release without wait in this block");
        if (failed(verifyUses(waited.front(), user)))
          return failure();
        waited.erase(waited.begin()); // first in, first out
      }
    }
    if (!acquired.empty())
      return acquired.back()->emitOpError(
          "B1: no commit follows in this block");
    if (!waited.empty())
      return waited.back()->emitOpError("B1: no release follows in this block");
  }
  return success();
}
