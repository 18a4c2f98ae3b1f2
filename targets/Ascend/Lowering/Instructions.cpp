// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Ascend/Lowering/Instructions.h"

#include "targets/Ascend/IR/Ascend.h"
#include "targets/Ascend/IR/Pipes.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::buffers;
using namespace terrazzo::ascend;

static IntegerAttr indexDim(OpBuilder &b, const GlobalWindow &window) {
  return window.index ? b.getI64IntegerAttr(window.indexDim) : IntegerAttr();
}

bool Instructions::hasPath(StringRef from, StringRef to) const {
  return llvm::any_of(chip.parts("paths"), [&](const chip::Part &path) {
    return path.word("from") == from && path.word("to") == to;
  });
}

Value Instructions::allocate(OpBuilder &b, Location loc,
                             ArrayRef<int64_t> shape, Type element,
                             StringRef memory) {
  auto launch = b.getInsertionBlock()->getParentOp();
  if (!isa<tile::LaunchOp>(launch))
    launch = launch->getParentOfType<tile::LaunchOp>();
  OpBuilder top =
      OpBuilder::atBlockBegin(&cast<tile::LaunchOp>(launch).getBody().front());
  return memref::AllocOp::create(top, loc,
                                 MemRefType::get(shape, element,
                                                 MemRefLayoutAttrInterface(),
                                                 b.getStringAttr(memory)));
}

Value Instructions::allocateLike(OpBuilder &b, Location loc, Value block,
                                 StringRef memory) {
  auto type = cast<MemRefType>(block.getType());
  return allocate(b, loc, type.getShape(), type.getElementType(), memory);
}

/// What vector code made goes to L1 on the shortest way that there is.
Value Instructions::operand(OpBuilder &b, Location loc, Value block) {
  if (memoryOf(block) == "l1")
    return block;
  if (auto transpose = block.getDefiningOp<memref::TransposeOp>()) {
    Value moved = operand(b, loc, transpose.getIn());
    return memref::TransposeOp::create(b, loc, moved,
                                       transpose.getPermutationAttr());
  }
  Value in = allocateLike(b, loc, block, "l1");
  if (!hasPath("ub", "l1")) {
    Value out = allocateLike(b, loc, block, "workspace");
    CopyOp::create(b, loc, block, out);
    block = out;
  }
  CopyOp::create(b, loc, block, in);
  return in;
}

void Instructions::storeSum(OpBuilder &b, Location loc, Value sum,
                            const GlobalWindow &to) {
  FixpipeStoreOp::create(b, loc, to.base, to.strides, to.low, to.high, sum,
                         Value(), ValueRange(), Value(), IntegerAttr());
}

void Instructions::drain(OpBuilder &b, Location loc, Value sum, Value block) {
  if (hasPath("l0c", "ub")) {
    FixpipeOp::create(b, loc, sum, block);
    return;
  }
  Value between = allocateLike(b, loc, sum, "workspace");
  FixpipeOp::create(b, loc, sum, between);
  CopyOp::create(b, loc, between, block);
}

void Instructions::transferIn(OpBuilder &b, Location loc,
                              const GlobalWindow &from, Value to, Value mask,
                              Ring *, Value) {
  if (memoryOf(to) == "l1")
    Nd2NzOp::create(b, loc, from.base, from.strides, from.low, from.high, to,
                    from.index, from.indexBounds, mask, indexDim(b, from));
  else
    LoadOp::create(b, loc, from.base, from.strides, from.low, from.high, to,
                   from.index, from.indexBounds, mask, indexDim(b, from));
}

void Instructions::transferOut(OpBuilder &b, Location loc, Value from,
                               const GlobalWindow &to, Value mask, Ring *,
                               Value) {
  StoreOp::create(b, loc, to.base, to.strides, to.low, to.high, from, to.index,
                  to.indexBounds, mask, indexDim(b, to),
                  kernel::AtomicKindAttr());
}

/// What mte3 combines on its way out.
static bool isCombinedOnTheWay(kernel::AtomicKind kind, Type element) {
  using kernel::AtomicKind;
  bool isKind = kind == AtomicKind::Add || kind == AtomicKind::FAdd ||
                kind == AtomicKind::Max || kind == AtomicKind::Min;
  unsigned bits = element.getIntOrFloatBitWidth();
  return isKind && (isa<FloatType>(element) ? bits == 16 || bits == 32
                                            : bits >= 8 && bits <= 32);
}

void Instructions::atomic(OpBuilder &b, Location loc, Value value,
                          const GlobalWindow &to, Value mask,
                          std::optional<kernel::AtomicKind> kind, Value compare,
                          Value old) {
  auto attribute = kind ? kernel::AtomicKindAttr::get(b.getContext(), *kind)
                        : kernel::AtomicKindAttr();
  if (kind && !old && memoryOf(value) == "ub" &&
      isCombinedOnTheWay(*kind, to.element)) {
    StoreOp::create(b, loc, to.base, to.strides, to.low, to.high, value,
                    to.index, to.indexBounds, mask, indexDim(b, to), attribute);
    return;
  }
  AtomicOp::create(b, loc, to.base, to.strides, to.low, to.high, value, compare,
                   old, to.index, to.indexBounds, mask, indexDim(b, to),
                   attribute);
}

Operation *Instructions::map(OpBuilder &b, Location loc, ValueRange ins,
                             ValueRange outs, ArrayAttr dims) {
  if (memoryOf(outs[0]) == "l1")
    return InitConstValueOp::create(b, loc, ins, outs, dims);
  return VfOp::create(b, loc, ins, outs, dims);
}

Operation *Instructions::reduce(OpBuilder &b, Location loc, ValueRange ins,
                                ValueRange outs, int64_t dim, StringRef order) {
  return VreduceOp::create(b, loc, ins, outs, dim, order);
}

Operation *Instructions::scan(OpBuilder &b, Location loc, ValueRange ins,
                              ValueRange outs, int64_t dim, bool reverse) {
  return VcumOp::create(b, loc, ins, outs, dim, reverse);
}

void Instructions::take(OpBuilder &b, Location loc, Value source,
                        ValueRange symbols, Value target, AffineMap map) {
  VgatherOp::create(b, loc, source, symbols, target, map);
}

void Instructions::makeRing(OpBuilder &b, Location loc, Ring &ring) {
  ring.own.push_back(InitQueOp::create(
      b, loc, QueType::get(b.getContext(), ring.depth), ring.slots));
}

void Instructions::acquire(OpBuilder &b, Location loc, Ring &ring, Value,
                           Value slot) {
  AllocTensorOp::create(b, loc, ring.own[0], slot);
}

void Instructions::commit(OpBuilder &b, Location loc, Ring &ring, Value slot) {
  EnQueOp::create(b, loc, ring.own[0], slot);
}

void Instructions::wait(OpBuilder &b, Location loc, Ring &ring, Value slot) {
  DeQueOp::create(b, loc, ring.own[0], slot);
}

void Instructions::release(OpBuilder &b, Location loc, Ring &ring, Value slot) {
  FreeTensorOp::create(b, loc, ring.own[0], slot);
}
