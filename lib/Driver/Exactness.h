// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which kernels compute exactly on small integers, in any order, and how large
// the integers may be.
#ifndef TERRAZZO_LIB_DRIVER_EXACTNESS_H
#define TERRAZZO_LIB_DRIVER_EXACTNESS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <string>

namespace terrazzo::driver {

/// Why a kernel rounds even on small integers; empty when it does not. Then
/// floats are only added, subtracted, multiplied, compared and moved; a value
/// is rounded to a narrower format only on its way to memory; and no comparison
/// of floats decides which elements are used.
std::string whyInexact(mlir::ModuleOp module);
inline bool isExact(mlir::ModuleOp module) {
  return whyInexact(module).empty();
}

/// The message of the assertions that \ref magnitudeOf puts in.
constexpr char tooLarge[] = "a sum of magnitudes is exact";

/// A kernel that computes, on the magnitudes of the inputs, an upper bound of
/// every partial sum of \p module in any order, and asserts that it is a
/// number which its format holds exactly. \p module must be exact.
mlir::OwningOpRef<mlir::ModuleOp> magnitudeOf(mlir::ModuleOp module);

} // namespace terrazzo::driver

#endif // TERRAZZO_LIB_DRIVER_EXACTNESS_H
