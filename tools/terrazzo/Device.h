// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A launch of an artifact on this machine: given memory, run and timed.
#ifndef TERRAZZO_TOOLS_TERRAZZO_DEVICE_H
#define TERRAZZO_TOOLS_TERRAZZO_DEVICE_H

#include "lib/Driver/Native.h"
#include "lib/Driver/Prepare.h"
#include "targets/Cpu/Executor/Executor.h"

namespace terrazzo::tool {

/// The memory of a launch, or of several in order, and their runs.
class DeviceLaunch {
public:
  /// \p first has the contents of the memory.
  explicit DeviceLaunch(const driver::Prepared &first);

  struct How {
    unsigned threads = 0;
    bool time = false;   // many times more after the outputs were read
    bool read = true;    // into results
    bool goesOn = false; // another launch follows: leave what one run leaves
  };
  /// Runs once. False after an error, which was reported.
  bool run(const driver::Prepared &prepared, const artifact::Artifact &artifact,
           const How &how, DiagnosticEngine &engine);

  /// The elements of each buffer after the run.
  std::vector<interpreter::Buffer> results;
  cpu::Measurement measurement;
  /// Whether it ran the version for arguments that overlap.
  int64_t fallbacks = 0;

private:
  std::optional<std::vector<uint64_t>>
  argumentsFor(const driver::Prepared &prepared,
               const artifact::Artifact &artifact, DiagnosticEngine &engine);
  bool measure(cpu::Executor &executor, const std::vector<uint64_t> &arguments,
               const driver::Prepared &prepared, const How &how,
               const std::vector<bool> &hadValues, DiagnosticEngine &engine);

  std::vector<std::string> names;
  std::vector<interpreter::ElementType> types;
  std::vector<driver::NativeMemory> memory;
};

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_DEVICE_H
