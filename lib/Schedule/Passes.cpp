// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Schedule/Passes.h"

#include "lib/Schedule/ChipView.h"
#include "lib/Transforms/Pipelining/EnginesInFlight.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace terrazzo;

namespace {
/// A pass that is given a chip, by the chip's name.
struct OnChip : PassWrapper<OnChip, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(OnChip)
  using Make = std::unique_ptr<Pass> (*)(chip::Chip);
  OnChip(StringRef argument, StringRef description, Make make,
         ChipLookup lookup)
      : argument(argument), description(description), make(make),
        lookup(std::move(lookup)) {}
  OnChip(const OnChip &other)
      : PassWrapper(other), argument(other.argument),
        description(other.description), make(other.make), lookup(other.lookup) {
  }
  StringRef getArgument() const override { return argument; }
  StringRef getDescription() const override { return description; }
  Pass::Option<std::string> name{
      *this, "chip", llvm::cl::desc("a chip that is built in, or a file")};

  void runOnOperation() override {
    std::optional<chip::Chip> chip = lookup(name);
    OpPassManager inner(getOperation()->getName().getStringRef());
    if (chip)
      inner.addPass(make(std::move(*chip)));
    if (!chip || failed(runPipeline(inner, getOperation())))
      signalPassFailure();
  }
  StringRef argument, description;
  Make make;
  ChipLookup lookup;
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
} // namespace

std::unique_ptr<Pass> terrazzo::createEnginesInFlight(chip::Chip chip) {
  return std::make_unique<InFlight>(std::move(chip));
}

void terrazzo::registerSchedulePasses(ChipLookup lookup) {
  registerPass([lookup] {
    return std::make_unique<OnChip>(
        "verify-on-chip",
        "memories, streams, paths, sizes and places are the chip's",
        createVerifyOnChip, lookup);
  });
  registerPass([lookup] {
    return std::make_unique<OnChip>(
        "engines-in-flight",
        "which ops wait for what still runs on an engine, as attributes",
        createEnginesInFlight, lookup);
  });
}
