// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Schedule/Checks.h"

#include <map>

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

/// What the chip's streams or engines meet by on \p channel; null when the file
/// has nothing of the kind.
static const chip::Part *syncFor(const ChipView &chip, ChannelOp channel) {
  bool counter = channel.getChannel().getType().getPayload().empty();
  llvm::StringRef between = channel.getFrom() ? "streams" : "engines";
  for (const chip::Part &part : chip.chip.parts("sync")) {
    llvm::StringRef serves = part.word("serves");
    bool fits = serves.empty() || serves == "both" ||
                serves == (counter ? "counters" : "rings");
    if (fits && part.word("between") == between)
      return &part;
  }
  return nullptr;
}

/// How many flags one direction of \p channel takes: one that can be set for
/// each slot before it is waited for, else one for each slot.
static int64_t oneWay(const chip::Part &part, ChannelOp channel) {
  int64_t depth = channel.getChannel().getType().getDepth();
  const chip::Quantity *counts = part.number("counts");
  return counts && counts->value >= depth ? 1 : depth;
}

/// Flags of \p channel, full and empty; a counter has one for each replica that
/// waits.
static int64_t idsOf(const chip::Part &part, ChannelOp channel) {
  if (!channel.getChannel().getType().getPayload().empty())
    return 2 * oneWay(part, channel);
  int64_t replicas = 1;
  for (Operation *user : channel.getChannel().getUsers())
    if (RoleAttr role = isa<WaitOp>(user) ? roleOf(user) : RoleAttr())
      replicas = std::max(replicas, role.getReplicas());
  return replicas;
}

int64_t terrazzo::syncBytes(const ChipView &chip, ChannelOp channel,
                            llvm::StringRef memory) {
  const chip::Part *part = syncFor(chip, channel);
  const chip::Quantity *bytes = part ? part->number("bytes") : nullptr;
  if (!bytes || part->word("memory") != memory)
    return 0;
  return int64_t(bytes->value) * idsOf(*part, channel);
}

/// The engines that touch slots which \p op of a channel gives out.
static void enginesOf(const ChipView &chip, Operation *op,
                      llvm::SetVector<llvm::StringRef> &engines) {
  llvm::SmallVector<Value> open(op->getResults());
  while (!open.empty())
    for (Operation *user : open.pop_back_val().getUsers()) {
      if (auto slice = dyn_cast<SliceOp>(user))
        open.push_back(slice.getWindow());
      else if (const chip::Part *engine = chip.engineOf(user))
        engines.insert(engine->name);
    }
}

namespace {
/// How many ids of each kind are taken, and by whom last.
struct Taken {
  const chip::Part *part = nullptr;
  int64_t ids = 0;
};
} // namespace

/// The pools that \p channel takes ids from: one for the core, or one for each
/// ordered pair of engines that meet in its slots.
static llvm::SmallVector<std::string>
poolsOf(const ChipView &chip, const chip::Part &part, ChannelOp channel) {
  if (part.word("per") != "pair")
    return {part.name};
  llvm::SetVector<llvm::StringRef> writers, readers;
  for (Operation *user : channel.getChannel().getUsers())
    if (isa<AcquireOp, WaitOp>(user))
      enginesOf(chip, user, isa<AcquireOp>(user) ? writers : readers);
  llvm::SmallVector<std::string> out;
  for (llvm::StringRef writer : writers)
    for (llvm::StringRef reader : readers)
      if (writer != reader)
        out.push_back((part.name + " from " + writer + " to " + reader).str());
  return out;
}

LogicalResult terrazzo::verifySync(const ChipView &chip, LaunchOp launch) {
  if (chip.chip.parts("sync").empty())
    return success(); // streams of their own memory that run in order
  std::map<std::string, Taken> taken;
  WalkResult result = launch->walk([&](ChannelOp channel) {
    const chip::Part *part = syncFor(chip, channel);
    if (!part) {
      InFlightDiagnostic error =
          channel.emitOpError("C4: ")
          << chip.chip.name << " has nothing by which "
          << (channel.getFrom() ? "streams" : "engines") << " meet on a "
          << (channel.getChannel().getType().getPayload().empty() ? "counter"
                                                                  : "ring");
      ChipView::note(error, chip.chip.parts("sync").front(), "",
                     "its kinds are: " + namesOf(chip.chip, "sync"));
      return WalkResult::interrupt();
    }
    const chip::Quantity *ids = part->number("ids");
    if (!ids)
      return WalkResult::advance();
    bool pair = part->word("per") == "pair";
    for (const std::string &pool : poolsOf(chip, *part, channel)) {
      Taken &t = taken[pool];
      t.ids += pair ? oneWay(*part, channel) : idsOf(*part, channel);
      if (t.ids <= ids->value)
        continue;
      InFlightDiagnostic error = channel.emitOpError("C4: ")
                                 << "the channels up to this one take " << t.ids
                                 << " of `" << pool << "`";
      ChipView::note(error, *part, "ids",
                     chip.chip.name + " has " +
                         llvm::Twine(int64_t(ids->value)));
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return success(!result.wasInterrupted());
}
