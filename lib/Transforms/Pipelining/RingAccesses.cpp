// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What goes between global memory and a core goes through rings: a block that
// is stored leaves while the next one is made; where engines wait for one
// another (P4), a block that is loaded arrives while the last one is used.
#include "lib/Transforms/Pipelining/Passes.h"

#include "lib/Transforms/Pipelining/Payloads.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

namespace {

struct RingAccesses : PassWrapper<RingAccesses, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(RingAccesses)
  RingAccesses() = default;
  RingAccesses(llvm::StringRef where, int64_t slots, bool withLoads,
               llvm::StringRef ofProducts) {
    operands = ofProducts.str();
    memory = where.str();
    depth = slots;
    loads = withLoads;
  }
  RingAccesses(const RingAccesses &other) : PassWrapper(other) {}
  StringRef getArgument() const override { return "ring-accesses"; }
  StringRef getDescription() const override {
    return "blocks go to and from global memory through rings";
  }
  Option<std::string> memory{*this, "memory",
                             llvm::cl::desc("that the blocks go through")};
  Option<int64_t> depth{*this, "depth", llvm::cl::desc("slots of each ring"),
                        llvm::cl::init(2)};
  Option<bool> loads{*this, "loads",
                     llvm::cl::desc("loads too, without running ahead")};
  Option<std::string> operands{
      *this, "operands",
      llvm::cl::desc("memory for loads that only products read")};
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<TileDialect>();
  }

  void runOnOperation() override {
    getOperation()->walk([&](LaunchOp launch) {
      llvm::SmallVector<Operation *> accesses;
      launch->walk([&](Operation *op) {
        if (isa<StoreOp, LoadOp>(op))
          accesses.push_back(op);
      });
      for (Operation *op : accesses)
        if (auto store = dyn_cast<StoreOp>(op))
          ring(store, launch);
        else if (loads)
          ring(cast<LoadOp>(op), launch);
    });
  }

  /// Not what is masked, a number, or in a memory of the core already.
  static bool goesOut(Value value, Value view, Value mask) {
    auto type = cast<ViewType>(view.getType());
    auto tensor = cast<RankedTensorType>(type.getTensor());
    auto place = cast<PlaceAttr>(tensor.getEncoding());
    return isa<RankedTensorType>(value.getType()) && tensor.getRank() &&
           !mask && place.getMemory() == "global";
  }
  /// Only products read the block, through transposes at most.
  static bool isOperand(Value block) {
    auto swap = AffineMap::getPermutationMap(llvm::ArrayRef<unsigned>{1, 0},
                                             block.getContext());
    return !block.use_empty() &&
           llvm::all_of(block.getUses(), [&](OpOperand &use) {
             if (isa<MmaOp>(use.getOwner()))
               return use.getOperandNumber() < 2;
             auto take = dyn_cast<TakeOp>(use.getOwner());
             return take && take.getMap() == swap &&
                    isOperand(take.getResult());
           });
  }
  /// A window of plain rows: no positions from a list.
  static bool isPlain(Value view) {
    auto kinds = cast<ViewType>(view.getType()).getBoundaries();
    if (llvm::any_of(kinds, [](Attribute kind) {
          return isa<ClampAttr, WrapAttr>(kind);
        }))
      return false;
    auto slice = view.getDefiningOp<SliceOp>();
    return !slice ||
           (llvm::none_of(slice.getOffsets(),
                          [](Value offset) {
                            return isa<RankedTensorType>(offset.getType());
                          }) &&
            isPlain(slice.getView()));
  }
  std::pair<ChannelOp, ViewType> channel(Value value, llvm::StringRef memory,
                                         LaunchOp launch) {
    MLIRContext *context = value.getContext();
    auto rows =
        NestAttr::get(context, ArrayAttr::get(context, {}), ArrayAttr());
    auto place =
        PlaceAttr::get(context, StringAttr::get(context, memory), rows);
    auto tensor = cast<RankedTensorType>(value.getType());
    auto slot =
        ViewType::get(context,
                      RankedTensorType::get(tensor.getShape(),
                                            tensor.getElementType(), place),
                      ArrayAttr::get(context, {}));
    auto type = ChannelType::get(
        context, depth, ArrayAttr::get(context, {TypeAttr::get(slot)}));
    OpBuilder builder = OpBuilder::atBlockBegin(&launch.getBody().front());
    auto made = ChannelOp::create(builder, value.getLoc(), type, StringAttr(),
                                  StringAttr(), ArrayAttr(), ArrayAttr(),
                                  ArrayAttr(), false);
    return {made, slot};
  }

  /// Whether the launch reads what a store may still be writing when the
  /// program goes on.
  static bool isRead(StoreOp store, LaunchOp launch) {
    Value root = rootOf(store.getView());
    return launch
        ->walk([&](Operation *op) {
          Value source;
          if (auto load = dyn_cast<LoadOp>(op))
            source = load.getView();
          else if (auto copy = dyn_cast<CopyOp>(op))
            source = copy.getSource();
          else if (auto atomic = dyn_cast<AtomicOp>(op))
            source = atomic.getView();
          return source && mayAlias(root, rootOf(source))
                     ? WalkResult::interrupt()
                     : WalkResult::advance();
        })
        .wasInterrupted();
  }

  /// Whether something else stores to the same memory, which must come after
  /// or before.
  static bool isWrittenTwice(StoreOp store, LaunchOp launch) {
    Value root = rootOf(store.getView());
    if (root.getDefiningOp<AllocOp>())
      return true;
    return launch
        ->walk([&](StoreOp other) {
          return other != store && mayAlias(root, rootOf(other.getView()))
                     ? WalkResult::interrupt()
                     : WalkResult::advance();
        })
        .wasInterrupted();
  }

  void ring(StoreOp store, LaunchOp launch) {
    Value value = store.getValue();
    if (store->hasAttr("direct") ||
        !goesOut(value, store.getView(), store.getMask()) ||
        isRead(store, launch) || isWrittenTwice(store, launch))
      return;
    auto [ring, slot] = channel(value, memory, launch);
    // Iterations need not store apart, nor programs: a last block that is moved
    // back over the one before stores the same values once more.
    ring->setAttr("ordered", UnitAttr::get(launch.getContext()));
    // Acquired before the value is made, so that it can be made in the slot.
    Operation *made = value.getDefiningOp();
    bool inPlace = isa_and_nonnull<MapOp>(made) &&
                   made->getBlock() == store->getBlock() && value.hasOneUse();
    OpBuilder builder(inPlace ? made : store);
    Location loc = store.getLoc();
    Value free =
        AcquireOp::create(builder, loc, TypeRange{slot}, ring, ValueRange())
            .getViews()[0];
    builder.setInsertionPoint(store);
    StoreOp::create(builder, loc, value, free, Value());
    CommitOp::create(builder, loc, ring);
    Value full =
        WaitOp::create(builder, loc, TypeRange{slot}, ring).getViews()[0];
    CopyOp::create(builder, loc, full, store.getView());
    ReleaseOp::create(builder, loc, ring);
    store.erase();
  }

  void ring(LoadOp load, LaunchOp launch) {
    if (!goesOut(load.getResult(), load.getView(), load.getMask()))
      return;
    bool isDirect = !operands.empty() && isOperand(load.getResult()) &&
                    isPlain(load.getView());
    auto [ring, slot] =
        channel(load.getResult(), isDirect ? operands : memory, launch);
    produce(ring, load.getResult(), slot, [](Value) { return true; });
    Block *block = load->getBlock();
    consume(ring, load.getResult(), slot, block, [&](OpOperand &use) {
      return block->findAncestorOpInBlock(*use.getOwner()) != nullptr;
    });
    if (load->use_empty())
      load.erase();
  }
};

} // namespace

std::unique_ptr<Pass> terrazzo::createRingAccesses(StringRef memory,
                                                   int64_t depth, bool loads,
                                                   StringRef operands) {
  return std::make_unique<RingAccesses>(memory, depth, loads, operands);
}
