// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Programs that wait for memory. A pass of a loop that changed nothing, neither
// what the loop carries nor any memory, is the next pass too, until another
// program stores: where every program that runs has come to that, none ever
// goes on.
#ifndef TERRAZZO_LIB_INTERPRETER_WAITING_H
#define TERRAZZO_LIB_INTERPRETER_WAITING_H

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <thread>

namespace terrazzo::interpreter {

class Waiting {
public:
  /// A change of memory while it lives: before the first byte to after the
  /// last.
  class Change {
  public:
    explicit Change(Waiting &waiting) : waiting(waiting) { ++waiting.open; }
    /// The same bits were written again.
    void hadNoEffect() { effect = false; }
    Change(const Change &) = delete;
    Change &operator=(const Change &) = delete;
    ~Change() {
      if (effect)
        ++waiting.changes;
      --waiting.open;
    }

  private:
    Waiting &waiting;
    bool effect = true;
  };

  /// So many threads run programs; one that ends says so.
  void start(int64_t threads) { running = threads; }
  void end() { --running; }

  /// How often memory has changed.
  uint64_t epoch() const { return changes; }

  /// Of the program of this thread: a pass that began at \p begun and changed
  /// nothing. True when no program that runs can change anything any more.
  bool isForEver(uint64_t begun) {
    std::lock_guard<std::mutex> lock(mutex);
    if (begun != changes)
      return false;
    if (epochOfThreads != begun)
      threads.clear();
    epochOfThreads = begun;
    threads.insert(std::this_thread::get_id());
    // In this order: a change that is over by the first look is seen by the
    // second.
    return int64_t(threads.size()) >= running && open == 0 && begun == changes;
  }

private:
  std::atomic<uint64_t> changes{0};
  std::atomic<int64_t> open{0}, running{0};
  std::mutex mutex;
  /// Whose last pass changed nothing, in one epoch.
  std::set<std::thread::id> threads;
  uint64_t epochOfThreads = 0;
};

} // namespace terrazzo::interpreter

#endif // TERRAZZO_LIB_INTERPRETER_WAITING_H
