// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Cpu/Target.h"

#include "dialects/Kernel/Kernel.h"

#include "lib/Diagnostics/MLIRBridge.h"
#include "lib/Target/Signature.h"
#include "targets/Cpu/Chips.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/TargetParser/Host.h"

#include <chrono>

#include <dlfcn.h>

using namespace terrazzo;

static std::string text(cpu::Versions versions,
                        const schedule::Schedule &schedule) {
  std::string text = versions == cpu::Versions::NoAlias   ? "noalias"
                     : versions == cpu::Versions::Guarded ? "guarded"
                                                          : "any";
  if (!schedule.isDefault())
    text += ", schedule " + schedule.text();
  return text;
}

llvm::FailureOr<cpu::Versions> cpu::lowerTimed(mlir::ModuleOp module,
                                               const chip::Chip &chip,
                                               const LoweringOptions &options,
                                               PhaseSeconds &seconds,
                                               DiagnosticEngine &engine) {
  MLIRDiagnosticBridge bridge(module.getContext(), engine);
  auto start = std::chrono::steady_clock::now();
  auto versions = lower(module, chip, options, engine);
  seconds["lower"] +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  return versions;
}

std::optional<artifact::Artifact> cpu::compile(mlir::ModuleOp module,
                                               const chip::Chip &chip,
                                               const LoweringOptions &options,
                                               PhaseSeconds &seconds,
                                               DiagnosticEngine &engine) {
  artifact::Artifact out;
  auto entry = *module.getOps<mlir::func::FuncOp>().begin();
  describeKernel(entry, out);
  out.chip = chip.name;
  out.compiler = compilerVersionText();
  auto versions = lowerTimed(module, chip, options, seconds, engine);
  if (mlir::failed(versions))
    return std::nullopt;
  out.options = text(*versions, options.schedule);
  MLIRDiagnosticBridge bridge(module.getContext(), engine);
  auto code = object(module, chip, &seconds);
  if (!code) {
    engine.emit(DiagnosticKind::InternalError, Where(),
                llvm::toString(code.takeError()));
    return std::nullopt;
  }
  out.code.assign(code->begin(), code->end());
  return out;
}

namespace {

class CpuTarget final : public Target {
public:
  llvm::StringRef family() const override { return "cpu"; }
  std::vector<chip::File> chipFiles() const override {
    return cpu::chipFiles();
  }
  bool hasCode() const override { return true; }
  std::vector<std::string> machineFeatures() const override;
  std::string compilerVersion() const override { return compilerVersionText(); }
  std::vector<llvm::StringRef> textLevels() const override {
    return {"llvm", "asm"};
  }
  std::optional<std::string> text(mlir::ModuleOp module, const chip::Chip &chip,
                                  llvm::StringRef level,
                                  const LoweringOptions &options,
                                  DiagnosticEngine &engine) const override;
  std::optional<artifact::Artifact>
  compile(mlir::ModuleOp module, const chip::Chip &chip,
          const LoweringOptions &options, PhaseSeconds &seconds,
          DiagnosticEngine &engine) const override {
    return cpu::compile(module, chip, options, seconds, engine);
  }
};

} // namespace

std::vector<std::string> CpuTarget::machineFeatures() const {
  std::vector<std::string> features;
  for (auto &feature : llvm::sys::getHostCPUFeatures())
    if (feature.getValue())
      features.push_back(feature.getKey().str());
  // A library that carries out instructions which the machine lacks says so
  // (test/Unit/Amx).
  if (void *more = dlsym(RTLD_DEFAULT, "terrazzoEmulatedFeatures")) {
    llvm::SmallVector<llvm::StringRef> names;
    llvm::StringRef(reinterpret_cast<const char *(*)()>(more)())
        .split(names, ',', -1, /*KeepEmpty=*/false);
    for (llvm::StringRef name : names)
      features.push_back(name.str());
  }
  return features;
}

std::optional<std::string> CpuTarget::text(mlir::ModuleOp module,
                                           const chip::Chip &chip,
                                           llvm::StringRef level,
                                           const LoweringOptions &options,
                                           DiagnosticEngine &engine) const {
  MLIRDiagnosticBridge bridge(module.getContext(), engine);
  PhaseSeconds seconds;
  if (mlir::failed(cpu::lowerTimed(module, chip, options, seconds, engine)))
    return std::nullopt;
  auto text = level == "llvm" ? cpu::llvmText(module, chip)
                              : cpu::assembly(module, chip);
  if (text)
    return *text;
  engine.emit(DiagnosticKind::InternalError, Where(),
              llvm::toString(text.takeError()));
  return std::nullopt;
}

const Target &cpu::target() {
  static const CpuTarget target;
  return target;
}
