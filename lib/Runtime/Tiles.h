// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The matrix registers of x86-64 (AMX).
#ifndef TERRAZZO_LIB_RUNTIME_TILES_H
#define TERRAZZO_LIB_RUNTIME_TILES_H

#include "terrazzo-c/Runtime.h"

namespace terrazzo::runtime {

/// The default of TerrazzoRuntime::useTiles.
int useTiles(const TerrazzoRuntime *runtime);

} // namespace terrazzo::runtime

#endif // TERRAZZO_LIB_RUNTIME_TILES_H
