// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Decompose/Functions.h"

using namespace mlir;
using namespace terrazzo;

Value functions::rsqrt(const Lanes &l, Value x) {
  if (!l.hasScalef())
    return l.div(l.real(1), l.sqrt(x));
  // One Newton step; at 0 and infinity it is NaN, and the estimate is exact.
  Value y = l.rsqrt14(x);
  Value error = l.fma(l.mul(x, y), l.negate(y), l.real(1));
  Value better = l.fma(l.mul(y, l.real(0.5)), error, y);
  return l.select(l.isNan(error), y, better);
}
