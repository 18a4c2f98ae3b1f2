// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A family of chips, as all that is not a family sees it: its chip files, and
// the way from a kernel to its code. `lib` names no family; a program hands its
// list of targets in (include/terrazzo/Target.h has the list of all).
#ifndef TERRAZZO_LIB_TARGET_TARGET_H
#define TERRAZZO_LIB_TARGET_TARGET_H

#include "terrazzo/Target.h"

#include "lib/Artifact/Artifact.h"
#include "lib/Chip/Chip.h"
#include "lib/Schedule/Schedule.h"

#include "mlir/IR/BuiltinOps.h"

#include <map>

namespace terrazzo {

/// How long each step of a compilation took, by the step's name.
using PhaseSeconds = std::map<std::string, double>;

/// What a lowering may rely on.
struct LoweringOptions {
  /// No argument that is written overlaps another argument; else the entry
  /// looks, and where that matters there is a second version for it.
  bool assumeNoAlias = false;
  schedule::Schedule schedule;
};

class ModeledTarget;

class Target {
public:
  virtual ~Target() = default;

  /// As in the `family` of its chip files.
  virtual llvm::StringRef family() const = 0;
  virtual std::vector<chip::File> chipFiles() const = 0;

  /// Whether code can be made for it. Else its chips are known only as data,
  /// and nothing of what follows is called.
  virtual bool hasCode() const { return false; }
  /// What this machine has of the features that chip files name.
  virtual std::vector<std::string> machineFeatures() const { return {}; }
  /// "terrazzo 0.1.0, LLVM 22.1.8": part of every artifact.
  virtual std::string compilerVersion() const { return ""; }

  /// The family as one whose programs run in the simulator; null: they run on a
  /// device.
  virtual const ModeledTarget *modeled() const { return nullptr; }

  /// The dialects of the family's programs, for tools that read them.
  virtual void registerDialects(mlir::DialectRegistry &) const {}

  /// The levels below Tile IR that can be written as text, in their order.
  virtual std::vector<llvm::StringRef> textLevels() const { return {}; }
  /// One of them; \p module, Kernel IR, is used up. Nothing after an error,
  /// which was reported.
  virtual std::optional<std::string>
  text(mlir::ModuleOp module, const chip::Chip &chip, llvm::StringRef level,
       const LoweringOptions &options, DiagnosticEngine &engine) const {
    return std::nullopt;
  }

  /// Compiles a kernel; \p module, Kernel IR, is used up. The artifact lacks
  /// what only the caller knows: the hash of the source. Nothing after an
  /// error, which was reported.
  virtual std::optional<artifact::Artifact>
  compile(mlir::ModuleOp module, const chip::Chip &chip,
          const LoweringOptions &options, PhaseSeconds &seconds,
          DiagnosticEngine &engine) const {
    return std::nullopt;
  }
};

} // namespace terrazzo

#endif // TERRAZZO_LIB_TARGET_TARGET_H
