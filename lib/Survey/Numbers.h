// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integer arithmetic as it steers a kernel: on scalars, and on the elements of
// index tensors.
#ifndef TERRAZZO_LIB_SURVEY_NUMBERS_H
#define TERRAZZO_LIB_SURVEY_NUMBERS_H

#include "mlir/IR/Operation.h"

namespace terrazzo::survey {

/// What an op makes of its operands; \p from and \p to are the bits of the
/// first operand and of the result.
using Arithmetic = int64_t (*)(const int64_t *in, unsigned from, unsigned to);

/// Null for what is no integer arithmetic.
Arithmetic arithmeticOf(mlir::Operation *op);

/// The bits of an integer, an index or a pointer; 0 for other types.
unsigned bitsOf(mlir::Type type);

/// The float operations that one execution of \p op is: two for a fused
/// multiply and add, none for casts, comparisons and selections.
unsigned floatOperations(mlir::Operation *op);

} // namespace terrazzo::survey

#endif // TERRAZZO_LIB_SURVEY_NUMBERS_H
