// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions that a CPU has no instruction for, as arithmetic on vectors.
// docs/Rationale/ExpandMath.md has the errors and the costs.
#ifndef TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_EXPANDMATH_H
#define TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_EXPANDMATH_H

#include "mlir/IR/PatternMatch.h"

namespace terrazzo {

struct ExpandMathOptions {
  /// The CPU has AVX-512 F, VL and DQ (x86-64-v4): vectors of 4, 8 and 16 f32
  /// may use vscalefps, vrangeps and vrsqrt14ps.
  bool avx512 = false;
};

/// Rewrites in one walk, in \p root and below, on scalars and 1-D vectors:
///  - functions of f32 become arith, math.fma, math.sqrt and roundings; sin and
///    cos have an scf.if for arguments beyond 71476;
///  - functions of f64, and of f32 without a formula (asinh, acosh, atanh,
///  cbrt,
///    erfc), become one call of libm's f64 a lane. The private func.func goes
///    into the symbol table around \p root: no other thread may work there;
///  - math and arith on floats narrower than f32 are done in f32, each op
///    rounded back; casts become castFloat where LLVM would call a function.
/// The dialects arith, math, scf, func, vector and LLVM must have been loaded.
void expandMath(mlir::Operation *root, const ExpandMathOptions &options = {});

/// The same, op by op, for a driver.
void populateExpandMathPatterns(mlir::RewritePatternSet &patterns,
                                const ExpandMathOptions &options = {});

} // namespace terrazzo

#endif // TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_EXPANDMATH_H
