// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A launch of an artifact on this machine: given memory, run and timed.
#ifndef TERRAZZO_TOOLS_TERRAZZO_DEVICE_H
#define TERRAZZO_TOOLS_TERRAZZO_DEVICE_H

#include "lib/Driver/Native.h"
#include "lib/Driver/Prepare.h"
#include "lib/Simulator/Simulator.h"
#include "lib/Target/ChooseChip.h"
#include "lib/Target/ModeledTarget.h"
#include "targets/Cpu/Executor/Executor.h"

namespace terrazzo::tool {

/// The memory of a launch, or of several in order, and their runs.
class DeviceLaunch {
public:
  /// \p first has the contents of the memory; those of floats are not needed
  /// for times only.
  DeviceLaunch(const driver::Prepared &first, const ChosenChip &chip,
               bool timesOnly = false);

  struct How {
    unsigned threads = 0;
    bool time = false;   // many times more after the outputs were read
    bool read = true;    // into results
    bool goesOn = false; // another launch follows: leave what one run leaves
    bool timingOnly = false; // in the simulator: no bits
    bool trace = false;      // in the simulator: what happened when
    /// In the simulator: what is done to the program before it runs.
    std::function<void(simulator::Program &)> change;
    uint64_t most = UINT64_MAX; // in the simulator: instructions of a core
  };
  /// Runs once. False after an error, which was reported.
  bool run(const driver::Prepared &prepared, const artifact::Artifact &artifact,
           const How &how, DiagnosticEngine &engine);

  /// The elements of each buffer after the run.
  std::vector<interpreter::Buffer> results;
  std::optional<cpu::Measurement> measurement; // on this machine
  std::optional<simulator::Result> modeled;    // in the simulator
  /// Of each run that was traced: its program, and what bounds it.
  struct Traced {
    LoadedProgram loaded;
    simulator::Result result;
    std::string summary;
  };
  std::vector<Traced> traced;
  /// Whether it ran the version for arguments that overlap.
  int64_t fallbacks = 0;

private:
  bool runHere(const driver::Prepared &prepared,
               const artifact::Artifact &artifact, const How &how,
               DiagnosticEngine &engine);
  bool simulate(const driver::Prepared &prepared,
                const artifact::Artifact &artifact, const How &how,
                DiagnosticEngine &engine);
  bool collect(const How &how, DiagnosticEngine &engine);
  std::optional<std::vector<simulator::Word>>
  wordsFor(const driver::Prepared &prepared, const artifact::Artifact &artifact,
           DiagnosticEngine &engine);
  /// The argument for a parameter; null after an error, which was reported.
  static const interpreter::LaunchArgument *
  argumentFor(const driver::Prepared &prepared,
              const artifact::Parameter &parameter, DiagnosticEngine &engine);
  std::optional<std::vector<uint64_t>>
  argumentsFor(const driver::Prepared &prepared,
               const artifact::Artifact &artifact, DiagnosticEngine &engine);
  bool measure(cpu::Executor &executor, const std::vector<uint64_t> &arguments,
               const driver::Prepared &prepared, const How &how,
               const std::vector<bool> &hadValues, DiagnosticEngine &engine);

  const ChosenChip &chip;
  std::vector<int64_t> counts; // of elements; the first launch has the memory
  std::vector<std::string> names;
  std::vector<interpreter::ElementType> types;
  std::vector<driver::NativeMemory> memory;
};

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_DEVICE_H
