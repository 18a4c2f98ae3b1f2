// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_LIB_INTERPRETER_REPORT_H
#define TERRAZZO_LIB_INTERPRETER_REPORT_H

#include "lib/Diagnostics/MLIRBridge.h"
#include "lib/Interpreter/Engine.h"

namespace terrazzo::interpreter {

/// Reports with the source line of the op, the program id and the calls; only
/// the first program that fails speaks.
template <typename... Args>
void Program::fail(mlir::Operation *op, DiagnosticKind kind, Args &&...args) {
  if (kind == DiagnosticKind::PoisonUsed ||
      kind == DiagnosticKind::PoisonStored)
    noteSlots(op);
  std::lock_guard<std::mutex> lock(shared.reports);
  if (!shared.stop.exchange(true)) {
    auto d = shared.engine.emit(kind, where(op->getLoc()),
                                std::forward<Args>(args)...);
    d.note(DiagnosticKind::InProgram, std::to_string(id[0]),
           std::to_string(id[1]), std::to_string(id[2]));
    for (auto &add : notes)
      add(d);
    for (const Where &caller : callers(op->getLoc()))
      d.note(DiagnosticKind::CalledFromHere, caller);
    d.report();
  }
  throw Stopped();
}

template <typename... Args>
void Program::note(DiagnosticKind kind, mlir::Operation *op, Args... args) {
  notes.push_back([=](DiagnosticBuilder &d) {
    d.note(kind, where(op->getLoc()), args...);
  });
}

} // namespace terrazzo::interpreter

#endif // TERRAZZO_LIB_INTERPRETER_REPORT_H
