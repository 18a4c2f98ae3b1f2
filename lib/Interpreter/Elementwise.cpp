// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// arith and math, element by element. Shapes come from the operands, so that
// the region of a reduction runs on whole slices at once.
#include "lib/Interpreter/Report.h"
#include "lib/Interpreter/Rounding.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::interpreter;
namespace arith = mlir::arith;
namespace math = mlir::math;

ElementType terrazzo::interpreter::elementTypeOf(mlir::Type type) {
  using F = numerics::Format;
  mlir::Type t = mlir::getElementTypeOrSelf(type);
  ElementType out;
  if (mlir::isa<kernel::PtrType>(t))
    return {ElementType::Kind::Pointer, 64, F::F64};
  if (t.isIndex())
    return {ElementType::Kind::Integer, 64, F::F64};
  if (auto i = mlir::dyn_cast<mlir::IntegerType>(t))
    return {ElementType::Kind::Integer, i.getWidth() <= 64 ? i.getWidth() : 0,
            F::F64};
  std::optional<F> f =
      llvm::TypeSwitch<mlir::Type, std::optional<F>>(t)
          .Case([](mlir::Float64Type) { return F::F64; })
          .Case([](mlir::Float32Type) { return F::F32; })
          .Case([](mlir::Float16Type) { return F::F16; })
          .Case([](mlir::BFloat16Type) { return F::BF16; })
          .Case([](mlir::Float8E4M3FNType) { return F::E4M3FN; })
          .Case([](mlir::Float8E4M3FNUZType) { return F::E4M3FNUZ; })
          .Case([](mlir::Float8E4M3B11FNUZType) { return F::E4M3B11FNUZ; })
          .Case([](mlir::Float8E5M2Type) { return F::E5M2; })
          .Case([](mlir::Float8E5M2FNUZType) { return F::E5M2FNUZ; })
          .Case([](mlir::Float8E4M3Type) { return F::E4M3; })
          .Case([](mlir::Float8E3M4Type) { return F::E3M4; })
          .Case([](mlir::Float8E8M0FNUType) { return F::E8M0; })
          .Case([](mlir::Float6E3M2FNType) { return F::E3M2; })
          .Case([](mlir::Float6E2M3FNType) { return F::E2M3; })
          .Case([](mlir::Float4E2M1FNType) { return F::E2M1; })
          .Default(std::nullopt);
  out.kind = ElementType::Kind::Float;
  out.format = f.value_or(F::F64);
  out.bits = f ? numerics::info(*f).bits : 0;
  return out;
}

Tensor terrazzo::interpreter::makeLike(const Tensor &shape,
                                       mlir::Type resultType) {
  Tensor out;
  out.type = elementTypeOf(resultType);
  out.shape = shape.shape;
  out.allocate(shape.size());
  return out;
}

/// An operation that takes back what overflowed before it (1 / (1 + exp(100))
/// is 0 in f32) lies as far from the reference as every honest device does.
static double takenBack(std::initializer_list<const Tensor *> inputs, size_t i,
                        double value, double reference) {
  bool overflowed = llvm::any_of(inputs, [&](const Tensor *t) {
    return std::isinf(t->values[i]) && std::isfinite(t->reference[i]);
  });
  return overflowed && std::isfinite(value) ? std::fabs(value - reference) : 0;
}

/// value(x, y), and bound(x, y, ex, ey) on the error of the exact operation.
template <typename V, typename E>
static Tensor binaryFloat(const Tensor &a, const Tensor &b, mlir::Type type,
                          V value, E bound) {
  Tensor r = makeLike(a, type);
  Rounder round(r.type);
  for (size_t i = 0, n = a.size(); i < n; ++i) {
    r.values[i] = round(value(a.values[i], b.values[i]));
    double ref = value(a.reference[i], b.reference[i]);
    r.reference[i] = ref;
    double e = bound(a.reference[i], b.reference[i], a.error[i], b.error[i]);
    e = std::max(e, takenBack({&a, &b}, i, r.values[i], ref));
    // Nothing, of exact numbers, is nothing to every device.
    if (e == 0 && ref == 0 && r.values[i] == 0)
      continue;
    r.error[i] = e + round.slack(std::isfinite(e) ? std::fabs(ref) + e : ref);
  }
  if (!a.flags.empty() || !b.flags.empty())
    for (size_t i = 0, n = a.size(); i < n; ++i)
      r.setFlag(i, flagsOf({&a, &b}, i));
  return r;
}

template <typename V, typename E>
static Tensor unaryFloat(const Tensor &a, mlir::Type type, V value, E bound,
                         double ulps) {
  Tensor r = makeLike(a, type);
  Rounder round(r.type);
  for (size_t i = 0, n = a.size(); i < n; ++i) {
    r.values[i] = round(value(a.values[i]));
    double ref = value(a.reference[i]);
    r.reference[i] = ref;
    double e = a.error[i] == 0 ? 0 : bound(a.reference[i], ref, a.error[i]);
    e = std::max(e, takenBack({&a}, i, r.values[i], ref));
    r.error[i] =
        e + ulps * round.slack(std::isfinite(e) ? std::fabs(ref) + e : ref);
  }
  r.flags = a.flags;
  return r;
}

/// Selections (max, min): exact, and as uncertain as the worse operand.
template <typename V>
static Tensor choose(const Tensor &a, const Tensor &b, mlir::Type type,
                     V value) {
  Tensor r = makeLike(a, type);
  for (size_t i = 0, n = a.size(); i < n; ++i) {
    r.values[i] = value(a.values[i], b.values[i]);
    r.reference[i] = value(a.reference[i], b.reference[i]);
    r.error[i] = std::max(a.error[i], b.error[i]);
    r.setFlag(i, flagsOf({&a, &b}, i));
  }
  return r;
}

static double quotientError(double x, double y, double ex, double ey) {
  if (ex == 0 && ey == 0)
    return 0;
  double low = std::fabs(y) - ey;
  return low > 0 ? (ex + std::fabs(x / y) * ey) / low : INFINITY;
}

bool Program::floatOp(mlir::Operation *op) {
  mlir::Type type = op->getResult(0).getType();
  auto two = [&](auto value, auto bound) {
    set(op->getResult(0),
        binaryFloat(*get(op->getOperand(0)), *get(op->getOperand(1)), type,
                    value, bound));
    return true;
  };
  auto pick = [&](auto value) {
    set(op->getResult(0),
        choose(*get(op->getOperand(0)), *get(op->getOperand(1)), type, value));
    return true;
  };
  auto one = [&](auto value, auto bound, double ulps = 1) {
    set(op->getResult(0),
        unaryFloat(*get(op->getOperand(0)), type, value, bound, ulps));
    return true;
  };
  using D = double;
  auto sumError = [](D, D, D ex, D ey) { return ex + ey; };
  // |f'| bounded over [x - e, x + e] by its values at the ends where f is
  // monotone.
  auto ends = [](auto f) {
    return [f](D x, D y, D e) {
      D r = std::max(std::fabs(f(x + e) - y), std::fabs(f(x - e) - y));
      return std::isnan(r) ? INFINITY : r;
    };
  };
  auto same = [](D, D, D e) { return e; };
  auto numMax = [](D a, D b) { return std::fmax(a, b); };
  auto numMin = [](D a, D b) { return std::fmin(a, b); };
  // Transcendental functions of a device are good to 4 units (2 ulp).
  constexpr double ulps = 4;
  auto monotone = [&](D (*f)(D)) { return one(f, ends(f), ulps); };
  if (mlir::isa<arith::AddFOp>(op))
    return two([](D a, D b) { return a + b; }, sumError);
  if (mlir::isa<arith::SubFOp>(op))
    return two([](D a, D b) { return a - b; }, sumError);
  if (mlir::isa<arith::MulFOp>(op))
    return two([](D a, D b) { return a * b; },
               [](D a, D b, D ea, D eb) {
                 D e = std::fabs(a) * eb + std::fabs(b) * ea + ea * eb;
                 return ea == 0 && eb == 0 ? 0.0 : e;
               });
  if (mlir::isa<arith::DivFOp>(
          op)) // a division may be two roundings on a device
    return two([](D a, D b) { return a / b; }, quotientError);
  if (mlir::isa<arith::RemFOp>(op))
    return two([](D a, D b) { return std::fmod(a, b); },
               [](D, D b, D ea, D eb) { return ea || eb ? std::fabs(b) : 0; });
  if (mlir::isa<math::PowFOp>(op))
    return two([](D a, D b) { return std::pow(a, b); },
               [](D a, D b, D ea, D eb) {
                 D r = std::pow(a, b), e = 0;
                 for (D x : {a - ea, a + ea})
                   for (D y : {b - eb, b + eb})
                     e = std::max(e, std::fabs(std::pow(x, y) - r));
                 return e + 4e-7 * std::fabs(r);
               });
  if (mlir::isa<arith::MaximumFOp>(op))
    return pick([](D a, D b) {
      return std::isnan(a) || std::isnan(b) ? NAN : std::fmax(a, b);
    });
  if (mlir::isa<arith::MinimumFOp>(op))
    return pick([](D a, D b) {
      return std::isnan(a) || std::isnan(b) ? NAN : std::fmin(a, b);
    });
  if (mlir::isa<arith::MaxNumFOp>(op))
    return pick(numMax);
  if (mlir::isa<arith::MinNumFOp>(op))
    return pick(numMin);
  if (mlir::isa<arith::NegFOp>(op))
    return one([](D a) { return -a; }, same, 0);
  if (mlir::isa<math::AbsFOp>(op))
    return one([](D a) { return std::fabs(a); }, same, 0);
  if (mlir::isa<math::ExpOp>(op))
    return monotone([](D a) { return std::exp(a); });
  if (mlir::isa<math::Exp2Op>(op))
    return monotone([](D a) { return std::exp2(a); });
  if (mlir::isa<math::ExpM1Op>(op))
    return monotone([](D a) { return std::expm1(a); });
  if (mlir::isa<math::LogOp>(op))
    return monotone([](D a) { return std::log(a); });
  if (mlir::isa<math::Log2Op>(op))
    return monotone([](D a) { return std::log2(a); });
  if (mlir::isa<math::Log1pOp>(op))
    return monotone([](D a) { return std::log1p(a); });
  if (mlir::isa<math::TanhOp>(op))
    return monotone([](D a) { return std::tanh(a); });
  if (mlir::isa<math::ErfOp>(op))
    return monotone([](D a) { return std::erf(a); });
  if (mlir::isa<math::SqrtOp>(op))
    return one([](D a) { return std::sqrt(a); },
               ends([](D a) { return std::sqrt(std::max(a, 0.0)); }));
  if (mlir::isa<math::RsqrtOp>(op))
    return monotone([](D a) { return 1 / std::sqrt(a); });
  if (mlir::isa<math::SinOp>(op))
    return one([](D a) { return std::sin(a); }, same, ulps);
  if (mlir::isa<math::CosOp>(op))
    return one([](D a) { return std::cos(a); }, same, ulps);
  // A step within the error makes both sides possible.
  auto steps = [](D (*f)(D)) {
    return [f](D x, D y, D e) {
      return std::max(std::fabs(f(x + e) - y), std::fabs(f(x - e) - y));
    };
  };
  if (mlir::isa<math::FloorOp>(op))
    return one([](D a) { return std::floor(a); },
               steps([](D a) { return std::floor(a); }), 0);
  if (mlir::isa<math::CeilOp>(op))
    return one([](D a) { return std::ceil(a); },
               steps([](D a) { return std::ceil(a); }), 0);
  if (auto fma = mlir::dyn_cast<math::FmaOp>(op)) {
    const Tensor &a = *get(fma.getA()), &b = *get(fma.getB()),
                 &c = *get(fma.getC());
    Tensor r = makeLike(a, type);
    Rounder round(r.type);
    for (size_t i = 0; i < a.size(); ++i) {
      r.values[i] = round(std::fma(a.values[i], b.values[i], c.values[i]));
      r.reference[i] = std::fma(a.reference[i], b.reference[i], c.reference[i]);
      double product = std::fabs(a.reference[i] * b.reference[i]);
      r.error[i] = std::fabs(a.reference[i]) * b.error[i] +
                   std::fabs(b.reference[i]) * a.error[i] +
                   a.error[i] * b.error[i] + c.error[i] +
                   round.slack(r.reference[i]) + round.slack(product);
      r.setFlag(i, flagsOf({&a, &b, &c}, i));
    }
    set(op->getResult(0), std::move(r));
    return true;
  }
  if (auto clamp = mlir::dyn_cast<kernel::ClampOp>(op)) {
    const Tensor &x = *get(clamp.getX()), &lo = *get(clamp.getLo()),
                 &hi = *get(clamp.getHi());
    bool all = clamp.getPropagate() == kernel::PropagateNan::All;
    Tensor r = makeLike(x, type);
    auto f = [&](D v, D l, D h) {
      return all && std::isnan(v) ? v : std::fmax(std::fmin(v, h), l);
    };
    for (size_t i = 0; i < x.size(); ++i) {
      r.values[i] = f(x.values[i], lo.values[i], hi.values[i]);
      r.reference[i] = f(x.reference[i], lo.reference[i], hi.reference[i]);
      r.error[i] = std::max({x.error[i], lo.error[i], hi.error[i]});
      r.setFlag(i, flagsOf({&x, &lo, &hi}, i));
    }
    set(op->getResult(0), std::move(r));
    return true;
  }
  return false;
}

//===-- Integers
//---------------------------------------------------------------------===//

bool Program::intOp(mlir::Operation *op) {
  if (op->getNumOperands() == 0 || op->getNumOperands() > 2 ||
      op->getNumResults() != 1)
    return false;
  const Tensor &a = *get(op->getOperand(0));
  const Tensor &b = *get(op->getOperand(op->getNumOperands() - 1));
  if (a.type.isFloat() || elementTypeOf(op->getResult(0).getType()).isFloat())
    return false;
  unsigned bits = a.type.bits;
  // How the op reads its operands: as bits, with a sign, without one, or so
  // that a wrapped number is as good as any (a hash, a mask).
  enum class Reads { Bits, Signed, Unsigned, Anything };
  auto apply = [&](auto f, Reads reads = Reads::Bits) {
    Tensor r = makeLike(a, op->getResult(0).getType());
    for (size_t i = 0, n = a.size(); i < n; ++i) {
      uint8_t flag = a.flag(i) | b.flag(i);
      if (reads == Reads::Anything)
        flag &= ~(Overflow | Carry);
      else if (reads != Reads::Bits)
        flag = readAs(reads == Reads::Signed ? Overflow : Carry, flag);
      __int128 wide = f(a.ints[i], b.ints[i], flag);
      r.ints[i] = signExtend(int64_t(wide), bits);
      r.setFlag(i, flag);
    }
    set(op->getResult(0), std::move(r));
    return true;
  };
  auto u = [bits](int64_t v) { return zeroExtend(v, bits); };
  using I = __int128;
  // Wrapping is remembered: it is an error where an address needs the number.
  // Addresses read 64 bits with a sign.
  auto wrapping = [&](auto f) {
    return apply([&, f](int64_t x, int64_t y, uint8_t &flag) {
      I exact = f(I(x), I(y));
      if (exact != signExtend(int64_t(exact), bits))
        flag |= Overflow;
      if (bits < 64) {
        I whole = f(I(u(x)), I(u(y)));
        if (whole < 0 || whole >> bits != 0)
          flag |= Carry;
      }
      return exact;
    });
  };
  auto nonzero = [&](int64_t y, uint8_t flag) {
    if (y == 0 && !(flag & Poison))
      fail(op, DiagnosticKind::IntegerDivisionByZero);
    return y != 0;
  };
  if (mlir::isa<arith::AddIOp>(op))
    return wrapping([](I x, I y) { return x + y; });
  if (mlir::isa<arith::SubIOp>(op))
    return wrapping([](I x, I y) { return x - y; });
  if (mlir::isa<arith::MulIOp>(op))
    return wrapping([](I x, I y) { return x * y; });
  if (mlir::isa<arith::DivSIOp>(op))
    return apply([&](int64_t x, int64_t y,
                     uint8_t &f) -> I { return nonzero(y, f) ? I(x) / y : 0; },
                 Reads::Signed);
  if (mlir::isa<arith::CeilDivUIOp>(op))
    return apply(
        [&](int64_t x, int64_t y, uint8_t &f) -> I {
          return nonzero(y, f) ? u(x) / u(y) + (u(x) % u(y) != 0) : 0;
        },
        Reads::Anything);
  if (mlir::isa<arith::CeilDivSIOp, arith::FloorDivSIOp>(op)) {
    bool up = mlir::isa<arith::CeilDivSIOp>(op);
    return apply(
        [&, up](int64_t x, int64_t y, uint8_t &f) -> I {
          if (!nonzero(y, f))
            return 0;
          I q = I(x) / y;
          if (I(x) % y != 0 && ((x < 0) == (y < 0)) == up)
            q += up ? 1 : -1;
          return q;
        },
        Reads::Signed);
  }
  if (mlir::isa<arith::RemSIOp>(op))
    return apply([&](int64_t x, int64_t y,
                     uint8_t &f) -> I { return nonzero(y, f) ? I(x) % y : 0; },
                 Reads::Signed);
  if (mlir::isa<arith::DivUIOp>(op))
    return apply(
        [&](int64_t x, int64_t y, uint8_t &f) -> I {
          return nonzero(y, f) ? u(x) / u(y) : 0;
        },
        Reads::Anything);
  if (mlir::isa<arith::RemUIOp>(op))
    return apply(
        [&](int64_t x, int64_t y, uint8_t &f) -> I {
          return nonzero(y, f) ? u(x) % u(y) : 0;
        },
        Reads::Anything);
  if (mlir::isa<arith::AndIOp>(op))
    return apply([](int64_t x, int64_t y, uint8_t &) -> I { return x & y; },
                 Reads::Anything);
  if (mlir::isa<arith::OrIOp>(op))
    return apply([](int64_t x, int64_t y, uint8_t &) -> I { return x | y; });
  if (mlir::isa<arith::XOrIOp>(op))
    return apply([](int64_t x, int64_t y, uint8_t &) -> I { return x ^ y; });
  if (mlir::isa<arith::ShLIOp>(op))
    return apply([&](int64_t x, int64_t y, uint8_t &) -> I {
      return u(y) < bits ? int64_t(uint64_t(x) << y) : 0;
    });
  if (mlir::isa<arith::ShRUIOp>(op))
    return apply([&](int64_t x, int64_t y,
                     uint8_t &) -> I { return u(y) < bits ? u(x) >> y : 0; },
                 Reads::Anything);
  if (mlir::isa<arith::ShRSIOp>(op))
    return apply([&](int64_t x, int64_t y,
                     uint8_t &) -> I { return x >> (u(y) < bits ? y : 63); },
                 Reads::Signed);
  if (mlir::isa<arith::MaxSIOp>(op))
    return apply(
        [](int64_t x, int64_t y, uint8_t &) -> I { return std::max(x, y); },
        Reads::Signed);
  if (mlir::isa<arith::MinSIOp>(op))
    return apply(
        [](int64_t x, int64_t y, uint8_t &) -> I { return std::min(x, y); },
        Reads::Signed);
  if (mlir::isa<arith::MaxUIOp>(op))
    return apply([&](int64_t x, int64_t y,
                     uint8_t &) -> I { return u(x) > u(y) ? x : y; },
                 Reads::Unsigned);
  if (mlir::isa<arith::MinUIOp>(op))
    return apply([&](int64_t x, int64_t y,
                     uint8_t &) -> I { return u(x) < u(y) ? x : y; },
                 Reads::Unsigned);
  if (mlir::isa<math::AbsIOp>(op))
    return apply(
        [](int64_t x, int64_t, uint8_t &) -> I { return x < 0 ? -I(x) : x; },
        Reads::Signed);
  if (mlir::isa<kernel::MulHiUIOp>(op))
    return apply(
        [&](int64_t x, int64_t y, uint8_t &) -> I {
          return I(((unsigned __int128)u(x) * u(y)) >> bits);
        },
        Reads::Anything);
  if (auto cmp = mlir::dyn_cast<arith::CmpIOp>(op)) {
    Tensor r = makeLike(a, op->getResult(0).getType());
    for (size_t i = 0, n = a.size(); i < n; ++i) {
      int64_t x = a.ints[i], y = b.ints[i];
      bool v = false;
      switch (cmp.getPredicate()) {
      case arith::CmpIPredicate::eq:
        v = x == y;
        break;
      case arith::CmpIPredicate::ne:
        v = x != y;
        break;
      case arith::CmpIPredicate::slt:
        v = x < y;
        break;
      case arith::CmpIPredicate::sle:
        v = x <= y;
        break;
      case arith::CmpIPredicate::sgt:
        v = x > y;
        break;
      case arith::CmpIPredicate::sge:
        v = x >= y;
        break;
      case arith::CmpIPredicate::ult:
        v = u(x) < u(y);
        break;
      case arith::CmpIPredicate::ule:
        v = u(x) <= u(y);
        break;
      case arith::CmpIPredicate::ugt:
        v = u(x) > u(y);
        break;
      case arith::CmpIPredicate::uge:
        v = u(x) >= u(y);
        break;
      }
      r.ints[i] = v ? -1 : 0;
      uint8_t flag = flagsOf({&a, &b}, i);
      using P = arith::CmpIPredicate;
      if (cmp.getPredicate() == P::eq || cmp.getPredicate() == P::ne)
        flag = readAs(flag & Carry ? Overflow : Carry, flag);
      else
        flag = readAs(cmp.getPredicate() < P::ult ? Overflow : Carry, flag);
      r.setFlag(i, flag);
    }
    set(op->getResult(0), std::move(r));
    return true;
  }
  return false;
}

bool Program::elementwise(mlir::Operation *op) {
  if (!mlir::isa<arith::ArithDialect, math::MathDialect, kernel::KernelDialect>(
          op->getDialect()) ||
      op->getNumOperands() == 0 || op->getNumResults() != 1 ||
      op->getNumRegions())
    return false;
  if (mlir::isa<kernel::KernelDialect>(op->getDialect()) &&
      !mlir::isa<kernel::ClampOp, kernel::MulHiUIOp, kernel::FpCastOp,
                 kernel::BitcastOp, kernel::PtrToIntOp, kernel::IntToPtrOp>(op))
    return false;
  if (castOp(op))
    return true;
  return get(op->getOperand(0))->type.isFloat() ? floatOp(op) : intOp(op);
}
