// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Pipelining/EnginesInFlight.h"
#include "lib/Transforms/Pipelining/Payloads.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

// More ops than this in flight are counted as this many: fewer is safe.
static constexpr int64_t mostNewer = 64;

EnginesInFlight::EnginesInFlight(Operation *root, EngineOf engineOf) {
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    EngineUse use = op->getNumRegions() && !isa<MapOp, ReduceOp, ScanOp>(op)
                        ? EngineUse()
                        : engineOf(op);
    if (!use.name.empty())
      ops.push_back(op);
    engines[op] = std::move(use);
  });
  root->walk([&](LaunchOp launch) {
    State state;
    Block &body = launch.getBody().front();
    visit(body, state);
    // A body without a terminator of its own ends where the launch does.
    drain(body.mightHaveTerminator() ? body.getTerminator()
                                     : launch.getOperation(),
          state);
  });
}

llvm::ArrayRef<Outstanding> EnginesInFlight::waits(Operation *op) const {
  auto found = waiting.find(op);
  if (found == waiting.end())
    return {};
  return found->second;
}

llvm::ArrayRef<Outstanding> EnginesInFlight::covers(Operation *op) const {
  auto found = covering.find(op);
  if (found == covering.end())
    return {};
  return found->second;
}

/// Fewer newer ops are the weaker claim. Whether anything changed.
bool EnginesInFlight::join(State &state, const State &other) {
  bool changed = false;
  for (auto &[op, flight] : other) {
    auto [place, fresh] = state.insert({op, flight});
    Flight &known = place->second;
    changed |= fresh || flight.newer < known.newer ||
               (known.published && !flight.published);
    known.newer = std::min(known.newer, flight.newer);
    known.published &= flight.published;
  }
  return changed;
}

/// All of one type that goes in or round or out of \p op: more than is needed.
static void passedOn(Operation *op, Type type, llvm::SmallVector<Value> &out) {
  auto add = [&](ValueRange values) {
    for (Value value : values)
      if (value.getType() == type)
        out.push_back(value);
  };
  add(op->getOperands());
  for (Region &region : op->getRegions())
    if (!region.empty()) {
      Operation *end = region.front().getTerminator();
      add(end->getOperands());
      for (Region &combined : end->getRegions())
        add(combined.front().getTerminator()->getOperands());
    }
}

const llvm::SmallVector<Operation *> &EnginesInFlight::sources(Value value) {
  auto known = made.find(value);
  if (known != made.end())
    return known->second;
  llvm::SmallVector<Operation *> out;
  llvm::SmallVector<Value> open = {value};
  llvm::SmallDenseSet<Value> seen;
  while (!open.empty()) {
    Value v = open.pop_back_val();
    if (!seen.insert(v).second)
      continue;
    if (auto argument = dyn_cast<BlockArgument>(v)) {
      Operation *parent = argument.getOwner()->getParentOp();
      auto loop = dyn_cast_or_null<scf::ForOp>(parent);
      if (loop && argument != loop.getInductionVar()) {
        open.push_back(loop.getTiedLoopInit(argument)->get());
        open.push_back(loop.getTiedLoopYieldedValue(argument)->get());
      } else if (isa_and_nonnull<scf::WhileOp>(parent)) {
        passedOn(parent, v.getType(), open);
      }
      continue;
    }
    Operation *op = v.getDefiningOp();
    unsigned number = cast<OpResult>(v).getResultNumber();
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      open.push_back(loop.getInitArgs()[number]);
      open.push_back(loop.getBody()->getTerminator()->getOperand(number));
    } else if (isa<scf::IfOp>(op)) {
      for (Region &region : op->getRegions())
        if (!region.empty())
          open.push_back(region.front().getTerminator()->getOperand(number));
    } else if (isa<scf::WhileOp, scf::ParallelOp>(op)) {
      passedOn(op, v.getType(), open);
    } else {
      out.push_back(op);
    }
  }
  return made[value] = std::move(out);
}

/// Calls \p visit for all that \p op and its regions use from outside of it; of
/// a branch or a loop only for what decides, because what it passes on is used
/// where it is used.
static void operandsOf(Operation *op, llvm::function_ref<void(Value)> visit) {
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    for (Value bound :
         {loop.getLowerBound(), loop.getUpperBound(), loop.getStep()})
      visit(bound);
    return;
  }
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return visit(branch.getCondition());
  if (auto condition = dyn_cast<scf::ConditionOp>(op))
    return visit(condition.getCondition());
  if (isa<scf::WhileOp>(op))
    return;
  if (auto loop = dyn_cast<scf::ParallelOp>(op)) {
    for (ValueRange bounds :
         {loop.getLowerBound(), loop.getUpperBound(), loop.getStep()})
      llvm::for_each(bounds, visit);
    return;
  }
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (!op->isAncestor(operand.getParentRegion()->getParentOp()) ||
          inner == op)
        visit(operand);
  });
}

/// A block of values that lies where it was read: its users read the memory.
static bool isName(Operation *op, const EngineUse &use) {
  return isa<LoadOp>(op) && use.name.empty() &&
         isa<RankedTensorType>(op->getResult(0).getType());
}

llvm::SmallVector<Access> EnginesInFlight::accesses(Operation *op) {
  llvm::SmallVector<Access> out;
  if (!isName(op, engines.lookup(op)))
    out = accessesOf(op);
  operandsOf(op, [&](Value value) {
    if (isa<RankedTensorType>(value.getType()))
      for (Operation *source : sources(value))
        if (isName(source, engines.lookup(source)))
          out.push_back({rootOf(source->getOperand(0)), false});
  });
  return out;
}

/// Both views of one slot, or memory that may be the same.
static bool mayMeet(Value a, Value b) { return a == b || mayAlias(a, b); }

bool EnginesInFlight::needs(Operation *op, Operation *flying,
                            const Flight &flight) {
  const EngineUse &here = engines.find(op)->second,
                  &there = engines.find(flying)->second;
  bool chained = here.inOrder && here.name == there.name;
  bool needed = false;
  operandsOf(op, [&](Value value) {
    // Accumulators pass from product to product inside the engine.
    auto mma = dyn_cast<MmaOp>(op);
    bool accumulates = chained && mma && isa<MmaOp>(flying) &&
                       value == mma.getAcc() && value != mma.getA() &&
                       value != mma.getB();
    if (!accumulates && llvm::is_contained(sources(value), flying))
      needed = true;
  });
  if (needed || chained)
    return needed; // one engine keeps its accesses in order
  for (const Access &mine : accesses(op))
    for (const Access &other : accesses(flying)) {
      bool slot =
          isa_and_nonnull<AcquireOp, WaitOp>(other.root.getDefiningOp());
      if ((mine.write || other.write) && mayMeet(mine.root, other.root) &&
          !(slot && flight.published))
        return true;
    }
  return false;
}

/// \p op has ended: on an engine that runs in order, so has what was given to
/// it no later.
void EnginesInFlight::complete(Operation *op, State &state) {
  const EngineUse &use = engines.find(op)->second;
  int64_t newer = state.find(op)->second.newer;
  state.remove_if([&](auto &entry) {
    return entry.first == op ||
           (use.inOrder && engines.find(entry.first)->second.name == use.name &&
            entry.second.newer >= newer);
  });
}

/// M2, M4: what a commit or a release of this channel covers.
void EnginesInFlight::publish(Operation *op, State &state) {
  Value channel = op->getOperand(0);
  bool commit = isa<CommitOp>(op);
  llvm::SmallVector<Outstanding> &covered = covering[op];
  covered.clear();
  for (auto &[flying, flight] : state)
    for (const Access &access : accesses(flying)) {
      Operation *slot = access.root.getDefiningOp();
      bool mine = commit ? isa_and_nonnull<AcquireOp>(slot)
                         : isa_and_nonnull<WaitOp>(slot);
      if (!mine || slot->getOperand(0) != channel || flight.published)
        continue;
      covered.push_back({flying, flight.newer});
      flight.published = true;
      break;
    }
}

void EnginesInFlight::step(Operation *op, State &state) {
  llvm::SmallVector<Outstanding> &list = waiting[op];
  list.clear();
  for (bool found = true; found;) {
    found = false;
    for (auto &[flying, flight] : state)
      if (needs(op, flying, flight)) {
        list.push_back({flying, flight.newer});
        complete(flying, state);
        found = true;
        break;
      }
  }
  const EngineUse &use = engines.find(op)->second;
  if (use.name.empty())
    return;
  for (auto &[flying, flight] : state)
    if (engines.find(flying)->second.name == use.name)
      flight.newer = std::min(flight.newer + 1, mostNewer);
  state[op] = Flight();
}

/// Until nothing changes at the head: what the last iterations left in flight
/// meets the first ops of the next.
void EnginesInFlight::loop(Operation *op, State &state) {
  for (bool changed = true; changed;) {
    State inside = state;
    for (Region &region : op->getRegions())
      if (!region.empty())
        visit(region.front(), inside);
    changed = join(state, inside);
  }
}

void EnginesInFlight::drain(Operation *end, State &state) {
  llvm::SmallVector<Outstanding> &list = waiting[end];
  list.clear();
  while (!state.empty()) {
    // The newest of an engine first: it stands for those before it.
    auto newest = llvm::min_element(state, [](auto &a, auto &b) {
      return a.second.newer < b.second.newer;
    });
    list.push_back({newest->first, newest->second.newer});
    complete(newest->first, state);
  }
}

void EnginesInFlight::visit(Block &block, State &state) {
  for (Operation &op : block) {
    if (isa<scf::ForOp, scf::WhileOp, scf::ParallelOp>(op)) {
      step(&op, state); // bounds
      loop(&op, state);
    } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
      step(&op, state);
      State after;
      for (Region &region : branch->getRegions()) {
        State inside = state;
        if (!region.empty())
          visit(region.front(), inside);
        join(after, inside);
      }
      state = std::move(after);
    } else if (auto roles = dyn_cast<RolesOp>(op)) {
      for (Region &region : roles->getRegions()) {
        State inside;
        visit(region.front(), inside);
        drain(region.front().getTerminator(), inside);
      }
    } else if (isa<CommitOp, ReleaseOp>(op)) {
      publish(&op, state);
    } else if (!op.hasTrait<OpTrait::IsTerminator>() ||
               isa<scf::ConditionOp>(op)) {
      step(&op, state);
    }
  }
}
