// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Interpreter/Tile/Flights.h"

#include "lib/Interpreter/Report.h"

#include "dialects/Tile/Tile.h"

using namespace terrazzo;
using namespace terrazzo::interpreter;
namespace scf = mlir::scf;

static mlir::Attribute engineOf(mlir::Operation *op) {
  return op->getAttr("engine");
}

/// In order, all but the newest have ended; on another engine, the op has.
void Flights::end(mlir::DictionaryAttr wait) {
  mlir::Attribute engine = wait.get("engine"), number = wait.get("flight");
  auto newer = wait.getAs<mlir::IntegerAttr>("newer");
  if (!newer) {
    llvm::erase_if(open, [&](const Flight &f) {
      return f.op->getAttr("flight") == number;
    });
    return;
  }
  int64_t keep = newer.getInt();
  for (auto f = open.rbegin(); f != open.rend();) {
    if (engineOf(f->op) != engine || keep-- > 0) {
      ++f;
      continue;
    }
    f = std::vector<Flight>::reverse_iterator(open.erase(std::next(f).base()));
  }
}

void Flights::check(Program &program, mlir::Operation *op, mlir::Value value) {
  const Tensor *used = program.find(value);
  if (!used)
    return;
  for (const Flight &flight : open) {
    auto mma = mlir::dyn_cast<tile::MmaOp>(op);
    bool accumulates = mma && mlir::isa<tile::MmaOp>(flight.op) &&
                       engineOf(op) == engineOf(flight.op) &&
                       value == mma.getAcc();
    if (accumulates || llvm::none_of(flight.results, [&](const auto &result) {
          return result.get() == used;
        }))
      continue;
    program.note(DiagnosticKind::TileStartedHere, flight.op);
    program.fail(op, DiagnosticKind::TileInFlight,
                 mlir::cast<mlir::StringAttr>(engineOf(flight.op)).getValue());
  }
}

void Flights::before(Program &program, mlir::Operation *op) {
  if (auto waits = op->getAttrOfType<mlir::ArrayAttr>("waits"))
    for (auto wait : waits.getAsRange<mlir::DictionaryAttr>())
      end(wait);
  // What a branch or a loop passes on is used where it is used.
  if (auto loop = mlir::dyn_cast<scf::ForOp>(op)) {
    for (mlir::Value bound :
         {loop.getLowerBound(), loop.getUpperBound(), loop.getStep()})
      check(program, op, bound);
  } else if (auto branch = mlir::dyn_cast<scf::IfOp>(op)) {
    check(program, op, branch.getCondition());
  } else if (!mlir::isa<scf::WhileOp, scf::ParallelOp, tile::RolesOp,
                        tile::LaunchOp>(op)) {
    op->walk([&](mlir::Operation *inner) {
      for (mlir::Value operand : inner->getOperands())
        check(program, op, operand);
    });
  }
}

void Flights::after(Program &program, mlir::Operation *op) {
  if (!op->hasAttr("flight") || !op->hasAttr("engine"))
    return;
  Flight flight{op, {}};
  for (mlir::Value result : op->getResults())
    flight.results.push_back(program.get(result));
  open.push_back(std::move(flight));
}
