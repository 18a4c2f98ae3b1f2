// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A grid of many programs becomes one long program for each core: a loop over
// the programs that are its own. Only then can work for the next program begin
// while the last one runs.
#include "lib/Transforms/Pipelining/Passes.h"

#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

namespace {

struct SpreadGrid : PassWrapper<SpreadGrid, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SpreadGrid)
  SpreadGrid() = default;
  explicit SpreadGrid(int64_t value) { cores = value; }
  SpreadGrid(const SpreadGrid &other) : PassWrapper(other) {}
  StringRef getArgument() const override { return "spread-grid"; }
  StringRef getDescription() const override {
    return "the grid becomes one loop over programs on each core";
  }
  Option<int64_t> cores{*this, "cores", llvm::cl::desc("of the chip"),
                        llvm::cl::init(1)};
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<TileDialect, arith::ArithDialect, scf::SCFDialect>();
  }

  void runOnOperation() override {
    llvm::SmallVector<LaunchOp> launches;
    getOperation()->walk([&](LaunchOp launch) { launches.push_back(launch); });
    for (LaunchOp launch : launches)
      if (failed(spread(launch)))
        return signalPassFailure();
  }

  LogicalResult spread(LaunchOp launch);
};

} // namespace

LogicalResult SpreadGrid::spread(LaunchOp launch) {
  if (launch->hasAttr("cooperative"))
    return launch.emitError(
        "programs that wait for one another need a core each");
  OpBuilder b(launch);
  Location loc = launch.getLoc();
  auto index = [&](int64_t v) -> Value {
    return arith::ConstantIndexOp::create(b, loc, v);
  };
  llvm::SmallVector<Value> extents(launch.getExtents());
  // What was sequential stays so on one core, in its order.
  bool ordered = llvm::any_of(launch.getKinds(), [](Attribute kind) {
    return cast<StringAttr>(kind).getValue() == "sequential";
  });
  int64_t count = ordered ? 1 : std::max<int64_t>(cores, 1);
  Value total = index(1);
  for (Value extent : extents)
    total = arith::MulIOp::create(b, loc, total, extent);
  Value share = arith::CeilDivUIOp::create(b, loc, total, index(count));
  Value one = index(1);
  auto spread = LaunchOp::create(
      b, loc, ValueRange{index(count)}, b.getStrArrayAttr({"parallel"}),
      launch.getClusterAttr(), launch.getResident(), false);
  for (NamedAttribute attribute : launch->getDiscardableAttrs())
    spread->setAttr(attribute.getName(), attribute.getValue());
  Block *body = &spread.getBody().emplaceBlock();
  Value core = body->addArgument(b.getIndexType(), loc);
  b.setInsertionPointToStart(body);
  Value first = arith::MulIOp::create(b, loc, core, share);
  Value end = arith::MinUIOp::create(
      b, loc, arith::AddIOp::create(b, loc, first, share), total);
  auto loop = scf::ForOp::create(b, loc, first, end, one);
  YieldOp::create(b, loc, ValueRange());

  // Triton's first axis counts fastest; sequential dims ascend the other way
  // round: the last one fastest.
  b.setInsertionPointToStart(loop.getBody());
  llvm::SmallVector<Value> ivs(extents.size());
  Value rest = loop.getInductionVar();
  for (size_t k = 0; k < extents.size(); ++k) {
    size_t d = ordered ? extents.size() - 1 - k : k;
    ivs[d] = arith::RemUIOp::create(b, loc, rest, extents[d]);
    rest = arith::DivUIOp::create(b, loc, rest, extents[d]);
  }
  Block &old = launch.getBody().front();
  for (auto [argument, value] : llvm::zip(old.getArguments(), ivs))
    argument.replaceAllUsesWith(value);
  old.getTerminator()->erase();
  loop.getBody()->getOperations().splice(std::prev(loop.getBody()->end()),
                                         old.getOperations());
  launch.erase();
  return success();
}

std::unique_ptr<Pass> terrazzo::createSpreadGrid(int64_t cores) {
  return std::make_unique<SpreadGrid>(cores);
}
