// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a running kernel says.
#ifndef TERRAZZO_LIB_RUNTIME_REPORT_H
#define TERRAZZO_LIB_RUNTIME_REPORT_H

#include "terrazzo-c/Runtime.h"

namespace terrazzo::runtime {

/// The default of TerrazzoRuntime::report.
void report(const TerrazzoRuntime *runtime, const TerrazzoReport *report);

} // namespace terrazzo::runtime

#endif // TERRAZZO_LIB_RUNTIME_REPORT_H
