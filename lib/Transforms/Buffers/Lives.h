// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Until when a value is needed.
#ifndef TERRAZZO_LIB_TRANSFORMS_BUFFERS_LIVES_H
#define TERRAZZO_LIB_TRANSFORMS_BUFFERS_LIVES_H

#include "mlir/IR/Operation.h"

namespace terrazzo::buffers {

/// Whether nothing reads \p value after \p op has read it.
bool diesAt(mlir::Value value, mlir::Operation *op);

} // namespace terrazzo::buffers

#endif // TERRAZZO_LIB_TRANSFORMS_BUFFERS_LIVES_H
