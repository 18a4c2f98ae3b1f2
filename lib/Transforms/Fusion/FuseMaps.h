// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_LIB_TRANSFORMS_FUSION_FUSEMAPS_H
#define TERRAZZO_LIB_TRANSFORMS_FUSION_FUSEMAPS_H

#include "mlir/Pass/Pass.h"

#include <memory>

namespace terrazzo {

/// A `tile.map` that only other maps use, and that one of them can compute
/// where it needs it, goes into them: what it makes is never stored. Results
/// keep their bits.
std::unique_ptr<mlir::Pass> createFuseMaps();

void registerFusionPasses();

} // namespace terrazzo

#endif // TERRAZZO_LIB_TRANSFORMS_FUSION_FUSEMAPS_H
