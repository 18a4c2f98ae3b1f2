// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Atomic operations on windows.
#include "targets/Cpu/Lowering/Emitter.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

static LLVM::AtomicBinOp binaryOf(llvm::StringRef kind, bool isFloat) {
  using K = LLVM::AtomicBinOp;
  return llvm::StringSwitch<K>(kind)
      .Case("add", isFloat ? K::fadd : K::add)
      .Case("fadd", K::fadd)
      .Case("and", K::_and)
      .Case("or", K::_or)
      .Case("xor", K::_xor)
      .Case("max", isFloat ? K::fmax : K::max)
      .Case("min", isFloat ? K::fmin : K::min)
      .Case("umax", K::umax)
      .Case("umin", K::umin)
      .Default(K::xchg);
}

/// Element by element: a CPU has no vector atomics.
void Emitter::atomic(tile::AtomicOp op) {
  Window w = windowOf(op.getView());
  llvm::SmallVector<Value> roots(op.getValues());
  if (op.getMask())
    roots.push_back(op.getMask());
  for (Value t : w.tensors)
    if (t)
      roots.push_back(t);
  alongTheWay(roots, {});
  LLVM::AtomicOrdering order =
      llvm::StringSwitch<LLVM::AtomicOrdering>(op.getSem())
          .Case("relaxed", LLVM::AtomicOrdering::monotonic)
          .Case("acquire", LLVM::AtomicOrdering::acquire)
          .Case("release", LLVM::AtomicOrdering::release)
          .Default(LLVM::AtomicOrdering::acq_rel);
  Type storage = storageOf(w.element);
  bool isPrivate = op.getKind() == "add" && w.element.isInteger() &&
                   rootOf(op.getView()).getDefiningOp<tile::AllocOp>();
  bool whole = op.getOld() && isTensor(op.getOld());
  std::optional<Buffer> olds;
  if (whole)
    olds = allocate(w.shape, w.element);
  nest(w.shape, int64_t(w.shape.size()) - 1, 1, [&](const Indices &at) {
    Address a = addressOf(w, at, true);
    if (op.getMask())
      a.mask = both(a.mask, evaluate(op.getMask(), at));
    llvm::SmallVector<Value> values;
    for (Value v : op.getValues())
      values.push_back(narrow(evaluate(v, at), w.element));
    Value pointer = pointerAt(w.base, w.element, a.scalar);
    auto one = [&]() -> Value {
      if (op.getKind() == "cas") {
        Type bits = b.getIntegerType(bytesOf(w.element) * 8);
        auto asBits = [&](Value v) -> Value {
          return v.getType() == bits
                     ? v
                     : LLVM::BitcastOp::create(b, loc, bits, v).getResult();
        };
        Value pair = LLVM::AtomicCmpXchgOp::create(
            b, loc, pointer, asBits(values[0]), asBits(values[1]),
            LLVM::AtomicOrdering::acq_rel, LLVM::AtomicOrdering::acquire);
        Value old = LLVM::ExtractValueOp::create(b, loc, pair,
                                                 llvm::ArrayRef<int64_t>{0});
        return bits == storage
                   ? old
                   : LLVM::BitcastOp::create(b, loc, storage, old).getResult();
      }
      if (isPrivate) { // only this thread sees it
        Value before = LLVM::LoadOp::create(b, loc, storage, pointer);
        LLVM::StoreOp::create(
            b, loc, arith::AddIOp::create(b, loc, before, values[0]), pointer);
        return before;
      }
      return LLVM::AtomicRMWOp::create(
          b, loc, binaryOf(op.getKind(), isa<FloatType>(w.element)), pointer,
          values[0], order);
    };
    Value old;
    if (!a.mask) {
      old = one();
    } else {
      auto branch = scf::IfOp::create(b, loc, storage, a.mask, true);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      scf::YieldOp::create(b, loc, one());
      b.setInsertionPointToStart(branch.elseBlock());
      scf::YieldOp::create(b, loc,
                           constant(cast<TypedAttr>(b.getZeroAttr(storage))));
      old = branch.getResult(0);
    }
    if (whole)
      storeBuffer(*olds, at, widen(old, w.element));
    else if (op.getOld())
      scalars[op.getOld()] = widen(old, w.element);
  });
  if (whole)
    buffers[op.getOld()] = *olds;
}
