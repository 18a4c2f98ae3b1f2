// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_LIB_TRANSFORMS_ACCESS_ROOTVIEWS_H
#define TERRAZZO_LIB_TRANSFORMS_ACCESS_ROOTVIEWS_H

#include "mlir/Pass/Pass.h"

#include <memory>

namespace terrazzo {

/// Views that `kernelToTile` starts at a window's corner become views of the
/// whole argument where the corner's arithmetic falls apart into the strides.
/// With \p assumeInside no program reaches before an argument's start in any
/// dimension; without, that must be seen. The CPU does not use this.
std::unique_ptr<mlir::Pass> createRootViews(bool assumeInside = false);

void registerAccessPasses();

} // namespace terrazzo

#endif // TERRAZZO_LIB_TRANSFORMS_ACCESS_ROOTVIEWS_H
