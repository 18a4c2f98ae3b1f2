// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mlir-opt with Terrazzo's dialects: reads, verifies, transforms, prints.
#include "dialects/Kernel/Kernel.h"
#include "dialects/Tile/Tile.h"
#include "lib/Schedule/Passes.h"
#include "lib/Target/ChooseChip.h"
#include "lib/Transforms/Access/RootViews.h"
#include "lib/Transforms/Fusion/FuseMaps.h"
#include "lib/Transforms/Pipelining/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

/// A chip that is built in, or that a file ending in .yaml describes.
static std::optional<terrazzo::chip::Chip> chipNamed(llvm::StringRef name) {
  terrazzo::DiagnosticEngine engine;
  auto chosen = terrazzo::chooseChip(name, terrazzo::allTargets(), engine);
  if (!chosen)
    return std::nullopt;
  return std::move(chosen->chip);
}

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<terrazzo::kernel::KernelDialect, terrazzo::tile::TileDialect,
                  mlir::arith::ArithDialect, mlir::func::FuncDialect,
                  mlir::math::MathDialect, mlir::memref::MemRefDialect,
                  mlir::scf::SCFDialect, mlir::ub::UBDialect>();
  for (const terrazzo::Target *target : terrazzo::allTargets())
    target->registerDialects(registry);
  mlir::registerTransformsPasses();
  terrazzo::registerAccessPasses();
  terrazzo::registerFusionPasses();
  terrazzo::registerPipeliningPasses();
  terrazzo::registerSchedulePasses(chipNamed);
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Terrazzo's optimizer driver\n", registry));
}
