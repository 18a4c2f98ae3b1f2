// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Interpreter/Tile/Channels.h"

#include "lib/Interpreter/Report.h"

#include "llvm/Support/Path.h"

using namespace terrazzo;
using namespace terrazzo::interpreter;

static std::string positionOf(mlir::Operation *op) {
  Where at = where(op->getLoc());
  return llvm::sys::path::filename(at.position.file).str() + ":" +
         std::to_string(at.position.line);
}

static mlir::RankedTensorType payloadType(const Ring &ring, size_t part) {
  auto type = mlir::cast<tile::ChannelType>(ring.made->getResult(0).getType());
  auto view = mlir::cast<mlir::TypeAttr>(type.getPayload()[part]).getValue();
  return mlir::cast<tile::ViewType>(view).getTensor();
}

/// The replicas of \p role of the program that \p op stands in.
static int64_t replicasOf(Program &program, tile::ChannelOp op,
                          llvm::StringRef role) {
  for (mlir::Operation &other : *op->getBlock())
    if (auto roles = mlir::dyn_cast<tile::RolesOp>(other))
      for (mlir::Attribute a : roles.getRoles())
        if (mlir::cast<tile::RoleAttr>(a).getRole().getValue() == role)
          return mlir::cast<tile::RoleAttr>(a).getReplicas();
  program.fail(op, DiagnosticKind::TileNoRole, role);
}

static Side sideOf(Program &program, tile::ChannelOp op,
                   std::optional<llvm::StringRef> role,
                   std::optional<mlir::ArrayAttr> shares) {
  Side side;
  side.role = role.value_or("").str();
  side.shares = shares.value_or(mlir::ArrayAttr());
  int64_t replicas = role ? replicasOf(program, op, *role) : 1;
  side.taken.assign(replicas, 0);
  side.given.assign(replicas, 0);
  side.givenAt.assign(replicas, nullptr);
  return side;
}

static void channel(Program &program, tile::ChannelOp op) {
  auto ring = std::make_shared<Ring>();
  tile::ChannelType type = op.getChannel().getType();
  auto key = op->getAttrOfType<mlir::StringAttr>("via");
  ring->made = op;
  ring->name = key ? key.str() : "channel";
  ring->depth = type.getDepth();
  ring->counter = type.getPayload().empty();
  ring->credit = op.getRing();
  ring->producers = sideOf(program, op, op.getFrom(), op.getProduce());
  ring->consumers = sideOf(program, op, op.getTo(), op.getConsume());
  constexpr int64_t most = int64_t(1) << 28;
  for (int64_t s = 0; !ring->counter && s < ring->depth; ++s) {
    ring->slots.emplace_back();
    for (size_t part = 0; part < type.getPayload().size(); ++part) {
      mlir::RankedTensorType tensor = payloadType(*ring, part);
      if (!tensor.hasStaticShape() ||
          tensor.getNumElements() > most / ring->depth)
        program.fail(op, DiagnosticKind::TileTooLarge, ring->name);
      ring->slots.back().payload.push_back(
          newMemory("slot " + std::to_string(s) + " of " + ring->name, tensor));
    }
  }
  Tensor value;
  value.ring = std::move(ring);
  program.set(op.getChannel(), std::move(value));
}

/// The ring of a call, and which replica of its side calls.
static std::pair<std::shared_ptr<Ring>, size_t>
callOf(Program &program, mlir::Operation *op, bool produces) {
  std::shared_ptr<Ring> ring = program.get(op->getOperand(0))->ring;
  Side &side = produces ? ring->producers : ring->consumers;
  if (side.role.empty()) {
    if (ring->used && ring->owner != program.stream)
      program.fail(op, DiagnosticKind::TileChannelOwner, ring->name);
    ring->used = true;
    ring->owner = program.stream;
    return {ring, 0};
  }
  Stream *stream = program.stream;
  if (!stream || stream->role != side.role)
    program.fail(op, DiagnosticKind::TileWrongRole,
                 op->getName().getStringRef(), ring->name, side.role);
  return {ring, size_t(stream->replica)};
}

static void await(Program &program, mlir::Operation *op, const Ring &ring,
                  std::string what, std::function<bool()> ready) {
  if (ready())
    return;
  what += " of `" + ring.name + "` (" + positionOf(ring.made) + ")";
  if (!program.stream)
    program.fail(op, DiagnosticKind::TileDeadlock, "program", what);
  program.stream->scheduler->block(*program.stream, op, what, std::move(ready));
}

static void passOn(Program &program) {
  if (!program.stream)
    return;
  // What comes after is not what others may already know.
  ++program.stream->clock.ticks[program.stream->number];
  program.stream->scheduler->pass(*program.stream);
}

static void setViews(Program &program, mlir::ValueRange views,
                     std::shared_ptr<const Hold> hold, const Side &side) {
  Ring &ring = *hold->ring;
  Slot &slot = ring.slots[hold->slot()];
  for (auto [part, view] : llvm::enumerate(views)) {
    mlir::RankedTensorType type = payloadType(ring, part);
    Window w = wholeOf(slot.payload[part], type.getShape());
    auto split = side.shares && part < side.shares.size()
                     ? mlir::dyn_cast<tile::SplitAttr>(side.shares[part])
                     : tile::SplitAttr();
    if (split) {
      Axis &axis = w.axes[split.getDim()];
      axis.extent = axis.size = axis.extent / int64_t(side.given.size());
      w.shape[split.getDim()] = axis.extent;
      w.base += int64_t(hold->replica) * axis.extent * axis.stride;
    }
    w.hold = hold;
    Tensor value;
    value.window = std::make_shared<const Window>(std::move(w));
    program.set(view, std::move(value));
  }
}

static void empty(Slot &slot) {
  for (auto &memory : slot.payload)
    memory->data.flags.assign(memory->data.size(), Poison);
}

static void acquire(Program &program, tile::AcquireOp op) {
  auto [ring, replica] = callOf(program, op, true);
  Side &side = ring->producers;
  auto hold = std::make_shared<Hold>();
  hold->ring = ring;
  hold->round = side.taken[replica];
  hold->replica = replica;
  hold->writes = true;
  await(program, op, *ring, "slot " + std::to_string(hold->slot()),
        [ring = ring.get(), k = hold->round] {
          return ring->consumers.least() > k - ring->depth;
        });
  ++side.taken[replica];
  Slot &slot = ring->slots[hold->slot()];
  if (program.stream)
    program.stream->clock.join(slot.free);
  std::vector<int64_t> key;
  for (mlir::Value v : op.getKey())
    key.push_back(program.decide(op, v));
  const Slot &last = ring->slots[(hold->round + ring->depth - 1) % ring->depth];
  hold->keeps = program.shared.launch.honourKeys && !key.empty() &&
                hold->round > 0 && last.key == key;
  if (slot.round != hold->round) { // the first replica of this round
    slot.round = hold->round;
    slot.full = {};
    empty(slot);
    if (hold->keeps)
      for (auto [to, from] : llvm::zip(slot.payload, last.payload))
        to->data = from->data;
  }
  slot.key = key;
  setViews(program, op.getViews(), hold, side);
}

static void commit(Program &program, tile::CommitOp op) {
  auto [ring, replica] = callOf(program, op, true);
  Side &side = ring->producers;
  if (!ring->counter && side.given[replica] >= side.taken[replica])
    program.fail(op, DiagnosticKind::TileUnpaired, "commit", ring->name,
                 "acquire");
  int64_t round = side.given[replica]++;
  side.givenAt[replica] = op;
  // A counter orders issue only (M7).
  if (!ring->counter && program.stream)
    ring->slots[round % ring->depth].full.join(program.stream->clock);
  passOn(program);
}

static void wait(Program &program, tile::WaitOp op) {
  auto [ring, replica] = callOf(program, op, false);
  Side &side = ring->consumers;
  int64_t k = side.taken[replica];
  if (ring->counter) {
    size_t r = ring->producers.given.size();
    await(program, op, *ring, "count " + std::to_string(k + 1),
          [ring = ring.get(), replica = replica, r, k] {
            const auto &given = ring->producers.given;
            return ring->credit
                       ? given[(replica + r - 1) % r] + (replica == 0) > k
                       : ring->producers.least() > k;
          });
    ++side.taken[replica];
    return;
  }
  auto hold = std::make_shared<Hold>();
  hold->ring = ring;
  hold->round = k;
  hold->replica = replica;
  await(program, op, *ring, "slot " + std::to_string(hold->slot()),
        [ring = ring.get(), k] { return ring->producers.least() > k; });
  ++side.taken[replica];
  Slot &slot = ring->slots[hold->slot()];
  if (program.stream)
    program.stream->clock.join(slot.full);
  for (auto &memory : slot.payload)
    hold->unwritten |=
        llvm::any_of(memory->data.flags, [](uint8_t f) { return f & Poison; });
  setViews(program, op.getViews(), hold, side);
}

static void release(Program &program, tile::ReleaseOp op) {
  auto [ring, replica] = callOf(program, op, false);
  Side &side = ring->consumers;
  if (side.given[replica] >= side.taken[replica])
    program.fail(op, DiagnosticKind::TileUnpaired, "release", ring->name,
                 "wait");
  int64_t round = side.given[replica]++;
  side.givenAt[replica] = op;
  Slot &slot = ring->slots[round % ring->depth];
  if (program.stream)
    slot.free.join(program.stream->clock);
  bool last = side.least() > round;
  // The contents are kept for an acquire with the same key.
  if (last && !program.shared.launch.honourKeys)
    empty(slot);
  passOn(program);
}

void terrazzo::interpreter::checkHold(Program &program, mlir::Operation *op,
                                      const Window &window, bool write) {
  const Hold *hold = window.hold.get();
  if (!hold)
    return;
  const Ring &ring = *hold->ring;
  const Side &side = hold->writes ? ring.producers : ring.consumers;
  std::string slot = std::to_string(hold->slot());
  if (side.given[hold->replica] > hold->round) {
    auto kind = hold->writes ? DiagnosticKind::TileWriteAfterCommit
                             : DiagnosticKind::TileUseAfterRelease;
    program.note(DiagnosticKind::TileGivenHere, side.givenAt[hold->replica]);
    program.fail(op, kind, slot, ring.name);
  }
  if (write && !hold->writes)
    program.fail(op, DiagnosticKind::TileWriteWaited, slot, ring.name);
}

void terrazzo::interpreter::checkRings(Program &program, mlir::Block &body) {
  for (mlir::Operation &op : body) {
    auto made = mlir::dyn_cast<tile::ChannelOp>(op);
    if (!made)
      continue;
    const Ring &ring = *program.get(made.getChannel())->ring;
    auto unequal = [&](int64_t commits, int64_t waits) {
      program.fail(made, DiagnosticKind::TileNotEmpty, ring.name,
                   std::to_string(commits), std::to_string(waits));
    };
    const auto &given = ring.producers.given, &taken = ring.consumers.taken;
    if (ring.credit) {
      for (size_t i = 0; i < given.size(); ++i)
        if (given[i] != taken[(i + 1) % taken.size()])
          unequal(given[i], taken[(i + 1) % taken.size()]);
      continue;
    }
    for (const Side *side : {&ring.producers, &ring.consumers})
      for (size_t i = 0; !ring.counter && i < side->taken.size(); ++i)
        if (side->taken[i] != side->given[i])
          program.fail(made, DiagnosticKind::TileSlotHeld,
                       std::to_string(side->given[i] % ring.depth), ring.name);
    for (int64_t commits : given)
      for (int64_t waits : taken)
        if (commits != waits)
          unequal(commits, waits);
  }
}

void terrazzo::interpreter::addChannelSemantics(Semantics &semantics) {
  semantics.add(channel);
  semantics.add(acquire);
  semantics.add(commit);
  semantics.add(wait);
  semantics.add(release);
}

//===-- What a poisoned value may come from -------------------------------===//

/// The values that \p v is made of: operands, and what regions pass on.
static void sourcesOf(mlir::Value v, llvm::SmallVectorImpl<mlir::Value> &out) {
  mlir::Operation *op = v.getDefiningOp();
  if (!op)
    op = v.getParentBlock()->getParentOp();
  if (!op || mlir::isa<mlir::func::FuncOp, tile::LaunchOp, tile::RolesOp>(op))
    return;
  llvm::append_range(out, op->getOperands());
  for (mlir::Region &region : op->getRegions())
    for (mlir::Block &block : region)
      if (!block.empty())
        llvm::append_range(out, block.back().getOperands());
}

void Program::noteSlots(mlir::Operation *op) {
  llvm::SmallVector<mlir::Value> open(op->getOperands());
  llvm::DenseSet<mlir::Value> seen;
  llvm::DenseSet<const Ring *> named;
  while (!open.empty()) {
    mlir::Value v = open.pop_back_val();
    if (!seen.insert(v).second)
      continue;
    sourcesOf(v, open);
    const Tensor *t = find(v);
    const Hold *hold = t && t->window ? t->window->hold.get() : nullptr;
    if (hold && hold->unwritten && named.insert(hold->ring.get()).second)
      note(DiagnosticKind::TileUnwrittenSlot, hold->ring->made,
           std::to_string(hold->slot()), hold->ring->name);
  }
}
