// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops, branches, reductions and scans; what crosses their borders.
#include "lib/Transforms/Access/Converter.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace terrazzo;
using namespace terrazzo::access;
using namespace mlir;

/// The same number in every element, by structure.
static bool sameEverywhere(Value v, unsigned depth = 0) {
  Operation *op = v.getDefiningOp();
  if (!isTensor(v))
    return true;
  if (!op || depth > 16)
    return false;
  if (isa<kernel::SplatOp>(op))
    return true;
  DenseElementsAttr dense;
  if (matchPattern(v, m_Constant(&dense)))
    return dense.isSplat();
  if (!isa<kernel::BroadcastOp, kernel::ExpandDimsOp, kernel::ReshapeOp,
           arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::ExtSIOp>(op))
    return false;
  return llvm::all_of(op->getOperands(),
                      [&](Value o) { return sameEverywhere(o, depth + 1); });
}

/// Whether \p next is \p argument plus the same number everywhere.
static bool movesUniformly(Value argument, Value next) {
  while (next != argument) {
    Operation *op = next.getDefiningOp();
    if (!op || !isa<kernel::AddPtrOp, arith::AddIOp, arith::SubIOp>(op))
      return false;
    if (sameEverywhere(op->getOperand(1)))
      next = op->getOperand(0);
    else if (isa<arith::AddIOp>(op) && sameEverywhere(op->getOperand(0)))
      next = op->getOperand(1);
    else
      return false;
  }
  return true;
}

/// How a carried value crosses the border of a loop: a block of pointers or of
/// integers that only moves, as the moving scalar; other pointers as their
/// addresses; all else whole.
Converter::Carry Converter::carryOf(Value init, Value argument, Value next) {
  if (!isTensor(init))
    return Carry::Whole;
  if (isPointer(init))
    return movesUniformly(argument, next) ? Carry::Moving : Carry::Addresses;
  bool moves = elementOf(init).isInteger() && movesUniformly(argument, next) &&
               affine(init);
  return moves ? Carry::Moving : Carry::Whole;
}

/// How a value crosses a border without having moved only.
Converter::Carry Converter::wholeOf(Value v) {
  return isPointer(v) && isTensor(v) ? Carry::Addresses : Carry::Whole;
}
Type Converter::carriedType(Value v) {
  return wholeOf(v) == Carry::Whole
             ? v.getType()
             : RankedTensorType::get(shapeOf(v), builder.getI64Type());
}

Value Converter::carried(Value v, Carry carry) {
  if (carry == Carry::Whole)
    return full(v);
  if (carry == Carry::Addresses)
    return full(addressesOf(v), shapeOf(v));
  Value constant =
      isPointer(v) ? pointersOf(v).offset.constant : affine(v)->constant;
  return constant ? constant : index(0);
}

/// Makes \p inner, a result or argument, what \p init is with the scalar or
/// tensor \p now in it.
void Converter::bind(Value inner, Value now, Value init, Carry carry) {
  if (carry != Carry::Moving) {
    Dims dims;
    for (size_t d = 0; d < shapeOf(inner).size(); ++d)
      dims.push_back(d);
    if (carry == Carry::Addresses) {
      pointers[inner] = pointersAt({now, dims}, inner);
      return;
    }
    spreads[inner] = {now, dims};
    if (isTensor(inner) && elementOf(inner).isInteger())
      if (auto offset = affine(inner))
        offsets[inner] = *offset;
    return;
  }
  if (isPointer(inner)) {
    Pointers p = pointersOf(init);
    p.offset.constant = now;
    pointers[inner] = p;
    return;
  }
  Offset offset = *affine(init);
  offset.constant = now;
  offsets[inner] = offset;
  llvm::SmallVector<std::pair<int64_t, int64_t>> domain;
  for (auto [d, size] : llvm::enumerate(shapeOf(inner)))
    domain.push_back({d, size});
  spreads[inner] = map(
      {}, elementOf(inner),
      [&](OpBuilder &b, ValueRange ivs, ValueRange) -> Value {
        Value sum = now;
        for (auto [d, stride] : llvm::enumerate(offset.strides))
          if (stride)
            sum = arith::AddIOp::create(
                b, loc, sum, arith::MulIOp::create(b, loc, ivs[d], stride));
        return arith::IndexCastOp::create(b, loc, elementOf(inner), sum);
      },
      domain);
}

void Converter::forLoop(scf::ForOp op) {
  llvm::SmallVector<Carry> carries;
  llvm::SmallVector<Value> inits;
  auto yield = cast<scf::YieldOp>(op.getBody()->getTerminator());
  for (auto [init, argument, next] : llvm::zip(
           op.getInitArgs(), op.getRegionIterArgs(), yield.getOperands())) {
    carries.push_back(carryOf(init, argument, next));
    inits.push_back(carried(init, carries.back()));
  }
  auto loop =
      scf::ForOp::create(builder, loc, spreadOf(op.getLowerBound()).source,
                         spreadOf(op.getUpperBound()).source,
                         spreadOf(op.getStep()).source, inits);
  loop.setUnsignedCmp(op.getUnsignedCmp());
  if (inits.empty())
    loop.getBody()->getTerminator()->erase();
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    spreads[op.getInductionVar()] = {loop.getInductionVar(), {}};
    for (size_t i = 0; i < inits.size(); ++i)
      bind(op.getRegionIterArgs()[i], loop.getRegionIterArgs()[i],
           op.getInitArgs()[i], carries[i]);
    block(*op.getBody());
    llvm::SmallVector<Value> next;
    for (auto [v, carry] : llvm::zip(yield.getOperands(), carries))
      next.push_back(carried(v, carry));
    scf::YieldOp::create(builder, loc, next);
  }
  for (size_t i = 0; i < inits.size(); ++i)
    bind(op.getResult(i), loop.getResult(i), op.getInitArgs()[i], carries[i]);
}

void Converter::branch(scf::IfOp op) {
  llvm::SmallVector<Type> types;
  for (Value r : op.getResults())
    types.push_back(carriedType(r));
  bool hasElse = !op.getElseRegion().empty();
  auto made = scf::IfOp::create(builder, loc, types,
                                spreadOf(op.getCondition()).source, hasElse);
  auto fill = [&](Block &from, Block &to) {
    OpBuilder::InsertionGuard guard(builder);
    if (!to.empty() && to.back().hasTrait<OpTrait::IsTerminator>())
      to.back().erase();
    builder.setInsertionPointToStart(&to);
    block(from);
    llvm::SmallVector<Value> values;
    for (Value v : from.getTerminator()->getOperands())
      values.push_back(carried(v, wholeOf(v)));
    scf::YieldOp::create(builder, loc, values);
  };
  fill(*op.thenBlock(), *made.thenBlock());
  if (hasElse)
    fill(*op.elseBlock(), *made.elseBlock());
  for (auto [from, to] : llvm::zip(op.getResults(), made.getResults()))
    bind(from, to, from, wholeOf(from));
}

void Converter::whileLoop(scf::WhileOp op) {
  Block &before = op.getBefore().front(), &after = op.getAfter().front();
  auto condition = cast<scf::ConditionOp>(before.getTerminator());
  auto yield = cast<scf::YieldOp>(after.getTerminator());
  // Blocks of pointers move uniformly through the body if what the condition
  // passes on is the loop's own argument.
  auto passed = [&](Value argument) -> Value {
    for (auto [in, out] : llvm::zip(condition.getArgs(), after.getArguments()))
      if (in == argument)
        return out;
    return {};
  };
  llvm::SmallVector<Carry> carries, out;
  llvm::SmallVector<Value> inits, like;
  for (auto [init, argument, next] :
       llvm::zip(op.getInits(), before.getArguments(), yield.getOperands())) {
    Value inside = passed(argument);
    bool moves = inside && movesUniformly(inside, next);
    bool isBlock = isPointer(init) && isTensor(init);
    carries.push_back(isBlock && moves ? Carry::Moving : wholeOf(init));
    inits.push_back(carried(init, carries.back()));
  }
  for (Value v : condition.getArgs()) {
    auto number = llvm::find(before.getArguments(), v);
    bool own = number != before.getArguments().end();
    size_t at = own ? cast<BlockArgument>(v).getArgNumber() : 0;
    out.push_back(own ? carries[at] : wholeOf(v));
    like.push_back(own ? op.getInits()[at] : v);
  }
  llvm::SmallVector<Type> types;
  for (auto [v, carry] : llvm::zip(condition.getArgs(), out))
    types.push_back(carry == Carry::Moving ? Type(builder.getIndexType())
                                           : carriedType(v));
  auto loop = scf::WhileOp::create(builder, loc, types, inits);
  auto open = [&](Region &region, ValueRange values, Block &from,
                  llvm::ArrayRef<Carry> how, ValueRange likes) {
    Block *to = builder.createBlock(&region);
    for (auto [i, v] : llvm::enumerate(values))
      bind(from.getArgument(i), to->addArgument(v.getType(), loc), likes[i],
           how[i]);
  };
  OpBuilder::InsertionGuard guard(builder);
  open(loop.getBefore(), loop.getInits(), before, carries, op.getInits());
  block(before);
  llvm::SmallVector<Value> values;
  for (auto [v, carry] : llvm::zip(condition.getArgs(), out))
    values.push_back(carried(v, carry));
  scf::ConditionOp::create(builder, loc,
                           spreadOf(condition.getCondition()).source, values);
  open(loop.getAfter(), loop.getResults(), after, out, like);
  block(after);
  values.clear();
  for (auto [v, carry] : llvm::zip(yield.getOperands(), carries))
    values.push_back(carried(v, carry));
  scf::YieldOp::create(builder, loc, values);
  builder.setInsertionPointAfter(loop);
  for (auto [i, carry] : llvm::enumerate(out))
    bind(op.getResult(i), loop.getResult(i), like[i], carry);
}

/// The scalar region of a reduce or scan, with the ending that Tile IR has.
void Converter::combineRegion(Region &from, Region &to) {
  IRMapping mapping;
  from.cloneInto(&to, mapping);
  Operation *end = to.front().getTerminator();
  OpBuilder inner(end);
  tile::YieldOp::create(inner, loc, end->getOperands());
  end->erase();
}

void Converter::reduce(kernel::ReduceOp op) {
  llvm::SmallVector<Value> ins;
  for (Value v : op.getSrcs())
    ins.push_back(full(v));
  auto made = tile::ReduceOp::create(
      builder, loc, op.getResultTypes(), ins,
      builder.getI64ArrayAttr({int64_t(op.getAxis())}), "any");
  combineRegion(op.getCombine(), made.getBody());
  for (auto [from, to] : llvm::zip(op.getResults(), made.getResults()))
    bind(from, to, from, Carry::Whole);
}

void Converter::scan(kernel::ScanOp op) {
  llvm::SmallVector<Value> ins;
  for (Value v : op.getSrcs())
    ins.push_back(full(v));
  auto made = tile::ScanOp::create(builder, loc, op.getResultTypes(), ins,
                                   op.getAxis(), op.getReverse(), "any");
  combineRegion(op.getCombine(), made.getBody());
  for (auto [from, to] : llvm::zip(op.getResults(), made.getResults()))
    bind(from, to, from, Carry::Whole);
}

bool Converter::regionOp(Operation *op) {
  if (auto loop = dyn_cast<scf::ForOp>(op))
    forLoop(loop);
  else if (auto loop = dyn_cast<scf::WhileOp>(op))
    whileLoop(loop);
  else if (auto branchOp = dyn_cast<scf::IfOp>(op))
    branch(branchOp);
  else if (auto reduceOp = dyn_cast<kernel::ReduceOp>(op))
    reduce(reduceOp);
  else if (auto scanOp = dyn_cast<kernel::ScanOp>(op))
    scan(scanOp);
  else
    return false;
  return true;
}
