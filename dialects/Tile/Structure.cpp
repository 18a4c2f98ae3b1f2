// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tile/Tile.h"

using namespace mlir;
using namespace terrazzo::tile;

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
  return success();
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
  if (!llvm::is_contained({"row", "grouped", "snake", "hilbert"}, getKind()))
    return emitOpError("an order is row, grouped, snake or hilbert, not `")
           << getKind() << "`";
  if (getIndices().size() != getExtents().size())
    return emitOpError("one index for each extent");
  return success();
}
