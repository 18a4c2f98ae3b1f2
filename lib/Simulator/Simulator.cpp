// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/Simulator.h"

#include "lib/Diagnostics/MLIRBridge.h"
#include "lib/Simulator/Machine.h"

#include <atomic>
#include <chrono>
#include <thread>

using namespace terrazzo;
using namespace terrazzo::simulator;

template <typename... Words>
static DiagnosticRecord recordOf(DiagnosticEngine &engine, DiagnosticKind kind,
                                 const Where &where,
                                 llvm::ArrayRef<std::string> words) {
  auto word = [&](size_t i) {
    return i < words.size() ? words[i] : std::string();
  };
  return engine.record(kind, where, word(0), word(1), word(2), word(3),
                       word(4));
}

static void report(const Program &program, const CoreResult &result,
                   int64_t core, DiagnosticEngine &engine) {
  const Fault &fault = *result.fault;
  mlir::Location at =
      program.places[program.instructions[result.instruction].place];
  DiagnosticRecord record =
      recordOf(engine, fault.kind, where(at), fault.words);
  std::string stream;
  if (program.streams.size() > 1)
    stream = " of stream `" + program.streams[result.stream] + "`";
  record.notes.push_back(engine.record(
      DiagnosticKind::SimulatorInCore, Where(), std::to_string(core),
      std::to_string(result.instruction), stream));
  for (const Fault::Note &note : fault.notes)
    record.notes.push_back(recordOf(engine, note.kind,
                                    note.where ? where(*note.where) : Where(),
                                    note.words));
  for (const Where &caller : callers(at))
    record.notes.push_back(
        engine.record(DiagnosticKind::CalledFromHere, caller));
  engine.report(std::move(record));
}

namespace {
class Simulation {
public:
  Simulation(const Program &program, const Run &run, DiagnosticEngine &engine)
      : program(program), run(run), engine(engine), prepared(program),
        code(prepared, run), global{run, false, {}} {}

  std::optional<Result> simulate();

private:
  bool plan();
  bool launch(size_t number);
  void cores(size_t number, std::vector<CoreResult> &results,
             std::atomic<int64_t> &next, std::atomic<int64_t> &failed);
  void add(const CoreResult &core, double since);
  unsigned threadsFor(int64_t cores) const;

  const Program &program;
  const Run &run;
  DiagnosticEngine &engine;
  PreparedProgram prepared;
  Code code;
  GlobalMemory global;
  std::vector<Word> registers;
  Result result;
};
} // namespace

/// What the host computes before the launches.
bool Simulation::plan() {
  registers.assign(size_t(program.registers), Word{0});
  for (auto [r, word] : llvm::zip(program.arguments, run.arguments))
    registers[r] = word;
  uint64_t executed = 0;
  for (int32_t at = program.plan;;) {
    const Instruction &i = program.instructions[at];
    auto fail = [&](Fault fault) {
      CoreResult failed;
      failed.fault = std::move(fault);
      failed.instruction = at;
      report(program, failed, 0, engine);
      return false;
    };
    if (++executed > run.most)
      return fail(
          {DiagnosticKind::SimulatorTooLong, {std::to_string(run.most)}, {}});
    switch (i.action) {
    case Action::End:
      return true;
    case Action::Jump:
      at = i.target;
      continue;
    case Action::JumpIfZero:
      if (registers[i.scalar.reg].integer == 0) {
        at = i.target;
        continue;
      }
      break;
    case Action::Move:
      registers[i.result] =
          i.scalar.reg >= 0 ? registers[i.scalar.reg] : Word{i.scalar.constant};
      break;
    case Action::Arithmetic: {
      const Arithmetic &op = program.arithmetic[i.payload];
      registers[op.result] = evaluate(op, registers.data());
      break;
    }
    default:
      return fail({DiagnosticKind::SimulatorNotOnHost, {}, {}});
    }
    ++at;
  }
}

unsigned Simulation::threadsFor(int64_t cores) const {
  // The order of atomics must show nowhere.
  if (prepared.ordersCores && run.functional)
    return 1;
  unsigned all =
      run.threads ? run.threads : std::thread::hardware_concurrency();
  return unsigned(std::clamp<int64_t>(cores, 1, std::max(1u, all)));
}

void Simulation::cores(size_t number, std::vector<CoreResult> &results,
                       std::atomic<int64_t> &next,
                       std::atomic<int64_t> &failed) {
  std::optional<Executor> executor;
  if (code.computesMemory)
    executor.emplace(prepared, global);
  for (int64_t core = next++; core < int64_t(results.size()); core = next++) {
    // What comes after a fault need not run; what comes before must.
    if (core > failed)
      return;
    if (executor)
      executor->memory.reset();
    results[core] =
        Machine(code, executor ? &*executor : nullptr, number, core, registers)
            .run();
    if (results[core].fault)
      for (int64_t f = failed;
           core < f && !failed.compare_exchange_weak(f, core);)
        ;
  }
}

void Simulation::add(const CoreResult &core, double since) {
  result.instructions += core.instructions;
  result.bytesRead += core.bytesRead;
  result.bytesWritten += core.bytesWritten;
  result.waiting += core.waiting;
  auto sum = [&](const std::string &name, const EngineCount &count) {
    EngineCount &to = result.engines[name];
    to.busy += count.busy;
    to.instructions += count.instructions;
    to.bytes += count.bytes;
  };
  for (size_t e = 0; e < core.engines.size(); ++e)
    sum(program.engines[e].name, core.engines[e]);
  for (size_t s = 0; s < core.streams.size(); ++s)
    sum("stream " + program.streams[s], core.streams[s]);
  for (Span span : core.timeline) {
    span.begin += since;
    span.end += since;
    result.timeline.push_back(span);
  }
}

bool Simulation::launch(size_t number) {
  std::vector<CoreResult> results(size_t(program.launches[number].cores));
  std::atomic<int64_t> next = 0, failed = INT64_MAX;
  unsigned threads = threadsFor(int64_t(results.size()));
  global.isShared = threads > 1;
  std::vector<std::thread> others;
  for (unsigned t = 1; t < threads; ++t)
    others.emplace_back([&] { cores(number, results, next, failed); });
  cores(number, results, next, failed);
  for (std::thread &t : others)
    t.join();
  if (failed != INT64_MAX) {
    report(program, results[failed], failed, engine);
    return false;
  }
  double since = result.seconds + program.launchCost, longest = 0;
  Traffic traffic;
  for (const CoreResult &core : results) {
    add(core, since);
    longest = std::max(longest, core.seconds);
    traffic.join(core.traffic);
  }
  if (program.memoryBandwidth > 0)
    longest = std::max(longest, traffic.bytes(program.cacheBytes) /
                                    program.memoryBandwidth);
  result.seconds = since + longest;
  result.dispatch += program.dispatch;
  return true;
}

std::optional<Result> Simulation::simulate() {
  if (!plan())
    return std::nullopt;
  for (size_t number = 0; number < program.launches.size(); ++number)
    if (!launch(number))
      return std::nullopt;
  return std::move(result);
}

std::optional<Result> simulator::run(const Program &program, const Run &run,
                                     DiagnosticEngine &engine) {
  if (program.allocations.size() > CoreMemory::mostAllocations) {
    engine.emit(DiagnosticKind::SimulatorTooManyAllocations,
                where(program.allocations.back().where),
                std::to_string(program.allocations.size()),
                std::to_string(CoreMemory::mostAllocations));
    return std::nullopt;
  }
  auto start = std::chrono::steady_clock::now();
  std::optional<Result> result = Simulation(program, run, engine).simulate();
  if (result)
    result->host =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count();
  return result;
}
