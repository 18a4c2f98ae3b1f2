// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Schedule/Passes.h"

#include "lib/Schedule/ChipView.h"
#include "lib/Transforms/Pipelining/EnginesInFlight.h"

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

/// `flight` numbers an op that runs on its `engine`; `waits` stand on an op
/// that must not start before, `covers` on a commit or release. Each names a
/// flight and, on an engine that runs in order, how many newer ones may still
/// run.
struct InFlight : PassWrapper<InFlight, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(InFlight)
  explicit InFlight(chip::Chip chip) : chip(std::move(chip)) {}
  StringRef getName() const override { return "EnginesInFlight"; }

  void runOnOperation() override {
    ChipView view(chip);
    EnginesInFlight flights(getOperation(), [&](Operation *op) {
      const chip::Part *engine = view.engineOf(op);
      if (!engine || engine->word("async") != "yes")
        return EngineUse();
      return EngineUse{engine->name, engine->word("order") != "out"};
    });
    Builder builder(&getContext());
    llvm::DenseMap<Operation *, int64_t> numbers;
    for (auto [number, op] : llvm::enumerate(flights.asynchronous())) {
      numbers[op] = number;
      op->setAttr("flight", builder.getI64IntegerAttr(number));
      op->setAttr("engine", builder.getStringAttr(flights.engine(op).name));
    }
    auto write = [&](Operation *op, StringRef name,
                     llvm::ArrayRef<Outstanding> list) {
      llvm::SmallVector<Attribute> entries;
      for (Outstanding o : list) {
        const EngineUse &use = flights.engine(o.op);
        NamedAttrList entry;
        entry.set("engine", builder.getStringAttr(use.name));
        entry.set("flight", builder.getI64IntegerAttr(numbers[o.op]));
        if (use.inOrder)
          entry.set("newer", builder.getI64IntegerAttr(o.newer));
        entries.push_back(entry.getDictionary(&getContext()));
      }
      if (!entries.empty())
        op->setAttr(name, builder.getArrayAttr(entries));
    };
    getOperation()->walk([&](Operation *op) {
      write(op, "waits", flights.waits(op));
      write(op, "covers", flights.covers(op));
    });
  }
  chip::Chip chip;
};

struct InFlightNamed : OnChip<InFlightNamed> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(InFlightNamed)
  using OnChip::OnChip;
  StringRef getArgument() const override { return "engines-in-flight"; }
  StringRef getDescription() const override {
    return "which ops wait for what still runs on an engine, as attributes";
  }
  std::unique_ptr<Pass> make(chip::Chip chip) {
    return createEnginesInFlight(std::move(chip));
  }
};
} // namespace

std::unique_ptr<Pass> terrazzo::createEnginesInFlight(chip::Chip chip) {
  return std::make_unique<InFlight>(std::move(chip));
}

void terrazzo::registerSchedulePasses(ChipLookup lookup) {
  registerPass([lookup] { return std::make_unique<VerifyNamed>(lookup); });
  registerPass([lookup] { return std::make_unique<InFlightNamed>(lookup); });
}
