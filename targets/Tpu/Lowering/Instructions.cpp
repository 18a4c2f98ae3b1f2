// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Tpu/Lowering/Instructions.h"

#include "targets/Tpu/IR/Tpu.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::buffers;
using namespace terrazzo::tpu;

static Value constant(OpBuilder &b, Location loc, int64_t v) {
  return arith::ConstantIndexOp::create(b, loc, v);
}

Instructions::Instructions(const chip::Chip &chip) {
  const chip::Quantity *k = chip.number("matrix", "bf16", "k");
  side = k ? int64_t(k->value) : 128;
}

Value Instructions::single(OpBuilder &b, Location loc) {
  // At the launch's start: one semaphore for each place in the text.
  Operation *at = b.getInsertionBlock()->getParentOp();
  while (!isa<tile::LaunchOp>(at))
    at = at->getParentOp();
  OpBuilder top =
      OpBuilder::atBlockBegin(&cast<tile::LaunchOp>(at).getBody().front());
  return SemAllocOp::create(top, loc, SemaphoreType::get(b.getContext(), 1));
}

void Instructions::transferIn(OpBuilder &b, Location loc,
                              const GlobalWindow &from, Value to, Value mask,
                              Ring *ring, Value slot) {
  Value semaphores = ring ? ring->own[0] : single(b, loc);
  Value at = ring ? slot : constant(b, loc, 0);
  EnqueueDmaInOp::create(b, loc, from.base, from.strides, from.low, from.high,
                         to, from.index, from.indexBounds, mask,
                         from.index ? b.getI64IntegerAttr(from.indexDim)
                                    : IntegerAttr(),
                         semaphores, at);
  if (!ring)
    WaitDmaOp::create(b, loc, semaphores, at, 1);
}

void Instructions::transferOut(OpBuilder &b, Location loc, Value from,
                               const GlobalWindow &to, Value mask, Ring *ring,
                               Value slot) {
  if (ring && ring->isOrdered)
    waitForLast(b, loc, *ring, 2);
  Value semaphores = ring ? ring->own[1] : single(b, loc);
  Value at = ring ? slot : constant(b, loc, 0);
  EnqueueDmaOutOp::create(b, loc, to.base, to.strides, to.low, to.high, from,
                          to.index, to.indexBounds, mask,
                          to.index ? b.getI64IntegerAttr(to.indexDim)
                                   : IntegerAttr(),
                          semaphores, at);
  if (!ring)
    WaitDmaOp::create(b, loc, semaphores, at, 1);
}

void Instructions::atomic(OpBuilder &b, Location loc, Value value,
                          const GlobalWindow &to, Value mask,
                          std::optional<kernel::AtomicKind> kind, Value compare,
                          Value old) {
  Value semaphores = single(b, loc), at = constant(b, loc, 0);
  AtomicDmaOp::create(b, loc, to.base, to.strides, to.low, to.high, value,
                      compare, old, to.index, to.indexBounds, mask,
                      to.index ? b.getI64IntegerAttr(to.indexDim)
                               : IntegerAttr(),
                      semaphores, at,
                      kind ? kernel::AtomicKindAttr::get(b.getContext(), *kind)
                           : kernel::AtomicKindAttr());
  WaitDmaOp::create(b, loc, semaphores, at, 1);
}

Operation *Instructions::map(OpBuilder &b, Location loc, ValueRange ins,
                             ValueRange outs, ArrayAttr dims) {
  return VpuOp::create(b, loc, ins, outs, dims);
}

Operation *Instructions::reduce(OpBuilder &b, Location loc, ValueRange ins,
                                ValueRange outs, int64_t dim, StringRef order) {
  return XluReduceOp::create(b, loc, ins, outs, dim, order);
}

Operation *Instructions::scan(OpBuilder &b, Location loc, ValueRange ins,
                              ValueRange outs, int64_t dim, bool reverse) {
  return XluScanOp::create(b, loc, ins, outs, dim, reverse);
}

void Instructions::take(OpBuilder &b, Location loc, Value source,
                        ValueRange symbols, Value target, AffineMap map) {
  XluShuffleOp::create(b, loc, source, symbols, target, map);
}

static Value part(OpBuilder &b, Location loc, Value from, int64_t row,
                  int64_t column, int64_t rows, int64_t columns) {
  auto type = cast<MemRefType>(from.getType());
  if (rows == type.getDimSize(0) && columns == type.getDimSize(1))
    return from;
  return memref::SubViewOp::create(
      b, loc, from,
      ArrayRef<OpFoldResult>{b.getIndexAttr(row), b.getIndexAttr(column)},
      ArrayRef<OpFoldResult>{b.getIndexAttr(rows), b.getIndexAttr(columns)},
      ArrayRef<OpFoldResult>{b.getIndexAttr(1), b.getIndexAttr(1)});
}

/// Each tile of the right operand is pushed once, and all rows of the left one
/// go through it.
void Instructions::multiply(OpBuilder &b, Location loc, Value a, Value rhs,
                            Value acc, Value fresh) {
  auto left = cast<MemRefType>(a.getType());
  int64_t rows = left.getDimSize(0), depth = left.getDimSize(1);
  int64_t columns = cast<MemRefType>(rhs.getType()).getDimSize(1);
  Value never = arith::ConstantIntOp::create(b, loc, 0, 1);
  for (int64_t n = 0; n < columns; n += side)
    for (int64_t k = 0; k < depth; k += side) {
      int64_t wide = std::min(side, columns - n),
              deep = std::min(side, depth - k);
      Value weights =
          MatmulPushRhsOp::create(b, loc, WeightsType::get(b.getContext()),
                                  part(b, loc, rhs, k, n, deep, wide));
      MatmulAccLhsOp::create(b, loc, part(b, loc, a, 0, k, rows, deep), weights,
                             part(b, loc, acc, 0, n, rows, wide),
                             k ? never : fresh);
    }
}

void Instructions::makeRing(OpBuilder &b, Location loc, Ring &ring) {
  auto type = SemaphoreType::get(b.getContext(), ring.depth);
  for (int i = 0; i < 2; ++i) // filled, emptied
    ring.own.push_back(SemAllocOp::create(b, loc, type));
}

/// DMAs keep no order: of a ring that must, the last but \p back - 1 is waited
/// for, where there was one.
void Instructions::waitForLast(OpBuilder &b, Location loc, Ring &ring,
                               int64_t back) {
  Value count = memref::LoadOp::create(b, loc, ring.waited);
  Value before = constant(b, loc, back);
  Value some =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::uge, count, before);
  auto branch = scf::IfOp::create(b, loc, TypeRange(), some,
                                  /*withElseRegion=*/false);
  OpBuilder inner = branch.getThenBodyBuilder();
  Value last = arith::SubIOp::create(inner, loc, count, before);
  Value slot = arith::RemUIOp::create(inner, loc, last,
                                      constant(inner, loc, ring.depth));
  WaitDmaOp::create(inner, loc, ring.own[1], slot, ring.emptying);
}

/// A slot is free when what left it has gone.
void Instructions::acquire(OpBuilder &b, Location loc, Ring &ring, Value count,
                           Value slot) {
  if (!ring.emptying || ring.isOrdered)
    return;
  Value depth = constant(b, loc, ring.depth);
  Value again =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::uge, count, depth);
  auto branch = scf::IfOp::create(b, loc, TypeRange(), again,
                                  /*withElseRegion=*/false);
  OpBuilder inner = branch.getThenBodyBuilder();
  WaitDmaOp::create(inner, loc, ring.own[1], slot, ring.emptying);
}

void Instructions::wait(OpBuilder &b, Location loc, Ring &ring, Value slot) {
  if (ring.filling)
    WaitDmaOp::create(b, loc, ring.own[0], slot, ring.filling);
}

void Instructions::finish(OpBuilder &b, Location loc, Ring &ring) {
  if (!ring.emptying)
    return;
  if (ring.isOrdered)
    return waitForLast(b, loc, ring, 1);
  Value count = memref::LoadOp::create(b, loc, ring.waited);
  for (int64_t slot = 0; slot < ring.depth; ++slot) {
    Value at = constant(b, loc, slot);
    Value used =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ugt, count, at);
    auto branch = scf::IfOp::create(b, loc, TypeRange(), used,
                                    /*withElseRegion=*/false);
    OpBuilder inner = branch.getThenBodyBuilder();
    WaitDmaOp::create(inner, loc, ring.own[1], at, ring.emptying);
  }
}
