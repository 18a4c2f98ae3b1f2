// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Cpu/Executor/Executor.h"

#include "lib/Diagnostics/Progress.h"
#include "lib/Runtime/ThreadPool.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>

#include <unistd.h>

using namespace terrazzo;
using namespace terrazzo::cpu;

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The faults of a kernel's code end the process with a message instead of a
/// bare signal. The texts are made before: a handler may only write.
struct FaultMessage {
  int signal;
  const char *what;
  char text[256];
} faults[] = {{SIGSEGV, "accessed memory that is no argument's", ""},
              {SIGBUS, "accessed memory that is no argument's", ""},
              {SIGFPE, "divided an integer by zero", ""},
              {SIGILL, "used an instruction that this machine lacks", ""}};

void onFault(int signal) {
  for (const FaultMessage &f : faults)
    if (f.signal == signal) {
      // An assertion before the fault says more.
      const char *said = terrazzoFailure();
      const char *parts[] = {*said ? "terrazzo: error: assertion failed: " : "",
                             said, *said ? "\n" : "", f.text};
      for (const char *part : parts) {
        [[maybe_unused]] ssize_t n = write(2, part, std::strlen(part));
      }
    }
  _exit(1);
}

/// While it lives, faults are the kernel's.
class FaultGuard {
public:
  explicit FaultGuard(DiagnosticEngine &engine) {
    // When the stack itself is what ran out, the handler needs another one.
    static char stack[1 << 16];
    stack_t own = {};
    own.ss_sp = stack;
    own.ss_size = sizeof stack;
    sigaltstack(&own, &stackBefore);
    for (size_t i = 0; i < std::size(faults); ++i) {
      std::string text =
          "terrazzo: error: " +
          engine.record(DiagnosticKind::KernelFault, Where(), faults[i].what)
              .message +
          "\n";
      std::strncpy(faults[i].text, text.c_str(), sizeof faults[i].text - 1);
      struct sigaction action = {};
      action.sa_handler = onFault;
      action.sa_flags = SA_ONSTACK;
      sigaction(faults[i].signal, &action, &before[i]);
    }
  }
  FaultGuard(const FaultGuard &) = delete;
  ~FaultGuard() {
    for (size_t i = 0; i < std::size(faults); ++i)
      sigaction(faults[i].signal, &before[i], nullptr);
    sigaltstack(&stackBefore, nullptr);
  }

private:
  struct sigaction before[std::size(faults)];
  stack_t stackBefore = {};
};

} // namespace

/// What an entry's result other than 0 says.
static void emitFailure(int code, DiagnosticEngine &engine) {
  if (code == 2)
    engine.emit(DiagnosticKind::AssertFailed, Where(), terrazzoFailure());
  else if (code == TERRAZZO_NO_TILES)
    engine.emit(DiagnosticKind::NoTiles, Where());
  else if (code == TERRAZZO_BROKEN_PROMISE)
    engine.emit(DiagnosticKind::BrokenPromise, Where(), terrazzoFailure());
  else
    engine.emit(DiagnosticKind::NoScratchMemory, Where());
}

std::optional<Executor> Executor::load(const artifact::Artifact &artifact,
                                       DiagnosticEngine &engine) {
  std::string error;
  auto code =
      runtime::load({artifact.code.data(), artifact.code.size()}, error);
  TerrazzoEntry entry = code ? code->entry(artifact.kernel) : nullptr;
  if (entry)
    return Executor(std::move(*code), entry);
  if (code)
    error = "it has no function `" + artifact.kernel + "`";
  engine.emit(DiagnosticKind::CannotLoadCode, Where(), error);
  return std::nullopt;
}

std::optional<Measurement>
Executor::launch(const std::vector<uint64_t> &arguments,
                 const std::array<int64_t, 3> &grid, unsigned threads,
                 DiagnosticEngine &engine) {
  FaultGuard guard(engine);
  const TerrazzoRuntime *runtime = runtime::runtime(threads);
  Measurement m;
  m.rounds = 1;
  if (llvm::is_contained(grid, 0)) // no program
    return m;
  auto start = Clock::now();
  if (int code = entry(arguments.data(), grid.data(), runtime)) {
    emitFailure(code, engine);
    return std::nullopt;
  }
  m.seconds = m.min = m.max = since(start);
  return m;
}

std::optional<Measurement>
Executor::measure(const std::vector<uint64_t> &arguments,
                  const std::array<int64_t, 3> &grid, unsigned threads,
                  const std::function<void()> &before,
                  DiagnosticEngine &engine) {
  constexpr double warmUp = 0.05, shortest = 1e-4, budget = 1;
  constexpr size_t fewest = 7, most = 10000;
  // Warm: caches, page tables, the clock. The last of it says how long one is.
  double one = 0;
  auto start = Clock::now();
  do {
    if (before)
      before();
    auto m = launch(arguments, grid, threads, engine);
    if (!m)
      return std::nullopt;
    one = m->seconds;
  } while (since(start) < warmUp);
  int64_t batch = 1;
  if (!before && one > 0 && one < shortest)
    batch = int64_t(shortest / one) + 1;
  FaultGuard guard(engine);
  const TerrazzoRuntime *runtime = runtime::runtime(threads);
  Progress progress(engine, "timing: round", 0, Progress::DrawnBy::Steps);
  std::vector<double> rounds;
  start = Clock::now();
  while (rounds.size() < fewest ||
         (since(start) < budget && rounds.size() < most)) {
    if (before)
      before();
    auto round = Clock::now();
    int failed = 0;
    if (!llvm::is_contained(grid, 0))
      for (int64_t i = 0; i < batch; ++i)
        failed =
            std::max(failed, entry(arguments.data(), grid.data(), runtime));
    rounds.push_back(since(round) / double(batch));
    progress.step();
    if (failed) {
      emitFailure(failed, engine);
      return std::nullopt;
    }
  }
  std::sort(rounds.begin(), rounds.end());
  size_t n = rounds.size();
  return Measurement{(rounds[(n - 1) / 2] + rounds[n / 2]) / 2, rounds.front(),
                     rounds.back(), int64_t(n)};
}
