// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Survey/Steps.h"

#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace terrazzo;
using namespace terrazzo::survey;
namespace scf = mlir::scf;

std::string survey::formatOf(mlir::Type type) {
  if (auto view = mlir::dyn_cast<tile::ViewType>(type))
    type = view.getTensor();
  std::string text;
  llvm::raw_string_ostream(text) << mlir::getElementTypeOrSelf(type);
  return text;
}

Steps::Steps(mlir::func::FuncOp entry) {
  findSteering(entry);
  body = bodyOf(entry.getBody().front());
}

unsigned Steps::number(mlir::Value value) {
  auto [at, isNew] = numbers.try_emplace(value, count);
  count += isNew;
  return at->second;
}

Body Steps::bodyOf(mlir::Block &block) {
  Body out;
  for (mlir::Value argument : block.getArguments())
    out.arguments.push_back(number(argument));
  for (mlir::Operation &op : block.without_terminator())
    out.steps.push_back(stepOf(&op));
  for (mlir::Value v : block.getTerminator()->getOperands())
    out.results.push_back(number(v));
  return out;
}

Step Steps::stepOf(mlir::Operation *op) {
  Step step;
  step.op = op;
  auto isTensor = [](mlir::Type type) {
    return mlir::isa<mlir::RankedTensorType>(type);
  };
  if (op->getNumResults() == 1 && !isTensor(op->getResult(0).getType())) {
    step.arithmetic = arithmeticOf(op);
    step.to = bitsOf(op->getResult(0).getType());
    step.from = op->getNumOperands() ? bitsOf(op->getOperand(0).getType()) : 0;
    if (!step.to) // a choice between floats is no number
      step.arithmetic = nullptr;
  }
  for (mlir::Value v : op->getOperands())
    step.ins.push_back(number(v));
  for (mlir::Value v : op->getResults()) {
    step.outs.push_back(number(v));
    step.steers |= steers(v);
  }
  for (mlir::Region &region : op->getRegions())
    if (!region.empty())
      step.bodies.push_back(bodyOf(region.front()));
    else
      step.bodies.emplace_back();
  if (mlir::isa<tile::MapOp, tile::ReduceOp, tile::ScanOp>(op))
    op->walk([&](mlir::Operation *inner) {
      if (unsigned n = floatOperations(inner))
        step.cost[formatOf(inner->getResult(0).getType())] += n;
    });
  else if (unsigned n = floatOperations(op))
    step.cost[formatOf(op->getResult(0).getType())] += n;
  return step;
}

/// The values by which \p op decides where or how often something is done.
static void eachSteering(mlir::Operation *op,
                         llvm::function_ref<void(mlir::Value)> mark) {
  llvm::TypeSwitch<mlir::Operation *>(op)
      .Case<tile::LaunchOp, tile::ViewOp, tile::OrderOp>(
          [&](auto) { llvm::for_each(op->getOperands(), mark); })
      .Case([&](tile::SliceOp slice) {
        llvm::for_each(slice.getOffsets(), mark);
      })
      .Case<tile::LoadOp, tile::StoreOp, tile::AtomicOp>([&](auto access) {
        if (access.getMask())
          mark(access.getMask());
      })
      .Case([&](scf::ForOp loop) {
        mark(loop.getLowerBound());
        mark(loop.getUpperBound());
        mark(loop.getStep());
      })
      .Case<scf::IfOp, scf::ConditionOp>(
          [&](auto branch) { mark(branch.getCondition()); });
}

/// Marks all that steers: backwards from bounds, conditions, offsets, extents
/// and masks.
void Steps::findSteering(mlir::func::FuncOp entry) {
  llvm::SmallVector<mlir::Value> open;
  auto mark = [&](mlir::Value v) {
    if (steering.insert(v).second)
      open.push_back(v);
  };
  entry.walk([&](mlir::Operation *op) { eachSteering(op, mark); });
  auto yielded = [&](mlir::Region &region, unsigned i) {
    if (!region.empty()) {
      mlir::Operation *end = region.front().getTerminator();
      i += mlir::isa<scf::ConditionOp>(end);
      if (i < end->getNumOperands())
        mark(end->getOperand(i));
    }
  };
  while (!open.empty()) {
    mlir::Value v = open.pop_back_val();
    mlir::Operation *op = v.getDefiningOp();
    auto argument = mlir::dyn_cast<mlir::BlockArgument>(v);
    unsigned i = argument ? argument.getArgNumber()
                          : mlir::cast<mlir::OpResult>(v).getResultNumber();
    if (argument) {
      op = argument.getOwner()->getParentOp();
      if (auto loop = mlir::dyn_cast<scf::ForOp>(op); loop && i > 0) {
        mark(loop.getInitArgs()[i - 1]);
        yielded(loop.getRegion(), i - 1);
      } else if (auto loop = mlir::dyn_cast<scf::WhileOp>(op)) {
        if (i < loop.getInits().size())
          mark(loop.getInits()[i]);
        for (mlir::Region &region : loop->getRegions())
          yielded(region, i);
      } else if (mlir::isa<tile::MapOp, tile::ReduceOp, tile::ScanOp>(op)) {
        llvm::for_each(op->getOperands(), mark);
      }
      continue;
    }
    llvm::for_each(op->getOperands(), mark);
    for (mlir::Region &region : op->getRegions())
      yielded(region, i);
  }
}
