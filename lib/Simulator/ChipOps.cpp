// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/ChipOps.h"

#include "mlir/IR/AffineExpr.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::simulator;

GlobalWindow simulator::globalWindow(Decoder &decoder, kernel::PtrType base,
                                     Value address, ValueRange strides,
                                     ValueRange low, ValueRange high,
                                     ArrayRef<int64_t> shape) {
  GlobalWindow g;
  g.base = decoder.scalar(address);
  g.type = interpreter::elementTypeOf(base.getPointee());
  g.shape.assign(shape.begin(), shape.end());
  for (Value stride : strides)
    g.strides.push_back(decoder.scalar(stride));
  for (Value bound : low)
    g.low.push_back(decoder.scalar(bound));
  for (Value bound : high)
    g.high.push_back(decoder.scalar(bound));
  return g;
}

FailureOr<llvm::SmallVector<Window, 2>> simulator::windowsOf(Decoder &decoder,
                                                             ValueRange refs) {
  llvm::SmallVector<Window, 2> windows;
  for (Value ref : refs) {
    auto window = decoder.window(ref);
    if (!window)
      return failure();
    windows.push_back(*window);
  }
  return windows;
}

/// factor * d, and constants, added to \p row; false where the expression has
/// another form.
static bool addLinear(Decoder &decoder, AffineExpr expr, int64_t factor,
                      ValueRange symbols, Take::Row &row) {
  if (auto number = dyn_cast<AffineConstantExpr>(expr)) {
    row.offset.constant += factor * number.getValue();
    return true;
  }
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    row.factors[dim.getPosition()] += factor;
    return true;
  }
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr)) {
    Scalar value = decoder.scalar(symbols[symbol.getPosition()]);
    if (value.reg >= 0 && (row.offset.reg >= 0 || factor != 1))
      return false;
    if (value.reg >= 0)
      row.offset.reg = value.reg;
    row.offset.constant += factor * value.constant;
    return true;
  }
  auto binary = cast<AffineBinaryOpExpr>(expr);
  if (expr.getKind() == AffineExprKind::Add)
    return addLinear(decoder, binary.getLHS(), factor, symbols, row) &&
           addLinear(decoder, binary.getRHS(), factor, symbols, row);
  auto number = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (expr.getKind() == AffineExprKind::Mul && number)
    return addLinear(decoder, binary.getLHS(), factor * number.getValue(),
                     symbols, row);
  return false;
}

/// times * ((linear / divisor) % modulus), each part where it is there.
static bool addTerm(Decoder &decoder, AffineExpr expr, int64_t times,
                    ValueRange symbols, unsigned rank,
                    llvm::SmallVector<Take::Row, 2> &rows) {
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  auto number = binary ? dyn_cast<AffineConstantExpr>(binary.getRHS())
                       : AffineConstantExpr();
  Take::Row row;
  row.factors.assign(rank, 0);
  if (addLinear(decoder, expr, 1, symbols, row)) {
    row.times = times;
    rows.push_back(row);
    return true;
  }
  if (!binary)
    return false;
  if (expr.getKind() == AffineExprKind::Add)
    return addTerm(decoder, binary.getLHS(), times, symbols, rank, rows) &&
           addTerm(decoder, binary.getRHS(), times, symbols, rank, rows);
  if (!number)
    return false;
  if (expr.getKind() == AffineExprKind::Mul)
    return addTerm(decoder, binary.getLHS(), times * number.getValue(), symbols,
                   rank, rows);
  row = Take::Row();
  row.factors.assign(rank, 0);
  row.times = times;
  AffineExpr inner = binary.getLHS();
  if (expr.getKind() == AffineExprKind::Mod) {
    row.modulus = number.getValue();
    auto quotient = dyn_cast<AffineBinaryOpExpr>(inner);
    auto by = quotient ? dyn_cast<AffineConstantExpr>(quotient.getRHS())
                       : AffineConstantExpr();
    if (quotient && by && inner.getKind() == AffineExprKind::FloorDiv) {
      row.divisor = by.getValue();
      inner = quotient.getLHS();
    }
  } else if (expr.getKind() == AffineExprKind::FloorDiv) {
    row.divisor = number.getValue();
  } else {
    return false;
  }
  if (!addLinear(decoder, inner, 1, symbols, row))
    return false;
  rows.push_back(row);
  return true;
}

/// The largest value of an expression without symbols over the indices of
/// \p shape; nothing where it may be below 0.
static std::optional<int64_t> mostOf(AffineExpr expr, ArrayRef<int64_t> shape) {
  if (auto number = dyn_cast<AffineConstantExpr>(expr))
    return number.getValue() < 0 ? std::nullopt
                                 : std::optional(number.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return std::max<int64_t>(0, shape[dim.getPosition()] - 1);
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return std::nullopt;
  auto left = mostOf(binary.getLHS(), shape),
       right = mostOf(binary.getRHS(), shape);
  if (!left || !right)
    return std::nullopt;
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return *left + *right;
  case AffineExprKind::Mul:
    return *left * *right;
  case AffineExprKind::FloorDiv:
    return *right ? std::optional(*left / *right) : std::nullopt;
  case AffineExprKind::Mod:
    return *right ? std::optional(std::min(*left, *right - 1)) : std::nullopt;
  default:
    return std::nullopt;
  }
}

/// Quotients that are 0 and remainders of what is less are not computed.
static AffineExpr withinShape(AffineExpr expr, ArrayRef<int64_t> shape) {
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return expr;
  AffineExpr left = withinShape(binary.getLHS(), shape),
             right = withinShape(binary.getRHS(), shape);
  auto most = mostOf(left, shape);
  auto by = dyn_cast<AffineConstantExpr>(right);
  bool isLess = most && by && *most < by.getValue();
  if (isLess && expr.getKind() == AffineExprKind::FloorDiv)
    return getAffineConstantExpr(0, expr.getContext());
  if (isLess && expr.getKind() == AffineExprKind::Mod)
    return left;
  return getAffineBinaryOpExpr(expr.getKind(), left, right);
}

FailureOr<Take> simulator::takeOf(Decoder &decoder, Operation *op, Value source,
                                  ValueRange symbols, Value target,
                                  AffineMap map) {
  auto in = decoder.window(source), out = decoder.window(target);
  if (!in || !out)
    return failure();
  Take work;
  work.in = *in;
  work.out = *out;
  for (AffineExpr result : map.getResults())
    if (!addTerm(decoder, withinShape(result, work.out.shape), 1, symbols,
                 map.getNumDims(), work.rows.emplace_back()))
      return op->emitError("no instruction takes elements by this map");
  return work;
}
