// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions of f32 as formulas. Each takes lanes of f32; what stands here
// about errors is what test/lib/Transforms/Decompose measures.
#ifndef TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_FUNCTIONS_H
#define TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_FUNCTIONS_H

#include "lib/Transforms/Decompose/Lanes.h"

namespace terrazzo::functions {

using mlir::Value;

// Exponential.cpp
Value exp(const Lanes &l, Value x);
Value exp2(const Lanes &l, Value x);
Value expm1(const Lanes &l, Value x);
Value sinh(const Lanes &l, Value x);
Value cosh(const Lanes &l, Value x);
Value tanh(const Lanes &l, Value x);
Value erf(const Lanes &l, Value x);

// Logarithm.cpp
Value log(const Lanes &l, Value x);
Value log2(const Lanes &l, Value x);
Value log10(const Lanes &l, Value x);
Value log1p(const Lanes &l, Value x);

// Power.cpp
Value rsqrt(const Lanes &l, Value x);
Value pow(const Lanes &l, Value x, Value y);

// Trigonometry.cpp
Value sin(const Lanes &l, Value x);
Value cos(const Lanes &l, Value x);
Value tan(const Lanes &l, Value x);
Value atan(const Lanes &l, Value x);
Value atan2(const Lanes &l, Value y, Value x);
Value asin(const Lanes &l, Value x);
Value acos(const Lanes &l, Value x);

} // namespace terrazzo::functions

#endif // TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_FUNCTIONS_H
