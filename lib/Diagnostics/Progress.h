// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How far long work is, for whoever waits at a terminal: one line of the
// diagnostics' stream that is drawn again and again, and gone at the end.
#ifndef TERRAZZO_LIB_DIAGNOSTICS_PROGRESS_H
#define TERRAZZO_LIB_DIAGNOSTICS_PROGRESS_H

#include "lib/Diagnostics/Diagnostics.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace terrazzo {

class Progress {
public:
  /// Who draws: a thread of its own, so that the line comes while the first
  /// step still runs; or `step`, where another thread would disturb.
  enum class DrawnBy { Clock, Steps };

  /// `what 12/340`; without \p all, which is then 0, `what 12`. Nothing is
  /// drawn in the first half second.
  Progress(DiagnosticEngine &engine, llvm::StringRef what, int64_t all,
           DrawnBy drawnBy = DrawnBy::Clock);
  Progress(const Progress &) = delete;
  ~Progress();

  /// One more is done. From any thread, but from one only if that one draws.
  void step();

private:
  void draw();

  DiagnosticEngine &engine;
  const std::string what;
  const int64_t all;
  const bool isShown;
  const DrawnBy drawnBy;
  std::atomic<int64_t> done{0};
  std::chrono::steady_clock::time_point next;
  std::mutex mutex;
  std::condition_variable ended;
  bool hasEnded = false;
  std::thread clock;
};

/// Erases the line of whatever progress is shown: before the process ends in a
/// signal handler, which may call this.
void eraseProgress();

} // namespace terrazzo

#endif // TERRAZZO_LIB_DIAGNOSTICS_PROGRESS_H
