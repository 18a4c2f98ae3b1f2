// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Tiling/Dimensions.h"

using namespace terrazzo;
using namespace terrazzo::tiling;
using namespace mlir;

unsigned Dimensions::node(Value v, int64_t dim) {
  auto [at, isNew] = first.try_emplace(v, nodes);
  if (isNew) {
    nodes += shapeOf(v).size();
    classes.grow(nodes);
  }
  return at->second + unsigned(dim);
}
Dimensions::Class Dimensions::of(Value v, int64_t dim) {
  return classes.findLeader(node(v, dim));
}
bool Dimensions::has(Value v, Class c) {
  for (size_t d = 0; d < shapeOf(v).size(); ++d)
    if (of(v, int64_t(d)) == c)
      return true;
  return false;
}
Operation *Dimensions::pinnedBy(Class c) {
  for (auto [n, op] : pins)
    if (classes.findLeader(n) == c)
      return op;
  return nullptr;
}

void Dimensions::join(Value a, int64_t i, Value b, int64_t j) {
  unsigned n = node(a, i), m = node(b, j);
  classes.join(n, m);
}
void Dimensions::joinAll(Value a, Value b) {
  for (size_t d = 0; d < std::min(shapeOf(a).size(), shapeOf(b).size()); ++d)
    join(a, int64_t(d), b, int64_t(d));
}
void Dimensions::pin(Operation *op) {
  auto each = [&](Value v) {
    for (size_t d = 0; d < shapeOf(v).size(); ++d)
      pins.emplace_back(node(v, int64_t(d)), op);
  };
  llvm::for_each(op->getOperands(), each);
  llvm::for_each(op->getResults(), each);
}

void Dimensions::visit(Operation *op) {
  if (isa<kernel::SplatOp, kernel::MakeRangeOp>(op)) {
    // One block, nothing to join.
  } else if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    if (auto dense = dyn_cast<DenseElementsAttr>(constant.getValue()))
      if (!dense.isSplat())
        pin(op);
  } else if (auto o = dyn_cast<kernel::ExpandDimsOp>(op)) {
    int64_t axis = o.getAxis();
    for (size_t d = 0; d < shapeOf(o.getSrc()).size(); ++d)
      join(o.getSrc(), int64_t(d), o.getResult(),
           int64_t(d) < axis ? int64_t(d) : int64_t(d) + 1);
  } else if (auto o = dyn_cast<kernel::BroadcastOp>(op)) {
    for (auto [d, size] : llvm::enumerate(shapeOf(o.getSrc())))
      if (size != 1 || shapeOf(o.getResult())[d] == 1)
        join(o.getSrc(), int64_t(d), o.getResult(), int64_t(d));
  } else if (auto o = dyn_cast<kernel::TransOp>(op)) {
    for (auto [d, from] : llvm::enumerate(o.getOrder()))
      join(o.getResult(), int64_t(d), o.getSrc(), from);
  } else if (auto o = dyn_cast<kernel::DotOp>(op)) {
    int64_t rank = int64_t(shapeOf(o.getA()).size());
    joinAll(o.getAcc(), o.getResult());
    join(o.getA(), rank - 1, o.getB(), rank - 2);
    join(o.getA(), rank - 2, o.getResult(), rank - 2);
    join(o.getB(), rank - 1, o.getResult(), rank - 1);
    if (rank == 3) {
      join(o.getA(), 0, o.getB(), 0);
      join(o.getA(), 0, o.getResult(), 0);
    }
  } else if (auto o = dyn_cast<kernel::ReduceOp>(op)) {
    int64_t axis = o.getAxis();
    for (Value src : o.getSrcs()) {
      joinAll(o.getSrcs().front(), src);
      for (Value out : o.getOuts())
        for (size_t d = 0; d < shapeOf(out).size(); ++d)
          join(out, int64_t(d), src,
               int64_t(d) < axis ? int64_t(d) : int64_t(d) + 1);
    }
  } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
    auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
    for (unsigned i = 0; i < loop.getNumResults(); ++i) {
      joinAll(loop.getInitArgs()[i], loop.getRegionIterArg(i));
      joinAll(loop.getInitArgs()[i], yield.getOperand(i));
      joinAll(loop.getInitArgs()[i], loop.getResult(i));
    }
  } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
    for (unsigned i = 0; i < branch.getNumResults(); ++i) {
      joinAll(branch.getResult(i), branch.thenYield().getOperand(i));
      joinAll(branch.getResult(i), branch.elseYield().getOperand(i));
    }
  } else if (isa<scf::YieldOp, kernel::YieldOp>(op)) {
    // Joined by the op that it ends.
  } else if (isa<scf::WhileOp, kernel::ReshapeOp, kernel::JoinOp,
                 kernel::SplitOp, kernel::CatOp, kernel::HistogramOp,
                 kernel::GatherOp, kernel::PrintOp>(op)) {
    pin(op);
  } else { // element by element
    Value whole;
    auto each = [&](Value v) {
      if (shapeOf(v).empty())
        return;
      if (whole)
        joinAll(whole, v);
      whole = v;
    };
    llvm::for_each(op->getOperands(), each);
    llvm::for_each(op->getResults(), each);
  }
}

Dimensions::Dimensions(Block &body) {
  body.walk([&](Operation *op) { visit(op); });
}

void terrazzo::tiling::separateUses(Block &body) {
  // Backwards, so that what a separated op needs is separated after it.
  llvm::SmallVector<Operation *> sources;
  body.walk([&](Operation *op) {
    if (isa<kernel::MakeRangeOp, kernel::SplatOp, arith::ConstantOp>(op) &&
        !shapeOf(op->getResult(0)).empty())
      sources.push_back(op);
  });
  for (Operation *op : llvm::reverse(sources)) {
    OpBuilder b(op);
    for (OpOperand &use :
         llvm::make_early_inc_range(llvm::drop_begin(op->getUses())))
      use.set(b.clone(*op)->getResult(0));
  }
}
