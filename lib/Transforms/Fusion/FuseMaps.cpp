// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Fusion/FuseMaps.h"

#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

static llvm::SmallVector<int64_t> dimsOf(MapOp map, unsigned operand) {
  if (auto dims = map.getDims())
    return llvm::map_to_vector(
        cast<ArrayAttr>((*dims)[operand]),
        [](Attribute a) { return cast<IntegerAttr>(a).getInt(); });
  int64_t rank =
      cast<RankedTensorType>(map.getIns()[operand].getType()).getRank();
  return llvm::to_vector(llvm::seq<int64_t>(0, rank));
}

/// Computing it again costs less than keeping it: no operands, hardly any ops.
static bool isCheap(MapOp map) {
  constexpr size_t few = 3; // and the yield
  return map.getIns().empty() &&
         map.getBody().front().getOperations().size() <= few;
}

static bool mayGoInto(MapOp producer, MapOp user) {
  if (producer->getNumResults() != 1 || producer == user)
    return false;
  if (isCheap(producer))
    return true;
  // Its operands live on until its user: only within one block, and once.
  return producer->getBlock() == user->getBlock() &&
         llvm::all_equal(producer->getUsers()) &&
         llvm::count(user.getIns(), producer->getResult(0)) == 1;
}

/// `result = map(producer's operands, the other operands)`.
static void fuse(MapOp producer, MapOp user, unsigned operand) {
  OpBuilder builder(user);
  llvm::SmallVector<Value> ins;
  llvm::SmallVector<Attribute> dims;
  auto add = [&](Value value, llvm::ArrayRef<int64_t> spans) {
    ins.push_back(value);
    dims.push_back(builder.getI64ArrayAttr(spans));
  };
  for (unsigned k = 0; k < operand; ++k)
    add(user.getIns()[k], dimsOf(user, k));
  llvm::SmallVector<int64_t> outer = dimsOf(user, operand);
  for (unsigned k = 0; k < producer.getIns().size(); ++k) {
    llvm::SmallVector<int64_t> spans;
    for (int64_t d : dimsOf(producer, k))
      spans.push_back(outer[d]);
    add(producer.getIns()[k], spans);
  }
  for (unsigned k = operand + 1; k < user.getIns().size(); ++k)
    add(user.getIns()[k], dimsOf(user, k));

  auto fused = MapOp::create(builder, user.getLoc(), user.getResultTypes(), ins,
                             builder.getArrayAttr(dims));
  for (NamedAttribute attribute : user->getDiscardableAttrs())
    fused->setAttr(attribute.getName(), attribute.getValue());
  Block &from = user.getBody().front(), &inner = producer.getBody().front();
  Block *body = builder.createBlock(&fused.getBody());
  int64_t rank = cast<RankedTensorType>(user.getResult(0).getType()).getRank();
  IRMapping map, inside;
  unsigned taken = producer.getIns().size();
  for (int64_t i = 0; i < rank; ++i)
    map.map(from.getArgument(i),
            body->addArgument(from.getArgument(i).getType(),
                              from.getArgument(i).getLoc()));
  for (unsigned k = 0; k < user.getIns().size(); ++k) {
    BlockArgument old = from.getArgument(rank + k);
    if (k != operand) {
      map.map(old, body->addArgument(old.getType(), old.getLoc()));
      continue;
    }
    unsigned first = inner.getNumArguments() - taken;
    for (unsigned j = 0; j < taken; ++j) {
      BlockArgument arg = inner.getArgument(first + j);
      inside.map(arg, body->addArgument(arg.getType(), arg.getLoc()));
    }
  }
  for (auto [d, span] : llvm::enumerate(outer))
    inside.map(inner.getArgument(d), body->getArgument(span));
  builder.setInsertionPointToEnd(body);
  for (Operation &op : inner.without_terminator())
    builder.clone(op, inside);
  map.map(from.getArgument(rank + operand),
          inside.lookupOrDefault(inner.getTerminator()->getOperand(0)));
  for (Operation &op : from)
    builder.clone(op, map);
  user->replaceAllUsesWith(fused->getResults());
  user->erase();
}

/// A splat constant is a number.
static bool inlineSplats(MapOp map) {
  for (auto [k, value] : llvm::enumerate(map.getIns())) {
    DenseElementsAttr constant;
    auto made = value.getDefiningOp<arith::ConstantOp>();
    if (made)
      constant = dyn_cast<DenseElementsAttr>(made.getValue());
    if (!constant || !constant.isSplat())
      continue;
    int64_t rank = cast<RankedTensorType>(map.getResult(0).getType()).getRank();
    Block &body = map.getBody().front();
    OpBuilder builder(map.getContext());
    builder.setInsertionPointToStart(&body);
    Value number = arith::ConstantOp::create(
        builder, made.getLoc(), constant.getSplatValue<TypedAttr>());
    body.getArgument(rank + k).replaceAllUsesWith(number);
    body.eraseArgument(rank + k);
    llvm::SmallVector<Attribute> dims;
    for (unsigned j = 0; j < map.getIns().size(); ++j)
      if (j != k)
        dims.push_back(builder.getI64ArrayAttr(dimsOf(map, j)));
    map.getInsMutable().erase(k);
    map.setDimsAttr(builder.getArrayAttr(dims));
    return true;
  }
  return false;
}

namespace {
struct FuseMaps : PassWrapper<FuseMaps, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FuseMaps)
  StringRef getArgument() const override { return "fuse-maps"; }
  StringRef getDescription() const override {
    return "maps that only other maps use are computed inside them";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<TileDialect, arith::ArithDialect>();
  }

  void runOnOperation() override {
    llvm::SmallVector<MapOp> maps;
    getOperation()->walk([&](MapOp map) { maps.push_back(map); });
    // Users come after what they use: each takes in what was already fused.
    for (MapOp map : maps)
      while (inlineSplats(map)) {
      }
    bool changed = true;
    while (changed) {
      changed = false;
      maps.clear();
      getOperation()->walk([&](MapOp map) { maps.push_back(map); });
      for (MapOp map : maps)
        changed |= fuseInto(map);
      getOperation()->walk([&](MapOp map) {
        if (map->use_empty())
          map->erase();
      });
    }
  }

  /// Fuses one producer at most: \p map is gone then.
  bool fuseInto(MapOp map) {
    if (map->use_empty())
      return false;
    for (auto [k, value] : llvm::enumerate(map.getIns()))
      if (auto producer = value.getDefiningOp<MapOp>())
        if (mayGoInto(producer, map)) {
          fuse(producer, map, k);
          return true;
        }
    return false;
  }
};
} // namespace

std::unique_ptr<Pass> terrazzo::createFuseMaps() {
  return std::make_unique<FuseMaps>();
}

void terrazzo::registerFusionPasses() { registerPass(createFuseMaps); }
