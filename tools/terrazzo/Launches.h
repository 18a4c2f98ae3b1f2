// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The launches of a launch file: their sources, their kernels, their memory.
#ifndef TERRAZZO_TOOLS_TERRAZZO_LAUNCHES_H
#define TERRAZZO_TOOLS_TERRAZZO_LAUNCHES_H

#include "tools/terrazzo/Commands.h"

#include "lib/Compiler/Compilation.h"
#include "lib/Driver/Prepare.h"

namespace terrazzo::tool {

struct LaunchSource {
  unsigned buffer = 0; // of its source
  std::string path;
  frontend::KernelInfo kernel;
};

/// The source and the kernel of each launch of \p file, which stand on the
/// command line or there. Nothing after an error, which was reported.
std::optional<std::vector<LaunchSource>>
findLaunches(const CommonOptions &options, const driver::LaunchFile &file,
             DiagnosticEngine &engine);

/// The launches with their memory; \p engine has their sources. Nothing after
/// an error, which was reported to \p to.
std::optional<std::vector<driver::Prepared>> prepareLaunches(
    const driver::LaunchFile &file, const std::vector<LaunchSource> &sources,
    const frontend::SourceOptions &options, const driver::Footprint &footprint,
    DiagnosticEngine &engine, DiagnosticEngine &to);

/// What the front end is asked to compile.
frontend::Request requestOf(const LaunchSource &source,
                            const driver::Prepared &prepared,
                            const frontend::SourceOptions &options,
                            bool specialize);

/// The code of one launch for \p chip. Nothing after an error, which was
/// reported.
std::optional<Compiled>
compileLaunch(const LaunchSource &source, const driver::Prepared &prepared,
              const schedule::Schedule &schedule, const ChosenChip &chip,
              const frontend::SourceOptions &options, const CompileCache &cache,
              DiagnosticEngine &engine);

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_LAUNCHES_H
