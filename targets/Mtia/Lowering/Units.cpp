// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Mtia/Lowering/Instructions.h"

#include "targets/Mtia/IR/Mtia.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::mtia;

StringRef Units::engineOf(Operation *op) const {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case<DmaInOp, DmaOutOp, DmaAtomicOp>([](auto) { return "fi"; })
      .Case<MmlOp>([](auto) { return "dpe"; })
      .Case<ReduceOp>([](auto) { return "re"; })
      .Case<SeEltwiseOp, SeReduceOp, SeScanOp>([](auto) { return "se"; })
      .Case<MluShuffleOp>([](auto) { return "mlu"; })
      .Default([](auto) { return ""; });
}

bool Units::writesGlobal(Operation *op) const {
  return isa<DmaOutOp, DmaAtomicOp>(op);
}

void Units::order(OpBuilder &b, Location loc, StringRef from,
                  StringRef to) const {
  DependOp::create(b, loc, from, to.empty() ? "riscv" : to);
}

ValueRange Units::slotsOf(Operation *op) const {
  auto init = dyn_cast<CbInitOp>(op);
  return init ? init.getSlots() : ValueRange();
}

void Units::ring(Operation *op, ArrayRef<std::string> producers,
                 ArrayRef<std::string> consumers) const {
  Builder b(op->getContext());
  auto names = [&](ArrayRef<std::string> units) {
    llvm::SmallVector<StringRef> all;
    for (const std::string &unit : units)
      all.push_back(unit.empty() ? StringRef("riscv") : StringRef(unit));
    return b.getStrArrayAttr(all);
  };
  auto init = cast<CbInitOp>(op);
  init.setProducersAttr(names(producers));
  init.setConsumersAttr(names(consumers));
}
