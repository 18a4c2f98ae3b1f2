// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_LIB_INTERPRETER_ROUNDING_H
#define TERRAZZO_LIB_INTERPRETER_ROUNDING_H

#include "lib/Interpreter/Tensor.h"

#include <cmath>
#include <initializer_list>

namespace terrazzo::interpreter {

/// Rounding to a format and the unit of its error, looked up once per op.
struct Rounder {
  numerics::Format format;
  double unit, tiny;
  explicit Rounder(const ElementType &t)
      : format(t.format), unit(numerics::info(t.format).unit()),
        tiny(std::ldexp(numerics::info(t.format).smallestNormal(),
                        -int(numerics::info(t.format).mantissaBits) - 1)) {}
  double operator()(double v) const {
    if (format == numerics::Format::F32)
      return float(v);
    return numerics::round(format, v);
  }
  /// What rounding near \p v may cost.
  double slack(double v) const {
    double s = unit * std::fabs(v) + tiny;
    return std::isfinite(s) ? s : 0;
  }
};
inline uint8_t flagsOf(std::initializer_list<const Tensor *> inputs, size_t i) {
  uint8_t f = 0;
  for (const Tensor *t : inputs)
    f |= t->flag(i);
  return f;
}

} // namespace terrazzo::interpreter

#endif // TERRAZZO_LIB_INTERPRETER_ROUNDING_H
