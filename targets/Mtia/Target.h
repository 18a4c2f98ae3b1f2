// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_TARGETS_MTIA_TARGET_H
#define TERRAZZO_TARGETS_MTIA_TARGET_H

#include "lib/Target/Target.h"

namespace terrazzo::mtia {

std::vector<chip::File> chipFiles();

/// The family for `allTargets`.
const Target &target();

} // namespace terrazzo::mtia

#endif // TERRAZZO_TARGETS_MTIA_TARGET_H
