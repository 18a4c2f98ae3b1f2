// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A launch of an artifact on this machine: given memory, run and timed.
#ifndef TERRAZZO_TOOLS_TERRAZZO_DEVICE_H
#define TERRAZZO_TOOLS_TERRAZZO_DEVICE_H

#include "lib/Driver/Native.h"
#include "lib/Driver/Prepare.h"
#include "targets/Cpu/Executor/Executor.h"

namespace terrazzo::tool {

/// The memory of a launch and its run.
class DeviceLaunch {
public:
  DeviceLaunch(const driver::Prepared &prepared) : prepared(prepared) {
    for (const interpreter::Buffer &b : prepared.buffers)
      memory.emplace_back(b);
  }
  /// Runs once, and with \p time many times more after the outputs were read.
  /// False after an error, which was reported.
  bool run(const artifact::Artifact &artifact, unsigned threads, bool time,
           DiagnosticEngine &engine);

  /// The elements of each buffer after the first run.
  std::vector<interpreter::Buffer> results;
  cpu::Measurement measurement;

private:
  std::optional<std::vector<uint64_t>>
  argumentsFor(const artifact::Artifact &artifact, DiagnosticEngine &engine);

  const driver::Prepared &prepared;
  std::vector<driver::NativeMemory> memory;
};

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_DEVICE_H
