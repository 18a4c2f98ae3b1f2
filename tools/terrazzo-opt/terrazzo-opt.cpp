// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mlir-opt with Terrazzo's dialects: reads, verifies, transforms, prints.
#include "dialects/Kernel/Kernel.h"
#include "dialects/Tile/Tile.h"
#include "lib/Schedule/Passes.h"
#include "lib/Transforms/Access/RootViews.h"
#include "lib/Transforms/Fusion/FuseMaps.h"
#include "lib/Transforms/Pipelining/Passes.h"
#include "tools/Chips/Chips.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

/// A chip that is built in, or that a file ending in .yaml describes.
static std::optional<terrazzo::chip::Chip> chipNamed(llvm::StringRef name) {
  terrazzo::DiagnosticEngine engine;
  auto known = terrazzo::chip::readAll(terrazzo::tool::chipFiles(), engine);
  if (!known)
    return std::nullopt;
  std::vector<std::string> names;
  for (const terrazzo::chip::Chip &chip : *known) {
    if (chip.name == name)
      return chip;
    names.push_back(chip.name);
  }
  constexpr size_t most = 1 << 20;
  if (name.ends_with(".yaml")) {
    auto buffer = engine.addFile(name.str(), most);
    return buffer ? terrazzo::chip::read(*buffer, *known, engine)
                  : std::nullopt;
  }
  engine.emit(terrazzo::DiagnosticKind::UnknownChip, terrazzo::Where(), name,
              llvm::join(names, ", "));
  return std::nullopt;
}

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<terrazzo::kernel::KernelDialect, terrazzo::tile::TileDialect,
                  mlir::arith::ArithDialect, mlir::func::FuncDialect,
                  mlir::math::MathDialect, mlir::scf::SCFDialect,
                  mlir::ub::UBDialect>();
  mlir::registerTransformsPasses();
  terrazzo::registerAccessPasses();
  terrazzo::registerFusionPasses();
  terrazzo::registerPipeliningPasses();
  terrazzo::registerSchedulePasses(chipNamed);
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Terrazzo's optimizer driver\n", registry));
}
