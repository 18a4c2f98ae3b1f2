// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/TraceReport.h"

#include "lib/Simulator/Trace.h"

using namespace terrazzo;
using namespace terrazzo::tool;

/// One after another, as on the chip; the cores of each launch are processes.
static std::string timeline(llvm::ArrayRef<DeviceLaunch::Traced> launches) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::json::OStream json(os);
  json.object([&] {
    json.attribute("displayTimeUnit", "ns");
    json.attributeArray("traceEvents", [&] {
      int64_t process = 0;
      double since = 0;
      for (const DeviceLaunch::Traced &launch : launches) {
        const simulator::Program &program = launch.loaded.program;
        simulator::addTrace(json, program, launch.result, process, since);
        int64_t cores = 1;
        for (const simulator::Launch &l : program.launches)
          cores = std::max(cores, l.cores);
        process += cores;
        since += launch.result.seconds;
      }
    });
    json.attributeObject("otherData",
                         [&] { json.attribute("times", "modeled"); });
  });
  return text;
}

bool terrazzo::tool::reportTrace(
    const std::vector<DeviceLaunch::Traced> &launches,
    const RunOptions &options) {
  bool isPiped = options.output == "-" && options.toFile;
  if (options.toFile && !writeOutput(options.output, timeline(launches) + "\n"))
    return false;
  std::string text;
  for (const DeviceLaunch::Traced &launch : launches)
    text += launch.summary;
  return isPiped || options.quiet || writeOutput("-", text);
}
