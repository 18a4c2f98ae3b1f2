// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For what reads a file and has nothing to go on with after the first fault:
// it reports it and throws, and whoever started it catches.
#ifndef TERRAZZO_LIB_DIAGNOSTICS_FIRSTFAULT_H
#define TERRAZZO_LIB_DIAGNOSTICS_FIRSTFAULT_H

#include "lib/Diagnostics/Diagnostics.h"

namespace terrazzo {

/// Thrown after the fault was reported.
struct Stop {};

class FirstFault {
protected:
  explicit FirstFault(DiagnosticEngine &engine) : engine(engine) {}

  template <typename... Args>
  [[noreturn]] void fail(llvm::SMRange where, DiagnosticKind kind,
                         Args &&...args) {
    engine.emit(kind, Where(where), std::forward<Args>(args)...);
    throw Stop();
  }

  DiagnosticEngine &engine;
};

} // namespace terrazzo

#endif // TERRAZZO_LIB_DIAGNOSTICS_FIRSTFAULT_H
