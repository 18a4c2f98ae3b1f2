// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of matrices whose blocks have scales.
#include "lib/Interpreter/Report.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::interpreter;
using numerics::Format;

namespace {
/// One operand of a dot_scaled, laid out as rows of `k` elements and read with
/// its outer index first: element (z, outer, inner).
struct ScaledOperand {
  const Tensor &codes;
  const Tensor *scale;
  int64_t outer, k; // in elements
  bool innerLast;   // a: MxK; b is KxN
  bool packOuter;   // two elements of a byte are neighbours along the outer
  Format format;    // what a scaled element is rounded to

  bool isPacked() const { return !codes.type.isFloat(); }
  void read(Tensor &to, size_t at, int64_t z, int64_t o, int64_t i) const;
  double scaleOf(int64_t z, int64_t o, int64_t i, uint8_t &flags) const;
};
} // namespace

double ScaledOperand::scaleOf(int64_t z, int64_t o, int64_t i,
                              uint8_t &flags) const {
  if (!scale)
    return 1;
  int64_t groups = scale->shape.back();
  size_t at = size_t((z * outer + o) * groups + i / (k / groups));
  flags |= scale->flag(at);
  if (scale->type.isFloat())
    return scale->values[at];
  return numerics::decode(Format::E8M0, zeroExtend(scale->ints[at], 8));
}

/// The value is what the op's rule makes, the reference the product itself, and
/// the error their distance: a device may scale before or after.
void ScaledOperand::read(Tensor &to, size_t at, int64_t z, int64_t o,
                         int64_t i) const {
  int64_t row = o, column = i, half = -1;
  int64_t rows = outer, columns = k;
  if (isPacked()) {
    int64_t &packed = packOuter ? row : column;
    half = packed % 2;
    packed /= 2;
    (packOuter ? rows : columns) /= 2;
  }
  size_t from = size_t(innerLast ? (z * rows + row) * columns + column
                                 : (z * columns + column) * rows + row);
  uint8_t flags = codes.flag(from);
  double error = 0, element, reference;
  if (half >= 0) {
    uint64_t byte = zeroExtend(codes.ints[from], 8);
    element = reference =
        numerics::decode(Format::E2M1, half ? byte >> 4 : byte & 15);
  } else {
    element = codes.values[from];
    reference = codes.reference[from];
    error = codes.error[from];
  }
  double factor = scaleOf(z, o, i, flags);
  double exact = reference * factor;
  double rounded = numerics::round(format, element * factor);
  to.values[at] = rounded;
  // Beyond the format's range the rounding is the rule, not an error.
  to.reference[at] = std::isfinite(rounded) ? exact : rounded;
  to.error[at] =
      std::isfinite(rounded)
          ? error * std::fabs(factor) + std::fabs(rounded - element * factor)
          : 0;
  to.setFlag(at, flags);
}

static Tensor scaled(const ScaledOperand &operand, int64_t batch) {
  Tensor r;
  r.type = {ElementType::Kind::Float, numerics::info(operand.format).bits,
            operand.format};
  r.shape = {batch, operand.outer, operand.k};
  if (!operand.innerLast)
    std::swap(r.shape[1], r.shape[2]);
  r.allocate(size_t(batch * operand.outer * operand.k));
  for (int64_t z = 0; z < batch; ++z)
    for (int64_t o = 0; o < operand.outer; ++o)
      for (int64_t i = 0; i < operand.k; ++i) {
        int64_t at = operand.innerLast
                         ? (z * operand.outer + o) * operand.k + i
                         : (z * operand.k + i) * operand.outer + o;
        operand.read(r, size_t(at), z, o, i);
      }
  return r;
}

void Program::dotScaled(kernel::DotScaledOp op) {
  const Tensor &acc = *get(op.getAcc());
  size_t rank = acc.shape.size();
  int64_t batch = rank == 3 ? acc.shape[0] : 1;
  int64_t m = acc.shape[rank - 2], n = acc.shape[rank - 1];
  Shared a = get(op.getA()), b = get(op.getB());
  Shared aScale = op.getAScale() ? get(op.getAScale()) : nullptr;
  Shared bScale = op.getBScale() ? get(op.getBScale()) : nullptr;
  bool twice = kernel::DotScaledOp::isPacked(op.getA()) && !op.getPackM();
  int64_t k = a->shape[rank - 1] * (twice ? 2 : 1);
  Format format = elementTypeOf(op.getScaledType()).format;
  step(uint64_t(batch) * (m + n) * k);
  Tensor left =
      scaled({*a, aScale.get(), m, k, true, op.getPackM(), format}, batch);
  Tensor right =
      scaled({*b, bScale.get(), n, k, false, op.getPackN(), format}, batch);
  Tensor flat = acc;
  flat.shape = {batch, m, n};
  Tensor r = multiplyAdd(op, left, right, flat, 0);
  r.shape = acc.shape;
  set(op, std::move(r));
}
