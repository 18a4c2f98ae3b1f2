// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// P1: a loop whose ops have stages 0 to s over [lb, ub) becomes one loop t over
// [lb, ub + s), where stage q runs iteration t - q under a guard. P2: what
// passes from stage to stage goes through a self channel in its place, or, in
// registers, through iteration arguments.
#include "lib/Transforms/Pipelining/Passes.h"
#include "lib/Transforms/Pipelining/Payloads.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

namespace {

/// What the values of one stage carry to another.
struct Crossing {
  std::string key;
  int64_t from, to;
  llvm::SmallVector<Value> values;
  llvm::SmallVector<ViewType> slots;
  Value channel;
};

/// A value that waits in iteration arguments for a later stage.
struct Delay {
  Value value;
  int64_t from;
  int64_t steps = 0;  // the longest way
  unsigned first = 0; // its first argument among those of the new loop
};

class Skew {
public:
  Skew(scf::ForOp loop, LaunchOp launch) : loop(loop), launch(launch) {}
  LogicalResult run();

private:
  LogicalResult readStages();
  LogicalResult stageArguments();
  LogicalResult checkOrder();
  LogicalResult findCrossings();
  void makeChannels();
  void build();
  llvm::SmallVector<Value> buildStage(OpBuilder &builder, int64_t q,
                                      scf::ForOp skewed, ValueRange carried);
  Value guard(OpBuilder &builder, int64_t q, Value t, Value &iteration);
  /// Calls \p visit for each iteration argument that \p value is made of by
  /// ops that every stage has.
  void argumentsOf(Value value, llvm::function_ref<void(unsigned)> visit);
  Delay &delayOf(Value value, int64_t from) {
    for (Delay &delay : delays)
      if (delay.value == value)
        return delay;
    delays.push_back({value, from});
    return delays.back();
  }

  scf::ForOp loop;
  LaunchOp launch;
  llvm::DenseMap<Operation *, int64_t> stages;
  llvm::SmallVector<int64_t> order; // of the stages in the new body
  llvm::SmallVector<std::optional<int64_t>> argumentStage;
  std::vector<Crossing> crossings;
  std::vector<Delay> delays;
  int64_t last = 0;
};

} // namespace

static std::optional<int64_t> numberOf(Operation *op, StringRef name) {
  auto attribute = op->getAttrOfType<IntegerAttr>(name);
  return attribute ? std::optional(attribute.getInt()) : std::nullopt;
}

LogicalResult Skew::readStages() {
  if (!matchPattern(loop.getStep(), m_One()))
    return loop.emitError("P1: only a loop of step 1 is skewed");
  constexpr int64_t most = 64;
  std::map<int64_t, int64_t> at;
  for (Operation &op : loop.getBody()->without_terminator())
    if (auto stage = numberOf(&op, "stage")) {
      if (*stage < 0 || *stage > most)
        return op.emitError("P1: a stage is from 0 to ") << most;
      stages[&op] = *stage;
      last = std::max(last, *stage);
      at.try_emplace(*stage, numberOf(&op, "at").value_or(*stage));
    }
  // What only the iteration decides is made again in every stage.
  llvm::SmallPtrSet<Operation *, 16> decided;
  for (Operation &op : loop.getBody()->without_terminator())
    if (!stages.count(&op) && isSpread(&op, launch) &&
        llvm::all_of(op.getOperands(), [&](Value operand) {
          Operation *made = operand.getDefiningOp();
          return !made || made->getBlock() != loop.getBody() ||
                 decided.contains(made);
        }))
      decided.insert(&op);
  // Any other op without a stage has that of its users.
  for (Operation &op : llvm::reverse(loop.getBody()->without_terminator())) {
    if (stages.count(&op) || decided.contains(&op))
      continue;
    std::optional<int64_t> stage;
    bool several = false;
    for (Operation *user : op.getUsers()) {
      Operation *here = loop.getBody()->findAncestorOpInBlock(*user);
      auto found = here ? stages.find(here) : stages.end();
      if (found == stages.end())
        continue;
      several |= stage && *stage != found->second;
      stage = found->second;
    }
    if (several)
      return op.emitError("P1: no stage, and not one stage that uses it");
    if (!stage)
      continue;
    stages[&op] = *stage;
    at.try_emplace(*stage, *stage);
  }
  // What only the next iteration uses has the stage of what it is made of.
  for (Operation &op : loop.getBody()->without_terminator()) {
    if (stages.count(&op) || decided.contains(&op))
      continue;
    std::optional<int64_t> stage;
    for (Value operand : op.getOperands())
      if (auto found = stages.find(operand.getDefiningOp());
          operand.getDefiningOp() && found != stages.end())
        stage = std::max(stage.value_or(0), found->second);
    if (!stage || op.use_empty())
      return op.emitError("P1: no stage, and not one stage that uses it");
    stages[&op] = *stage;
  }
  for (auto &[stage, where] : at)
    order.push_back(stage);
  llvm::sort(order, [&](int64_t a, int64_t b) {
    return std::pair(at[a], a) < std::pair(at[b], b);
  });
  return success();
}

void Skew::argumentsOf(Value value, llvm::function_ref<void(unsigned)> visit) {
  llvm::SmallVector<Value> open = {value};
  llvm::SmallDenseSet<Value> seen;
  while (!open.empty()) {
    Value v = open.pop_back_val();
    if (!seen.insert(v).second)
      continue;
    auto argument = dyn_cast<BlockArgument>(v);
    if (argument && argument.getOwner() == loop.getBody()) {
      if (argument != loop.getInductionVar())
        visit(argument.getArgNumber() - 1);
      continue;
    }
    Operation *made = v.getDefiningOp();
    if (made && made->getBlock() == loop.getBody() && !stages.count(made))
      llvm::append_range(open, made->getOperands());
  }
}

/// An iteration argument belongs to the stage that uses and makes it.
LogicalResult Skew::stageArguments() {
  argumentStage.resize(loop.getInitArgs().size());
  LogicalResult ok = success();
  auto claim = [&](unsigned number, int64_t stage, Operation *op) {
    std::optional<int64_t> &known = argumentStage[number];
    if (known && *known != stage && succeeded(ok))
      ok = op->emitError("P2: a carried value belongs to stage ")
           << *known << " and is used in stage " << stage;
    known = stage;
  };
  for (Operation &op : loop.getBody()->without_terminator())
    if (auto found = stages.find(&op); found != stages.end())
      op.walk([&](Operation *inner) {
        for (Value operand : inner->getOperands())
          argumentsOf(operand, [&](unsigned number) {
            claim(number, found->second, &op);
          });
      });
  Operation *yield = loop.getBody()->getTerminator();
  for (auto [number, value] : llvm::enumerate(yield->getOperands())) {
    Operation *made = value.getDefiningOp();
    auto found = made ? stages.find(made) : stages.end();
    if (found != stages.end())
      claim(number, found->second, made);
    else
      argumentsOf(value, [&, number = number](unsigned other) {
        if (argumentStage[other])
          claim(number, *argumentStage[other], yield);
      });
  }
  for (std::optional<int64_t> &stage : argumentStage)
    if (!stage)
      stage = last;
  return ok;
}

/// L6: accesses that may meet keep their order, so they share a stage.
LogicalResult Skew::checkOrder() {
  struct OfStage : Access {
    Operation *op;
    int64_t stage;
  };
  llvm::SmallVector<OfStage> accesses;
  for (Operation &op : loop.getBody()->without_terminator())
    if (auto stage = stages.find(&op); stage != stages.end())
      op.walk([&](Operation *inner) {
        for (const Access &access : accessesOf(inner))
          accesses.push_back({access, inner, stage->second});
      });
  for (const OfStage &a : accesses)
    for (const OfStage &b : accesses)
      if (a.write && a.stage != b.stage && mayAlias(a.root, b.root)) {
        InFlightDiagnostic error = a.op->emitError("L6: stage ")
                                   << a.stage << " writes what stage "
                                   << b.stage << " may access";
        error.attachNote(b.op->getLoc()) << "here";
        return error;
      }
  return success();
}

LogicalResult Skew::findCrossings() {
  for (Operation &op : loop.getBody()->without_terminator()) {
    auto found = stages.find(&op);
    if (found == stages.end())
      continue;
    int64_t from = found->second;
    for (Value value : op.getResults())
      for (OpOperand &use : value.getUses()) {
        Operation *here =
            loop.getBody()->findAncestorOpInBlock(*use.getOwner());
        // A spread op that uses it would have to know its stage.
        if (!stages.count(here) && !here->hasTrait<OpTrait::IsTerminator>())
          return here->emitError("P2: a value of stage ")
                 << from << " steers what has no stage";
        int64_t to = here->hasTrait<OpTrait::IsTerminator>()
                         ? *argumentStage[use.getOperandNumber()]
                         : stages[here];
        if (to == from)
          continue;
        if (to < from)
          return use.getOwner()->emitError("P2: a value of stage ")
                 << from << " is used in the earlier stage " << to;
        if (isa<ViewType>(value.getType()))
          return use.getOwner()->emitError("P2: a slot is waited for in stage ")
                 << from << " and used in stage " << to;
        auto via = op.getAttrOfType<StringAttr>("via");
        std::string key = via ? via.str() : "stage" + std::to_string(from);
        ChannelPlan plan = channelPlan(launch, key);
        auto tensor = dyn_cast<RankedTensorType>(value.getType());
        auto place = tensor ? dyn_cast_or_null<PlaceAttr>(tensor.getEncoding())
                            : PlaceAttr();
        bool inMemory =
            tensor && (plan.place || (place && place.getMemory() != "reg"));
        if (!inMemory) {
          Delay &delay = delayOf(value, from);
          delay.steps = std::max(delay.steps, to - from);
          continue;
        }
        auto crossing = llvm::find_if(crossings, [&](const Crossing &c) {
          return c.key == key && c.from == from && c.to == to;
        });
        if (crossing == crossings.end())
          crossing =
              crossings.insert(crossings.end(), {key, from, to, {}, {}, {}});
        if (llvm::is_contained(crossing->values, value))
          continue;
        FailureOr<ViewType> slot = slotFor(value, plan);
        if (failed(slot))
          return failure();
        crossing->values.push_back(value);
        crossing->slots.push_back(*slot);
      }
  }
  return success();
}

/// Self channels live as long as their stream.
void Skew::makeChannels() {
  Operation *stream = loop;
  while (!isa<LaunchOp, RolesOp>(stream->getParentOp()) &&
         !stream->getParentOp()->hasAttr("spread"))
    stream = stream->getParentOp();
  OpBuilder builder = OpBuilder::atBlockBegin(stream->getBlock());
  for (Crossing &c : crossings) {
    llvm::SmallVector<Attribute> payload;
    for (ViewType slot : c.slots)
      payload.push_back(TypeAttr::get(slot));
    int64_t depth =
        std::max(channelPlan(launch, c.key).depth, c.to - c.from + 1);
    auto type = ChannelType::get(loop.getContext(), depth,
                                 builder.getArrayAttr(payload));
    auto channel = ChannelOp::create(builder, loop.getLoc(), type, StringAttr(),
                                     StringAttr(), ArrayAttr(), ArrayAttr(),
                                     ArrayAttr(), false);
    channel->setAttr("via", builder.getStringAttr(c.key));
    c.channel = channel;
  }
}

Value Skew::guard(OpBuilder &builder, int64_t q, Value t, Value &iteration) {
  Location loc = loop.getLoc();
  iteration = t;
  Value lower, upper;
  if (q) {
    Value shift = arith::ConstantOp::create(
        builder, loc, builder.getIntegerAttr(t.getType(), q));
    iteration = arith::SubIOp::create(builder, loc, t, shift);
    lower = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge,
                                  iteration, loop.getLowerBound());
  }
  if (q != last)
    upper = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt,
                                  iteration, loop.getUpperBound());
  if (lower && upper)
    return arith::AndIOp::create(builder, loc, lower, upper);
  return lower ? lower : upper;
}

/// What stage \p q makes of its carried values and for later stages.
llvm::SmallVector<Value> Skew::buildStage(OpBuilder &builder, int64_t q,
                                          scf::ForOp skewed,
                                          ValueRange carried) {
  Value iteration;
  Value condition = guard(builder, q, skewed.getInductionVar(), iteration);
  llvm::SmallVector<unsigned> arguments;
  llvm::SmallVector<Delay *> made;
  llvm::SmallVector<Type> types;
  for (auto [number, stage] : llvm::enumerate(argumentStage))
    if (*stage == q) {
      arguments.push_back(number);
      types.push_back(carried[number].getType());
    }
  for (Delay &delay : delays)
    if (delay.from == q) {
      made.push_back(&delay);
      types.push_back(delay.value.getType());
    }
  auto branch = scf::IfOp::create(builder, loop.getLoc(), types, condition,
                                  /*addThen=*/true, /*addElse=*/true);
  Block *then = branch.thenBlock();
  if (then->mightHaveTerminator())
    then->getTerminator()->erase();
  OpBuilder inner = OpBuilder::atBlockEnd(then);
  IRMapping map;
  map.map(loop.getInductionVar(), iteration);
  for (auto [argument, value] : llvm::zip(loop.getRegionIterArgs(), carried))
    map.map(argument, value);
  llvm::DenseMap<Operation *, int64_t> own;
  for (Operation &op : loop.getBody()->without_terminator()) {
    Operation *copy = inner.clone(op, map);
    if (stages.count(&op))
      own[copy] = stages[&op];
  }
  llvm::SmallVector<Value> results, kept;
  for (unsigned number : arguments) {
    results.push_back(map.lookupOrDefault(
        loop.getBody()->getTerminator()->getOperand(number)));
    kept.push_back(carried[number]);
  }
  for (Delay *delay : made) {
    results.push_back(map.lookup(delay->value));
    kept.push_back(carried[delay->first]);
  }
  scf::YieldOp::create(inner, loop.getLoc(), results);
  Block *otherwise = branch.elseBlock();
  if (otherwise->mightHaveTerminator())
    otherwise->getTerminator()->erase();
  inner.setInsertionPointToEnd(otherwise);
  scf::YieldOp::create(inner, loop.getLoc(), kept);
  auto isMine = [&](OpOperand &use) {
    Operation *here = then->findAncestorOpInBlock(*use.getOwner());
    auto found = own.find(here);
    return found != own.end() && found->second == q;
  };
  for (Delay &delay : delays)
    if (delay.from < q)
      map.lookup(delay.value)
          .replaceUsesWithIf(carried[delay.first + (q - delay.from) - 1],
                             isMine);
  for (Crossing &c : crossings) {
    llvm::SmallVector<Value> values;
    for (Value value : c.values)
      values.push_back(map.lookup(value));
    if (c.from == q)
      produce(c.channel, values, c.slots, [&](Value value) {
        return llvm::none_of(value.getUses(), isMine);
      });
    else if (c.to == q)
      consume(c.channel, values, c.slots, then, isMine);
  }
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*then)))
    if (auto found = own.find(&op); found != own.end() && found->second != q) {
      for (Value result : op.getResults())
        if (!result.use_empty()) {
          OpBuilder before(&op);
          result.replaceAllUsesWith(
              ub::PoisonOp::create(before, op.getLoc(), result.getType()));
        }
      op.erase();
    }
  return llvm::SmallVector<Value>(branch.getResults());
}

void Skew::build() {
  OpBuilder builder(loop);
  Location loc = loop.getLoc();
  llvm::SmallVector<Value> inits(loop.getInitArgs());
  for (Delay &delay : delays) {
    delay.first = inits.size();
    for (int64_t d = 0; d < delay.steps; ++d)
      inits.push_back(
          ub::PoisonOp::create(builder, loc, delay.value.getType()));
  }
  Value more = arith::ConstantOp::create(
      builder, loc,
      builder.getIntegerAttr(loop.getInductionVar().getType(), last));
  Value upper = arith::AddIOp::create(builder, loc, loop.getUpperBound(), more);
  auto skewed = scf::ForOp::create(builder, loc, loop.getLowerBound(), upper,
                                   loop.getStep(), inits);
  Block *body = skewed.getBody();
  if (!body->empty())
    body->back().erase();
  OpBuilder inner = OpBuilder::atBlockEnd(body);
  llvm::SmallVector<Value> before(skewed.getRegionIterArgs()), after(before);
  for (int64_t q : order) {
    llvm::SmallVector<Value> results = buildStage(inner, q, skewed, before);
    size_t next = 0;
    for (auto [number, stage] : llvm::enumerate(argumentStage))
      if (*stage == q)
        after[number] = results[next++];
    for (Delay &delay : delays)
      if (delay.from == q) {
        for (int64_t d = delay.steps - 1; d > 0; --d)
          after[delay.first + d] = before[delay.first + d - 1];
        after[delay.first] = results[next++];
      }
  }
  scf::YieldOp::create(inner, loc, after);
  for (auto [old, now] : llvm::zip(loop.getResults(), skewed.getResults()))
    old.replaceAllUsesWith(now);
  loop.erase();
  skewed->walk([](Operation *op) {
    for (StringRef name : {"stage", "at"})
      op->removeAttr(name);
    if (!isa<ChannelOp>(op))
      op->removeAttr("via");
  });
}

LogicalResult Skew::run() {
  if (failed(readStages()))
    return failure();
  if (last == 0)
    return success();
  if (failed(stageArguments()) || failed(checkOrder()) ||
      failed(findCrossings()))
    return failure();
  makeChannels();
  build();
  return success();
}

namespace {
struct Pipelining : PassWrapper<Pipelining, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(Pipelining)
  StringRef getArgument() const override { return "pipelining"; }
  StringRef getDescription() const override {
    return "loops with stages become skewed loops";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<TileDialect, arith::ArithDialect, scf::SCFDialect,
                    ub::UBDialect>();
  }
  void runOnOperation() override {
    llvm::SmallVector<std::pair<scf::ForOp, LaunchOp>> loops;
    getOperation()->walk([&](scf::ForOp loop) {
      auto launch = loop->getParentOfType<LaunchOp>();
      bool staged = llvm::any_of(
          *loop.getBody(), [](Operation &op) { return op.hasAttr("stage"); });
      if (launch && staged)
        loops.push_back({loop, launch});
    });
    llvm::SmallDenseSet<Operation *> launches;
    for (auto [loop, launch] : loops) {
      if (failed(Skew(loop, launch).run()))
        return signalPassFailure();
      launches.insert(launch);
    }
    RewritePatternSet patterns(&getContext());
    scf::IfOp::getCanonicalizationPatterns(patterns, &getContext());
    FrozenRewritePatternSet frozen(std::move(patterns));
    for (Operation *launch : launches) {
      launch->removeAttr("schedule");
      (void)applyPatternsGreedily(launch->getRegion(0), frozen);
    }
  }
};
} // namespace

std::unique_ptr<Pass> terrazzo::createPipelining() {
  return std::make_unique<Pipelining>();
}
