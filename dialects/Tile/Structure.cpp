// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tile/Order.h"
#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace terrazzo::tile;

// What a body may use from outside: scalars, constants, views.
static LogicalResult verifyCaptures(Operation *op, Region &region,
                                    StringRef constraint, bool channels) {
  llvm::SetVector<Value> used;
  getUsedValuesDefinedAbove(region, used);
  for (Value value : used) {
    Operation *made = value.getDefiningOp();
    bool constant = isa_and_nonnull<arith::ConstantOp, ub::PoisonOp>(made);
    if (isa<RankedTensorType>(value.getType()) && !constant)
      return op->emitOpError()
             << constraint
             << ": a tensor from outside is used: " << value.getType();
    if (isa<ChannelType>(value.getType()) && !channels)
      return op->emitOpError() << constraint << ": a channel from outside";
    auto view = dyn_cast<ViewType>(value.getType());
    auto place =
        view ? dyn_cast_or_null<PlaceAttr>(view.getTensor().getEncoding())
             : PlaceAttr();
    if (channels && place && place.getMemory() != "global")
      return op->emitOpError()
             << constraint << ": a view of " << place.getMemory()
             << " from outside; roles share global memory and channels";
  }
  return success();
}

// TC2: who waits for what another program writes must be resident with it.
static LogicalResult verifyNoWaiting(LaunchOp launch) {
  LogicalResult result = success();
  launch->walk([&](scf::WhileOp loop) {
    loop.getBefore().walk([&](AtomicOp atomic) {
      if (succeeded(result))
        result = atomic.emitOpError(
            "TC2: a launch whose programs wait for memory is `cooperative`");
    });
  });
  return result;
}

// TC3: a host computes scalars, makes views and memory, branches and launches.
static LogicalResult verifyHost(LaunchOp launch) {
  Operation *around = launch->getParentOp();
  if (!isa<FunctionOpInterface, scf::IfOp>(around))
    return launch.emitOpError("TC3: a launch stands in a function or a branch");
  for (Operation &op : *launch->getBlock())
    if (op.getName().getDialectNamespace() == "tile" &&
        !isa<LaunchOp, ViewOp, AllocOp, DisjointOp, YieldOp>(op))
      return op.emitOpError("TC3: only views, memory and launches stand beside "
                            "a launch");
  return success();
}

// TC8: memory made inside a launch is used by one role only.
static LogicalResult verifyPrivate(LaunchOp launch) {
  LogicalResult result = success();
  launch->walk([&](AllocOp alloc) {
    llvm::SmallVector<Value> open = {alloc.getView()};
    llvm::SmallDenseSet<Operation *> seen; // dominance is verified later
    Region *first = nullptr;
    while (!open.empty())
      for (Operation *user : open.pop_back_val().getUsers()) {
        Region *role = user->getParentRegion();
        while (role && !isa_and_nonnull<RolesOp>(role->getParentOp()))
          role = role->getParentRegion();
        if (role && first && role != first && succeeded(result))
          result = alloc.emitOpError("TC8: two roles use this memory");
        first = role ? role : first;
        auto slice = dyn_cast<SliceOp>(user);
        if (slice && seen.insert(user).second)
          open.push_back(slice.getWindow());
      }
  });
  return result;
}

LogicalResult LaunchOp::verify() {
  size_t rank = getExtents().size();
  if (getKinds().size() != rank || getBody().front().getNumArguments() != rank)
    return emitOpError("TC2: one iv and one kind for each extent");
  if (!llvm::all_of(getBody().front().getArgumentTypes(),
                    llvm::IsaPred<IndexType>))
    return emitOpError("TC2: ivs are of type index");
  bool sequential = false;
  for (Attribute attribute : getKinds()) {
    StringRef kind = cast<StringAttr>(attribute).getValue();
    if (kind != "parallel" && kind != "sequential")
      return emitOpError("TC2: `")
             << kind << "` is neither parallel nor sequential";
    if (kind == "parallel" && sequential)
      return emitOpError("TC2: parallel dims stand before sequential ones");
    sequential |= kind == "sequential";
  }
  if (getCluster() && getCluster()->size() != rank)
    return emitOpError("TC2: `cluster` has one entry for each dim");
  if ((*this)->getParentOfType<LaunchOp>())
    return emitOpError("TC2: a launch is not nested");
  if (failed(verifyHost(*this)) ||
      (!getCooperative() && failed(verifyNoWaiting(*this))))
    return failure();
  if (failed(verifyCaptures(*this, getBody(), "TC2", /*channels=*/false)))
    return failure();
  if (failed(verifyGroups(*this)))
    return failure();
  return verifyPrivate(*this);
}

// B2 comes last: what a call must be is said of the call itself.
LogicalResult LaunchOp::verifyRegions() {
  WalkResult result = walk([](ChannelOp channel) {
    return failed(obligationOf(channel)) ? WalkResult::interrupt()
                                         : WalkResult::advance();
  });
  return success(!result.wasInterrupted());
}

LogicalResult RolesOp::verify() {
  Operation *parent = (*this)->getParentOp();
  if (!isa<LaunchOp>(parent) && !parent->hasAttr("spread"))
    return emitOpError("TC4: roles stand directly in a launch");
  if (getRoles().size() != getBodies().size())
    return emitOpError("TC4: one role for each region");
  llvm::SmallVector<StringRef> names;
  for (auto [attribute, region] : llvm::zip(getRoles(), getBodies())) {
    auto role = dyn_cast<RoleAttr>(attribute);
    if (!role)
      return emitOpError("TC4: ") << attribute << " is no role";
    if (llvm::is_contained(names, role.getRole().getValue()))
      return emitOpError("TC4: two roles named ") << role.getRole();
    names.push_back(role.getRole().getValue());
    if (region.front().getNumArguments() != 1 ||
        !region.front().getArgument(0).getType().isIndex())
      return emitOpError(
          "TC4: a role's region has its replica as only argument");
    if (failed(verifyCaptures(*this, region, "TC4", /*channels=*/true)))
      return failure();
  }
  for (Operation &other : *(*this)->getBlock()) {
    if (&other == getOperation())
      continue;
    if (isa<RolesOp>(other))
      return emitOpError("TC4: one `tile.roles` in a program");
    if (isa<LoadOp, StoreOp, CopyOp, AtomicOp, MmaOp, AcquireOp, WaitOp>(other))
      return other.emitOpError(
          "TC4: only scalar ops and channels stand beside roles");
  }
  return success();
}

LogicalResult OrderOp::verify() {
  if (!orderNamed(getKind()))
    return emitOpError("an order is row, grouped, snake or hilbert, not `")
           << getKind() << "`";
  if (getGroup() && static_cast<int64_t>(*getGroup()) < 1)
    return emitOpError("a group has at least one row");
  if (getIndices().size() != getExtents().size())
    return emitOpError("one index for each extent");
  return success();
}
