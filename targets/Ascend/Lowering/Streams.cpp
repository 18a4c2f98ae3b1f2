// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Ascend/Lowering/Streams.h"

#include "lib/Transforms/Buffers/Buffers.h"
#include "targets/Ascend/IR/Ascend.h"
#include "targets/Ascend/IR/Pipes.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::ascend;

namespace {

class Known {
public:
  explicit Known(tile::LaunchOp launch) : launch(launch) {}
  /// Null: the cube needs nothing that it does not know. Else where it does.
  Operation *find(StringRef &what);

private:
  bool add(Value value) { return alone.insert(value).second; }
  bool has(ValueRange values) {
    return llvm::any_of(values, [&](Value v) { return alone.contains(v); });
  }
  bool visit(Operation *op);
  bool control(Operation *op);
  bool isNeeded(Operation *op, StringRef &what);

  tile::LaunchOp launch;
  llvm::DenseSet<Value> alone; // numbers of the vector stream, stack buffers
};

} // namespace

/// What a loop or a branch hands on; whether anything is new.
bool Known::control(Operation *op) {
  bool changed = false;
  auto pass = [&](ValueRange from, ValueRange to) {
    for (auto [a, b] : llvm::zip(from, to))
      if (alone.contains(a))
        changed |= add(b);
  };
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    if (has({loop.getLowerBound(), loop.getUpperBound(), loop.getStep()}))
      changed |= add(loop.getInductionVar());
    pass(loop.getInitArgs(), loop.getRegionIterArgs());
    pass(loop.getYieldedValues(), loop.getRegionIterArgs());
    pass(loop.getRegionIterArgs(), loop.getResults());
  } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
    for (Region &region : op->getRegions())
      if (!region.empty())
        pass(region.front().getTerminator()->getOperands(), op->getResults());
    if (has(branch.getCondition()))
      for (Value result : op->getResults())
        changed |= add(result);
  } else if (auto loop = dyn_cast<scf::WhileOp>(op)) {
    pass(loop.getInits(), loop.getBeforeArguments());
    pass(loop.getYieldedValues(), loop.getBeforeArguments());
    pass(loop.getConditionOp().getArgs(), loop.getAfterArguments());
    pass(loop.getConditionOp().getArgs(), loop.getResults());
  }
  return changed;
}

bool Known::visit(Operation *op) {
  if (isa<scf::ForOp, scf::IfOp, scf::WhileOp>(op))
    return control(op);
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return (isOfVectorStream(op) || alone.contains(load.getMemRef())) &&
           add(load.getResult());
  if (auto store = dyn_cast<memref::StoreOp>(op))
    return memoryOf(store.getMemRef()) == "stack" &&
           alone.contains(store.getValueToStore()) && add(store.getMemRef());
  if (auto atomic = dyn_cast<AtomicOp>(op))
    return atomic.getOld() && memoryOf(atomic.getOld()) == "stack" &&
           add(atomic.getOld());
  if (op->getNumRegions() || !has(op->getOperands()) || !isMemoryEffectFree(op))
    return false;
  bool changed = false;
  for (Value result : op->getResults())
    changed |= add(result);
  return changed;
}

/// Whether the cube stream would need such a number for \p op.
bool Known::isNeeded(Operation *op, StringRef &what) {
  what = "the cube would need";
  if (partsOf(pipeOf(op)).first == "cube" && has(op->getOperands()))
    return true;
  what = "a loop beside products would end by";
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return has({loop.getLowerBound(), loop.getUpperBound(), loop.getStep()});
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return has(loop.getConditionOp().getCondition());
  what = "products would depend on";
  auto branch = dyn_cast<scf::IfOp>(op);
  return branch && has(branch.getCondition()) &&
         branch
             ->walk([](Operation *inner) {
               return partsOf(pipeOf(inner)).first == "cube"
                          ? WalkResult::interrupt()
                          : WalkResult::advance();
             })
             .wasInterrupted();
}

Operation *Known::find(StringRef &what) {
  for (bool changed = true; changed;) {
    changed = false;
    launch->walk([&](Operation *op) { changed |= visit(op); });
  }
  Operation *found = nullptr;
  launch->walk([&](Operation *op) {
    if (!isNeeded(op, what))
      return WalkResult::advance();
    found = op;
    return WalkResult::interrupt();
  });
  return found;
}

/// The vector stream writes the number and raises a flag; both streams read it,
/// and the cube's says so before the next one is written.
static void share(memref::LoadOp load, int64_t address) {
  OpBuilder top = OpBuilder::atBlockBegin(
      &load->getParentOfType<tile::LaunchOp>().getBody().front());
  Location loc = load.getLoc();
  auto alloc = memref::AllocOp::create(
      top, loc,
      MemRefType::get({}, load.getType(), MemRefLayoutAttrInterface(),
                      top.getStringAttr("workspace")));
  alloc->setAttr("address", top.getI64IntegerAttr(address));
  OpBuilder b(load->getContext());
  b.setInsertionPointAfter(load);
  auto meet = [&](StringRef from, StringRef to) {
    int64_t flag = blockFlagOf((from + ".s").str());
    SyncBlockSetOp::create(b, loc, to, from, "s", flag);
    SyncBlockWaitOp::create(b, loc, to, from, "s", flag);
  };
  Value between = alloc;
  auto store = memref::StoreOp::create(b, loc, load.getResult(), between);
  meet("vector", "cube");
  Value known = memref::LoadOp::create(b, loc, between, ValueRange());
  meet("cube", "vector");
  load.getResult().replaceAllUsesExcept(known, store);
}

LogicalResult ascend::shareNumbers(tile::LaunchOp launch) {
  StringRef what;
  if (!Known(launch).find(what))
    return success();
  int64_t end = 0;
  llvm::SmallVector<memref::LoadOp> loads;
  launch->walk([&](Operation *op) {
    if (auto load = dyn_cast<memref::LoadOp>(op); load && isOfVectorStream(op))
      loads.push_back(load);
    if (auto alloc = dyn_cast<memref::AllocOp>(op);
        alloc && memoryOf(alloc) == "workspace")
      end = std::max(
          end, alloc->getAttrOfType<IntegerAttr>("address").getInt() +
                   alloc.getType().getNumElements() *
                       buffers::bytesOf(alloc.getType().getElementType()));
  });
  for (memref::LoadOp load : loads) {
    end = int64_t(llvm::alignTo(end, 64));
    share(load, end);
    end += 8;
  }
  Operation *left = Known(launch).find(what);
  if (!left)
    return success();
  // The op itself would be a page of text.
  return mlir::emitError(left->getLoc(), what)
         << " a number that only the vector cores of "
            "this chip know: an atomic gave it to them";
}

static void keepTogether(Block &body) {
  for (StringRef stream : {"cube", "vector"}) {
    StringRef other = stream == "cube" ? "vector" : "cube";
    bool waits = false, isWaitedFor = false;
    body.walk([&](SyncBlockWaitOp wait) {
      waits |= wait.getStream() == stream;
      // In each iteration, whatever the branches.
      isWaitedFor |= wait.getStream() == other && wait->getBlock() == &body;
    });
    if (!waits || isWaitedFor)
      continue;
    OpBuilder b(body.getTerminator());
    Location loc = body.getTerminator()->getLoc();
    int64_t flag = blockFlagOf((stream + ".s").str());
    SyncBlockSetOp::create(b, loc, other, stream, "s", flag);
    SyncBlockWaitOp::create(b, loc, other, stream, "s", flag);
  }
}

void ascend::keepTogether(tile::LaunchOp launch) {
  launch->walk([](Operation *op) {
    if (auto loop = dyn_cast<scf::ForOp>(op))
      ::keepTogether(*loop.getBody());
    else if (auto loop = dyn_cast<scf::WhileOp>(op))
      ::keepTogether(loop.getAfter().front());
  });
}
