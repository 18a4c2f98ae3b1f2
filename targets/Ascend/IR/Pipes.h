// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which pipe of which stream executes an instruction.
#ifndef TERRAZZO_TARGETS_ASCEND_IR_PIPES_H
#define TERRAZZO_TARGETS_ASCEND_IR_PIPES_H

#include "mlir/IR/Operation.h"

namespace terrazzo::ascend {

/// "cube.mte1", "vector.v", …; empty: a stream itself, or both.
llvm::StringRef pipeOf(mlir::Operation *op);

/// The two parts of such a name.
std::pair<llvm::StringRef, llvm::StringRef> partsOf(llvm::StringRef pipe);

/// The memory that a buffer lies in.
llvm::StringRef memoryOf(mlir::Value buffer);

/// The flag between streams that a pipe raises: each has its own.
int64_t blockFlagOf(llvm::StringRef pipe);

/// Of an instruction that the stream itself executes: whether only the vector
/// stream does. UB is its memory, and what it stores is stored once.
bool isOfVectorStream(mlir::Operation *op);

} // namespace terrazzo::ascend

#endif // TERRAZZO_TARGETS_ASCEND_IR_PIPES_H
