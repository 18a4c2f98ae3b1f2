// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which blocks are kept in memory, and when. A map, take or load is computed
// inside each loop that needs it, unless
//   - a loop or branch below needs it and it is more than arithmetic,
//   - several loops need it and it is expensive,
//   - it is a load and a store that may change its memory comes in between.
#include "targets/Cpu/Lowering/Emitter.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

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

Value terrazzo::cpu::writtenBy(Operation *op) {
  if (auto store = dyn_cast<tile::StoreOp>(op))
    return store.getView();
  if (auto atomic = dyn_cast<tile::AtomicOp>(op))
    return atomic.getView();
  return {};
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

static bool isArgument(Value v) {
  auto argument = dyn_cast<BlockArgument>(v);
  return argument && isa<func::FuncOp>(argument.getOwner()->getParentOp());
}

namespace {

/// Whether two scalars are the same computation, op by op.
struct Comparison {
  /// With it, they may start from other arguments of the kernel: there is what
  /// must then be equal.
  Emitter::Equalities *equal;
  /// Of one loop; equal in its first step and, if they are, in the next.
  llvm::DenseSet<std::pair<Value, Value>> carried = {};

  bool operator()(Value a, Value c, unsigned depth = 0) {
    if (a == c)
      return true;
    if (depth > 24)
      return false;
    if (equal && isArgument(a) && isArgument(c) && a.getType() == c.getType()) {
      equal->insert({cast<BlockArgument>(a).getArgNumber(),
                     cast<BlockArgument>(c).getArgNumber()});
      return true;
    }
    Operation *x = a.getDefiningOp(), *y = c.getDefiningOp();
    if (!x && !y)
      return areCarried(cast<BlockArgument>(a), cast<BlockArgument>(c), depth);
    // What is read twice may have changed in between.
    if (!x || !y || !isMemoryEffectFree(x) || x->getName() != y->getName() ||
        x->getNumOperands() != y->getNumOperands() || x->getNumRegions() ||
        x->getAttrDictionary() != y->getAttrDictionary() ||
        x->getResultTypes() != y->getResultTypes() ||
        cast<OpResult>(a).getResultNumber() !=
            cast<OpResult>(c).getResultNumber())
      return false;
    return llvm::all_of(
        llvm::zip(x->getOperands(), y->getOperands()), [&](auto pair) {
          return (*this)(std::get<0>(pair), std::get<1>(pair), depth + 1);
        });
  }

private:
  bool areCarried(BlockArgument a, BlockArgument c, unsigned depth) {
    auto loop = dyn_cast<scf::ForOp>(a.getOwner()->getParentOp());
    if (!loop || a.getOwner() != c.getOwner() || a.getArgNumber() == 0 ||
        c.getArgNumber() == 0 || a.getType() != c.getType())
      return false;
    if (!carried.insert({a, c}).second)
      return true;
    unsigned n = a.getArgNumber() - 1, m = c.getArgNumber() - 1;
    Operation *yield = loop.getBody()->getTerminator();
    return (*this)(loop.getInitArgs()[n], loop.getInitArgs()[m], depth + 1) &&
           (*this)(yield->getOperand(n), yield->getOperand(m), depth + 1);
  }
};

} // namespace

/// Whether two windows hold the same element at the same index; with \p equal,
/// when those arguments are equal.
bool Emitter::sameWindow(Value a, Value c, Equalities *equal) {
  auto x = a.getDefiningOp<tile::SliceOp>(),
       y = c.getDefiningOp<tile::SliceOp>();
  if (!x || !y || x.getOffsets().size() != y.getOffsets().size() ||
      x.getDims() != y.getDims())
    return a == c;
  auto u = x.getView().getDefiningOp<tile::ViewOp>();
  auto v = y.getView().getDefiningOp<tile::ViewOp>();
  auto typeOf = [](tile::SliceOp slice) {
    return cast<tile::ViewType>(slice.getWindow().getType()).getTensor();
  };
  Comparison equivalent{equal};
  if (!u || !v || typeOf(x).getShape() != typeOf(y).getShape() ||
      typeOf(x).getElementType() != typeOf(y).getElementType() ||
      !equivalent(u.getBase(), v.getBase()))
    return false;
  // Extents may differ: they only cut elements off.
  size_t rank = u.getSizes().size() / 2;
  for (size_t d = 0; d < u.getSizes().size(); ++d)
    if (d >= rank && !equivalent(u.getSizes()[d], v.getSizes()[d]))
      return false;
  return llvm::all_of(llvm::zip(x.getOffsets(), y.getOffsets()),
                      [&](auto pair) {
                        return equivalent(std::get<0>(pair), std::get<1>(pair));
                      });
}

/// Whether a store to \p other may change what is read of \p view. That it
/// does not may be an assumption; \p sameIsFine says that it is not needed when
/// the two are the same window.
bool Emitter::mayAlias(Value view, Value other, bool sameIsFine) {
  Value a = rootOf(view), c = rootOf(other);
  auto isAlloc = [](Value v) { return bool(v.getDefiningOp<tile::AllocOp>()); };
  if (a != c && (isAlloc(a) || isAlloc(c)))
    return false;
  if (sameIsFine && sameWindow(view, other))
    return false;
  if (!assumeNoAlias || a == c || !isArgument(a) || !isArgument(c))
    return true;
  Assumption made{view, other, {}};
  if (sameIsFine && !sameWindow(view, other, &made.equal))
    made.equal.clear();
  assumptions.push_back(std::move(made));
  return false;
}

/// Whether each element of \p v needs no element of \p loaded but the one at
/// its own index.
static bool isInPlace(Value v, Value loaded, bool isOwn,
                      llvm::DenseSet<std::pair<Value, unsigned>> &seen) {
  if (v == loaded)
    return isOwn;
  Operation *op = v.getDefiningOp();
  if (!isTensor(v) || !isDeferrable(op) || !seen.insert({v, isOwn}).second)
    return true;
  if (auto load = dyn_cast<tile::LoadOp>(op)) {
    if (load.getMask() && !isInPlace(load.getMask(), loaded, isOwn, seen))
      return false;
    for (Value view = load.getView();
         auto slice = view.getDefiningOp<tile::SliceOp>();
         view = slice.getView())
      for (Value offset : slice.getOffsets())
        if (!isInPlace(offset, loaded, false, seen))
          return false;
    return true;
  }
  auto map = dyn_cast<tile::MapOp>(op);
  for (auto [k, in] : llvm::enumerate(op->getOperands())) {
    bool stays = false;
    if (map && isTensor(in)) {
      auto span = spanOf(map, k);
      stays =
          isOwn && llvm::equal(span, llvm::seq<int64_t>(0, shapeOf(v).size()));
    }
    if (!isInPlace(in, loaded, stays, seen))
      return false;
  }
  return true;
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
  auto writes = [&](Operation *op, bool isLast) {
    Value view = writtenBy(op);
    if (!view)
      return false;
    // The store that ends the value's life may write where it was read.
    auto store = dyn_cast<tile::StoreOp>(op);
    llvm::DenseSet<std::pair<Value, unsigned>> seen;
    bool inPlace = isLast && store &&
                   isInPlace(store.getValue(), load.getValue(), true, seen) &&
                   !(store.getMask() &&
                     !isInPlace(store.getMask(), load.getValue(), true, seen));
    return mayAlias(load.getView(), view, inPlace);
  };
  // What programs write is read on its own side of an atomic that orders them:
  // behind the release of a lock it is another program's.
  auto orders = [&](Operation *op) {
    auto atomic = dyn_cast<tile::AtomicOp>(op);
    return atomic && atomic.getSem() != "relaxed" && op != last &&
           load->getParentOfType<tile::LaunchOp>()
               ->walk([&](Operation *other) {
                 return writes(other, false) ? WalkResult::interrupt()
                                             : WalkResult::advance();
               })
               .wasInterrupted();
  };
  size_t before = assumptions.size();
  for (Operation *op = load->getNextNode(); op; op = op->getNextNode()) {
    bool changes = op->walk([&](Operation *inner) {
                       return orders(inner) || writes(inner, inner == last)
                                  ? WalkResult::interrupt()
                                  : WalkResult::advance();
                     }).wasInterrupted();
    if (changes) {
      assumptions.resize(before); // of no use
      return true;
    }
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
