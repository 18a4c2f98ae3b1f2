// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The threads that kernels run on (include/terrazzo-c/Runtime.h).
#ifndef TERRAZZO_LIB_RUNTIME_THREADPOOL_H
#define TERRAZZO_LIB_RUNTIME_THREADPOOL_H

#include "terrazzo-c/Runtime.h"

namespace terrazzo::runtime {

/// See terrazzoRuntime.
inline const TerrazzoRuntime *runtime(unsigned threads) {
  return terrazzoRuntime(threads);
}

} // namespace terrazzo::runtime

#endif // TERRAZZO_LIB_RUNTIME_THREADPOOL_H
