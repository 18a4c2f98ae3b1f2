// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Mtia/Lowering/Instructions.h"

#include "targets/Mtia/IR/Mtia.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::buffers;
using namespace terrazzo::mtia;

static IntegerAttr indexDim(OpBuilder &b, const GlobalWindow &window) {
  return window.index ? b.getI64IntegerAttr(window.indexDim) : IntegerAttr();
}

void Instructions::drain(OpBuilder &b, Location loc, Value sum, Value block) {
  ReduceOp::create(b, loc, sum, block);
}

void Instructions::transferIn(OpBuilder &b, Location loc,
                              const GlobalWindow &from, Value to, Value mask,
                              Ring *, Value) {
  DmaInOp::create(b, loc, from.base, from.strides, from.low, from.high, to,
                  from.index, from.indexBounds, mask, indexDim(b, from));
}

void Instructions::transferOut(OpBuilder &b, Location loc, Value from,
                               const GlobalWindow &to, Value mask, Ring *,
                               Value) {
  DmaOutOp::create(b, loc, to.base, to.strides, to.low, to.high, from, to.index,
                   to.indexBounds, mask, indexDim(b, to));
}

void Instructions::atomic(OpBuilder &b, Location loc, Value value,
                          const GlobalWindow &to, Value mask,
                          std::optional<kernel::AtomicKind> kind, Value compare,
                          Value old) {
  DmaAtomicOp::create(b, loc, to.base, to.strides, to.low, to.high, value,
                      compare, old, to.index, to.indexBounds, mask,
                      indexDim(b, to),
                      kind ? kernel::AtomicKindAttr::get(b.getContext(), *kind)
                           : kernel::AtomicKindAttr());
}

Operation *Instructions::map(OpBuilder &b, Location loc, ValueRange ins,
                             ValueRange outs, ArrayAttr dims) {
  return SeEltwiseOp::create(b, loc, ins, outs, dims);
}

Operation *Instructions::reduce(OpBuilder &b, Location loc, ValueRange ins,
                                ValueRange outs, int64_t dim, StringRef order) {
  return SeReduceOp::create(b, loc, ins, outs, dim, order);
}

Operation *Instructions::scan(OpBuilder &b, Location loc, ValueRange ins,
                              ValueRange outs, int64_t dim, bool reverse) {
  return SeScanOp::create(b, loc, ins, outs, dim, reverse);
}

void Instructions::take(OpBuilder &b, Location loc, Value source,
                        ValueRange symbols, Value target, AffineMap map) {
  MluShuffleOp::create(b, loc, source, symbols, target, map);
}

void Instructions::multiply(OpBuilder &b, Location loc, Value a, Value rhs,
                            Value acc, Value fresh) {
  MmlOp::create(b, loc, acc, a, rhs, fresh);
}

void Instructions::makeRing(OpBuilder &b, Location loc, Ring &ring) {
  ring.own.push_back(CbInitOp::create(b, loc,
                                      CbType::get(b.getContext(), ring.depth),
                                      ring.slots, ArrayAttr(), ArrayAttr()));
}

void Instructions::acquire(OpBuilder &b, Location loc, Ring &ring, Value,
                           Value) {
  CbReserveOp::create(b, loc, ring.own[0]);
}

void Instructions::commit(OpBuilder &b, Location loc, Ring &ring, Value) {
  CbPushOp::create(b, loc, ring.own[0]);
}

void Instructions::wait(OpBuilder &b, Location loc, Ring &ring, Value) {
  CbWaitOp::create(b, loc, ring.own[0]);
}

void Instructions::release(OpBuilder &b, Location loc, Ring &ring, Value) {
  CbPopOp::create(b, loc, ring.own[0]);
}
