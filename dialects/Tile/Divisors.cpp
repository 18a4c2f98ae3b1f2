// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tile/Divisors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

#include <numeric>

using namespace mlir;

// Beyond this nothing more is asked for, and products stay far from overflow.
static constexpr int64_t most = int64_t(1) << 31;

static int64_t product(int64_t a, int64_t b) {
  if (a == 0 || b == 0)
    return 0;
  return a <= most / b ? a * b : a;
}

static int64_t divisorOf(Value value, int depth);

static int64_t divisorOfArgument(BlockArgument argument, int depth) {
  Operation *parent = argument.getOwner()->getParentOp();
  if (auto loop = dyn_cast_or_null<scf::ForOp>(parent);
      loop && argument == loop.getInductionVar())
    return std::gcd(divisorOf(loop.getLowerBound(), depth),
                    divisorOf(loop.getStep(), depth));
  if (auto function = dyn_cast_or_null<FunctionOpInterface>(parent))
    if (auto known = function.getArgAttrOfType<IntegerAttr>(
            argument.getArgNumber(), "kernel.divisibility"))
      return known.getInt() > 0 ? known.getInt() : 1;
  return 1;
}

static int64_t divisorOf(Value value, int depth) {
  constexpr int deepest = 32;
  if (depth > deepest)
    return 1;
  llvm::APInt number;
  if (matchPattern(value, m_ConstantInt(&number)))
    return number.getSignificantBits() > 32 ? 1
                                            : std::abs(number.getSExtValue());
  if (auto argument = dyn_cast<BlockArgument>(value))
    return divisorOfArgument(argument, depth + 1);
  Operation *op = value.getDefiningOp();
  auto of = [&](unsigned operand) {
    return divisorOf(op->getOperand(operand), depth + 1);
  };
  if (isa<arith::MulIOp>(op))
    return product(of(0), of(1));
  if (isa<arith::AddIOp, arith::SubIOp>(op))
    return std::gcd(of(0), of(1));
  if (isa<arith::IndexCastOp, arith::ExtSIOp, arith::ExtUIOp>(op))
    return of(0);
  if (isa<arith::SelectOp>(op))
    return std::gcd(of(1), of(2));
  if (isa<arith::MinSIOp, arith::MaxSIOp, arith::MinUIOp, arith::MaxUIOp>(op))
    return std::gcd(of(0), of(1));
  return 1;
}

int64_t terrazzo::tile::divisorOf(Value value) { return ::divisorOf(value, 0); }
