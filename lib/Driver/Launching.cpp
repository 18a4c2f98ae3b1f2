// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Driver/Launching.h"

#include "lib/Driver/Binding.h"

using namespace terrazzo;
using namespace terrazzo::driver;

std::optional<interpreter::Launch>
terrazzo::driver::launchOf(mlir::ModuleOp module, Prepared &prepared,
                           DiagnosticEngine &engine, bool gridArguments) {
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
  auto arguments =
      bind(entry, prepared, engine, gridArguments ? launch.grid.size() : 0);
  if (!arguments)
    return std::nullopt;
  launch.arguments = std::move(*arguments);
  if (gridArguments)
    for (int64_t extent : launch.grid) {
      launch.arguments.emplace_back();
      launch.arguments.back().integer = extent;
    }
  return launch;
}
