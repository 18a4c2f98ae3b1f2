// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Buffers/Order.h"

#include "lib/Transforms/Buffers/Buffers.h"
#include "lib/Transforms/Pipelining/Payloads.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/MapVector.h"

#include <set>

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::buffers;

namespace {

struct Access {
  memref::AllocOp buffer; // null: global memory
  Value root;             // of global memory
  bool write;
};

class Ordering {
public:
  Ordering(tile::LaunchOp launch, const Engines &engines)
      : launch(launch), engines(engines) {}
  void run();

private:
  /// Work that may still run, and the engines that know of its end.
  using State = llvm::MapVector<Operation *, std::set<std::string>>;

  void block(Block &block, State &state);
  void step(Operation *op, State &state);
  void loop(Block &body, Block *more, State &state);
  void apply(State &state, const std::string &from,
             llvm::ArrayRef<std::string> learners);
  static bool join(State &state, const State &other);
  const llvm::SmallVector<Access> &accessesOf(Operation *op);
  bool conflict(Operation *a, Operation *b);
  bool overlap(const Access &a, const Access &b);
  void findRings();
  void end(State &state);

  tile::LaunchOp launch;
  const Engines &engines;
  bool inserts = false;
  llvm::DenseMap<Operation *, llvm::SmallVector<Access>> accesses;
  llvm::DenseMap<Operation *, Operation *> ringOf; // by allocation
};

} // namespace

static memref::AllocOp allocationOf(Value value) {
  while (Operation *made = value.getDefiningOp()) {
    if (auto view = dyn_cast<ViewLikeOpInterface>(made))
      value = view.getViewSource();
    else if (auto swap = dyn_cast<memref::TransposeOp>(made))
      value = swap.getIn();
    else
      break;
  }
  return value.getDefiningOp<memref::AllocOp>();
}

const llvm::SmallVector<Access> &Ordering::accessesOf(Operation *op) {
  auto [found, isNew] = accesses.try_emplace(op);
  if (!isNew)
    return found->second;
  llvm::SmallVector<Access> &all = found->second;
  if (auto effects = dyn_cast<MemoryEffectOpInterface>(op)) {
    llvm::SmallVector<MemoryEffects::EffectInstance> list;
    effects.getEffects(list);
    for (const MemoryEffects::EffectInstance &effect : list) {
      Value value = effect.getValue();
      if (!value || !isa<MemRefType>(value.getType()))
        continue;
      if (memref::AllocOp buffer = allocationOf(value);
          buffer && !isa<MemoryEffects::Allocate>(effect.getEffect()))
        all.push_back(
            {buffer, Value(), isa<MemoryEffects::Write>(effect.getEffect())});
    }
  }
  for (Value operand : op->getOperands())
    if (isa<kernel::PtrType>(operand.getType()) && !op->getNumResults())
      all.push_back(
          {memref::AllocOp(), tile::rootOf(operand), engines.writesGlobal(op)});
  return all;
}

bool Ordering::overlap(const Access &a, const Access &b) {
  if (!a.write && !b.write)
    return false;
  if (!a.buffer || !b.buffer)
    return !a.buffer && !b.buffer && tile::mayAlias(a.root, b.root);
  if (a.buffer == b.buffer)
    // A slot passes from who fills it to who empties it by the ring.
    return !(ringOf.count(a.buffer) && a.write != b.write);
  auto type = [](memref::AllocOp op) { return op.getType(); };
  if (type(a.buffer).getMemorySpace() != type(b.buffer).getMemorySpace())
    return false;
  auto span = [&](memref::AllocOp op) {
    int64_t begin = op->getAttrOfType<IntegerAttr>("address").getInt();
    return std::pair(begin, begin + type(op).getNumElements() *
                                        bytesOf(type(op).getElementType()));
  };
  auto [abegin, aend] = span(a.buffer);
  auto [bbegin, bend] = span(b.buffer);
  return abegin < bend && bbegin < aend;
}

bool Ordering::conflict(Operation *a, Operation *b) {
  llvm::SmallVector<Access> first = accessesOf(a);
  for (const Access &mine : accessesOf(b))
    for (const Access &other : first)
      if (overlap(other, mine))
        return true;
  return false;
}

/// \p learners know all that \p from has been given and knows itself.
void Ordering::apply(State &state, const std::string &from,
                     llvm::ArrayRef<std::string> learners) {
  State left;
  for (auto &[op, known] : state) {
    bool ends = engines.engineOf(op) == from || known.count(from);
    // What the stream has waited for is over.
    if (ends && llvm::is_contained(learners, ""))
      continue;
    if (ends)
      known.insert(learners.begin(), learners.end());
    left.insert({op, known});
  }
  state = std::move(left);
}

void Ordering::step(Operation *op, State &state) {
  std::string engine = engines.engineOf(op).str();
  std::set<std::string> needed;
  for (auto &[other, known] : state) {
    std::string theirs = engines.engineOf(other).str();
    if (theirs != engine && !known.count(engine) && conflict(other, op))
      needed.insert(theirs);
  }
  for (const std::string &from : needed) {
    // An earlier one may have told of this one too.
    if (inserts) {
      OpBuilder b(op);
      engines.order(b, op->getLoc(), from, engine);
    }
    apply(state, from, engines.learners(op, from, engine));
  }
  if (engine.empty() || accessesOf(op).empty())
    return;
  state[op] = {}; // a new run of it: nobody knows of its end
}

bool Ordering::join(State &state, const State &other) {
  bool changed = false;
  for (const auto &[op, known] : other) {
    auto found = state.find(op);
    if (found == state.end()) {
      state.insert({op, known});
      changed = true;
      continue;
    }
    std::set<std::string> both;
    for (const std::string &engine : found->second)
      if (known.count(engine))
        both.insert(engine);
    changed |= both != found->second;
    found->second = both;
  }
  return changed;
}

/// The body, and what \p more runs after it, until nothing new comes round.
void Ordering::loop(Block &body, Block *more, State &state) {
  bool was = inserts;
  inserts = false;
  for (bool changed = true; changed;) {
    State round = state;
    block(body, round);
    if (more)
      block(*more, round);
    changed = join(state, round);
  }
  inserts = was;
  State last = state;
  if (inserts) {
    block(body, last);
    if (more)
      block(*more, last);
  }
}

void Ordering::block(Block &block, State &state) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      this->loop(*loop.getBody(), nullptr, state);
    } else if (auto loop = dyn_cast<scf::WhileOp>(op)) {
      this->loop(loop.getBefore().front(), &loop.getAfter().front(), state);
    } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
      State then = state, otherwise = state;
      this->block(*branch.thenBlock(), then);
      if (Block *other = branch.elseBlock())
        this->block(*other, otherwise);
      state = then;
      join(state, otherwise);
    } else {
      step(&op, state);
    }
  }
}

void Ordering::findRings() {
  launch->walk([&](Operation *op) {
    for (Value slots : engines.slotsOf(op))
      ringOf[slots.getDefiningOp()] = op;
  });
  llvm::MapVector<Operation *,
                  std::pair<std::set<std::string>, std::set<std::string>>>
      users;
  launch->walk([&](Operation *op) {
    if (isa<memref::AllocOp>(op) || ringOf.empty())
      return;
    for (const Access &access : accessesOf(op))
      if (auto ring = access.buffer ? ringOf.find(access.buffer) : ringOf.end();
          ring != ringOf.end() && ring->second != op) {
        auto &[producers, consumers] = users[ring->second];
        (access.write ? producers : consumers)
            .insert(engines.engineOf(op).str());
      }
  });
  for (auto &[ring, pair] : users)
    engines.ring(ring, llvm::to_vector(pair.first),
                 llvm::to_vector(pair.second));
}

void Ordering::end(State &state) {
  std::set<std::string> open;
  for (auto &[op, known] : state)
    open.insert(engines.engineOf(op).str());
  OpBuilder b(launch.getBody().front().getTerminator());
  for (const std::string &engine : open)
    engines.order(b, launch.getLoc(), engine, "");
}

void Ordering::run() {
  findRings();
  State state;
  inserts = true;
  block(launch.getBody().front(), state);
  end(state);
}

void buffers::orderEngines(func::FuncOp function, const Engines &engines) {
  function.walk(
      [&](tile::LaunchOp launch) { Ordering(launch, engines).run(); });
}
