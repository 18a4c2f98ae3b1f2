// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Launches an artifact on this machine's threads and measures it.
#ifndef TERRAZZO_TARGETS_CPU_EXECUTOR_EXECUTOR_H
#define TERRAZZO_TARGETS_CPU_EXECUTOR_EXECUTOR_H

#include "lib/Artifact/Artifact.h"
#include "lib/Diagnostics/Diagnostics.h"
#include "lib/Runtime/Object.h"

#include <array>
#include <functional>

namespace terrazzo::cpu {

/// Seconds of one launch over several rounds.
struct Measurement {
  double seconds = 0; // the median
  double min = 0, max = 0;
  int64_t rounds = 0;
};

class Executor {
public:
  /// Nothing when the code cannot be loaded, which is reported.
  static std::optional<Executor> load(const artifact::Artifact &artifact,
                                      DiagnosticEngine &engine);

  /// One launch. \p arguments as TerrazzoEntry takes them.
  std::optional<Measurement> launch(const std::vector<uint64_t> &arguments,
                                    const std::array<int64_t, 3> &grid,
                                    unsigned threads, DiagnosticEngine &engine);
  /// Warms up, then the median of at least seven rounds and about a second.
  /// \p before, when there is one, runs before each launch and is not timed;
  /// without it short launches are timed several at a time.
  std::optional<Measurement> measure(const std::vector<uint64_t> &arguments,
                                     const std::array<int64_t, 3> &grid,
                                     unsigned threads,
                                     const std::function<void()> &before,
                                     DiagnosticEngine &engine);

private:
  Executor(runtime::Loaded code, TerrazzoEntry entry)
      : code(std::move(code)), entry(entry) {}
  runtime::Loaded code;
  TerrazzoEntry entry;
};

} // namespace terrazzo::cpu

#endif // TERRAZZO_TARGETS_CPU_EXECUTOR_EXECUTOR_H
