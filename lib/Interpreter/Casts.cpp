// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Selections, comparisons and casts: where floats decide and change their kind.
#include "lib/Interpreter/Report.h"
#include "lib/Interpreter/Rounding.h"
#include "lib/Numerics/Comparison.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::interpreter;
namespace arith = mlir::arith;

bool Program::castOp(mlir::Operation *op) {
  if (auto select = mlir::dyn_cast<arith::SelectOp>(op)) {
    const Tensor &c = *get(select.getCondition());
    const Tensor &a = *get(select.getTrueValue()),
                 &b = *get(select.getFalseValue());
    Tensor r = makeLike(a, op->getResult(0).getType());
    bool scalar = c.size() == 1 && a.size() != 1;
    for (size_t i = 0; i < a.size(); ++i) {
      size_t ci = scalar ? 0 : i;
      bool first = c.ints[ci] != 0;
      r.take(i, first ? a : b, i);
      uint8_t f = c.flag(ci);
      // Either side may be what a device takes.
      if ((f & Ambiguous) && a.type.isFloat()) {
        const Tensor &other = first ? b : a;
        double apart = std::fabs(r.reference[i] - other.reference[i]);
        if (!std::isnan(apart)) { // no bound holds a NaN
          r.error[i] = std::max(a.error[i], b.error[i]) + apart;
          f &= ~Ambiguous;
        }
      }
      r.setFlag(i, f);
    }
    set(op->getResult(0), std::move(r));
    return true;
  }
  if (auto cmp = mlir::dyn_cast<arith::CmpFOp>(op)) {
    const Tensor &a = *get(cmp.getLhs()), &b = *get(cmp.getRhs());
    Tensor r = makeLike(a, op->getResult(0).getType());
    for (size_t i = 0; i < a.size(); ++i) {
      r.ints[i] = numerics::holds(cmp.getPredicate(), a.values[i], b.values[i])
                      ? -1
                      : 0;
      uint8_t f = flagsOf({&a, &b}, i);
      double e = a.error[i] + b.error[i];
      if (e > 0 && std::fabs(a.reference[i] - b.reference[i]) <= e)
        f |= Ambiguous;
      r.setFlag(i, f);
    }
    set(op->getResult(0), std::move(r));
    return true;
  }
  if (op->getNumOperands() != 1 || op->getNumResults() != 1)
    return false;
  mlir::Type to = op->getResult(0).getType();
  const Tensor &a = *get(op->getOperand(0));
  auto ints = [&](auto f, std::optional<Flag> wraps = std::nullopt) {
    Tensor r = makeLike(a, to);
    for (size_t i = 0; i < a.size(); ++i)
      r.ints[i] = signExtend(f(i), r.type.bits);
    r.flags = a.flags;
    for (uint8_t &flag : r.flags)
      flag = wraps ? readAs(*wraps, flag) : flag;
    set(op->getResult(0), std::move(r));
    return true;
  };
  if (mlir::isa<arith::TruncIOp, kernel::PtrToIntOp, kernel::IntToPtrOp>(op))
    return ints([&](size_t i) { return a.ints[i]; });
  if (mlir::isa<arith::ExtSIOp, arith::IndexCastOp>(op))
    return ints([&](size_t i) { return a.ints[i]; }, Overflow);
  if (mlir::isa<arith::ExtUIOp, arith::IndexCastUIOp>(op))
    return ints(
        [&](size_t i) { return int64_t(zeroExtend(a.ints[i], a.type.bits)); },
        Carry);
  if (mlir::isa<arith::FPToSIOp, arith::FPToUIOp>(op)) {
    Tensor r = makeLike(a, to);
    for (size_t i = 0; i < a.size(); ++i) {
      // Saturating, NaN gives 0: what GPUs do; Triton leaves it open.
      double v = std::trunc(a.values[i]);
      bool isSigned = mlir::isa<arith::FPToSIOp>(op);
      double low = isSigned ? -std::ldexp(1, r.type.bits - 1) : 0;
      double high = std::ldexp(1, isSigned ? r.type.bits - 1 : r.type.bits);
      if (std::isnan(v))
        r.ints[i] = 0;
      else if (v <= low)
        r.ints[i] = signExtend(int64_t(low), r.type.bits);
      else if (v >= high)
        r.ints[i] =
            isSigned ? int64_t((uint64_t(1) << (r.type.bits - 1)) - 1) : -1;
      else
        r.ints[i] = signExtend(v >= 0x1p63 ? int64_t(uint64_t(v)) : int64_t(v),
                               r.type.bits);
      uint8_t f = a.flag(i);
      double e = a.error[i];
      if (e > 0 &&
          std::trunc(a.reference[i] - e) != std::trunc(a.reference[i] + e))
        f |= Ambiguous;
      r.setFlag(i, f);
    }
    set(op->getResult(0), std::move(r));
    return true;
  }
  if (mlir::isa<arith::SIToFPOp, arith::UIToFPOp, kernel::FpCastOp,
                arith::ExtFOp, arith::TruncFOp>(op)) {
    Tensor r = makeLike(a, to);
    Rounder round(r.type);
    auto cast = mlir::dyn_cast<kernel::FpCastOp>(op);
    auto mode = cast && cast.getRounding() == kernel::Rounding::ToZero
                    ? numerics::Rounding::ToZero
                    : numerics::Rounding::NearestEven;
    auto overflow = cast && cast.getSaturate() ? numerics::Overflow::Saturate
                                               : numerics::Overflow::Standard;
    for (size_t i = 0; i < a.size(); ++i) {
      double v, ref, e = 0;
      if (a.type.isFloat()) {
        v = a.values[i];
        ref = a.reference[i];
        e = a.error[i];
      } else {
        v = mlir::isa<arith::UIToFPOp>(op)
                ? double(zeroExtend(a.ints[i], a.type.bits))
                : double(a.ints[i]);
        ref = v;
      }
      double rounded = numerics::round(r.type.format, v, mode, overflow);
      r.values[i] = rounded;
      // An exact input is rounded by every device alike: that is the reference.
      if (e == 0 && ref == v) {
        r.reference[i] = rounded;
        r.error[i] = 0;
      } else {
        double limit = numerics::info(r.type.format).largest();
        if (overflow == numerics::Overflow::Saturate && std::fabs(ref) > limit)
          ref = std::copysign(limit, ref);
        r.reference[i] = ref;
        r.error[i] = e + (mode == numerics::Rounding::ToZero ? 2 : 1) *
                             round.slack(std::fabs(ref) + e);
      }
    }
    r.flags = a.flags;
    set(op->getResult(0), std::move(r));
    return true;
  }
  if (mlir::isa<kernel::BitcastOp, arith::BitcastOp>(op)) {
    Tensor r = makeLike(a, to);
    for (size_t i = 0; i < a.size(); ++i) {
      uint64_t bits = a.type.isFloat()
                          ? numerics::encode(a.type.format, a.values[i])
                          : zeroExtend(a.ints[i], a.type.bits);
      if (r.type.isFloat()) {
        r.values[i] = r.reference[i] = numerics::decode(r.type.format, bits);
      } else {
        r.ints[i] = signExtend(int64_t(bits), r.type.bits);
        if (a.type.isFloat() && a.error[i] > 0)
          r.setFlag(i, Ambiguous);
      }
      r.setFlag(i, a.flag(i));
    }
    set(op->getResult(0), std::move(r));
    return true;
  }
  return false;
}
