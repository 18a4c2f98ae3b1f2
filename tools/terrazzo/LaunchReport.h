// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `run` says of one launch, as JSON and as text.
#ifndef TERRAZZO_TOOLS_TERRAZZO_LAUNCHREPORT_H
#define TERRAZZO_TOOLS_TERRAZZO_LAUNCHREPORT_H

#include "tools/terrazzo/Device.h"
#include "tools/terrazzo/LaunchWork.h"
#include "tools/terrazzo/Outputs.h"

#include "lib/Compiler/Compilation.h"
#include "lib/Driver/VerifySemantics.h"

namespace terrazzo::tool {

/// One launch on its way: what the steps hand on to each other.
struct LaunchRun : LaunchSource {
  schedule::Schedule schedule;
  std::optional<Compiled> compiled;
  std::optional<cpu::Measurement> measurement;
  std::optional<simulator::Result> modeled;
  std::optional<driver::SemanticsVerifier> semantics;
  double frontendSeconds = 0;
  int64_t programs = 0;
  /// 1 when the version ran that allows arguments to overlap.
  int64_t fallbacks = 0;
  std::vector<DiagnosticRecord> messages;
  /// Nothing where it cannot be counted, or not quickly.
  std::optional<survey::Work> work;
};

/// \p on is the name of the chip, or `interpreter`. \p check is null where
/// nothing was compared.
llvm::json::Object json(const LaunchRun &run, const RunOptions &options,
                        const std::string &on, const chip::Chip &chip,
                        const Check *check);

/// softmax: 781 programs on cpu
std::string headline(const LaunchRun &run, const std::string &chip);
/// How long it took, and what became of its levels.
std::string details(const LaunchRun &run, const ChosenChip &chip, bool timed);

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_LAUNCHREPORT_H
