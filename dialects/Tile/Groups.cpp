// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// TC18: ops of one group share one loop over elements, so no op of it may need
// what another one has only when that loop has ended.
#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace terrazzo::tile;

// The elements that \p op goes over; none for an op without such a loop.
static std::optional<llvm::ArrayRef<int64_t>> domainOf(Operation *op) {
  auto shapeOf = [](Type type) -> std::optional<llvm::ArrayRef<int64_t>> {
    if (auto view = dyn_cast<ViewType>(type))
      return view.getTensor().getShape();
    if (auto tensor = dyn_cast<RankedTensorType>(type))
      return tensor.getShape();
    return std::nullopt;
  };
  if (isa<LoadOp, CopyOp, PrefetchOp, AtomicOp>(op))
    return shapeOf(op->getOperand(0).getType());
  if (auto store = dyn_cast<StoreOp>(op))
    return shapeOf(store.getView().getType());
  if (isa<ReduceOp, ScanOp, MoveOp>(op) && op->getNumOperands())
    return shapeOf(op->getOperand(0).getType());
  if (isa<MapOp>(op) && op->getNumResults())
    return shapeOf(op->getResult(0).getType());
  return std::nullopt;
}

namespace {
class Group {
public:
  explicit Group(IntegerAttr number) : number(number) {}
  LogicalResult visit(Block &block);

private:
  LogicalResult member(Operation *op);
  void passOn(scf::IfOp branch);
  // What a value of this body is to the group.
  enum class Kind { Element, Whole };
  std::optional<Kind> kindOf(Operation *op) const;

  IntegerAttr number;
  Operation *first = nullptr;
  llvm::DenseMap<Value, Kind> kinds;
};
} // namespace

// Of all that \p op uses, its regions included, the worst.
std::optional<Group::Kind> Group::kindOf(Operation *op) const {
  std::optional<Kind> worst;
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (auto found = kinds.find(operand); found != kinds.end())
        worst = std::max(worst.value_or(Kind::Element), found->second);
  });
  return worst;
}

LogicalResult Group::member(Operation *op) {
  std::optional<llvm::ArrayRef<int64_t>> domain = domainOf(op);
  if (!domain || domain->empty())
    return op->emitOpError("TC18: no loop over elements that group ")
           << number.getInt() << " could share";
  if (first && domainOf(first)->back() != domain->back()) {
    InFlightDiagnostic error =
        op->emitOpError("TC18: ")
        << domain->back() << " elements innermost, group " << number.getInt()
        << " has " << domainOf(first)->back();
    error.attachNote(first->getLoc()) << "here";
    return error;
  }
  if (!first)
    first = op;
  if (kindOf(op) == Kind::Whole)
    return op->emitOpError("TC18: uses what group ")
           << number.getInt() << " has only when its loop has ended";
  for (Value result : op->getResults())
    kinds[result] = isa<ReduceOp, ScanOp>(op) ? Kind::Whole : Kind::Element;
  return success();
}

// A branch is gone after peeling: its results are what it yields.
void Group::passOn(scf::IfOp branch) {
  for (Region &region : branch->getRegions())
    if (!region.empty())
      for (auto [value, result] :
           llvm::zip(region.front().getTerminator()->getOperands(),
                     branch.getResults()))
        if (auto found = kinds.find(value); found != kinds.end()) {
          Kind kind = found->second;
          auto [place, fresh] = kinds.try_emplace(result, kind);
          place->second = std::max(place->second, kind);
        }
}

LogicalResult Group::visit(Block &block) {
  for (Operation &op : block) {
    if (auto branch = dyn_cast<scf::IfOp>(op)) {
      for (Region &region : branch->getRegions())
        if (!region.empty() && failed(visit(region.front())))
          return failure();
      passOn(branch);
    } else if (op.getAttr("group") == number) {
      if (failed(member(&op)))
        return failure();
    } else if (kindOf(&op)) {
      for (Value result : op.getResults())
        kinds[result] = Kind::Whole;
    }
  }
  return success();
}

// The groups of a body, branches in it included, loops in it not.
static LogicalResult numbersOf(Block &block,
                               llvm::SetVector<IntegerAttr> &numbers) {
  for (Operation &op : block) {
    if (auto branch = dyn_cast<scf::IfOp>(op)) {
      for (Region &region : branch->getRegions())
        if (!region.empty() && failed(numbersOf(region.front(), numbers)))
          return failure();
      continue;
    }
    // On `tile.order` the word is one of the op's own.
    Attribute group = isa<OrderOp>(op) ? Attribute() : op.getAttr("group");
    if (!group)
      continue;
    auto number = dyn_cast<IntegerAttr>(group);
    if (!number)
      return op.emitOpError("TC18: a group is a number, not ") << group;
    numbers.insert(number);
  }
  return success();
}

static LogicalResult verifyBody(Block &body) {
  llvm::SetVector<IntegerAttr> numbers;
  if (failed(numbersOf(body, numbers)))
    return failure();
  for (IntegerAttr number : numbers)
    if (failed(Group(number).visit(body)))
      return failure();
  return success();
}

LogicalResult terrazzo::tile::verifyGroups(LaunchOp launch) {
  if (failed(verifyBody(launch.getBody().front())))
    return failure();
  WalkResult result = launch.getBody().walk([](Operation *op) {
    if (!isa<scf::ForOp, scf::WhileOp, scf::ParallelOp, RolesOp>(op))
      return WalkResult::advance();
    for (Region &region : op->getRegions())
      if (!region.empty() && failed(verifyBody(region.front())))
        return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return success(!result.wasInterrupted());
}
