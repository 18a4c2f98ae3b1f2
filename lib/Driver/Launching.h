// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Joins a prepared launch file to a module of Kernel IR.
#ifndef TERRAZZO_LIB_DRIVER_LAUNCHING_H
#define TERRAZZO_LIB_DRIVER_LAUNCHING_H

#include "lib/Driver/Prepare.h"

namespace terrazzo::driver {

/// The launch of \p module's kernel on the buffers of \p prepared, which it
/// refers to. With \p gridArguments the function takes the extents of the grid
/// after the kernel's arguments, as Tile IR does. Nothing after an error, which
/// was reported.
std::optional<interpreter::Launch> launchOf(mlir::ModuleOp module,
                                            Prepared &prepared,
                                            DiagnosticEngine &engine,
                                            bool gridArguments = false);

} // namespace terrazzo::driver

#endif // TERRAZZO_LIB_DRIVER_LAUNCHING_H
