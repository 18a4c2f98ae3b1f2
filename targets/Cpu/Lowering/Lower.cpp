// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Cpu/Lowering/Lower.h"

#include "lib/Diagnostics/MLIRBridge.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace terrazzo;

mlir::LogicalResult cpu::lower(mlir::ModuleOp module, const chip::Chip &chip,
                               const LoweringOptions &options,
                               DiagnosticEngine &engine) {
  Where place;
  for (auto function : module.getOps<mlir::func::FuncOp>())
    place = where(function.getLoc());
  engine.emit(DiagnosticKind::CpuCannotCompile, place, "kernels");
  return mlir::failure();
}
