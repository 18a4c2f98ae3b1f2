// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Ascend/Target.h"

#include "lib/Target/ModeledTarget.h"
#include "targets/Ascend/Executor/Rows.h"
#include "targets/Ascend/IR/Ascend.h"
#include "targets/Ascend/Lowering/Lower.h"

using namespace terrazzo;

namespace {

class AscendTarget final : public ModeledTarget {
public:
  llvm::StringRef family() const override { return "ascend"; }
  std::vector<chip::File> chipFiles() const override {
    return ascend::chipFiles();
  }
  void registerDialects(mlir::DialectRegistry &registry) const override {
    registry.insert<ascend::AscendDialect>();
  }

protected:
  llvm::LogicalResult lower(mlir::ModuleOp module, const chip::Chip &chip,
                            const LoweringOptions &options,
                            DiagnosticEngine &engine) const override {
    return ascend::lower(module, chip, options, engine);
  }
  std::optional<simulator::Program>
  decode(mlir::ModuleOp module, const chip::Chip &chip) const override {
    return ascend::decode(module, chip);
  }
};

} // namespace

const Target &ascend::target() {
  static const AscendTarget target;
  return target;
}
