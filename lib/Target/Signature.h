// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_LIB_TARGET_SIGNATURE_H
#define TERRAZZO_LIB_TARGET_SIGNATURE_H

#include "lib/Artifact/Artifact.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace terrazzo {

/// The name, the parameters and the constants of a kernel in Kernel IR.
void describeKernel(mlir::func::FuncOp entry, artifact::Artifact &artifact);

/// "terrazzo 0.1.0, LLVM 22.1.8"
std::string compilerVersionText();

} // namespace terrazzo

#endif // TERRAZZO_LIB_TARGET_SIGNATURE_H
