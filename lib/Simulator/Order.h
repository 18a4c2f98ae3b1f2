// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What happens before what on one core, and the accesses to memory that nothing
// orders: races, found from the program's order and not from times.
#ifndef TERRAZZO_LIB_SIMULATOR_ORDER_H
#define TERRAZZO_LIB_SIMULATOR_ORDER_H

#include "lib/Simulator/Box.h"
#include "lib/Simulator/Clock.h"
#include "lib/Simulator/Executor.h"
#include "lib/Simulator/Uses.h"

namespace terrazzo::simulator {

/// Which allocations share bytes with each; of a program.
struct SharedBytes {
  explicit SharedBytes(const Program &program);
  std::vector<std::vector<int>> with;
};

class Order {
public:
  Order(const Program &program, const SharedBytes &shared,
        const Executor &executor, size_t buffers);

  /// What a stream knows, and what an engine's next work knows beside what it
  /// is given: of an engine in order all its works, else its waits.
  Clock &stream(int number) { return streams[number]; }
  Clock &engine(int number) { return engines[number]; }

  /// An instruction of the stream itself: its accesses, at once.
  void own(int stream, const Instruction &instruction, const Word *registers);
  /// A work of an engine, given when its stream knew \p given; what is known
  /// after its end.
  Clock work(int engine, const Instruction &instruction, const Word *registers,
             const Clock &given);

  /// Everybody knows at least \p known from now on.
  void forget(Clock known) { floor = std::move(known); }
  /// How many accesses were remembered since then.
  size_t remembered = 0;

  /// A fault where work has no wait of a stream after it; its instruction.
  std::optional<int32_t> unfinished() const;

private:
  struct Access {
    llvm::SmallVector<Box, 1> boxes; // ascending
    int64_t low, high;
    int agent; // a stream or an engine; -1: a work of its own
    uint64_t epoch;
    bool isWrite, isAtomic;
    int32_t number; // of the instruction
  };
  using History = std::vector<Access>;
  void accesses(const Instruction &instruction, const Word *registers,
                int agent, uint64_t epoch, const Clock &clock);
  void global(const Uses &uses, Access access, const Word *registers,
              const Clock &clock);
  void check(History &history, const Access &access, const Clock &clock,
             const std::string &name);
  void checkShared(int allocation, const Access &access, const Clock &clock);
  [[noreturn]] void race(const Access &now, const Access &before,
                         const std::string &name, const std::string &memory);
  std::string agentOf(const Access &access) const;
  bool isOrdered(const Access &before, const Clock &clock) const {
    return before.agent >= 0 ? clock.covers(before.agent, before.epoch)
                             : clock.coversWork(before.epoch);
  }

  const Program &program;
  const SharedBytes &shared;
  const Executor &executor;
  std::vector<Clock> streams, engines;
  std::vector<History> local, globals; // by allocation, by argument
  Clock floor;
  std::vector<int32_t> works;     // out of order: their instructions
  std::vector<int32_t> lastWorks; // of each engine in order
};

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_ORDER_H
