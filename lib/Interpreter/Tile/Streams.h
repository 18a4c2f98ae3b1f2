// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The streams of one program: one runs at a time and hands the baton on where
// it meets a channel, so a run is a function of the order that was asked for.
#ifndef TERRAZZO_LIB_INTERPRETER_TILE_STREAMS_H
#define TERRAZZO_LIB_INTERPRETER_TILE_STREAMS_H

#include "lib/Interpreter/Engine.h"

#include <condition_variable>
#include <random>

namespace terrazzo::interpreter {

/// What each stream has done, as far as one of them knows.
struct Clock {
  std::vector<uint32_t> ticks;
  void join(const Clock &other) {
    if (ticks.size() < other.ticks.size())
      ticks.resize(other.ticks.size(), 0);
    for (size_t i = 0; i < other.ticks.size(); ++i)
      ticks[i] = std::max(ticks[i], other.ticks[i]);
  }
};

class Races;
class Scheduler;

class Stream {
public:
  int number = 0;
  std::string role;
  int64_t replica = 0;
  int rank = 0; // in the order: the lower goes first
  Clock clock;
  Scheduler *scheduler = nullptr;
  Races *races = nullptr;
  // Why it stands, and where; null: it could go on.
  std::function<bool()> ready;
  mlir::Operation *at = nullptr;
  std::string waitsFor;
  bool done = false;
  std::condition_variable turn;
};

class Scheduler {
public:
  Scheduler(LaunchState &shared) : shared(shared), random(seedOf(shared)) {}
  Stream &add(std::string role, int64_t replica, int rank);
  /// Runs \p body of every stream to its end.
  void run(std::function<void(Stream &)> body);
  /// Lets another stream go first if the order says so.
  void pass(Stream &self);
  /// Returns when ready() holds; throws Stopped when it never can.
  void block(Stream &self, mlir::Operation *at, std::string what,
             std::function<bool()> ready);
  size_t size() const { return streams.size(); }
  /// Everybody in turn: for programs that wait for each other's atomics.
  bool fair = false;
  /// Whether an atomic that changed nothing may hope for another program.
  bool mayWait(bool changed) {
    idle = changed ? 0 : idle + 1;
    return idle < patience;
  }

private:
  static uint64_t seedOf(LaunchState &shared) { return shared.launch.roleSeed; }
  Stream *choose();
  void handOver(Stream *next);
  void await(Stream &self, std::unique_lock<std::mutex> &lock);
  void reportDeadlock();

  LaunchState &shared;
  std::mutex mutex;
  std::vector<std::unique_ptr<Stream>> streams;
  Stream *current = nullptr;
  bool abandoned = false;
  static constexpr int64_t patience = 100000;
  int64_t idle = 0;
  std::mt19937_64 random;
};

/// Accesses of memory that several streams of a program share (M6).
class Races {
public:
  explicit Races(size_t streams) : streams(streams) {}
  /// An op begins to access memory.
  void begin(Stream &stream, mlir::Operation *op, bool write);
  /// The op that the access of \p element races with; null for none.
  mlir::Operation *touch(Stream &stream, const Buffer *memory, int64_t element);

private:
  struct Access {
    mlir::Operation *op;
    int stream;
    uint32_t tick;
  };
  static constexpr int64_t pageSize = 1024;
  struct Page {
    std::vector<uint32_t> write, reads; // numbers of accesses; 0: none
  };
  bool happened(const Access &before, const Stream &stream) const {
    return before.stream == stream.number ||
           before.tick <= stream.clock.ticks[before.stream];
  }
  size_t streams;
  std::vector<Access> accesses{{}};
  bool writing = false;
  llvm::DenseMap<std::pair<const Buffer *, int64_t>, std::unique_ptr<Page>>
      pages;
};

} // namespace terrazzo::interpreter

#endif // TERRAZZO_LIB_INTERPRETER_TILE_STREAMS_H
