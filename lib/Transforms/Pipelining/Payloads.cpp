// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Pipelining/Payloads.h"

#include "dialects/Kernel/Kernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

ChannelPlan terrazzo::tile::channelPlan(LaunchOp launch, StringRef key) {
  ChannelPlan plan;
  auto schedule = tile::keysOf(launch);
  auto channels =
      schedule ? schedule.getAs<DictionaryAttr>("channels") : DictionaryAttr();
  auto entry =
      channels ? channels.getAs<DictionaryAttr>(key) : DictionaryAttr();
  if (!entry)
    return plan;
  if (auto depth = entry.getAs<IntegerAttr>("depth"))
    plan.depth = std::max<int64_t>(depth.getInt(), 1);
  plan.place = entry.getAs<PlaceAttr>("place");
  return plan;
}

Value terrazzo::tile::rootOf(Value view) {
  while (Operation *made = view.getDefiningOp()) {
    if (auto slice = dyn_cast<SliceOp>(made))
      view = slice.getView();
    else if (auto global = dyn_cast<ViewOp>(made))
      view = global.getBase();
    else if (auto moved = dyn_cast<kernel::AddPtrOp>(made))
      view = moved.getPtr();
    else
      break;
  }
  return view;
}

bool terrazzo::tile::mayAlias(Value a, Value b) {
  if (a == b)
    return true;
  auto made = [](Value v) {
    return isa_and_nonnull<AllocOp, AcquireOp, WaitOp>(v.getDefiningOp());
  };
  if (made(a) || made(b))
    return false;
  auto apart = [](Value v) {
    auto argument = dyn_cast<BlockArgument>(v);
    auto function = argument ? dyn_cast_or_null<FunctionOpInterface>(
                                   argument.getOwner()->getParentOp())
                             : FunctionOpInterface();
    return function &&
           function.getArgAttr(argument.getArgNumber(), "kernel.noalias");
  };
  return !apart(a) && !apart(b);
}

llvm::SmallVector<Access> terrazzo::tile::accessesOf(Operation *op) {
  llvm::SmallVector<Access> out;
  auto add = [&](Value view, bool write) {
    if (isa<ViewType>(view.getType()))
      out.push_back({rootOf(view), write});
  };
  if (auto load = dyn_cast<LoadOp>(op)) {
    add(load.getView(), false);
  } else if (auto store = dyn_cast<StoreOp>(op)) {
    add(store.getView(), true);
  } else if (auto atomic = dyn_cast<AtomicOp>(op)) {
    add(atomic.getView(), true);
  } else if (auto copy = dyn_cast<CopyOp>(op)) {
    add(copy.getSource(), false);
    add(copy.getTarget(), true);
  } else if (auto mma = dyn_cast<MmaOp>(op)) {
    add(mma.getA(), false);
    add(mma.getB(), false);
  }
  return out;
}

/// Whether the launch writes memory that \p root may be part of.
static bool writes(LaunchOp launch, Value root) {
  bool written = false;
  launch->walk([&](Operation *op) {
    for (const Access &access : accessesOf(op))
      written |= access.write && mayAlias(root, access.root);
  });
  return written;
}

bool terrazzo::tile::isSpread(Operation *op, LaunchOp launch) {
  if (op->getNumRegions() || op->hasTrait<OpTrait::IsTerminator>() ||
      op->hasAttr("role") || op->hasAttr("stage"))
    return false;
  if (isa<ViewOp, SliceOp, OrderOp, ChannelOp, arith::ConstantOp, ub::PoisonOp,
          kernel::AddPtrOp>(op))
    return true;
  bool tensors =
      llvm::any_of(op->getResultTypes(), llvm::IsaPred<RankedTensorType>);
  if (auto load = dyn_cast<LoadOp>(op))
    return !tensors && !writes(launch, rootOf(load.getView()));
  return !tensors && isMemoryEffectFree(op) && !isa<ReduceOp>(op);
}

FailureOr<ViewType> terrazzo::tile::slotFor(Value value,
                                            const ChannelPlan &plan) {
  auto tensor = dyn_cast<RankedTensorType>(value.getType());
  Attribute place = plan.place;
  if (!place && tensor)
    place = tensor.getEncoding();
  if (!place) {
    emitError(value.getLoc(), "P2: the schedule names no place for the channel "
                              "that carries this value");
    return failure();
  }
  auto slot =
      RankedTensorType::get(tensor ? tensor.getShape() : ArrayRef<int64_t>(),
                            getElementTypeOrSelf(value.getType()), place);
  return ViewType::get(value.getContext(), slot,
                       ArrayAttr::get(value.getContext(), {}));
}

/// The calls on a slot stand in the stage of what they are for.
static void takeStage(Operation *to, Operation *from) {
  for (StringRef name : {"stage", "at"})
    if (Attribute value = from->getAttr(name))
      to->setAttr(name, value);
}

static llvm::SmallVector<Type> typesOf(ArrayRef<ViewType> slots) {
  return llvm::SmallVector<Type>(slots.begin(), slots.end());
}

void terrazzo::tile::produce(Value channel, ArrayRef<Value> values,
                             ArrayRef<ViewType> slots,
                             llvm::function_ref<bool(Value)> movesOnly) {
  Operation *first = values.front().getDefiningOp(), *last = first;
  for (Value value : values) {
    Operation *op = value.getDefiningOp();
    first = op->isBeforeInBlock(first) ? op : first;
    last = last->isBeforeInBlock(op) ? op : last;
  }
  OpBuilder builder(first);
  auto acquired = AcquireOp::create(builder, first->getLoc(), typesOf(slots),
                                    channel, ValueRange());
  takeStage(acquired, first);
  Operation *end = last;
  for (auto [value, view] : llvm::zip(values, acquired.getViews())) {
    Operation *op = value.getDefiningOp();
    builder.setInsertionPointAfter(op);
    auto load = dyn_cast<LoadOp>(op);
    Operation *put;
    if (load && !load.getMask() && movesOnly(value) &&
        isa<RankedTensorType>(value.getType()))
      put = CopyOp::create(builder, op->getLoc(), load.getView(), view);
    else
      put = StoreOp::create(builder, op->getLoc(), value, view, Value());
    takeStage(put, op);
    if (op == last)
      end = put;
  }
  builder.setInsertionPointAfter(end);
  takeStage(CommitOp::create(builder, last->getLoc(), channel), last);
}

void terrazzo::tile::consume(Value channel, ArrayRef<Value> values,
                             ArrayRef<ViewType> slots, Block *block,
                             llvm::function_ref<bool(OpOperand &)> isMine) {
  llvm::SmallVector<std::pair<OpOperand *, size_t>> uses;
  Operation *first = nullptr, *last = nullptr;
  for (auto [number, value] : llvm::enumerate(values))
    for (OpOperand &use : value.getUses()) {
      if (!isMine(use))
        continue;
      uses.push_back({&use, number});
      Operation *here = block->findAncestorOpInBlock(*use.getOwner());
      first = !first || here->isBeforeInBlock(first) ? here : first;
      // A view is read where it is used, a tensor where it is loaded.
      auto mma = dyn_cast<MmaOp>(use.getOwner());
      bool asView = mma && use.getOperandNumber() < 2;
      if (asView && (!last || last->isBeforeInBlock(here)))
        last = here;
    }
  if (!first)
    return;
  OpBuilder builder(first);
  auto waited =
      WaitOp::create(builder, first->getLoc(), typesOf(slots), channel);
  takeStage(waited, first);
  Operation *end = waited;
  llvm::SmallVector<Value> loaded(values.size());
  for (auto [use, number] : uses) {
    auto mma = dyn_cast<MmaOp>(use->getOwner());
    if (mma && use->getOperandNumber() < 2) {
      use->set(waited.getViews()[number]);
      continue;
    }
    Value &tensor = loaded[number];
    if (!tensor) {
      auto load =
          LoadOp::create(builder, first->getLoc(), values[number].getType(),
                         waited.getViews()[number], Value());
      takeStage(load, first);
      tensor = load;
      end = load;
    }
    use->set(tensor);
  }
  builder.setInsertionPointAfter(last ? last : end);
  takeStage(ReleaseOp::create(builder, end->getLoc(), channel), first);
}
