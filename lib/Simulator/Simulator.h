// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Executes a chip's program: with the bits that the chip would compute, with
// the time that the model says, or both.
#ifndef TERRAZZO_LIB_SIMULATOR_SIMULATOR_H
#define TERRAZZO_LIB_SIMULATOR_SIMULATOR_H

#include "lib/Simulator/Program.h"

#include <map>

namespace terrazzo::simulator {

/// An argument's memory.
struct Buffer {
  std::string name;
  char *data = nullptr;
  int64_t bytes = 0;
};

struct Run {
  std::vector<Buffer> buffers; // by the number in addresses
  std::vector<Word> arguments;
  bool functional = true; // else only time: no memory is read but what decides
  bool timed = true;
  bool timeline = false;
  unsigned threads = 0;       // 0: all
  uint64_t most = UINT64_MAX; // instructions of a core: more is an error
};

struct EngineCount {
  double busy = 0; // s, summed over the cores
  uint64_t instructions = 0;
  int64_t bytes = 0; // that transfers moved
};

/// One piece of work in time.
struct Span {
  int64_t core;
  int engine;        // -1 - stream: a stream that waits
  double begin, end; // s
  int32_t instruction;
};

struct Result {
  double seconds = 0;  // of all launches, from the first op to the last
  double dispatch = 0; // the host's share
  uint64_t instructions = 0;
  std::map<std::string, EngineCount> engines; // and, by "stream NAME", streams
  int64_t bytesRead = 0, bytesWritten = 0;    // of global memory, as moved
  double waiting = 0; // s that streams waited, summed over the cores
  double host = 0;    // s that the simulation took here
  std::vector<Span> timeline;
};

/// Nothing after an error, which was reported with its source line, core and
/// instruction.
std::optional<Result> run(const Program &program, const Run &run,
                          DiagnosticEngine &engine);

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_SIMULATOR_H
