// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Schedule/Passes.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace terrazzo;

namespace {
/// A pass that is given a chip, by the chip's name.
template <typename Self> struct OnChip : PassWrapper<Self, OperationPass<>> {
  OnChip(ChipLookup lookup) : lookup(std::move(lookup)) {}
  OnChip(const OnChip &other)
      : PassWrapper<Self, OperationPass<>>(other), lookup(other.lookup) {}
  Pass::Option<std::string> name{
      *this, "chip", llvm::cl::desc("a chip that is built in, or a file")};

  void runOnOperation() override {
    std::optional<chip::Chip> chip = lookup(name);
    OpPassManager inner(this->getOperation()->getName().getStringRef());
    if (chip)
      inner.addPass(static_cast<Self *>(this)->make(std::move(*chip)));
    if (!chip || failed(this->runPipeline(inner, this->getOperation())))
      this->signalPassFailure();
  }
  ChipLookup lookup;
};

struct VerifyNamed : OnChip<VerifyNamed> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(VerifyNamed)
  using OnChip::OnChip;
  StringRef getArgument() const override { return "verify-on-chip"; }
  StringRef getDescription() const override {
    return "memories, streams, paths, sizes and places are the chip's";
  }
  std::unique_ptr<Pass> make(chip::Chip chip) {
    return createVerifyOnChip(std::move(chip));
  }
};
} // namespace

void terrazzo::registerSchedulePasses(ChipLookup lookup) {
  registerPass([lookup] { return std::make_unique<VerifyNamed>(lookup); });
}
