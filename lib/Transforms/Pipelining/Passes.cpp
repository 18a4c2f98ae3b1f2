// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Pipelining/Passes.h"

#include "dialects/Tile/Tile.h"

using namespace mlir;
using namespace terrazzo;

namespace {
struct VerifyBalance : PassWrapper<VerifyBalance, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(VerifyBalance)
  VerifyBalance() = default;
  explicit VerifyBalance(bool value) { strict = value; }
  VerifyBalance(const VerifyBalance &other) : PassWrapper(other) {}
  StringRef getArgument() const override { return "verify-balance"; }
  StringRef getDescription() const override {
    return "what is not proved of the balance of channels";
  }
  Option<bool> strict{*this, "strict", llvm::cl::desc("make it an error")};

  void runOnOperation() override {
    getOperation()->walk([&](tile::ChannelOp channel) {
      FailureOr<std::string> open = tile::obligationOf(channel);
      if (failed(open))
        return signalPassFailure();
      if (open->empty())
        return;
      if (strict) {
        channel.emitError("B4: not proved: ") << *open;
        return signalPassFailure();
      }
      channel.emitRemark("B4: the oracle must see that ") << *open;
    });
  }
};
} // namespace

std::unique_ptr<Pass> terrazzo::createVerifyBalance(bool strict) {
  return std::make_unique<VerifyBalance>(strict);
}

void terrazzo::registerPipeliningPasses() {
  registerPass(createPartitionRoles);
  registerPass(createPipelining);
  registerPass(createPeelGuards);
  registerPass([] { return createVerifyBalance(); });
  registerPass([] { return createSpreadGrid(); });
  registerPass([] { return createStageLoads(); });
  registerPass([] { return createRingAccesses(); });
  registerPass(createHoldSlots);
}
