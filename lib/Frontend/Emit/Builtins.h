// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_LIB_FRONTEND_EMIT_BUILTINS_H
#define TERRAZZO_LIB_FRONTEND_EMIT_BUILTINS_H

#include "lib/Frontend/Emit/Emitter.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

#include <cmath>

namespace terrazzo::frontend {

/// What emits one name of the language.
using Handler = Value (*)(Emitter &, Call &);

/// A dtype argument that is no pointer.
DType dtypeArgument(Emitter &e, const Value &v);

/// Refuses too many arguments and names that the builtin does not have.
void checkArguments(Emitter &e, Call &call);

void addPythonBuiltins(llvm::StringMap<Handler> &table);
void addMemoryBuiltins(llvm::StringMap<Handler> &table);
void addMathBuiltins(llvm::StringMap<Handler> &table);
void addScaledDotBuiltins(llvm::StringMap<Handler> &table);
void addReduceBuiltins(llvm::StringMap<Handler> &table);
void addSortBuiltins(llvm::StringMap<Handler> &table);
void addRandomBuiltins(llvm::StringMap<Handler> &table);

} // namespace terrazzo::frontend

#endif // TERRAZZO_LIB_FRONTEND_EMIT_BUILTINS_H
