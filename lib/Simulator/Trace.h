// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A run as a picture in time, and as words: what bounds a kernel, and what
// would help.
#ifndef TERRAZZO_LIB_SIMULATOR_TRACE_H
#define TERRAZZO_LIB_SIMULATOR_TRACE_H

#include "lib/Simulator/Simulator.h"

#include "llvm/Support/JSON.h"

namespace terrazzo::simulator {

/// Events in Chrome's trace format, which Perfetto opens too: one process for
/// each core, from \p firstProcess on, with a thread for each engine and stream
/// (several for an engine whose works overlap). Times are in us, \p since s
/// later; \p result has a timeline.
void addTrace(llvm::json::OStream &json, const Program &program,
              const Result &result, int64_t firstProcess, double since);

/// A part of the machine, and the time of the run if it were twice as fast.
struct Help {
  std::string what;
  double seconds;
};
/// Each part that would help, the one that helps most first: runs the program
/// again, without the bits.
std::vector<Help> whatHelps(const Program &program, const Run &run);

/// A page of text: how long, how busy each engine is, what the streams wait
/// for, what would help. \p result has a timeline.
std::string summary(const Program &program, const Run &run,
                    const Result &result);

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_TRACE_H
