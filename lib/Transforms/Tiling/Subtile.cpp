// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Tiling/Tiling.h"

using namespace terrazzo;
using namespace terrazzo::tiling;
using namespace mlir;

/// A pointer without what was added to it.
static Value stripped(Value p) {
  while (Operation *op = p.getDefiningOp()) {
    if (!isa<kernel::AddPtrOp, kernel::SplatOp, kernel::BroadcastOp,
             kernel::ExpandDimsOp, kernel::BitcastOp>(op))
      break;
    p = op->getOperand(0);
  }
  return p;
}

/// The same through loops that only move it.
static Value baseOf(Value p) {
  for (p = stripped(p);;) {
    auto argument = dyn_cast<BlockArgument>(p);
    auto loop = argument
                    ? dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp())
                    : scf::ForOp();
    if (!loop || argument.getArgNumber() == 0)
      return p;
    unsigned n = argument.getArgNumber() - 1;
    if (stripped(loop.getBody()->getTerminator()->getOperand(n)) != p)
      return p;
    p = stripped(loop.getInitArgs()[n]);
  }
}

/// What cannot be done in parts along \p along: sums over it, and whatever
/// happens once for the whole block.
static std::optional<Obstacle> obstacleTo(Block &body, Dimensions &dimensions,
                                          Dimensions::Class along,
                                          bool mayOverlap) {
  if (Operation *pin = dimensions.pinnedBy(along))
    return Obstacle{pin, "its shape is fixed"};
  std::optional<Obstacle> found;
  llvm::DenseMap<Value, Value> loads; // the argument, and where it is read
  body.walk([&](Operation *op) {
    auto no = [&](llvm::StringRef what) {
      if (!found)
        found = Obstacle{op, what.str()};
    };
    if (auto o = dyn_cast<kernel::ReduceOp>(op)) {
      if (dimensions.of(o.getSrcs()[0], o.getAxis()) == along)
        no("it needs the whole dimension");
    } else if (auto o = dyn_cast<kernel::ScanOp>(op)) {
      if (dimensions.of(o.getSrcs()[0], o.getAxis()) == along)
        no("it needs the whole dimension");
    } else if (auto o = dyn_cast<kernel::DotOp>(op)) {
      int64_t rank = int64_t(shapeOf(o.getA()).size());
      if (dimensions.of(o.getA(), rank - 1) == along)
        no("it needs the whole dimension");
    } else if (isa<kernel::AtomicRMWOp, kernel::AtomicCASOp, kernel::StoreOp>(
                   op)) {
      if (!dimensions.has(op->getOperand(0), along))
        no("it happens once for the whole block");
    } else if (isa<kernel::PrintOp, kernel::AssertOp, scf::WhileOp>(op)) {
      no("it happens once for the whole block");
    } else if (auto load = dyn_cast<kernel::LoadOp>(op)) {
      auto [at, isNew] =
          loads.try_emplace(baseOf(load.getPtr()), load.getPtr());
      if (!isNew && at->second != load.getPtr())
        at->second = {};
    }
  });
  // A later part must not read what an earlier one has stored.
  body.walk([&](kernel::StoreOp store) {
    Value base = baseOf(store.getPtr());
    auto at = loads.find(base);
    bool meets = at != loads.end() && at->second != store.getPtr();
    // A pointer that is carried, chosen or loaded could be any.
    auto isArgument = [](Value v) {
      return isa<BlockArgument>(v) &&
             isa<func::FuncOp>(v.getParentBlock()->getParentOp());
    };
    meets |= !isArgument(base);
    for (auto [from, pointer] : loads)
      meets |= !isArgument(from) || (mayOverlap && from != base);
    if (meets && !found)
      found = Obstacle{store, "an earlier part would store what a later reads"};
  });
  return found;
}

/// Dimension \p dim of the blocks that are stored, where they agree.
static std::optional<Extent> storedRange(Block &body, Dimensions &dimensions,
                                         size_t dim) {
  std::optional<Extent> out;
  body.walk([&](kernel::StoreOp store) {
    llvm::ArrayRef<int64_t> shape = shapeOf(store.getPtr());
    if (out || dim >= shape.size())
      return;
    out = Extent{dimensions.of(store.getPtr(), int64_t(dim)), shape[dim]};
  });
  return out;
}

Outcome terrazzo::tiling::subtile(func::FuncOp function,
                                  llvm::ArrayRef<int64_t> parts,
                                  bool mayOverlap) {
  Outcome outcome;
  Block &body = function.getBody().front();
  OpBuilder b(function.getContext());
  Location loc = function.getLoc();
  for (auto [dim, count] : llvm::enumerate(parts)) {
    if (count == 1)
      continue;
    separateUses(body);
    Dimensions dimensions(body);
    auto range = storedRange(body, dimensions, dim);
    if (!range || range->size % count) {
      outcome.obstacle =
          Obstacle{function, "no block that is stored divides so"};
      return outcome;
    }
    outcome.obstacle = obstacleTo(body, dimensions, range->along, mayOverlap);
    if (outcome.obstacle)
      return outcome;
    int64_t part = range->size / count;
    llvm::SmallVector<Operation *> old;
    for (Operation &op : body.without_terminator())
      old.push_back(&op);
    b.setInsertionPoint(body.getTerminator());
    auto constant = [&](int64_t n) {
      return arith::ConstantIntOp::create(b, loc, n, 32).getResult();
    };
    auto loop =
        scf::ForOp::create(b, loc, constant(0), constant(count), constant(1));
    b.setInsertionPointToStart(loop.getBody());
    Resizer resizer(b, dimensions, range->along, part);
    resizer.origin =
        arith::MulIOp::create(b, loc, loop.getInductionVar(), constant(part));
    for (Operation *op : old)
      resizer.clone(op);
    for (Operation *op : llvm::reverse(old))
      op->erase();
    outcome.isDone = true;
  }
  return outcome;
}
