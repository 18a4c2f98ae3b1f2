// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the launches of a launch file have to do on any chip.
#ifndef TERRAZZO_TOOLS_TERRAZZO_LAUNCHWORK_H
#define TERRAZZO_TOOLS_TERRAZZO_LAUNCHWORK_H

#include "lib/Survey/Work.h"
#include "tools/terrazzo/Launches.h"

namespace terrazzo::tool {

/// The work of each launch, as its author wrote the kernel: under no schedule.
/// The first of \p prepared has the memory, whose contents stay as they are.
/// Nothing after an error, which was reported: more than \p mostSteps is one.
std::optional<std::vector<survey::Work>>
worksOf(const std::vector<LaunchSource> &sources,
        std::vector<driver::Prepared> &prepared,
        const frontend::SourceOptions &options, DiagnosticEngine &engine,
        uint64_t mostSteps = UINT64_MAX);

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_LAUNCHWORK_H
