// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One core in one launch: its streams and engines, event by event. The order in
// which works are taken is fixed by the program alone, so that times follow
// from sums and maxima (docs/Rationale/Simulator.md).
#ifndef TERRAZZO_LIB_SIMULATOR_MACHINE_H
#define TERRAZZO_LIB_SIMULATOR_MACHINE_H

#include "lib/Simulator/Executor.h"
#include "lib/Simulator/Order.h"
#include "lib/Simulator/Traffic.h"

#include <deque>

namespace terrazzo::simulator {

/// An instruction as a stream executes it.
struct Step {
  const Instruction *instruction;
  int32_t number;  // in the program
  int32_t target;  // in the stream's steps
  bool isComputed; // in this run
  bool awaits;     // the stream needs what the work gives
  int path;        // -1: none
  llvm::SmallVector<Register, 6> uses;
  llvm::SmallVector<Register, 2> results;
};

/// What each stream executes, and what all cores share.
struct Code {
  Code(const PreparedProgram &prepared, const Run &run);
  const PreparedProgram &prepared;
  const Program &program;
  const Run &run;
  std::vector<std::vector<Step>> streams;
  std::vector<std::vector<int32_t>> begins; // by stream and launch
  SharedBytes shared;
  bool computesMemory = false; // an instruction that needs an executor
};

struct CoreResult {
  double seconds = 0, waiting = 0;
  uint64_t instructions = 0;
  int64_t bytesRead = 0, bytesWritten = 0;
  std::vector<EngineCount> engines, streams;
  std::vector<Span> timeline;
  Traffic traffic; // where memory has a cache
  std::optional<Fault> fault;
  int32_t instruction = 0; // of the fault
  int stream = 0;
};

class Machine {
public:
  Machine(const Code &code, Executor *executor, size_t launch, int64_t core,
          const std::vector<Word> &registers);
  CoreResult run();

private:
  struct Stream {
    int32_t at = 0;
    double time = 0;
    bool hasEnded = false, awaits = false;
    std::vector<Word> registers;
  };
  struct Item { // given to an engine, and not begun
    const Step *step;
    int stream;
    double given;
    llvm::SmallVector<Word, 6> captured;
    Clock clock;
  };
  struct EngineState {
    double free = 0;    // in order: when the next work may begin
    double gate = 0;    // out of order: since its waits are over
    double lastEnd = 0; // of all works up to now
    uint64_t given = 0, begun = 0;
    std::vector<double> begins; // of the last works, as many as its queue
    std::deque<Item> pending;
  };
  struct Token {
    double time;
    int64_t amount;
  };
  struct EventState {
    int64_t count = 0;
    size_t head = 0;
    std::vector<Token> tokens;
    std::vector<Clock> clocks; // one for each unit, where order is checked
  };
  struct Timed {
    double begin, released, end;
  };

  bool turn(int stream);
  /// Whether it was executed; else the stream stays.
  bool execute(int stream, const Step &step);
  bool executeOwn(int stream, const Step &step);
  bool give(int stream, const Step &step);
  bool begin(int engine, const Step &step, Word *registers, int stream,
             double given, const Clock *clock);
  bool pump();
  void forget();
  Timed timeOf(const Step &step, const Word *registers, double ready,
               EngineState *engine, EngineCount &count);
  void compute(const Step &step, Word *registers);
  int32_t eventOf(const Step &step, const Word *registers) const;
  int64_t amountOf(const Step &step, const Word *registers) const;
  void signal(int32_t event, int64_t amount, double time, const Clock *clock);
  /// The time when \p amount are there, and takes them off.
  std::optional<double> take(int32_t event, int64_t amount, Clock *clock);
  void span(int engine, double begin, double end, const Step &step);
  void finish();
  Fault deadlock();
  std::string waitsFor(const Step &step, const Word *registers) const;
  std::string nameOf(const Step &step, int stream) const;

  const Code &code;
  const Program &program;
  Executor *executor; // null: nothing is computed but control
  std::unique_ptr<Order> order;
  int64_t core;
  std::vector<Stream> streams;
  std::vector<EngineState> engines;
  std::vector<EventState> events;
  std::vector<double> pathFree;
  std::vector<Word> scratch;
  size_t pendingItems = 0;
  const Step *current = nullptr;
  int currentStream = 0;
  CoreResult result;
};

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_MACHINE_H
