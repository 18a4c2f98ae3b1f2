// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each role gets a copy of the program; what is another role's falls away, and
// what comes from another role comes through a channel. R1 to R6 are the rules
// of docs/Spec/Tile.md.
#include "lib/Transforms/Pipelining/Passes.h"
#include "lib/Transforms/Pipelining/Payloads.h"
#include "lib/Transforms/Pipelining/Replicas.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

namespace {

/// What the values of one block carry from a role to another.
struct Edge {
  std::string key;
  StringRef from, to;
  Block *block;
  llvm::SmallVector<Value> values;
  llvm::SmallVector<ViewType> slots;
  Value channel;
};

class Partition {
public:
  explicit Partition(LaunchOp launch) : launch(launch) {}
  LogicalResult run();

private:
  LogicalResult readRoles();
  LogicalResult assign();
  LogicalResult checkAccesses();
  LogicalResult checkUniform();
  LogicalResult checkPassed();
  LogicalResult findEdges();
  LogicalResult split();
  LogicalResult shareWork(RolesOp made);
  void fill(Region &region, RoleAttr role);
  /// The role that makes \p value; empty: every role has it.
  StringRef roleOf(Value value, llvm::SmallDenseSet<Value> &seen);
  StringRef roleOf(Value value) {
    llvm::SmallDenseSet<Value> seen;
    return roleOf(value, seen);
  }
  std::optional<StringRef> roleOfUsers(Operation *op);
  bool works(Operation *op) { // has a role of its own
    return !op->getNumRegions() || isa<MapOp, ReduceOp, ScanOp>(op);
  }

  LaunchOp launch;
  llvm::SmallVector<RoleAttr> roles;
  llvm::DenseMap<Operation *, StringRef> assigned;
  std::vector<Edge> edges;
};

} // namespace

LogicalResult Partition::readRoles() {
  auto schedule = tile::keysOf(launch);
  auto list = schedule ? schedule.getAs<ArrayAttr>("roles") : ArrayAttr();
  for (Attribute a : list ? list.getValue() : ArrayRef<Attribute>())
    if (auto role = dyn_cast<RoleAttr>(a))
      roles.push_back(role);
  WalkResult result = launch->walk([&](Operation *op) {
    auto name = op->getAttrOfType<StringAttr>("role");
    if (!name)
      return WalkResult::advance();
    auto role =
        llvm::find_if(roles, [&](RoleAttr r) { return r.getRole() == name; });
    if (role == roles.end()) {
      op->emitError("R1: the schedule has no role ") << name;
      return WalkResult::interrupt();
    }
    assigned[op] = role->getRole().getValue();
    return WalkResult::advance();
  });
  return success(!result.wasInterrupted());
}

StringRef Partition::roleOf(Value value, llvm::SmallDenseSet<Value> &seen) {
  if (!seen.insert(value).second)
    return "";
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
    if (!loop || argument == loop.getInductionVar())
      return "";
    unsigned number = argument.getArgNumber() - 1;
    StringRef role =
        roleOf(loop.getBody()->getTerminator()->getOperand(number), seen);
    return role.empty() ? roleOf(loop.getInitArgs()[number], seen) : role;
  }
  Operation *op = value.getDefiningOp();
  unsigned number = cast<OpResult>(value).getResultNumber();
  if (works(op))
    return assigned.lookup(op);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return roleOf(loop.getRegionIterArgs()[number], seen);
  for (Region &region : op->getRegions())
    if (!region.empty()) {
      StringRef role =
          roleOf(region.front().getTerminator()->getOperand(number), seen);
      if (!role.empty())
        return role;
    }
  return "";
}

/// The one role of all users; nothing when there are several or none.
std::optional<StringRef> Partition::roleOfUsers(Operation *op) {
  std::optional<StringRef> role;
  llvm::SmallVector<Value> open(op->getResults());
  llvm::SmallDenseSet<Value> seen;
  while (!open.empty()) {
    Value value = open.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    for (OpOperand &use : value.getUses()) {
      Operation *user = use.getOwner();
      StringRef found = assigned.lookup(user);
      if (user->hasTrait<OpTrait::IsTerminator>()) {
        Operation *parent = user->getParentOp();
        if (use.getOperandNumber() < parent->getNumResults())
          open.push_back(parent->getResult(use.getOperandNumber()));
        if (auto loop = dyn_cast<scf::ForOp>(parent))
          open.push_back(loop.getRegionIterArgs()[use.getOperandNumber()]);
        continue;
      }
      if (auto loop = dyn_cast<scf::ForOp>(user);
          loop && use.getOperandNumber() >= 3)
        open.push_back(loop.getRegionIterArgs()[use.getOperandNumber() - 3]);
      if (found.empty())
        continue;
      if (role && *role != found)
        return std::nullopt;
      role = found;
    }
  }
  return role;
}

LogicalResult Partition::assign() {
  llvm::SmallVector<Operation *> ops;
  launch.getBody().walk([&](Operation *op) {
    bool inner = isa<MapOp, ReduceOp, ScanOp>(op->getParentOp());
    if (!inner && works(op) && !op->hasTrait<OpTrait::IsTerminator>() &&
        !isSpread(op, launch) && !assigned.count(op))
      ops.push_back(op);
  });
  // Users first: an op without a role is its only user's.
  for (Operation *op : llvm::reverse(ops)) {
    std::optional<StringRef> role = roleOfUsers(op);
    if (!role)
      return op->emitError("R1: no role, and not one role that uses it");
    assigned[op] = *role;
  }
  return success();
}

LogicalResult Partition::checkAccesses() {
  struct OfRole : Access {
    Operation *op;
    StringRef role;
  };
  llvm::SmallVector<OfRole> accesses;
  launch.getBody().walk([&](Operation *op) {
    if (auto role = assigned.find(op); role != assigned.end())
      for (const Access &access : accessesOf(op))
        accesses.push_back({access, op, role->second});
  });
  for (const OfRole &a : accesses)
    for (const OfRole &b : accesses)
      if (a.role != b.role && a.write && mayAlias(a.root, b.root)) {
        InFlightDiagnostic error = a.op->emitError("R2: role `")
                                   << a.role << "` writes what role `" << b.role
                                   << "` may access";
        error.attachNote(b.op->getLoc()) << "here";
        return error;
      }
  return success();
}

/// R5: what steers a program is every role's.
LogicalResult Partition::checkUniform() {
  WalkResult result = launch.getBody().walk([&](Operation *op) {
    size_t steering = isa<scf::ForOp>(op) ? 3 : isa<scf::IfOp>(op) ? 1 : 0;
    if (isa<scf::WhileOp, scf::ParallelOp>(op) || isa<RolesOp, ChannelOp>(op)) {
      op->emitError("R4: roles cannot be made around this op");
      return WalkResult::interrupt();
    }
    for (Value value : op->getOperands().take_front(steering)) {
      llvm::SmallVector<Value> open = {value};
      while (!open.empty()) {
        Value v = open.pop_back_val();
        if (!roleOf(v).empty()) {
          op->emitError("R5: role `")
              << roleOf(v) << "` alone knows how this goes on";
          return WalkResult::interrupt();
        }
        if (Operation *made = v.getDefiningOp(); made && works(made))
          llvm::append_range(open, made->getOperands());
      }
    }
    return WalkResult::advance();
  });
  return success(!result.wasInterrupted());
}

/// R4: what a loop or a branch passes on is one role's.
LogicalResult Partition::checkPassed() {
  auto agree = [&](Operation *op, Value passed, Value result) {
    StringRef a = roleOf(passed), b = roleOf(result);
    if (a.empty() || a == b)
      return success();
    op->emitError("R4: a value of role `")
        << a << "` is passed on as one of role `" << b << "`";
    return failure();
  };
  WalkResult result = launch.getBody().walk([&](Operation *op) {
    bool fits = true;
    if (auto loop = dyn_cast<scf::ForOp>(op))
      for (auto [init, argument] :
           llvm::zip(loop.getInitArgs(), loop.getRegionIterArgs()))
        fits &= succeeded(agree(op, init, argument));
    if (isa<scf::ForOp, scf::IfOp>(op))
      for (Region &region : op->getRegions())
        for (auto [yielded, value] : llvm::zip(
                 region.empty()
                     ? OperandRange(op->operand_begin(), op->operand_begin())
                     : region.front().getTerminator()->getOperands(),
                 op->getResults()))
          fits &= succeeded(agree(op, yielded, value));
    return fits ? WalkResult::advance() : WalkResult::interrupt();
  });
  return success(!result.wasInterrupted());
}

LogicalResult Partition::findEdges() {
  auto edgeFor = [&](Value value, StringRef from, StringRef to) -> Edge & {
    Block *block = value.getParentBlock();
    Operation *made = value.getDefiningOp();
    auto via = made->getAttrOfType<StringAttr>("via");
    std::string key = via ? via.str() : (from + "_" + to).str();
    for (Edge &edge : edges)
      if (edge.key == key && edge.block == block && edge.from == from &&
          edge.to == to)
        return edge;
    edges.push_back({key, from, to, block, {}, {}, {}});
    return edges.back();
  };
  LogicalResult ok = success();
  auto consider = [&](Value value) {
    StringRef from = roleOf(value);
    if (from.empty() || failed(ok))
      return;
    for (OpOperand &use : value.getUses()) {
      StringRef to = assigned.lookup(use.getOwner());
      if (to.empty() || to == from)
        continue;
      if (isa<BlockArgument>(value) ||
          value.getDefiningOp()->getParentOfType<LaunchOp>() != launch) {
        ok = use.getOwner()->emitError(
                 "R4: a value carried by a loop crosses from role `")
             << from << "` to `" << to << "`";
        return;
      }
      Edge &edge = edgeFor(value, from, to);
      if (!llvm::is_contained(edge.values, value))
        edge.values.push_back(value);
    }
  };
  launch.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<MapOp, ReduceOp, ScanOp>(op->getParentOp()))
      return;
    for (Region &region : op->getRegions())
      if (!isa<MapOp, ReduceOp, ScanOp>(op) && !region.empty())
        for (Value argument : region.getArguments())
          consider(argument);
    for (Value value : op->getResults())
      consider(value);
  });
  for (Edge &edge : edges)
    for (Value value : edge.values) {
      FailureOr<ViewType> slot = slotFor(value, channelPlan(launch, edge.key));
      if (failed(slot))
        return failure();
      edge.slots.push_back(*slot);
    }
  return ok;
}

static void simplify(RolesOp op) {
  RewritePatternSet patterns(op.getContext());
  scf::ForOp::getCanonicalizationPatterns(patterns, op.getContext());
  scf::IfOp::getCanonicalizationPatterns(patterns, op.getContext());
  FrozenRewritePatternSet frozen(std::move(patterns));
  for (Region &body : op.getBodies())
    (void)applyPatternsGreedily(body, frozen);
}

void Partition::fill(Region &region, RoleAttr role) {
  StringRef name = role.getRole().getValue();
  IRMapping map;
  for (BlockArgument iv : launch.getBody().getArguments())
    map.map(iv, iv);
  launch.getBody().cloneInto(&region, map);
  region.front().addArgument(IndexType::get(launch.getContext()),
                             launch.getLoc());
  llvm::DenseMap<Operation *, StringRef> own;
  for (auto &[op, role] : assigned)
    own[map.lookup(op)] = role;
  for (Edge &edge : edges) {
    llvm::SmallVector<Value> values;
    for (Value value : edge.values)
      values.push_back(map.lookup(value));
    if (edge.from == name)
      produce(edge.channel, values, edge.slots, [&](Value value) {
        return llvm::none_of(value.getUsers(), [&](Operation *user) {
          return own.lookup(user) == name;
        });
      });
    else if (edge.to == name)
      consume(
          edge.channel, values, edge.slots, map.lookup(edge.block),
          [&](OpOperand &use) { return own.lookup(use.getOwner()) == name; });
  }
  // What is another role's goes, users before makers.
  llvm::SmallVector<Operation *> others;
  region.walk([&](Operation *op) {
    if (auto found = own.find(op); found != own.end() && found->second != name)
      others.push_back(op);
  });
  for (Operation *op : llvm::reverse(others)) {
    for (Value result : op->getResults()) {
      for (OpOperand &use : llvm::make_early_inc_range(result.getUses())) {
        auto loop = dyn_cast<scf::ForOp>(use.getOwner()->getParentOp());
        bool yields = use.getOwner()->hasTrait<OpTrait::IsTerminator>();
        if (loop && yields)
          use.set(loop.getRegionIterArgs()[use.getOperandNumber()]);
      }
      if (result.use_empty())
        continue;
      OpBuilder builder(op);
      result.replaceAllUsesWith(
          ub::PoisonOp::create(builder, op->getLoc(), result.getType()));
    }
    op->erase();
  }
}

/// R6, after what belongs to others has gone.
LogicalResult Partition::shareWork(RolesOp made) {
  auto schedule = tile::keysOf(launch);
  auto splits =
      schedule ? schedule.getAs<DictionaryAttr>("split") : DictionaryAttr();
  for (auto [role, body] : llvm::zip(roles, made.getBodies())) {
    if (role.getReplicas() == 1)
      continue;
    auto dim = splits ? splits.getAs<IntegerAttr>(role.getRole().getValue())
                      : IntegerAttr();
    if (!dim)
      return launch.emitError("R6: the schedule does not say what the replicas "
                              "of role ")
             << role.getRole() << " share";
    if (failed(splitReplicas(body, role.getReplicas(), dim.getInt())))
      return failure();
  }
  return success();
}

LogicalResult Partition::split() {
  OpBuilder builder(launch.getBody().front().getTerminator());
  Location loc = launch.getLoc();
  llvm::SmallVector<Operation *> old;
  for (Operation &op : launch.getBody().front().without_terminator())
    old.push_back(&op);
  // Made outside, so that no role copies them, and moved in at the end.
  builder.setInsertionPoint(launch);
  for (Edge &edge : edges) {
    llvm::SmallVector<Attribute> payload;
    for (ViewType slot : edge.slots)
      payload.push_back(TypeAttr::get(slot));
    auto type = ChannelType::get(launch.getContext(),
                                 channelPlan(launch, edge.key).depth,
                                 builder.getArrayAttr(payload));
    auto channel =
        ChannelOp::create(builder, loc, type, builder.getStringAttr(edge.from),
                          builder.getStringAttr(edge.to), ArrayAttr(),
                          ArrayAttr(), ArrayAttr(), false);
    channel->setAttr("via", builder.getStringAttr(edge.key));
    edge.channel = channel;
  }
  llvm::SmallVector<Attribute> names;
  for (RoleAttr role : roles)
    names.push_back(role);
  OperationState state(loc, RolesOp::getOperationName());
  state.addAttribute("roles", builder.getArrayAttr(names));
  for (size_t i = 0; i < roles.size(); ++i)
    state.addRegion();
  std::vector<std::unique_ptr<Region>> bodies;
  for (RoleAttr role : roles) {
    bodies.push_back(std::make_unique<Region>());
    fill(*bodies.back(), role);
  }
  builder.setInsertionPoint(launch.getBody().front().getTerminator());
  for (Edge &edge : edges)
    edge.channel.getDefiningOp()->moveBefore(
        launch.getBody().front().getTerminator());
  auto made = cast<RolesOp>(builder.create(state));
  for (auto [region, body] : llvm::zip(made.getBodies(), bodies))
    region.takeBody(*body);
  for (Operation *op : llvm::reverse(old)) {
    op->dropAllUses();
    op->erase();
  }
  made->walk([](Operation *op) {
    op->removeAttr("role");
    if (!isa<ChannelOp>(op))
      op->removeAttr("via");
  });
  simplify(made);
  return shareWork(made);
}

LogicalResult Partition::run() {
  bool asked = false;
  launch->walk([&](Operation *op) { asked |= op->hasAttr("role"); });
  if (!asked)
    return success();
  if (failed(readRoles()) || failed(assign()) || failed(checkAccesses()) ||
      failed(checkUniform()) || failed(checkPassed()) || failed(findEdges()))
    return failure();
  if (failed(split()))
    return failure();
  launch->removeAttr("schedule");
  return success();
}

namespace {
struct PartitionRoles : PassWrapper<PartitionRoles, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PartitionRoles)
  StringRef getArgument() const override { return "partition-roles"; }
  StringRef getDescription() const override {
    return "annotated programs become concurrent roles";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<TileDialect, scf::SCFDialect, ub::UBDialect>();
  }
  void runOnOperation() override {
    llvm::SmallVector<LaunchOp> launches;
    getOperation()->walk([&](LaunchOp op) { launches.push_back(op); });
    for (LaunchOp op : launches)
      if (failed(Partition(op).run()))
        return signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> terrazzo::createPartitionRoles() {
  return std::make_unique<PartitionRoles>();
}
