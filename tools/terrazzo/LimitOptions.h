// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `--limits`: read, listed, and those that only a whole program can keep.
#ifndef TERRAZZO_TOOLS_TERRAZZO_LIMITOPTIONS_H
#define TERRAZZO_TOOLS_TERRAZZO_LIMITOPTIONS_H

#include "lib/Diagnostics/Diagnostics.h"
#include "terrazzo/Limits.h"

#include <condition_variable>
#include <thread>

namespace terrazzo::tool {

/// Reads `steps=N,unroll=N`, each once. False after an error, which was
/// reported.
bool readLimits(llvm::StringRef text, Limits &limits, DiagnosticEngine &engine);

/// A line for each limit: name, default, what it counts.
std::string limitsText();

/// Takes no more address space than the limits say; what then asks for more
/// ends with a message.
void capMemory(const Limits &limits);

/// Ends the program with a message when it lives too long.
class Deadline {
public:
  explicit Deadline(const Limits &limits);
  Deadline(const Deadline &) = delete;
  Deadline &operator=(const Deadline &) = delete;
  ~Deadline();

private:
  std::mutex mutex;
  std::condition_variable ended;
  bool isOver = false;
  std::thread watch;
};

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_LIMITOPTIONS_H
