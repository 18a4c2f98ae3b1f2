// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_TARGETS_ASCEND_TARGET_H
#define TERRAZZO_TARGETS_ASCEND_TARGET_H

#include "lib/Target/Target.h"

namespace terrazzo::ascend {

std::vector<chip::File> chipFiles();

/// The family for `allTargets`.
const Target &target();

} // namespace terrazzo::ascend

#endif // TERRAZZO_TARGETS_ASCEND_TARGET_H
