// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tile/Tile.h"

using namespace mlir;
using namespace terrazzo::tile;

// The role whose region holds \p op; null outside `tile.roles`.
static RoleAttr roleOf(Operation *op) {
  for (Region *region = op->getParentRegion(); region;
       region = region->getParentRegion())
    if (auto roles = dyn_cast_or_null<RolesOp>(region->getParentOp())) {
      unsigned number = region->getRegionNumber();
      return number < roles.getRoles().size()
                 ? dyn_cast<RoleAttr>(roles.getRoles()[number])
                 : RoleAttr();
    }
  return {};
}

static LogicalResult verifyShares(ChannelOp op,
                                  std::optional<ArrayAttr> shares) {
  if (!shares)
    return success();
  if (shares->size() != op.getChannel().getType().getPayload().size())
    return op.emitOpError("TC9: one share for each payload");
  for (Attribute share : *shares)
    if (!isa<AllAttr, SplitAttr>(share))
      return op.emitOpError("TC9: ") << share << " is no share";
  return success();
}

// The region of the role that \p op stands in; null outside `tile.roles`.
static Region *streamOf(Operation *op) {
  for (Region *region = op->getParentRegion(); region;
       region = region->getParentRegion())
    if (isa_and_nonnull<RolesOp>(region->getParentOp()))
      return region;
  return nullptr;
}

static LogicalResult verifyOwner(ChannelOp op) {
  Region *owner = nullptr;
  for (auto [number, user] : llvm::enumerate(op.getChannel().getUsers())) {
    Region *stream = streamOf(user);
    if (number == 0)
      owner = stream;
    RoleAttr role = roleOf(user);
    bool shared = role && role.getReplicas() > 1 && streamOf(op) != stream;
    if (stream != owner || shared)
      return op.emitOpError(
          "TC9: a channel without `from` and `to` belongs to one stream");
  }
  return success();
}

static LogicalResult verifyMulticast(ChannelOp op) {
  if (!op.getMulticast())
    return success();
  int64_t rank = op->getParentOfType<LaunchOp>().getExtents().size();
  ArrayAttr lists = *op.getMulticast();
  bool fits = lists.size() == op.getChannel().getType().getPayload().size();
  for (Attribute entry : lists) {
    auto dims = dyn_cast<ArrayAttr>(entry);
    fits &= dims && llvm::all_of(dims, [&](Attribute a) {
              auto dim = dyn_cast<IntegerAttr>(a);
              return dim && dim.getInt() >= 0 && dim.getInt() < rank;
            });
  }
  if (!fits)
    return op.emitOpError(
        "TC11: `multicast` lists dims of the launch for each payload");
  return success();
}

LogicalResult ChannelOp::verify() {
  if (getFrom().has_value() != getTo().has_value())
    return emitOpError("TC9: `from` and `to` stand together");
  if (!(*this)->getParentOfType<LaunchOp>())
    return emitOpError("TC9: a channel is declared in a launch");
  if (failed(verifyShares(*this, getProduce())) ||
      failed(verifyShares(*this, getConsume())))
    return failure();
  if (failed(verifyMulticast(*this)) ||
      (!getFrom() && failed(verifyOwner(*this))))
    return failure();
  bool counter = getChannel().getType().getPayload().empty();
  if (getRing() && (!counter || !getFrom() || getFrom() != getTo()))
    return emitOpError("TC13: a ring is a counter from a role to itself");
  return verifyBalance(*this);
}

static LogicalResult verifyCaller(Operation *op, Value channel, bool produces) {
  auto made = channel.getDefiningOp<ChannelOp>();
  if (!made)
    return op->emitOpError("TC10: the channel is no result of `tile.channel`");
  std::optional<StringRef> name = produces ? made.getFrom() : made.getTo();
  RoleAttr role = roleOf(op);
  if (name && (!role || role.getRole().getValue() != *name))
    return op->emitOpError("TC10: only role `") << *name << "` may call this";
  return success();
}

static LogicalResult verifyViews(Operation *op, Value channel, bool produces) {
  if (failed(verifyCaller(op, channel, produces)))
    return failure();
  for (Value view : op->getResults())
    for (Operation *user : view.getUsers())
      if (user->getName().getDialectNamespace() != "tile" || isa<YieldOp>(user))
        return user->emitOpError(
            "TC10: a view of a slot is sliced and accessed, nothing else");
  ArrayAttr payload = cast<ChannelType>(channel.getType()).getPayload();
  if (payload.size() != op->getNumResults())
    return op->emitOpError("TC10: the payload has ")
           << payload.size() << " views, not " << op->getNumResults();
  auto made = channel.getDefiningOp<ChannelOp>();
  std::optional<ArrayAttr> shares =
      produces ? made.getProduce() : made.getConsume();
  RoleAttr role = roleOf(op);
  for (auto [number, part] : llvm::enumerate(payload)) {
    auto view = cast<ViewType>(cast<TypeAttr>(part).getValue());
    llvm::SmallVector<int64_t> shape(view.getTensor().getShape());
    auto split = shares && number < shares->size()
                     ? dyn_cast<SplitAttr>((*shares)[number])
                     : SplitAttr();
    if (split && role) {
      int64_t dim = split.getDim(), r = role.getReplicas();
      if (dim < 0 || dim >= static_cast<int64_t>(shape.size()) ||
          shape[dim] % r)
        return op->emitOpError("TC9: dimension ")
               << dim << " cannot be split over " << r << " replicas";
      shape[dim] /= r;
    }
    auto result = cast<ViewType>(op->getResult(number).getType());
    auto share = RankedTensorType::get(shape, view.getTensor().getElementType(),
                                       view.getTensor().getEncoding());
    if (result.getTensor() != share)
      return op->emitOpError("TC10: view ")
             << number << " is " << result.getTensor() << ", the share is "
             << share;
  }
  return success();
}

// TC12: whether \p value is made of the key and of what the launch knows from
// its start.
static bool followsKey(AcquireOp op, Value value) {
  LaunchOp launch = op->getParentOfType<LaunchOp>();
  llvm::SmallVector<Value> open = {value};
  llvm::SmallDenseSet<Value> seen;
  while (!open.empty()) {
    Value v = open.pop_back_val();
    bool outside = !launch.getBody().isAncestor(v.getParentRegion());
    if (!seen.insert(v).second || outside || llvm::is_contained(op.getKey(), v))
      continue;
    Operation *made = v.getDefiningOp();
    if (!made || !isPure(made))
      return false; // an iv, a carried value, a load
    llvm::append_range(open, made->getOperands());
  }
  return true;
}

// TC12: an equal key must mean equal contents.
static LogicalResult verifyKey(AcquireOp op) {
  if (op.getKey().empty())
    return success();
  llvm::SmallVector<Value> open(op.getViews());
  llvm::SmallDenseSet<Operation *> seen; // dominance is verified later
  while (!open.empty())
    for (Operation *user : open.pop_back_val().getUsers()) {
      if (auto slice = dyn_cast<SliceOp>(user)) {
        if (seen.insert(user).second)
          open.push_back(slice.getWindow());
        continue;
      }
      auto copy = dyn_cast<CopyOp>(user);
      if (!copy)
        return user->emitOpError("TC12: a slot with a key is filled by copies");
      if (!followsKey(op, copy.getSource()))
        return copy.emitOpError(
            "TC12: what is copied depends on more than the key");
    }
  return success();
}

LogicalResult AcquireOp::verify() {
  if (getChannel().getType().getPayload().empty())
    return emitOpError("TC13: a counter has only commit and wait");
  if (failed(verifyViews(*this, getChannel(), true)))
    return failure();
  return verifyKey(*this);
}
LogicalResult WaitOp::verify() {
  return verifyViews(*this, getChannel(), false);
}
LogicalResult CommitOp::verify() {
  return verifyCaller(*this, getChannel(), true);
}
LogicalResult ReleaseOp::verify() {
  if (getChannel().getType().getPayload().empty())
    return emitOpError("TC13: a counter has only commit and wait");
  return verifyCaller(*this, getChannel(), false);
}
