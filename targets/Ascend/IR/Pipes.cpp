// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Ascend/IR/Pipes.h"

#include "targets/Ascend/IR/Ascend.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::ascend;

StringRef ascend::memoryOf(Value buffer) {
  auto space = dyn_cast_or_null<StringAttr>(
      cast<MemRefType>(buffer.getType()).getMemorySpace());
  return space ? space.getValue() : StringRef();
}

StringRef ascend::pipeOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case([](LoadOp load) {
        return memoryOf(load.getLocal()) == "stack" ? "" : "vector.mte2";
      })
      .Case([](StoreOp store) {
        return memoryOf(store.getLocal()) == "stack" ? "" : "vector.mte3";
      })
      .Case([](CopyOp copy) {
        if (memoryOf(copy.getSource()) == "ub")
          return "vector.mte3";
        return memoryOf(copy.getTarget()) == "ub" ? "vector.mte2" : "cube.mte2";
      })
      .Case<Nd2NzOp, InitConstValueOp>([](auto) { return "cube.mte2"; })
      .Case<LoadL0aOp, LoadL0bOp>([](auto) { return "cube.mte1"; })
      .Case<MmadOp>([](auto) { return "cube.m"; })
      .Case<FixpipeOp, FixpipeStoreOp>([](auto) { return "cube.fix"; })
      .Case<VfOp, VreduceOp, VcumOp, VgatherOp>([](auto) { return "vector.v"; })
      .Default([](auto) { return ""; });
}

std::pair<StringRef, StringRef> ascend::partsOf(StringRef pipe) {
  return pipe.split('.');
}

int64_t ascend::blockFlagOf(StringRef pipe) {
  static constexpr StringRef pipes[] = {
      "cube.mte2",   "cube.mte1", "cube.m",      "cube.fix", "cube.s",
      "vector.mte2", "vector.v",  "vector.mte3", "vector.s"};
  return std::find(std::begin(pipes), std::end(pipes), pipe) -
         std::begin(pipes);
}

bool ascend::isOfVectorStream(Operation *op) {
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return memoryOf(load.getMemRef()) == "ub";
  if (auto store = dyn_cast<memref::StoreOp>(op))
    return memoryOf(store.getMemRef()) != "stack";
  return isa<AtomicOp, StoreOp>(op);
}
