// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `trace` says of its launches: a summary, and a file for Perfetto.
#ifndef TERRAZZO_TOOLS_TERRAZZO_TRACEREPORT_H
#define TERRAZZO_TOOLS_TERRAZZO_TRACEREPORT_H

#include "tools/terrazzo/Commands.h"
#include "tools/terrazzo/Device.h"

namespace terrazzo::tool {

/// Prints the summaries; writes the timeline where `-o` names a file. False
/// after an error, which was reported.
bool reportTrace(const std::vector<DeviceLaunch::Traced> &launches,
                 const RunOptions &options);

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_TRACEREPORT_H
