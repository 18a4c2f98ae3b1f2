// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A family whose chips exist here as data: its programs are MLIR in the
// family's dialect, and run in the simulator.
#ifndef TERRAZZO_LIB_TARGET_MODELEDTARGET_H
#define TERRAZZO_LIB_TARGET_MODELEDTARGET_H

#include "lib/Simulator/Program.h"
#include "lib/Target/Target.h"

#include "mlir/IR/OwningOpRef.h"

namespace terrazzo {

/// A program of a chip, ready to run.
struct LoadedProgram {
  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  simulator::Program program; // its places are in the context
  /// Bytes and element types of the memory that the last arguments point to.
  std::vector<std::pair<int64_t, interpreter::ElementType>> workspaces();
};

class ModeledTarget : public Target {
public:
  bool hasCode() const final { return true; }
  const ModeledTarget *modeled() const final { return this; }
  std::string compilerVersion() const final;
  std::vector<llvm::StringRef> textLevels() const final { return {"asm"}; }
  std::optional<std::string> text(mlir::ModuleOp module, const chip::Chip &chip,
                                  llvm::StringRef level,
                                  const LoweringOptions &options,
                                  DiagnosticEngine &engine) const final;
  /// The artifact's code is the program in MLIR's bytecode.
  std::optional<artifact::Artifact>
  compile(mlir::ModuleOp module, const chip::Chip &chip,
          const LoweringOptions &options, PhaseSeconds &seconds,
          DiagnosticEngine &engine) const final;
  /// What \ref compile wrote, or the text that `--emit asm` writes. Nothing
  /// after an error, which was reported.
  std::optional<LoadedProgram> load(llvm::StringRef code, llvm::StringRef name,
                                    const chip::Chip &chip,
                                    DiagnosticEngine &engine) const;

protected:
  /// Kernel IR to the family's program, in place.
  virtual llvm::LogicalResult lower(mlir::ModuleOp module,
                                    const chip::Chip &chip,
                                    const LoweringOptions &options,
                                    DiagnosticEngine &engine) const = 0;
  /// An error was reported through MLIR's diagnostics.
  virtual std::optional<simulator::Program>
  decode(mlir::ModuleOp module, const chip::Chip &chip) const = 0;
};

} // namespace terrazzo

#endif // TERRAZZO_LIB_TARGET_MODELEDTARGET_H
