// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Mtia/Target.h"

#include "targets/Mtia/Lowering/Lower.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/raw_ostream.h"

using namespace terrazzo;

namespace {

class MtiaTarget final : public Target {
public:
  llvm::StringRef family() const override { return "mtia"; }
  std::vector<chip::File> chipFiles() const override {
    return mtia::chipFiles();
  }
  bool hasCode() const override { return true; }
  std::string compilerVersion() const override {
    return "terrazzo 0.1.0, LLVM " LLVM_VERSION_STRING;
  }
  std::vector<llvm::StringRef> textLevels() const override { return {"asm"}; }
  std::optional<std::string> text(mlir::ModuleOp module, const chip::Chip &chip,
                                  llvm::StringRef level,
                                  const LoweringOptions &options,
                                  DiagnosticEngine &engine) const override {
    if (failed(mtia::lower(module, chip, options, engine)))
      return std::nullopt;
    std::string text;
    llvm::raw_string_ostream os(text);
    module.print(os);
    return text;
  }
};

} // namespace

const Target &mtia::target() {
  static const MtiaTarget target;
  return target;
}
