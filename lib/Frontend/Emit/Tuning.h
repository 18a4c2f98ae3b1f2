// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `@triton.autotune` and `@triton.heuristics` read as data.
#ifndef TERRAZZO_LIB_FRONTEND_EMIT_TUNING_H
#define TERRAZZO_LIB_FRONTEND_EMIT_TUNING_H

#include "lib/Frontend/Emit/Value.h"
#include "lib/Frontend/Frontend.h"

#include <map>

namespace terrazzo::frontend {

class SourceModule;

/// Whether a function has one of the two decorators.
bool isTuned(const Stmt *function);

/// Fills the search space of \p info; what cannot be evaluated is not reported
/// but kept in `tuningFault`.
void readTuning(KernelInfo &info, SourceModule &source);

/// Values for the parameters that \p given lacks: from the first configuration,
/// then from heuristics over what is known by then. A parameter of \p given
/// without a constant is there but unknown. False after a value that is needed
/// and cannot be evaluated, which was reported.
bool chooseByDecorators(SourceModule &source, Stmt *function,
                        const std::map<std::string, Value> &given,
                        std::map<std::string, Value> &chosen);

/// A constant as a signature spells it; empty when it cannot.
std::string signatureText(const Value &v);

} // namespace terrazzo::frontend

#endif // TERRAZZO_LIB_FRONTEND_EMIT_TUNING_H
