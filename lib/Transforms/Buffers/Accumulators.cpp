// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Buffers/Accumulators.h"

#include "lib/Transforms/Buffers/Lives.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

bool buffers::isZeroBlock(Value value) {
  if (auto map = value.getDefiningOp<MapOp>())
    return map.getIns().empty() && map->getNumResults() == 1 &&
           (matchPattern(map.getBody().front().getTerminator()->getOperand(0),
                         m_PosZeroFloat()) ||
            matchPattern(map.getBody().front().getTerminator()->getOperand(0),
                         m_Zero()));
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  auto splat = constant ? dyn_cast<SplatElementsAttr>(constant.getValue())
                        : SplatElementsAttr();
  if (!splat)
    return false;
  if (isa<FloatType>(splat.getElementType()))
    return splat.getSplatValue<APFloat>().isPosZero();
  return splat.getSplatValue<APInt>().isZero();
}

namespace {

/// What one sum goes through.
class Chain {
public:
  /// Fills \p values from one product; false where something else than products
  /// makes the sum.
  bool follow(MmaOp product);
  llvm::DenseSet<Value> values;

private:
  void add(Value value) {
    if (value && values.insert(value).second)
      open.push_back(value);
  }
  bool source(Value value);
  bool use(OpOperand &use);
  void loopArgument(scf::ForOp loop, unsigned number);

  llvm::SmallVector<Value> open;
};

} // namespace

void Chain::loopArgument(scf::ForOp loop, unsigned number) {
  add(loop.getInitArgs()[number]);
  add(loop.getRegionIterArg(number));
  add(loop.getYieldedValues()[number]);
  add(loop.getResult(number));
}

/// What \p value is made of joins in.
bool Chain::source(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
    if (!loop || argument == loop.getInductionVar())
      return false;
    loopArgument(loop, argument.getArgNumber() - 1);
    return true;
  }
  Operation *made = value.getDefiningOp();
  if (auto product = dyn_cast<MmaOp>(made)) {
    add(product.getAcc());
    return buffers::diesAt(product.getAcc(), product);
  }
  unsigned number = cast<OpResult>(value).getResultNumber();
  if (auto loop = dyn_cast<scf::ForOp>(made)) {
    loopArgument(loop, number);
    return true;
  }
  if (auto branch = dyn_cast<scf::IfOp>(made)) {
    for (Region *region : {&branch.getThenRegion(), &branch.getElseRegion()})
      add(region->front().getTerminator()->getOperand(number));
    return true;
  }
  return buffers::isZeroBlock(value) || isa<ub::PoisonOp>(made);
}

/// Where the value goes on as itself; all else reads it.
bool Chain::use(OpOperand &use) {
  Operation *user = use.getOwner();
  if (auto product = dyn_cast<MmaOp>(user)) {
    if (use.get() == product.getAcc())
      add(product.getResult());
    return true;
  }
  if (auto loop = dyn_cast<scf::ForOp>(user)) {
    if (use.getOperandNumber() >= loop.getNumControlOperands())
      loopArgument(loop, use.getOperandNumber() - loop.getNumControlOperands());
    return true;
  }
  if (auto yield = dyn_cast<scf::YieldOp>(user)) {
    Operation *parent = yield->getParentOp();
    if (auto loop = dyn_cast<scf::ForOp>(parent))
      loopArgument(loop, use.getOperandNumber());
    else if (isa<scf::IfOp>(parent))
      add(parent->getResult(use.getOperandNumber()));
    else
      return false;
    return true;
  }
  return !isa<scf::WhileOp, scf::ConditionOp>(user);
}

bool Chain::follow(MmaOp product) {
  add(product.getResult());
  bool ok = true;
  while (!open.empty() && ok) {
    Value value = open.pop_back_val();
    ok = source(value);
    // Zeros may begin several sums: their other uses are not of this one.
    if (buffers::isZeroBlock(value))
      continue;
    for (OpOperand &each : value.getUses())
      ok = ok && use(each);
  }
  return ok;
}

llvm::DenseSet<Value> buffers::accumulatorsOf(Operation *root) {
  llvm::DenseSet<Value> all;
  root->walk([&](MmaOp product) {
    Chain chain;
    if (!all.contains(product.getResult()) && chain.follow(product))
      all.insert(chain.values.begin(), chain.values.end());
  });
  return all;
}

static void split(MmaOp product) {
  OpBuilder b(product);
  Location loc = product.getLoc();
  auto type = cast<RankedTensorType>(product.getType());
  Type element = type.getElementType();
  llvm::SmallVector<int64_t> all =
      llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  auto map = [&](ValueRange ins, auto build) {
    llvm::SmallVector<Attribute> dims(ins.size(), b.getI64ArrayAttr(all));
    auto made =
        MapOp::create(b, loc, TypeRange{type}, ins, b.getArrayAttr(dims));
    OpBuilder inner(b.getContext());
    Block *block = inner.createBlock(&made.getBody());
    for (size_t d = 0; d < all.size(); ++d)
      block->addArgument(b.getIndexType(), loc);
    llvm::SmallVector<Value> elements;
    for (size_t k = 0; k < ins.size(); ++k)
      elements.push_back(block->addArgument(element, loc));
    YieldOp::create(inner, loc, ValueRange{build(inner, elements)});
    return made.getResult(0);
  };
  Value zero = map({}, [&](OpBuilder &inner, ArrayRef<Value>) -> Value {
    return arith::ConstantOp::create(inner, loc, inner.getZeroAttr(element));
  });
  Value old = product.getAcc();
  product.getAccMutable().assign(zero);
  // A run of products into one value is one sum.
  MmaOp last = product;
  while (last.getResult().hasOneUse()) {
    auto next = dyn_cast<MmaOp>(*last.getResult().getUsers().begin());
    if (!next || next->getBlock() != last->getBlock() ||
        next.getAcc() != last.getResult())
      break;
    last = next;
  }
  b.setInsertionPointAfter(last);
  Value sum = map({old, last.getResult()},
                  [&](OpBuilder &inner, ArrayRef<Value> e) -> Value {
                    if (isa<FloatType>(element))
                      return arith::AddFOp::create(inner, loc, e[0], e[1]);
                    return arith::AddIOp::create(inner, loc, e[0], e[1]);
                  });
  last.getResult().replaceAllUsesExcept(sum, sum.getDefiningOp());
}

void buffers::splitAccumulators(Operation *root) {
  llvm::SmallVector<MmaOp> products;
  root->walk([&](MmaOp op) { products.push_back(op); });
  // A run of products into one value is one sum: only its first is cut off.
  for (MmaOp product : products) {
    auto before = product.getAcc().getDefiningOp<MmaOp>();
    if (before && diesAt(product.getAcc(), product))
      continue;
    if (!Chain().follow(product))
      split(product);
  }
}

/// What \p map only rounds, element by element.
static Value roundedBy(MapOp map) {
  Block &body = map.getBody().front();
  if (map.getIns().size() != 1 || map->getNumResults() != 1 ||
      cast<RankedTensorType>(map.getIns()[0].getType()).getShape() !=
          cast<RankedTensorType>(map->getResult(0).getType()).getShape() ||
      !llvm::hasNItems(body, 2))
    return Value();
  Operation &round = body.front();
  if (round.getNumResults() != 1 || round.getNumOperands() != 1)
    return Value();
  auto saturates = dyn_cast<kernel::FpCastOp>(round);
  bool isPlain =
      isa<arith::TruncFOp>(round) ||
      (saturates && saturates.getRounding() == kernel::Rounding::Nearest &&
       !saturates.getSaturate());
  Type to = round.getResult(0).getType();
  isPlain = isPlain && round.getOperand(0).getType().isF32() &&
            (to.isF16() || to.isBF16()) &&
            round.getOperand(0) == body.getArguments().back() &&
            body.getTerminator()->getOperand(0) == round.getResult(0);
  for (auto [d, at] : llvm::enumerate(
           map.getDims() ? cast<ArrayAttr>((*map.getDims())[0]) : ArrayAttr()))
    isPlain &= cast<IntegerAttr>(at).getInt() == int64_t(d);
  return isPlain ? map.getIns()[0] : Value();
}

Value buffers::storedSum(StoreOp store, const llvm::DenseSet<Value> &sums) {
  Value value = store.getValue();
  auto view = cast<ViewType>(store.getView().getType());
  auto place =
      cast<PlaceAttr>(cast<RankedTensorType>(view.getTensor()).getEncoding());
  if (store.getMask() || place.getMemory() != "global" ||
      !isa<RankedTensorType>(value.getType()))
    return Value();
  for (Value at = store.getView(); auto slice = at.getDefiningOp<SliceOp>();
       at = slice.getView())
    for (Value offset : slice.getOffsets())
      if (isa<RankedTensorType>(offset.getType()))
        return Value();
  auto map = value.getDefiningOp<MapOp>();
  if (map && value.hasOneUse())
    if (Value from = roundedBy(map))
      value = from;
  return sums.contains(value) && !isZeroBlock(value) ? value : Value();
}

void buffers::markDirectStores(Operation *root) {
  llvm::DenseSet<Value> sums = accumulatorsOf(root);
  root->walk([&](StoreOp store) {
    if (storedSum(store, sums))
      store->setAttr("direct", UnitAttr::get(root->getContext()));
  });
}
