// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_TARGETS_TPU_TARGET_H
#define TERRAZZO_TARGETS_TPU_TARGET_H

#include "lib/Target/Target.h"

namespace terrazzo::tpu {

std::vector<chip::File> chipFiles();

/// The family for `allTargets`.
const Target &target();

} // namespace terrazzo::tpu

#endif // TERRAZZO_TARGETS_TPU_TARGET_H
