// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the comparisons of arith mean on floats.
#ifndef TERRAZZO_LIB_NUMERICS_COMPARISON_H
#define TERRAZZO_LIB_NUMERICS_COMPARISON_H

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace terrazzo::numerics {

/// Whether \p x and \p y compare so; NaN is unordered with all, itself too.
template <typename T>
inline bool holds(mlir::arith::CmpFPredicate predicate, T x, T y) {
  using P = mlir::arith::CmpFPredicate;
  bool nan = x != x || y != y;
  switch (predicate) {
  case P::OEQ:
    return x == y;
  case P::ONE:
    return !nan && x != y;
  case P::UNE:
    return x != y;
  case P::OLT:
    return x < y;
  case P::OLE:
    return x <= y;
  case P::OGT:
    return x > y;
  case P::OGE:
    return x >= y;
  case P::UNO:
    return nan;
  case P::ORD:
    return !nan;
  case P::UEQ:
    return nan || x == y;
  case P::ULT:
    return nan || x < y;
  case P::ULE:
    return nan || x <= y;
  case P::UGT:
    return nan || x > y;
  case P::UGE:
    return nan || x >= y;
  case P::AlwaysTrue:
    return true;
  case P::AlwaysFalse:
    return false;
  }
  return false;
}

} // namespace terrazzo::numerics

#endif // TERRAZZO_LIB_NUMERICS_COMPARISON_H
