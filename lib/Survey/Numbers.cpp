// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Survey/Numbers.h"

#include "dialects/Kernel/Kernel.h"
#include "lib/Interpreter/Tensor.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace terrazzo;
using namespace terrazzo::survey;
using interpreter::signExtend;
using interpreter::zeroExtend;
namespace arith = mlir::arith;

unsigned survey::bitsOf(mlir::Type type) {
  type = mlir::getElementTypeOrSelf(type);
  if (auto integer = mlir::dyn_cast<mlir::IntegerType>(type))
    return integer.getWidth();
  return mlir::isa<mlir::IndexType, kernel::PtrType>(type) ? 64 : 0;
}

using P = arith::CmpIPredicate;

template <P predicate>
static int64_t compared(const int64_t *in, unsigned from, unsigned) {
  int64_t a = in[0], b = in[1];
  uint64_t x = zeroExtend(a, from), y = zeroExtend(b, from);
  bool yes = predicate == P::eq    ? a == b
             : predicate == P::ne  ? a != b
             : predicate == P::slt ? a < b
             : predicate == P::sle ? a <= b
             : predicate == P::sgt ? a > b
             : predicate == P::sge ? a >= b
             : predicate == P::ult ? x < y
             : predicate == P::ule ? x <= y
             : predicate == P::ugt ? x > y
                                   : x >= y;
  return -int64_t(yes); // one bit, sign extended
}

static Arithmetic comparison(P predicate) {
  switch (predicate) {
  case P::eq:
    return compared<P::eq>;
  case P::ne:
    return compared<P::ne>;
  case P::slt:
    return compared<P::slt>;
  case P::sle:
    return compared<P::sle>;
  case P::sgt:
    return compared<P::sgt>;
  case P::sge:
    return compared<P::sge>;
  case P::ult:
    return compared<P::ult>;
  case P::ule:
    return compared<P::ule>;
  case P::ugt:
    return compared<P::ugt>;
  case P::uge:
    return compared<P::uge>;
  }
  return nullptr;
}

static int64_t floorDivide(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

// What no kernel may do (division by zero, shifts by too much) gives 0.
#define MADE(expression)                                                       \
  +[](const int64_t *in, unsigned from, unsigned to) -> int64_t {              \
    [[maybe_unused]] int64_t a = in[0];                                        \
    [[maybe_unused]] uint64_t x = zeroExtend(a, from);                         \
    return signExtend(int64_t(expression), to);                                \
  }
#define MADE2(expression)                                                      \
  +[](const int64_t *in, unsigned from, unsigned to) -> int64_t {              \
    [[maybe_unused]] int64_t a = in[0], b = in[1];                             \
    [[maybe_unused]] uint64_t x = zeroExtend(a, from),                         \
                              y = zeroExtend(b, from);                         \
    [[maybe_unused]] bool divides = b != 0 && !(a == INT64_MIN && b == -1);    \
    [[maybe_unused]] bool shifts = y < 64;                                     \
    return signExtend(int64_t(expression), to);                                \
  }

Arithmetic survey::arithmeticOf(mlir::Operation *op) {
  using namespace arith;
  return llvm::TypeSwitch<mlir::Operation *, Arithmetic>(op)
      .Case([](AddIOp) { return MADE2(uint64_t(a) + uint64_t(b)); })
      .Case([](SubIOp) { return MADE2(uint64_t(a) - uint64_t(b)); })
      .Case([](MulIOp) { return MADE2(uint64_t(a) * uint64_t(b)); })
      .Case([](DivSIOp) { return MADE2(divides ? a / b : 0); })
      .Case([](DivUIOp) { return MADE2(y ? x / y : 0); })
      .Case(
          [](CeilDivSIOp) { return MADE2(divides ? -floorDivide(-a, b) : 0); })
      .Case([](CeilDivUIOp) { return MADE2(y ? x / y + (x % y != 0) : 0); })
      .Case([](FloorDivSIOp) { return MADE2(divides ? floorDivide(a, b) : 0); })
      .Case([](RemSIOp) { return MADE2(divides ? a % b : 0); })
      .Case([](RemUIOp) { return MADE2(y ? x % y : 0); })
      .Case([](MinSIOp) { return MADE2(std::min(a, b)); })
      .Case([](MaxSIOp) { return MADE2(std::max(a, b)); })
      .Case([](MinUIOp) { return MADE2(std::min(x, y)); })
      .Case([](MaxUIOp) { return MADE2(std::max(x, y)); })
      .Case([](AndIOp) { return MADE2(a & b); })
      .Case([](OrIOp) { return MADE2(a | b); })
      .Case([](XOrIOp) { return MADE2(a ^ b); })
      .Case([](ShLIOp) { return MADE2(shifts ? x << y : 0); })
      .Case([](ShRSIOp) { return MADE2(a >> (shifts ? y : 63)); })
      .Case([](ShRUIOp) { return MADE2(shifts ? x >> y : 0); })
      .Case(
          [](mlir::math::AbsIOp) { return MADE(a < 0 ? 0 - uint64_t(a) : a); })
      .Case([](CmpIOp c) { return comparison(c.getPredicate()); })
      .Case([](ExtUIOp) { return MADE(x); })
      .Case([](IndexCastUIOp) { return MADE(x); })
      .Case<ExtSIOp, TruncIOp, IndexCastOp, kernel::PtrToIntOp,
            kernel::IntToPtrOp>([](auto) { return MADE(a); })
      .Case([](SelectOp) -> Arithmetic {
        return [](const int64_t *in, unsigned, unsigned) {
          return in[0] ? in[1] : in[2];
        };
      })
      .Default(Arithmetic(nullptr));
}

unsigned survey::floatOperations(mlir::Operation *op) {
  if (op->getNumResults() != 1 ||
      !mlir::isa<mlir::FloatType>(
          mlir::getElementTypeOrSelf(op->getResult(0).getType())))
    return 0;
  if (mlir::isa<mlir::math::FmaOp>(op))
    return 2;
  if (mlir::isa<kernel::ClampOp>(op))
    return 2;
  llvm::StringRef dialect = op->getName().getDialectNamespace();
  if (dialect == "math")
    return 1;
  return mlir::isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp,
                   arith::RemFOp, arith::MinimumFOp, arith::MaximumFOp,
                   arith::MinNumFOp, arith::MaxNumFOp>(op);
}
