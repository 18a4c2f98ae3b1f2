// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which schedule a kernel is compiled under: the command line's word before the
// schedule file's, that before the launch file's.
#ifndef TERRAZZO_TOOLS_TERRAZZO_SCHEDULING_H
#define TERRAZZO_TOOLS_TERRAZZO_SCHEDULING_H

#include "tools/terrazzo/Commands.h"

#include "lib/Chip/Chip.h"
#include "lib/Driver/LaunchFile.h"
#include "lib/Frontend/Frontend.h"
#include "lib/Schedule/Schedule.h"

#include "llvm/Support/JSON.h"

namespace terrazzo::tool {

/// Whether the command line or a file beside the kernel says anything.
bool mentionsSchedule(const CommonOptions &options);

/// That of the kernel with this number; a schedule file must be for one of the
/// \p kernels. \p launch may be null, \p chip too: then a file for one chip
/// does not count. Nothing after an error, which was reported.
std::optional<schedule::Schedule>
chooseSchedule(const CommonOptions &options, const driver::LaunchFile *launch,
               llvm::ArrayRef<frontend::KernelInfo> kernels, size_t number,
               const chip::Chip *chip, DiagnosticEngine &engine);

/// Gives the kernel's own parameters the values that the schedule chose; one
/// that has none yet stands at \p place.
using Constants = std::vector<std::pair<std::string, driver::Text>>;
void setConstants(const schedule::Schedule &schedule, llvm::SMRange place,
                  Constants &constants);

llvm::json::Object json(const schedule::Schedule &schedule);

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_SCHEDULING_H
