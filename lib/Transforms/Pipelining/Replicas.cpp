// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Pipelining/Replicas.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

namespace {

/// Finds which dimension of which value is shared, then makes it smaller.
class Split {
public:
  Split(Region &region, int64_t replicas)
      : region(region), replicas(replicas) {}
  LogicalResult run(int64_t dim);

private:
  void copyConstants();
  void mark(Value value, int64_t dim);
  /// Equal parts: what is true of one is of the other.
  void link(Value a, Value b) {
    if (auto d = dimOf(a))
      mark(b, *d);
    if (auto d = dimOf(b))
      mark(a, *d);
  }
  std::optional<int64_t> dimOf(Value value) const {
    auto found = dims.find(value);
    return found == dims.end() ? std::nullopt : std::optional(found->second);
  }
  void visit(Operation *op);
  void visitMap(MapOp op);
  void visitReduce(ReduceOp op);
  void visitTake(TakeOp op);
  void visitSlice(SliceOp op);
  LogicalResult check();
  void rewrite();
  Value shareOf(OpBuilder &builder, Location loc, int64_t size);

  Region &region;
  int64_t replicas;
  llvm::DenseMap<Value, int64_t> dims;
  llvm::SmallVector<Value> order; // as they were found
  bool changed = false;
  Operation *conflict = nullptr;
};

} // namespace

static RankedTensorType tensorOf(Type type) {
  if (auto view = dyn_cast<ViewType>(type))
    return view.getTensor();
  return dyn_cast<RankedTensorType>(type);
}

/// A constant from outside may serve other roles, and whole and shared values.
void Split::copyConstants() {
  OpBuilder builder = OpBuilder::atBlockBegin(&region.front());
  region.walk([&](Operation *op) {
    for (OpOperand &use : op->getOpOperands()) {
      Operation *made = use.get().getDefiningOp();
      bool constant = isa_and_nonnull<arith::ConstantOp, ub::PoisonOp>(made);
      if (!constant || region.isAncestor(made->getParentRegion()) ||
          !isa<RankedTensorType>(use.get().getType()))
        continue;
      use.set(builder.clone(*made)->getResult(0));
    }
  });
}

void Split::mark(Value value, int64_t dim) {
  auto [found, fresh] = dims.try_emplace(value, dim);
  if (fresh) {
    order.push_back(value);
    changed = true;
  } else if (found->second != dim && !conflict) {
    Operation *made = value.getDefiningOp();
    conflict = made ? made : value.getParentBlock()->getParentOp();
  }
}

void Split::visitMap(MapOp op) {
  auto spans = [&](size_t number) {
    llvm::SmallVector<int64_t> list;
    if (op.getDims()) {
      auto entry = cast<ArrayAttr>((*op.getDims())[number]);
      for (auto d : entry.getAsRange<IntegerAttr>())
        list.push_back(d.getInt());
      return list;
    }
    for (int64_t d = 0;
         d < cast<RankedTensorType>(op.getOuts()[0].getType()).getRank(); ++d)
      list.push_back(d);
    return list;
  };
  for (auto [number, in] : llvm::enumerate(op.getIns())) {
    llvm::SmallVector<int64_t> list = spans(number);
    if (auto d = dimOf(in))
      mark(op.getOuts()[0], list[*d]);
    if (auto d = dimOf(op.getOuts()[0]))
      if (auto *at = llvm::find(list, *d); at != list.end())
        mark(in, at - list.begin());
  }
  for (Value out : op.getOuts())
    link(op.getOuts()[0], out);
}

void Split::visitReduce(ReduceOp op) {
  auto type = cast<RankedTensorType>(op.getIns()[0].getType());
  llvm::SmallVector<int64_t> kept;
  for (int64_t d = 0; d < type.getRank(); ++d)
    if (llvm::none_of(op.getDims().getAsRange<IntegerAttr>(),
                      [&](IntegerAttr a) { return a.getInt() == d; }))
      kept.push_back(d);
  for (Value in : op.getIns())
    for (Value out : op.getOuts()) {
      if (auto d = dimOf(in)) {
        if (auto *at = llvm::find(kept, *d); at != kept.end())
          mark(out, at - kept.begin());
        else if (!conflict)
          conflict = op;
      }
      if (auto d = dimOf(out))
        mark(in, kept[*d]);
    }
}

void Split::visitTake(TakeOp op) {
  for (auto [source, e] : llvm::enumerate(op.getMap().getResults())) {
    auto result = dyn_cast<AffineDimExpr>(e);
    bool own = isa<AffineDimExpr>(e);
    for (auto [other, f] : llvm::enumerate(op.getMap().getResults()))
      own &=
          other == source || !own || !f.isFunctionOfDim(result.getPosition());
    if (dimOf(op.getSource()) == int64_t(source) && !own && !conflict)
      conflict = op;
    if (!own)
      continue;
    if (dimOf(op.getSource()) == int64_t(source))
      mark(op.getResult(), result.getPosition());
    if (dimOf(op.getResult()) == int64_t(result.getPosition()))
      mark(op.getSource(), source);
  }
}

/// A window of a slot spans its shared dimension; one of global memory moves.
void Split::visitSlice(SliceOp op) {
  auto sourceOf = [&](int64_t dim) {
    return op.getDims() ? cast<IntegerAttr>((*op.getDims())[dim]).getInt()
                        : dim;
  };
  bool slot =
      isa_and_nonnull<WaitOp, AcquireOp, SliceOp>(op.getView().getDefiningOp());
  RankedTensorType to = op.getWindow().getType().getTensor();
  if (auto d = dimOf(op.getWindow()); d && slot)
    mark(op.getView(), sourceOf(*d));
  if (auto d = dimOf(op.getView()))
    for (int64_t k = 0; k < to.getRank(); ++k)
      if (sourceOf(k) == *d)
        mark(op.getWindow(), k);
}

void Split::visit(Operation *op) {
  if (auto mma = dyn_cast<MmaOp>(op)) {
    link(mma.getAcc(), mma.getResult());
    auto d = dimOf(mma.getResult());
    if (d)
      mark(*d == 0 ? mma.getA() : mma.getB(), *d);
    // The other operand is whole, and nobody has a part of K.
    auto a = dimOf(mma.getA()), b = dimOf(mma.getB());
    bool fits = (!a || (d == 0 && *a == 0)) && (!b || (d == 1 && *b == 1));
    if ((!fits || (d && !mma.getScales().empty())) && !conflict)
      conflict = op;
  } else if (auto map = dyn_cast<MapOp>(op)) {
    visitMap(map);
  } else if (auto reduce = dyn_cast<ReduceOp>(op)) {
    visitReduce(reduce);
  } else if (auto scan = dyn_cast<ScanOp>(op)) {
    for (Value in : scan.getIns())
      for (Value out : scan.getOuts())
        link(in, out);
  } else if (auto take = dyn_cast<TakeOp>(op)) {
    visitTake(take);
  } else if (auto slice = dyn_cast<SliceOp>(op)) {
    visitSlice(slice);
  } else if (auto move = dyn_cast<MoveOp>(op)) {
    link(move.getSource(), move.getResult());
  } else if (auto load = dyn_cast<LoadOp>(op)) {
    link(load.getView(), load.getValue());
    if (load.getMask())
      link(load.getValue(), load.getMask());
  } else if (auto store = dyn_cast<StoreOp>(op)) {
    link(store.getValue(), store.getView());
    if (store.getMask())
      link(store.getView(), store.getMask());
  } else if (auto copy = dyn_cast<CopyOp>(op)) {
    link(copy.getSource(), copy.getTarget());
  } else if (auto atomic = dyn_cast<AtomicOp>(op)) {
    for (Value value : atomic->getOperands().drop_front())
      link(atomic.getView(), value);
    for (Value old : atomic->getResults())
      link(atomic.getView(), old);
  } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
    for (size_t i = 0; i < loop.getInitArgs().size(); ++i) {
      link(loop.getInitArgs()[i], loop.getRegionIterArgs()[i]);
      link(loop.getRegionIterArgs()[i],
           loop.getBody()->getTerminator()->getOperand(i));
      link(loop.getRegionIterArgs()[i], loop.getResults()[i]);
    }
  } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
    for (Region &arm : branch->getRegions())
      for (size_t i = 0; i < branch.getNumResults(); ++i)
        link(branch.getResults()[i],
             arm.front().getTerminator()->getOperand(i));
  }
}

LogicalResult Split::check() {
  if (conflict)
    return conflict->emitError(
        "R6: the replicas of its role cannot share the work of this op");
  for (Value value : order) {
    Operation *made = value.getDefiningOp();
    RankedTensorType type = tensorOf(value.getType());
    if (!type || type.getDimSize(dims[value]) % replicas)
      return emitError(value.getLoc(), "R6: dimension ")
             << dims[value] << " cannot be shared by " << replicas
             << " replicas";
    auto constant = dyn_cast_or_null<arith::ConstantOp>(made);
    if (constant && !isa<SplatElementsAttr>(constant.getValue()))
      return constant.emitError("R6: replicas share only splat constants");
    if (isa_and_nonnull<ViewOp, AllocOp>(made))
      return made->emitError("R6: replicas share windows, not whole views");
  }
  WalkResult result = region.walk([&](Operation *op) {
    Value target = isa<StoreOp>(op)    ? op->getOperand(1)
                   : isa<AtomicOp>(op) ? op->getOperand(0)
                   : isa<CopyOp>(op)   ? op->getOperand(1)
                                       : Value();
    if (!target || dims.count(target))
      return WalkResult::advance();
    op->emitError("R6: every replica would write this");
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

/// Where the part of this replica begins.
Value Split::shareOf(OpBuilder &builder, Location loc, int64_t size) {
  Value part = arith::ConstantOp::create(builder, loc,
                                         builder.getIndexAttr(size / replicas));
  return arith::MulIOp::create(builder, loc, region.getArgument(0), part);
}

void Split::rewrite() {
  for (Value value : order) {
    int64_t dim = dims[value];
    RankedTensorType type = tensorOf(value.getType());
    llvm::SmallVector<int64_t> shape(type.getShape());
    int64_t size = shape[dim];
    shape[dim] /= replicas;
    auto part =
        RankedTensorType::get(shape, type.getElementType(), type.getEncoding());
    Operation *made = value.getDefiningOp();
    if (auto constant = dyn_cast_or_null<arith::ConstantOp>(made))
      constant.setValueAttr(DenseElementsAttr::get(
          part, cast<SplatElementsAttr>(constant.getValue())
                    .getSplatValue<Attribute>()));
    auto view = dyn_cast<ViewType>(value.getType());
    value.setType(view ? Type(ViewType::get(view.getContext(), part,
                                            view.getBoundaries()))
                       : Type(part));
    if (!made)
      continue;
    OpBuilder builder(made);
    auto slice = dyn_cast<SliceOp>(made);
    bool slot = slice && dims.count(slice.getView());
    if (slice && !slot) {
      int64_t source = slice.getDims()
                           ? cast<IntegerAttr>((*slice.getDims())[dim]).getInt()
                           : dim;
      OpOperand &offset = slice->getOpOperand(1 + source);
      offset.set(arith::AddIOp::create(builder, made->getLoc(), offset.get(),
                                       shareOf(builder, made->getLoc(), size)));
    }
    auto map = dyn_cast<MapOp>(made);
    if (map && value == map.getOuts()[0]) {
      BlockArgument index = map.getBody().getArgument(dim);
      if (index.use_empty())
        continue;
      Value share = shareOf(builder, made->getLoc(), size);
      builder.setInsertionPointToStart(&map.getBody().front());
      Operation *moved =
          arith::AddIOp::create(builder, made->getLoc(), index, share);
      index.replaceAllUsesExcept(moved->getResult(0), moved);
    }
  }
}

/// The channels' shares follow from the views of the calls.
static void setShares(Region &region) {
  region.walk([&](Operation *op) {
    if (!isa<AcquireOp, WaitOp>(op))
      return;
    auto channel = op->getOperand(0).getDefiningOp<ChannelOp>();
    ArrayAttr payload = channel.getChannel().getType().getPayload();
    llvm::SmallVector<Attribute> shares;
    for (auto [part, view] : llvm::zip(payload, op->getResults())) {
      auto whole = cast<ViewType>(cast<TypeAttr>(part).getValue())
                       .getTensor()
                       .getShape();
      auto own = cast<ViewType>(view.getType()).getTensor().getShape();
      Attribute share = AllAttr::get(op->getContext());
      for (size_t d = 0; d < whole.size(); ++d)
        if (whole[d] != own[d])
          share = SplitAttr::get(op->getContext(), d);
      shares.push_back(share);
    }
    auto list = ArrayAttr::get(op->getContext(), shares);
    if (isa<AcquireOp>(op))
      channel.setProduceAttr(list);
    else
      channel.setConsumeAttr(list);
  });
}

LogicalResult Split::run(int64_t dim) {
  copyConstants();
  bool any = false;
  region.walk([&](MmaOp op) {
    any = true;
    if (dim >= 0 && dim < 2)
      mark(op.getResult(), dim);
  });
  if (!any || order.empty())
    return emitError(region.getLoc(), "R6: replicas share dimension 0 or 1 of "
                                      "an accumulator, and there is none");
  do {
    changed = false;
    region.walk([&](Operation *op) { visit(op); });
  } while (changed);
  if (failed(check()))
    return failure();
  rewrite();
  setShares(region);
  return success();
}

LogicalResult terrazzo::tile::splitReplicas(Region &region, int64_t replicas,
                                            int64_t dim) {
  return Split(region, replicas).run(dim);
}
