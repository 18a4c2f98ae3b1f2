// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Tpu/Target.h"

#include "lib/Target/ModeledTarget.h"
#include "targets/Tpu/Executor/Rows.h"
#include "targets/Tpu/IR/Tpu.h"
#include "targets/Tpu/Lowering/Lower.h"

using namespace terrazzo;

namespace {

class TpuTarget final : public ModeledTarget {
public:
  llvm::StringRef family() const override { return "tpu"; }
  std::vector<chip::File> chipFiles() const override {
    return tpu::chipFiles();
  }
  void registerDialects(mlir::DialectRegistry &registry) const override {
    registry.insert<tpu::TpuDialect>();
  }

protected:
  llvm::LogicalResult lower(mlir::ModuleOp module, const chip::Chip &chip,
                            const LoweringOptions &options,
                            DiagnosticEngine &engine) const override {
    return tpu::lower(module, chip, options, engine);
  }
  std::optional<simulator::Program>
  decode(mlir::ModuleOp module, const chip::Chip &chip) const override {
    return tpu::decode(module, chip);
  }
};

} // namespace

const Target &tpu::target() {
  static const TpuTarget target;
  return target;
}
