// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Mtia/Target.h"

#include "lib/Target/ModeledTarget.h"
#include "targets/Mtia/Executor/Rows.h"
#include "targets/Mtia/IR/Mtia.h"
#include "targets/Mtia/Lowering/Lower.h"

using namespace terrazzo;

namespace {

class MtiaTarget final : public ModeledTarget {
public:
  llvm::StringRef family() const override { return "mtia"; }
  std::vector<chip::File> chipFiles() const override {
    return mtia::chipFiles();
  }
  void registerDialects(mlir::DialectRegistry &registry) const override {
    registry.insert<mtia::MtiaDialect>();
  }

protected:
  llvm::LogicalResult lower(mlir::ModuleOp module, const chip::Chip &chip,
                            const LoweringOptions &options,
                            DiagnosticEngine &engine) const override {
    return mtia::lower(module, chip, options, engine);
  }
  std::optional<simulator::Program>
  decode(mlir::ModuleOp module, const chip::Chip &chip) const override {
    return mtia::decode(module, chip);
  }
};

} // namespace

const Target &mtia::target() {
  static const MtiaTarget target;
  return target;
}
