// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Casts between all float types that MLIR has, as ops that become a few
// instructions on every CPU.
#ifndef TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_FLOATCASTS_H
#define TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_FLOATCASTS_H

#include "dialects/Kernel/Kernel.h"
#include "lib/Numerics/Format.h"

#include "mlir/IR/Builders.h"

#include <optional>

namespace terrazzo {

/// The format of a float type; none for f80 and f128.
std::optional<numerics::Format> formatOf(mlir::Type element);

/// \p from, a float or a 1-D vector of them, in the float type \p toElement,
/// rounded once, as docs/Spec/Numerics.md says (N1 to N4). \p saturate is its
/// Overflow::Saturate. Both types must have a format.
mlir::Value castFloat(mlir::OpBuilder &builder, mlir::Location location,
                      mlir::Value from, mlir::Type toElement,
                      kernel::Rounding rounding = kernel::Rounding::Nearest,
                      bool saturate = false);

/// Whether LLVM has an instruction or a short sequence of its own for the cast
/// by arith.extf or arith.truncf, on x86-64-v3 and later.
bool isNativeCast(mlir::Type from, mlir::Type to);

} // namespace terrazzo

#endif // TERRAZZO_LIB_TRANSFORMS_DECOMPOSE_FLOATCASTS_H
