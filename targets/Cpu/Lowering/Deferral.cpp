// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which blocks are kept in memory, and when. A map, take or load is computed
// inside each loop that needs it, unless
//   - a loop or branch below needs it and it is more than arithmetic,
//   - several loops need it and it is expensive,
//   - it is a load and a store that may change its memory comes in between.
#include "targets/Cpu/Lowering/Emitter.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// The ops that make a loop in which \p v is computed.
void Emitter::collectRoots(Value v, llvm::SmallPtrSetImpl<Operation *> &roots) {
  llvm::SmallVector<Value> work{v};
  llvm::SmallPtrSet<Operation *, 16> seen;
  auto access = [&](Operation *user) {
    if (!isDeferrable(user))
      roots.insert(user);
    else if (seen.insert(user).second)
      work.append(user->result_begin(), user->result_end());
  };
  while (!work.empty())
    for (Operation *user : work.pop_back_val().getUsers())
      if (auto slice = dyn_cast<tile::SliceOp>(user))
        llvm::for_each(slice.getWindow().getUsers(), access);
      else
        access(user);
}

/// Whether a window has a dimension that an index tensor picks.
static bool isGathered(Value view) {
  auto slice = view.getDefiningOp<tile::SliceOp>();
  return slice && (isGathered(slice.getView()) ||
                   llvm::any_of(slice.getOffsets(),
                                [](Value v) { return isTensor(v); }));
}

/// Whether computing \p v twice costs more than keeping it.
bool Emitter::isExpensive(Value v, unsigned &budget) {
  if (!isTensor(v) || buffers.count(v) || pending.contains(v))
    return false;
  Operation *op = v.getDefiningOp();
  if (!isDeferrable(op))
    return false;
  if (auto load = dyn_cast<tile::LoadOp>(op)) {
    return isGathered(load.getView()) ||
           (load.getMask() && isExpensive(load.getMask(), budget));
  }
  if (auto map = dyn_cast<tile::MapOp>(op))
    for (Operation &inner : map.getBody().front().without_terminator()) {
      if (inner.getName().getDialectNamespace() == "math" ||
          isa<arith::DivFOp, arith::DivSIOp, arith::DivUIOp, arith::RemSIOp,
              arith::RemUIOp, arith::RemFOp, kernel::FpCastOp>(inner))
        return true;
      if (budget-- == 0)
        return true;
    }
  return llvm::any_of(op->getOperands(),
                      [&](Value o) { return isExpensive(o, budget); });
}

static bool reads(Value v) {
  llvm::SmallVector<Value> work{v};
  llvm::SmallPtrSet<Operation *, 16> seen;
  while (!work.empty()) {
    Value next = work.pop_back_val();
    Operation *op = next.getDefiningOp();
    if (!isTensor(next) || !isDeferrable(op) || !seen.insert(op).second)
      continue;
    if (isa<tile::LoadOp>(op))
      return true;
    work.append(op->operand_begin(), op->operand_end());
  }
  return false;
}

/// Decides what becomes of a deferrable op where it stands.
void Emitter::define(Operation *op) {
  for (Value v : op->getResults()) {
    if (v.use_empty())
      continue;
    llvm::SmallPtrSet<Operation *, 8> roots;
    collectRoots(v, roots);
    bool below = llvm::any_of(
        roots, [&](Operation *r) { return r->getBlock() != op->getBlock(); });
    unsigned budget = 12;
    bool expensive = isExpensive(v, budget);
    auto load = dyn_cast<tile::LoadOp>(op);
    if ((load && mustLoadNow(load)) || (below && (expensive || reads(v))))
      materialise(v);
    else if (expensive && roots.size() > 1 &&
             std::distance(v.user_begin(), v.user_end()) > 1)
      pending.insert(v);
  }
}

Value terrazzo::cpu::rootOf(Value view) {
  while (Operation *op = view.getDefiningOp()) {
    if (isa<tile::SliceOp, tile::ViewOp, kernel::AddPtrOp, kernel::BitcastOp>(
            op))
      view = op->getOperand(0);
    else
      break;
  }
  return view;
}

bool Emitter::mayAlias(Value view, Value other) {
  Value a = rootOf(view), c = rootOf(other);
  if (a == c)
    return true;
  auto isAlloc = [](Value v) { return bool(v.getDefiningOp<tile::AllocOp>()); };
  if (isAlloc(a) || isAlloc(c))
    return false;
  bool arguments = isa<BlockArgument>(a) && isa<BlockArgument>(c) &&
                   isa<func::FuncOp>(a.getParentBlock()->getParentOp()) &&
                   isa<func::FuncOp>(c.getParentBlock()->getParentOp());
  return !(assumeNoAlias && arguments);
}

/// The same computation, op by op.
static bool equivalent(Value a, Value c, unsigned depth = 0) {
  if (a == c)
    return true;
  Operation *x = a.getDefiningOp(), *y = c.getDefiningOp();
  if (!x || !y || depth > 24 || x->getName() != y->getName() ||
      x->getNumOperands() != y->getNumOperands() || x->getNumRegions() ||
      x->getAttrDictionary() != y->getAttrDictionary() ||
      cast<OpResult>(a).getResultNumber() !=
          cast<OpResult>(c).getResultNumber())
    return false;
  return llvm::all_of(
      llvm::zip(x->getOperands(), y->getOperands()), [&](auto pair) {
        return equivalent(std::get<0>(pair), std::get<1>(pair), depth + 1);
      });
}

/// Whether two windows hold the same element at the same index.
bool Emitter::sameWindow(Value a, Value c) {
  auto x = a.getDefiningOp<tile::SliceOp>(),
       y = c.getDefiningOp<tile::SliceOp>();
  if (!x || !y || x.getOffsets().size() != y.getOffsets().size() ||
      x.getDims() != y.getDims())
    return a == c;
  auto u = x.getView().getDefiningOp<tile::ViewOp>();
  auto v = y.getView().getDefiningOp<tile::ViewOp>();
  if (!u || !v || !equivalent(u.getBase(), v.getBase()))
    return false;
  // Extents may differ: they only cut elements off.
  size_t rank = u.getSizes().size() / 2;
  for (size_t d = 0; d < u.getSizes().size(); ++d)
    if (d >= rank && !equivalent(u.getSizes()[d], v.getSizes()[d]))
      return false;
  return llvm::all_of(llvm::zip(x.getOffsets(), y.getOffsets()), [](auto pair) {
    return equivalent(std::get<0>(pair), std::get<1>(pair));
  });
}

/// Whether a store may change what the load reads before its last use.
bool Emitter::mustLoadNow(tile::LoadOp load) {
  llvm::SmallPtrSet<Operation *, 8> roots;
  collectRoots(load.getValue(), roots);
  Operation *last = nullptr;
  for (Operation *root : roots) {
    Operation *here = load->getBlock()->findAncestorOpInBlock(*root);
    if (here && (!last || last->isBeforeInBlock(here)))
      last = here;
  }
  if (!last)
    return false;
  auto writes = [&](Operation *op) {
    Value view;
    if (auto store = dyn_cast<tile::StoreOp>(op))
      view = store.getView();
    else if (auto atomic = dyn_cast<tile::AtomicOp>(op))
      view = atomic.getView();
    return view && mayAlias(load.getView(), view);
  };
  // What programs write is read on its own side of an atomic that orders them:
  // behind the release of a lock it is another program's.
  auto orders = [&](Operation *op) {
    auto atomic = dyn_cast<tile::AtomicOp>(op);
    return atomic && atomic.getSem() != "relaxed" && op != last &&
           load->getParentOfType<tile::LaunchOp>()
               ->walk([&](Operation *other) {
                 return writes(other) ? WalkResult::interrupt()
                                      : WalkResult::advance();
               })
               .wasInterrupted();
  };
  auto changes = [&](Operation *op) {
    if (orders(op))
      return true;
    if (!writes(op))
      return false;
    // The store that ends the value's life may write where it was read.
    return !(op == last && isa<tile::StoreOp>(op) &&
             sameWindow(load.getView(), cast<tile::StoreOp>(op).getView()));
  };
  for (Operation *op = load->getNextNode(); op; op = op->getNextNode()) {
    if (op->walk([&](Operation *inner) {
            return changes(inner) ? WalkResult::interrupt()
                                  : WalkResult::advance();
          }).wasInterrupted())
      return true;
    if (op == last)
      break;
  }
  return false;
}

void Emitter::findPending(Value v, bool identity, llvm::ArrayRef<int64_t> shape,
                          llvm::SmallVectorImpl<Value> &along,
                          llvm::SmallVectorImpl<Value> &before,
                          llvm::DenseSet<std::pair<Value, unsigned>> &seen) {
  if (!isTensor(v) || buffers.count(v) || !isDeferrable(v.getDefiningOp()) ||
      !seen.insert({v, unsigned(identity)}).second)
    return;
  bool own = pending.contains(v);
  if (own && !(identity && shapeOf(v) == shape)) {
    if (!llvm::is_contained(before, v))
      before.push_back(v);
    return;
  }
  if (auto map = v.getDefiningOp<tile::MapOp>()) {
    for (auto [k, in] : llvm::enumerate(map.getIns())) {
      auto span = spanOf(map, k);
      bool same = identity && span.size() == shapeOf(v).size();
      for (size_t d = 0; same && d < span.size(); ++d)
        same = span[d] == int64_t(d);
      findPending(in, same, shape, along, before, seen);
    }
  } else if (auto take = v.getDefiningOp<tile::TakeOp>()) {
    findPending(take.getSource(), false, shape, along, before, seen);
  } else if (auto load = v.getDefiningOp<tile::LoadOp>()) {
    for (Value t : windowOf(load.getView()).tensors)
      if (t)
        findPending(t, false, shape, along, before, seen);
    if (load.getMask())
      findPending(load.getMask(), identity, shape, along, before, seen);
  }
  // After what it is made of: its parts are stored first.
  if (own && !llvm::is_contained(along, v))
    along.push_back(v);
}

llvm::SmallVector<Emitter::Kept>
Emitter::alongTheWay(ValueRange roots, llvm::ArrayRef<int64_t> shape) {
  llvm::SmallVector<Value> along, before;
  llvm::DenseSet<std::pair<Value, unsigned>> seen;
  for (Value v : roots)
    findPending(v, true, shape, along, before, seen);
  for (Value v : before)
    materialise(v);
  llvm::SmallVector<Kept> out;
  for (Value v : along) {
    if (buffers.count(v))
      continue;
    pending.remove(v);
    out.push_back({v, allocate(shapeOf(v), elementOf(v))});
  }
  return out;
}

/// The memory of a block of \p here that is read for the last time, element by
/// element, to compute \p v: the result may take its place.
std::optional<Buffer> Emitter::reusable(Value v, Block *here) {
  if (!v.hasOneUse() || v.getParentBlock() != here)
    return std::nullopt;
  auto buffer = buffers.find(v);
  if (buffer != buffers.end())
    return buffer->second;
  auto map = v.getDefiningOp<tile::MapOp>();
  if (!map || map->getNumResults() != 1)
    return std::nullopt;
  for (auto [k, in] : llvm::enumerate(map.getIns())) {
    if (shapeOf(in) != shapeOf(v) || elementOf(in) != elementOf(v) ||
        !llvm::is_sorted(spanOf(map, k)))
      continue;
    if (auto found = reusable(in, here))
      return found;
  }
  return std::nullopt;
}
