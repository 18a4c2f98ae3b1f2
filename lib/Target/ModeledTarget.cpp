// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Target/ModeledTarget.h"

#include "dialects/Kernel/Kernel.h"
#include "dialects/Tile/Tile.h"
#include "lib/Diagnostics/MLIRBridge.h"
#include "lib/Target/Signature.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Parser/Parser.h"

#include <chrono>

using namespace terrazzo;

std::vector<std::pair<int64_t, interpreter::ElementType>>
LoadedProgram::workspaces() {
  std::vector<std::pair<int64_t, interpreter::ElementType>> all;
  int64_t cores = 1;
  for (const simulator::Launch &launch : program.launches)
    cores = std::max(cores, launch.cores);
  for (auto function : module->getOps<mlir::func::FuncOp>())
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      if (auto elements = function.getArgAttrOfType<mlir::IntegerAttr>(
              i, "kernel.workspace")) {
        auto type = interpreter::elementTypeOf(
            mlir::cast<kernel::PtrType>(function.getArgument(i).getType())
                .getPointee());
        int64_t each = type.kind == interpreter::ElementType::Kind::Pointer
                           ? 8
                           : std::max<int64_t>(1, type.bits / 8);
        all.push_back({cores * elements.getInt() * each, type});
      }
  return all;
}

std::string ModeledTarget::compilerVersion() const {
  return compilerVersionText();
}

std::optional<std::string> ModeledTarget::text(mlir::ModuleOp module,
                                               const chip::Chip &chip,
                                               llvm::StringRef,
                                               const LoweringOptions &options,
                                               DiagnosticEngine &engine) const {
  if (failed(lower(module, chip, options, engine)))
    return std::nullopt;
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os);
  return text;
}

std::optional<artifact::Artifact>
ModeledTarget::compile(mlir::ModuleOp module, const chip::Chip &chip,
                       const LoweringOptions &options, PhaseSeconds &seconds,
                       DiagnosticEngine &engine) const {
  artifact::Artifact out;
  describeKernel(*module.getOps<mlir::func::FuncOp>().begin(), out);
  out.chip = chip.name;
  out.compiler = compilerVersionText();
  out.options = options.assumeNoAlias ? "noalias" : "any";
  if (!options.schedule.isDefault())
    out.options += ", schedule " + options.schedule.text();
  auto start = std::chrono::steady_clock::now();
  if (failed(lower(module, chip, options, engine)))
    return std::nullopt;
  llvm::raw_string_ostream os(out.code);
  if (failed(mlir::writeBytecodeToFile(module, os)))
    return std::nullopt;
  seconds["lower"] +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  return out;
}

std::optional<LoadedProgram>
ModeledTarget::load(llvm::StringRef code, llvm::StringRef name,
                    const chip::Chip &chip, DiagnosticEngine &engine) const {
  LoadedProgram out;
  out.context = std::make_unique<mlir::MLIRContext>(
      mlir::MLIRContext::Threading::DISABLED);
  out.context->loadDialect<mlir::arith::ArithDialect, mlir::func::FuncDialect,
                           mlir::math::MathDialect, mlir::memref::MemRefDialect,
                           mlir::scf::SCFDialect, mlir::ub::UBDialect,
                           kernel::KernelDialect, tile::TileDialect>();
  mlir::DialectRegistry registry;
  registerDialects(registry);
  out.context->appendDialectRegistry(registry);
  out.context->loadAllAvailableDialects();
  MLIRDiagnosticBridge bridge(out.context.get(), engine);
  out.module = mlir::parseSourceString<mlir::ModuleOp>(
      code, mlir::ParserConfig(out.context.get()), name);
  if (!out.module)
    return std::nullopt;
  auto program = decode(*out.module, chip);
  if (!program)
    return std::nullopt;
  out.program = std::move(*program);
  return out;
}
