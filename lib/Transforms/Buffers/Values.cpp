// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Blocks and the buffers that hold them.
#include "lib/Transforms/Buffers/Accumulators.h"
#include "lib/Transforms/Buffers/Lives.h"
#include "lib/Transforms/Buffers/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::buffers;
using namespace terrazzo::tile;

int64_t buffers::bytesOf(Type element) {
  if (element.isIndex() || isa<kernel::PtrType>(element))
    return 8;
  return std::max<int64_t>(1, element.getIntOrFloatBitWidth() / 8);
}

Value Lowering::allocate(RankedTensorType type, Location loc,
                         StringRef memory) {
  auto space = StringAttr::get(type.getContext(),
                               memory.empty() ? family.blockMemory() : memory);
  // Addresses are numbers in a core's memory.
  Type element = type.getElementType();
  auto buffer = MemRefType::get(type.getShape(), element,
                                MemRefLayoutAttrInterface(), space);
  return memref::AllocOp::create(top, loc, buffer);
}

void Lowering::keep(Value buffer) {
  buffer.getDefiningOp()->setAttr("keep", UnitAttr::get(buffer.getContext()));
}

Value Lowering::beginSum(RankedTensorType type, OpBuilder &b, Location loc) {
  Value sum = allocate(type, loc, family.sumMemory());
  Value flag = allocate(RankedTensorType::get({}, b.getI1Type()), loc,
                        family.scalarMemory());
  memref::StoreOp::create(b, loc, arith::ConstantIntOp::create(b, loc, 1, 1),
                          flag);
  // Between iterations only the flag says whether it has begun.
  keep(sum);
  keep(flag);
  isFresh[sum] = flag;
  return sum;
}

bool Lowering::settle(Value sum, OpBuilder &b, Location loc) {
  if (!family.clearsSums())
    return false;
  Value flag = isFresh.lookup(sum);
  Value empty = memref::LoadOp::create(b, loc, flag);
  auto branch = scf::IfOp::create(b, loc, TypeRange(), empty,
                                  /*withElseRegion=*/false);
  OpBuilder then = branch.getThenBodyBuilder();
  family.clearSum(then, loc, sum);
  memref::StoreOp::create(then, loc,
                          arith::ConstantIntOp::create(then, loc, 0, 1), flag);
  return true;
}

Value Lowering::sumOf(Value tensor, OpBuilder &b) {
  if (isZeroBlock(tensor) ||
      isa_and_nonnull<ub::PoisonOp>(tensor.getDefiningOp()))
    return beginSum(cast<RankedTensorType>(tensor.getType()), b,
                    tensor.getLoc());
  return held.lookup(tensor);
}

Value Lowering::buffer(Value tensor, OpBuilder &b) {
  auto type = cast<RankedTensorType>(tensor.getType());
  Operation *made = tensor.getDefiningOp();
  if (Value known = held.lookup(tensor)) {
    Value flag = isFresh.lookup(known);
    if (!flag)
      return known;
    Location loc = tensor.getLoc();
    Value now = allocate(type, loc);
    if (isa_and_nonnull<MmaOp>(made) || settle(known, b, loc)) {
      family.drain(b, loc, known, now);
      return now;
    }
    // A sum that no product began is 0.
    Value empty = memref::LoadOp::create(b, loc, flag);
    auto branch = scf::IfOp::create(b, loc, TypeRange(), empty,
                                    /*withElseRegion=*/true);
    OpBuilder then = branch.getThenBodyBuilder();
    fill(now, b.getZeroAttr(type.getElementType()), then, loc);
    OpBuilder otherwise = branch.getElseBodyBuilder();
    family.drain(otherwise, loc, known, now);
    return now;
  }
  // Nothing writes over what is made anew for each use.
  Value now = allocate(type, tensor.getLoc());
  if (isa<ub::PoisonOp>(made))
    return now;
  if (isZeroBlock(tensor)) {
    fill(now, b.getZeroAttr(type.getElementType()), b, tensor.getLoc());
    return now;
  }
  auto constant = cast<arith::ConstantOp>(made);
  auto elements = dyn_cast<DenseElementsAttr>(constant.getValue());
  if (!elements || !elements.isSplat())
    refuse(made, "a block of different constants has no instruction");
  fill(now, elements.getSplatValue<TypedAttr>(), b, tensor.getLoc());
  return now;
}

static ArrayAttr identity(Builder &b, int64_t rank, size_t operands) {
  llvm::SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  return b.getArrayAttr(
      llvm::SmallVector<Attribute>(operands, b.getI64ArrayAttr(all)));
}

/// The region of \p op: an index for each dimension and an element for each of
/// \p elements; \p build makes what it yields.
static void fillRegion(Operation *op, int64_t rank, ArrayRef<Type> elements,
                       llvm::function_ref<Value(OpBuilder &, Block *)> build) {
  OpBuilder b(op->getContext());
  Block *block = b.createBlock(&op->getRegion(0));
  for (int64_t d = 0; d < rank; ++d)
    block->addArgument(b.getIndexType(), op->getLoc());
  for (Type element : elements)
    block->addArgument(element, op->getLoc());
  YieldOp::create(b, op->getLoc(), build(b, block));
}

void Lowering::copy(Value from, Value to, OpBuilder &b, Location loc) {
  auto type = cast<MemRefType>(to.getType());
  Operation *op = family.map(b, loc, from, to, identity(b, type.getRank(), 1));
  fillRegion(
      op, type.getRank(), type.getElementType(),
      [](OpBuilder &, Block *block) { return block->getArguments().back(); });
}

void Lowering::fill(Value target, TypedAttr value, OpBuilder &b, Location loc) {
  auto type = cast<MemRefType>(target.getType());
  Operation *op = family.map(b, loc, {}, target, b.getArrayAttr({}));
  fillRegion(op, type.getRank(), {}, [&](OpBuilder &inner, Block *) -> Value {
    return arith::ConstantOp::create(inner, loc, value);
  });
}

/// The region as it was, over the values of the new program.
void Lowering::body(Region &from, Operation *to) {
  from.cloneInto(&to->getRegion(0), map);
}

Value Lowering::target(Operation *op, unsigned result, OpBuilder &b) {
  Value value = op->getResult(result);
  auto type = cast<RankedTensorType>(value.getType());
  // Straight into the slot that it is stored to.
  if (value.hasOneUse())
    if (auto store = dyn_cast<StoreOp>(*value.getUsers().begin());
        store && !store.getMask() && store->getBlock() == op->getBlock()) {
      auto found = views.find(store.getView());
      if (found != views.end() && found->second.local &&
          cast<MemRefType>(found->second.local.getType()).getShape() ==
              type.getShape())
        return found->second.local;
    }
  auto map = dyn_cast<MapOp>(op);
  for (auto [k, operand] : llvm::enumerate(map ? map.getIns() : ValueRange())) {
    Value known = held.lookup(operand);
    if (!known || isSum(operand) || operand.getType() != type ||
        borrowed.contains(known) || !diesAt(operand, op))
      continue;
    auto dims =
        map.getDims() ? cast<ArrayAttr>((*map.getDims())[k]) : ArrayAttr();
    bool same = true; // element by element over itself
    for (auto [d, at] : llvm::enumerate(dims ? dims : ArrayAttr()))
      same &= cast<IntegerAttr>(at).getInt() == int64_t(d);
    // Another operand in the same buffer would be read at other places.
    for (Value other : map.getIns())
      same &= other == operand || held.lookup(other) != known;
    if (same && llvm::count(map.getIns(), operand) == 1)
      return known;
  }
  return allocate(type, op->getLoc());
}

void Lowering::mapOp(MapOp op, OpBuilder &b) {
  if (isZeroBlock(op.getResult(0)) && isSum(op.getResult(0)))
    return; // made where it is used
  // What rounds a sum on its way to memory is part of the store.
  if (op->hasOneUse() && family.storesSums())
    if (auto store = dyn_cast<StoreOp>(*op->getUsers().begin());
        store && store->hasAttr("direct"))
      return;
  llvm::SmallVector<Value> ins, outs;
  for (Value in : op.getIns())
    ins.push_back(buffer(in, b));
  llvm::SmallDenseSet<Value> taken;
  for (unsigned i = 0; i < op->getNumResults(); ++i) {
    Value to = target(op, i, b);
    // One buffer holds one result.
    if (!taken.insert(to).second)
      to = allocate(cast<RankedTensorType>(op->getResult(i).getType()),
                    op.getLoc());
    outs.push_back(to);
  }
  auto result = cast<RankedTensorType>(op->getResult(0).getType());
  ArrayAttr dims =
      op.getDims() ? *op.getDims() : identity(b, result.getRank(), ins.size());
  body(op.getBody(), family.map(b, op.getLoc(), ins, outs, dims));
  for (auto [value, at] : llvm::zip(op->getResults(), outs))
    held[value] = at;
}

void Lowering::reduceOp(ReduceOp op, OpBuilder &b) {
  llvm::SmallVector<Value> parts;
  for (Value in : op.getIns())
    parts.push_back(buffer(in, b));
  llvm::SmallVector<int64_t> dims;
  for (Attribute dim : op.getDims())
    dims.push_back(cast<IntegerAttr>(dim).getInt());
  llvm::sort(dims, std::greater<>());
  for (int64_t dim : dims) {
    llvm::SmallVector<Value> outs;
    for (Value part : parts) {
      auto type = cast<MemRefType>(part.getType());
      llvm::SmallVector<int64_t> shape(type.getShape());
      shape.erase(shape.begin() + dim);
      outs.push_back(allocate(
          RankedTensorType::get(shape, type.getElementType()), op.getLoc()));
    }
    body(op.getBody(),
         family.reduce(b, op.getLoc(), parts, outs, dim, op.getOrder()));
    parts = outs;
  }
  for (auto [result, part] : llvm::zip(op.getResults(), parts)) {
    if (isa<RankedTensorType>(result.getType()))
      held[result] = part;
    else
      map.map(result, memref::LoadOp::create(b, op.getLoc(), part).getResult());
  }
}

void Lowering::scanOp(ScanOp op, OpBuilder &b) {
  llvm::SmallVector<Value> ins, outs;
  for (Value in : op.getIns()) {
    ins.push_back(buffer(in, b));
    outs.push_back(allocate(cast<RankedTensorType>(in.getType()), op.getLoc()));
  }
  body(op.getBody(),
       family.scan(b, op.getLoc(), ins, outs, op.getDim(), op.getReverse()));
  for (auto [result, out] : llvm::zip(op.getResults(), outs))
    held[result] = out;
}

/// The least and the greatest value over indices below \p shape; nothing where
/// symbols decide.
static std::optional<std::pair<int64_t, int64_t>>
rangeOf(AffineExpr expr, ArrayRef<int64_t> shape) {
  if (auto number = dyn_cast<AffineConstantExpr>(expr))
    return std::pair(number.getValue(), number.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return std::pair<int64_t, int64_t>(0, shape[dim.getPosition()] - 1);
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return std::nullopt;
  auto left = rangeOf(binary.getLHS(), shape);
  auto right = rangeOf(binary.getRHS(), shape);
  if (!left || !right)
    return std::nullopt;
  auto [low, high] = *left;
  int64_t by = right->first;
  if (expr.getKind() == AffineExprKind::Add)
    return std::pair(low + by, high + right->second);
  if (right->first != right->second)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Mul)
    return std::pair(std::min(low * by, high * by),
                     std::max(low * by, high * by));
  if (expr.getKind() == AffineExprKind::FloorDiv)
    return std::pair(llvm::divideFloorSigned(low, by),
                     llvm::divideFloorSigned(high, by));
  return std::pair<int64_t, int64_t>(0, by - 1); // mod
}

/// Quotients and remainders that the shape decides fall away.
static AffineExpr within(AffineExpr expr, ArrayRef<int64_t> shape) {
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return expr;
  AffineExpr left = within(binary.getLHS(), shape);
  AffineExpr right = within(binary.getRHS(), shape);
  auto range = rangeOf(left, shape);
  auto by = dyn_cast<AffineConstantExpr>(right);
  bool isSmall =
      range && by && range->first >= 0 && range->second < by.getValue();
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return left + right;
  case AffineExprKind::Mul:
    return left * right;
  case AffineExprKind::FloorDiv:
    return isSmall ? getAffineConstantExpr(0, expr.getContext())
                   : left.floorDiv(right);
  case AffineExprKind::Mod:
    return isSmall ? left : left % right;
  default:
    return expr;
  }
}

void Lowering::takeOp(TakeOp op, OpBuilder &b) {
  // A matrix engine reads an operand in either order.
  AffineMap swap =
      AffineMap::getPermutationMap(ArrayRef<unsigned>{1, 0}, op.getContext());
  if (op.getMap() == swap && llvm::all_of(op->getUsers(), [](Operation *user) {
        return isa<MmaOp>(user);
      })) {
    Value view = memref::TransposeOp::create(
        b, op.getLoc(), buffer(op.getSource(), b), AffineMapAttr::get(swap));
    held[op.getResult()] = view;
    borrowed.insert(view);
    return;
  }
  Value to =
      allocate(cast<RankedTensorType>(op.getResult().getType()), op.getLoc());
  llvm::SmallVector<Value> symbols;
  for (Value symbol : op.getSymbols())
    symbols.push_back(map.lookupOrDefault(symbol));
  llvm::SmallVector<AffineExpr> results;
  for (AffineExpr result : op.getMap().getResults())
    results.push_back(
        within(result, cast<RankedTensorType>(op.getType()).getShape()));
  AffineMap seen =
      AffineMap::get(op.getMap().getNumDims(), op.getMap().getNumSymbols(),
                     results, op.getContext());
  family.take(b, op.getLoc(), buffer(op.getSource(), b), symbols, to, seen);
  held[op.getResult()] = to;
}

/// Made once, as soon as the block is there: before the loops and branches that
/// it is used in.
Value Lowering::operandOf(Value value, Operation *op, OpBuilder &b) {
  if (family.operandMemory().empty() || !held.contains(value))
    return family.operand(b, value.getLoc(), buffer(value, b));
  if (Value known = operands.lookup(value))
    return known;
  // The new program has the same loops around this place.
  OpBuilder early = b;
  for (Block *from = op->getBlock(); from != value.getParentBlock();
       from = from->getParentOp()->getBlock())
    early.setInsertionPoint(early.getInsertionBlock()->getParentOp());
  Value made = family.operand(early, value.getLoc(), buffer(value, early));
  operands[value] = made;
  return made;
}

/// Blocks, or slots of rings.
void Lowering::mmaOp(MmaOp op, OpBuilder &b) {
  if (!op.getScales().empty())
    refuse(op, "scales of a product have no instruction on this chip");
  auto operand = [&](Value value) -> Value {
    if (isa<RankedTensorType>(value.getType()))
      return operandOf(value, op, b);
    const View &view = views.find(value)->second;
    if (!view.local)
      refuse(op, "an operand of a product must be in a memory of the core");
    // A block that vector code reads too came to their memory.
    auto memory = cast<StringAttr>(
        cast<MemRefType>(view.local.getType()).getMemorySpace());
    if (!family.operandMemory().empty() && memory != family.operandMemory())
      return family.operand(b, op.getLoc(), view.local);
    return view.local;
  };
  Value a = operand(op.getA()), rhs = operand(op.getB());
  Location loc = op.getLoc();
  auto truth = [&](bool value) -> Value {
    return arith::ConstantIntOp::create(b, loc, value, 1);
  };
  if (isSum(op.getResult())) {
    Value sum = sumOf(op.getAcc(), b), flag = isFresh.lookup(sum);
    Value fresh = isZeroBlock(op.getAcc())
                      ? truth(true)
                      : memref::LoadOp::create(b, loc, flag).getResult();
    family.multiply(b, loc, a, rhs, sum, fresh);
    memref::StoreOp::create(b, loc, truth(false), flag);
    held[op.getResult()] = sum;
    return;
  }
  Value acc = buffer(op.getAcc(), b);
  Value to = acc;
  bool isMade = !held.contains(op.getAcc()); // for this use alone
  if (!isMade && (borrowed.contains(acc) || !diesAt(op.getAcc(), op))) {
    to = allocate(cast<RankedTensorType>(op.getAcc().getType()), loc);
    copy(acc, to, b, loc);
  }
  family.multiply(b, loc, a, rhs, to, truth(false));
  held[op.getResult()] = to;
}

/// `condition ? block : block`, of one condition.
void Lowering::selectOp(arith::SelectOp op, OpBuilder &b) {
  auto type = cast<RankedTensorType>(op.getType());
  Value ins[] = {buffer(op.getTrueValue(), b), buffer(op.getFalseValue(), b)};
  Value to = allocate(type, op.getLoc());
  bool blocks = isa<RankedTensorType>(op.getCondition().getType());
  llvm::SmallVector<Value> all(ins, ins + 2);
  if (blocks)
    all.push_back(buffer(op.getCondition(), b));
  Operation *made = family.map(b, op.getLoc(), all, to,
                               identity(b, type.getRank(), all.size()));
  llvm::SmallVector<Type> types(2, type.getElementType());
  if (blocks)
    types.push_back(b.getI1Type());
  fillRegion(made, type.getRank(), types, [&](OpBuilder &inner, Block *block) {
    auto element = [&](int64_t k) {
      return block->getArgument(type.getRank() + k);
    };
    Value condition =
        blocks ? element(2) : map.lookupOrDefault(op.getCondition());
    return arith::SelectOp::create(inner, op.getLoc(), condition, element(0),
                                   element(1))
        .getResult();
  });
  held[op.getResult()] = to;
}
