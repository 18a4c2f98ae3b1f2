// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads, stores and atomics, each access checked against its argument.
#include "lib/Interpreter/Report.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::interpreter;

static unsigned bytesOf(const ElementType &t) {
  return t.bits < 8 ? 1 : t.bits / 8;
}

bool terrazzo::interpreter::sameBits(const Tensor &a, size_t i, const Tensor &b,
                                     size_t j) {
  if (!a.type.isFloat())
    return a.ints[i] == b.ints[j];
  return numerics::encode(a.type.format, a.values[i]) ==
         numerics::encode(b.type.format, b.values[j]);
}

std::pair<Buffer *, int64_t> Program::element(mlir::Operation *op,
                                              const Tensor &pointers, size_t i,
                                              const ElementType &type) {
  uint8_t flag = pointers.flag(i);
  if (flag & Poison)
    fail(op, DiagnosticKind::PoisonUsed, "an address");
  if (flag & Overflow)
    fail(op, DiagnosticKind::OffsetOverflow);
  int64_t address = pointers.ints[i];
  int64_t number = address / addressSpan - 1;
  auto &buffers = *shared.launch.buffers;
  if (number < 0 || number >= int64_t(buffers.size()))
    fail(op, DiagnosticKind::WildPointer);
  Buffer &buffer = buffers[number];
  if (!(buffer.data.type == type))
    fail(op, DiagnosticKind::PointerTypeMismatch, buffer.name);
  int64_t offset = address - baseAddress(number);
  int64_t size = bytesOf(type), count = buffer.data.size();
  int64_t index = offset >= 0 ? offset / size : -((-offset + size - 1) / size);
  if (index < 0 || index >= count)
    fail(op, DiagnosticKind::OutOfBounds, std::to_string(index), buffer.name,
         std::to_string(count));
  return {&buffer, index};
}

static bool active(const Tensor *mask, size_t i) {
  return !mask || mask->ints[i] != 0;
}

static void markWritten(Buffer &buffer, int64_t index, Written how) {
  if (!buffer.written.empty())
    buffer.written[index] |= how;
}

void Program::load(kernel::LoadOp op) {
  const Tensor &p = *get(op.getPtr());
  const Tensor *mask = op.getMask() ? get(op.getMask()).get() : nullptr;
  const Tensor *other = op.getOther() ? get(op.getOther()).get() : nullptr;
  Tensor r = makeLike(p, op.getResult().getType());
  for (size_t i = 0, n = p.size(); i < n; ++i) {
    if (mask && (mask->flag(i) & Poison))
      fail(op, DiagnosticKind::PoisonUsed, "a mask");
    if (!active(mask, i)) {
      if (other)
        r.take(i, *other, i);
      else
        r.setFlag(i, Poison);
      continue;
    }
    auto [buffer, index] = element(op, p, i, r.type);
    r.take(i, buffer->data, index);
  }
  set(op, std::move(r));
}

void Program::store(kernel::StoreOp op) {
  const Tensor &p = *get(op.getPtr()), &v = *get(op.getValue());
  const Tensor *mask = op.getMask() ? get(op.getMask()).get() : nullptr;
  std::optional<Waiting::Change> change;
  for (size_t i = 0, n = p.size(); i < n; ++i) {
    if (mask && (mask->flag(i) & Poison))
      fail(op, DiagnosticKind::PoisonUsed, "a mask");
    if (!active(mask, i))
      continue;
    auto [buffer, index] = element(op, p, i, v.type);
    if (v.flag(i) & Poison)
      fail(op, DiagnosticKind::PoisonStored, buffer->name,
           std::to_string(index));
    if (!change)
      change.emplace(shared.waiting);
    // The flags of a buffer are there from the start: programs run at once.
    if (v.type.isFloat()) {
      buffer->data.values[index] = v.values[i];
      buffer->data.reference[index] = v.reference[i];
      buffer->data.error[index] = v.error[i];
    } else {
      buffer->data.ints[index] = v.ints[i];
    }
    buffer->data.flags[index] = v.flag(i) & Ambiguous;
    markWritten(*buffer, index, Stored);
  }
}

void terrazzo::interpreter::combineInPlace(Tensor &d, int64_t index,
                                           kernel::AtomicKind kind,
                                           const Tensor &v, size_t i) {
  using K = kernel::AtomicKind;
  d.flags[index] = (d.flags[index] | v.flag(i)) & Ambiguous;
  if (v.type.isFloat()) {
    double &x = d.values[index], &ref = d.reference[index], &e = d.error[index];
    if (kind == K::FAdd || kind == K::Add) {
      x = numerics::round(v.type.format, x + v.values[i]);
      ref += v.reference[i];
      e += v.error[i] + 2 * numerics::info(v.type.format).unit() *
                            (std::fabs(ref) + std::fabs(v.reference[i]));
    } else if (kind == K::Xchg) {
      x = v.values[i];
      ref = v.reference[i];
      e = v.error[i];
    } else {
      bool isMax = kind == K::Max;
      x = isMax ? std::fmax(x, v.values[i]) : std::fmin(x, v.values[i]);
      ref = isMax ? std::fmax(ref, v.reference[i])
                  : std::fmin(ref, v.reference[i]);
      e = std::max(e, v.error[i]);
    }
    return;
  }
  int64_t &x = d.ints[index], y = v.ints[i];
  unsigned bits = v.type.bits;
  auto u = [bits](int64_t w) { return zeroExtend(w, bits); };
  switch (kind) {
  case K::And:
    x &= y;
    break;
  case K::Or:
    x |= y;
    break;
  case K::Xor:
    x ^= y;
    break;
  case K::Add:
    x = signExtend(int64_t(uint64_t(x) + uint64_t(y)), bits);
    break;
  case K::Max:
    x = std::max(x, y);
    break;
  case K::Min:
    x = std::min(x, y);
    break;
  case K::UMax:
    x = u(x) > u(y) ? x : y;
    break;
  case K::UMin:
    x = u(x) < u(y) ? x : y;
    break;
  default:
    x = y;
    break;
  }
}

void Program::atomic(kernel::AtomicRMWOp op) {
  using K = kernel::AtomicKind;
  const Tensor &p = *get(op.getPtr()), &v = *get(op.getValue());
  const Tensor *mask = op.getMask() ? get(op.getMask()).get() : nullptr;
  Tensor r = makeLike(p, op.getResult().getType());
  K kind = op.getKind();
  for (size_t i = 0, n = p.size(); i < n; ++i) {
    if (!active(mask, i)) {
      r.setFlag(i, Poison);
      continue;
    }
    auto [buffer, index] = element(op, p, i, v.type);
    if (v.flag(i) & Poison)
      fail(op, DiagnosticKind::PoisonStored, buffer->name,
           std::to_string(index));
    Tensor &d = buffer->data;
    std::lock_guard<std::mutex> lock(shared.stripe(index));
    if ((d.flags[index] & Poison) && kind != K::Xchg)
      fail(op, DiagnosticKind::AtomicOnUnwritten, buffer->name,
           std::to_string(index));
    r.take(i, d, index);
    markWritten(*buffer, index, Combined);
    Waiting::Change change(shared.waiting);
    combineInPlace(d, index, kind, v, i);
    if (sameBits(d, index, r, i))
      change.hadNoEffect();
  }
  set(op, std::move(r));
}

void Program::compareAndSwap(kernel::AtomicCASOp op) {
  const Tensor &p = *get(op.getPtr()), &c = *get(op.getCmp()),
               &v = *get(op.getValue());
  Tensor r = makeLike(p, op.getResult().getType());
  for (size_t i = 0, n = p.size(); i < n; ++i) {
    auto [buffer, index] = element(op, p, i, v.type);
    Tensor &d = buffer->data;
    std::lock_guard<std::mutex> lock(shared.stripe(index));
    if (d.flags[index] & Poison)
      fail(op, DiagnosticKind::AtomicOnUnwritten, buffer->name,
           std::to_string(index));
    r.take(i, d, index);
    markWritten(*buffer, index, Combined);
    if (!sameBits(d, index, c, i))
      continue;
    Waiting::Change change(shared.waiting);
    if (v.type.isFloat()) {
      d.values[index] = v.values[i];
      d.reference[index] = v.reference[i];
      d.error[index] = v.error[i];
    } else {
      d.ints[index] = v.ints[i];
    }
  }
  set(op, std::move(r));
}

void Program::addPointer(kernel::AddPtrOp add) {
  const Tensor &p = *get(add.getPtr()), &o = *get(add.getOffset());
  auto pointer = mlir::cast<kernel::PtrType>(
      mlir::getElementTypeOrSelf(add.getPtr().getType()));
  int64_t size = bytesOf(elementTypeOf(pointer.getPointee()));
  Tensor r = makeLike(p, add.getType());
  for (size_t i = 0; i < r.size(); ++i) {
    r.ints[i] =
        int64_t(uint64_t(p.ints[i]) + uint64_t(o.ints[i]) * uint64_t(size));
    // A masked-off access may have any address, so the check waits for a use.
    r.setFlag(i, p.flag(i) | o.flag(i));
  }
  set(add, std::move(r));
}
