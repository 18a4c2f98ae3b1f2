// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Driver/Launching.h"

#include "dialects/Kernel/Kernel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace terrazzo;
using namespace terrazzo::driver;

std::optional<interpreter::Launch>
terrazzo::driver::launchOf(mlir::ModuleOp module, Prepared &prepared,
                           DiagnosticEngine &engine) {
  interpreter::Launch launch;
  launch.module = module;
  launch.grid = prepared.grid;
  launch.buffers = &prepared.buffers;
  mlir::func::FuncOp entry;
  module->walk([&](mlir::func::FuncOp f) {
    if (f->hasAttr("kernel.entry"))
      entry = f;
  });
  if (!entry) {
    engine.emit(DiagnosticKind::NoEntry, Where());
    return std::nullopt;
  }
  for (unsigned i = 0; i < entry.getNumArguments(); ++i) {
    std::string id =
        entry.getArgAttrOfType<mlir::StringAttr>(i, "kernel.name").str();
    auto bound = prepared.bound.find(id);
    if (bound == prepared.bound.end()) {
      engine.emit(DiagnosticKind::LaunchMissing, Where(), id, "args");
      return std::nullopt;
    }
    bool pointer = mlir::isa<kernel::PtrType>(entry.getArgument(i).getType());
    if (pointer != (bound->second.argument.buffer >= 0)) {
      engine.emit(DiagnosticKind::NotAPointerArgument, Where(), id);
      return std::nullopt;
    }
    launch.arguments.push_back(bound->second.argument);
  }
  return launch;
}
