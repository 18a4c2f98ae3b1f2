// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/Machine.h"

#include "lib/Simulator/Timing.h"

using namespace terrazzo;
using namespace terrazzo::simulator;

Machine::Machine(const Code &code, Executor *executor, size_t launch,
                 int64_t core, const std::vector<Word> &registers)
    : code(code), program(code.program), executor(executor), core(core),
      streams(program.streams.size()), engines(program.engines.size()),
      events(program.events.size()), pathFree(program.paths.size()),
      scratch(size_t(program.registers)) {
  for (size_t s = 0; s < streams.size(); ++s) {
    streams[s].registers = registers;
    if (Register r = program.launches[launch].core; r >= 0)
      streams[s].registers[r].integer = core;
    streams[s].at = code.begins[s][launch];
  }
  if (code.run.functional)
    order = std::make_unique<Order>(program, code.shared, *executor,
                                    code.run.buffers.size());
  for (size_t e = 0; e < engines.size(); ++e)
    engines[e].begins.resize(size_t(program.engines[e].queue));
  result.engines.resize(engines.size());
  result.streams.resize(streams.size());
}

//===-- Events ------------------------------------------------------------===//

int32_t Machine::eventOf(const Step &step, const Word *registers) const {
  const Instruction &i = *step.instruction;
  if (i.eventOffset < 0)
    return i.event;
  int64_t at = i.event + registers[i.eventOffset].integer;
  if (at < 0 || at >= int64_t(events.size()))
    throw Fault{DiagnosticKind::SimulatorNoEvent,
                {std::to_string(registers[i.eventOffset].integer),
                 program.events[i.event].name,
                 std::to_string(events.size() - size_t(i.event))},
                {}};
  return int32_t(at);
}

int64_t Machine::amountOf(const Step &step, const Word *registers) const {
  return valueOf(step.instruction->scalar, registers);
}

void Machine::signal(int32_t event, int64_t amount, double time,
                     const Clock *clock) {
  if (amount <= 0)
    return;
  EventState &state = events[event];
  const Event &declared = program.events[event];
  state.count += amount;
  if (state.count > declared.most)
    throw Fault{DiagnosticKind::SimulatorEventAbove,
                {declared.name, std::to_string(state.count),
                 std::to_string(declared.most)},
                {}};
  if (state.head == state.tokens.size()) {
    state.tokens.clear();
    state.head = 0;
  }
  state.tokens.push_back({time, amount});
  if (order)
    state.clocks.insert(state.clocks.end(), size_t(amount),
                        clock ? *clock : Clock());
}

std::optional<double> Machine::take(int32_t event, int64_t amount,
                                    Clock *clock) {
  EventState &state = events[event];
  if (state.count < amount)
    return std::nullopt;
  double time = 0;
  state.count -= amount;
  for (int64_t rest = amount; rest > 0;) {
    Token &token = state.tokens[state.head];
    time = std::max(time, token.time);
    int64_t part = std::min(rest, token.amount);
    rest -= part;
    token.amount -= part;
    if (token.amount == 0)
      ++state.head;
  }
  if (order && amount > 0) {
    clock->join(Clock::takeAny(state.clocks, size_t(amount)));
    state.clocks.erase(state.clocks.begin(), state.clocks.begin() + amount);
  }
  return time;
}

//===-- Time --------------------------------------------------------------===//

void Machine::span(int engine, double begin, double end, const Step &step) {
  if (code.run.timeline && end > begin)
    result.timeline.push_back({core, engine, begin, end, step.number});
}

/// \p ready is when it was given, to an engine or to the stream itself.
Machine::Timed Machine::timeOf(const Step &step, const Word *registers,
                               double ready, EngineState *engine,
                               EngineCount &count) {
  const Instruction &i = *step.instruction;
  bool inOrder = !engine || program.engines[i.engine].inOrder;
  double begin = ready;
  if (engine)
    begin = std::max(ready, inOrder ? engine->free : engine->gate);
  double released = begin + i.busy, end = released + i.latency;
  ++count.instructions;
  count.busy += i.busy;
  if (step.path >= 0) {
    bool isTransfer = i.action == Action::Transfer;
    Moved moved = isTransfer ? movedBy(program.transfers[i.payload], registers)
                             : movedBy(program.elements[i.payload], registers);
    const Path &path = program.paths[step.path];
    double taken = occupancy(path, moved);
    double from = std::max(released, pathFree[step.path]);
    released = pathFree[step.path] = from + taken;
    end = released + path.latency + i.latency;
    count.busy += taken;
    count.bytes += moved.bytes;
    bool isGlobal = !isTransfer || program.transfers[i.payload].global;
    bool isOut = isTransfer ? program.transfers[i.payload].toGlobal
                            : program.elements[i.payload].store;
    if (isTransfer && isGlobal && program.memoryBandwidth > 0)
      result.traffic.touch(*program.transfers[i.payload].global, registers);
    if (isGlobal)
      (isOut ? result.bytesWritten : result.bytesRead) += moved.bytes;
    if (!inOrder)
      begin = from;
  }
  return {begin, released, end};
}

void Machine::compute(const Step &step, Word *registers) {
  if (step.isComputed && executor)
    executor->execute(*step.instruction, registers);
}

//===-- Streams -----------------------------------------------------------===//

bool Machine::executeOwn(int number, const Step &step) {
  Stream &stream = streams[number];
  Word *registers = stream.registers.data();
  const Instruction &i = *step.instruction;
  Clock *clock = order ? &order->stream(number) : nullptr;
  if (i.action == Action::Signal) {
    stream.time += i.busy;
    signal(eventOf(step, registers), amountOf(step, registers), stream.time,
           clock);
    return true;
  }
  if (i.action == Action::Wait) {
    std::optional<double> there =
        take(eventOf(step, registers), amountOf(step, registers), clock);
    if (!there)
      return false;
    if (*there > stream.time) {
      span(-1 - number, stream.time, *there, step);
      result.waiting += *there - stream.time;
      stream.time = *there;
    }
    stream.time += i.busy + i.latency;
    return true;
  }
  double scalarCost = i.action == Action::Element ? program.scalarOp : 0;
  Timed timed =
      timeOf(step, registers, stream.time + scalarCost, nullptr,
             i.unit >= 0 ? result.engines[i.unit] : result.streams[number]);
  if (order)
    order->own(number, i, registers);
  compute(step, registers);
  span(i.unit >= 0 ? i.unit : -1 - number, timed.begin, timed.end, step);
  stream.time = timed.end;
  if (i.event >= 0)
    signal(eventOf(step, registers), amountOf(step, registers), timed.end,
           clock);
  return true;
}

bool Machine::execute(int number, const Step &step) {
  Stream &stream = streams[number];
  Word *registers = stream.registers.data();
  const Instruction &i = *step.instruction;
  switch (i.action) {
  case Action::Arithmetic:
    stream.time += program.scalarOp + i.busy;
    if (step.isComputed) {
      const Arithmetic &op = program.arithmetic[i.payload];
      registers[op.result] = evaluate(op, registers);
    }
    break;
  case Action::Move:
    if (i.scalar.reg >= 0)
      registers[i.result] = registers[i.scalar.reg];
    else
      registers[i.result].integer = i.scalar.constant;
    break;
  case Action::Jump:
    stream.at = step.target;
    return true;
  case Action::JumpIfZero:
    stream.time += program.scalarOp;
    if (registers[i.scalar.reg].integer == 0) {
      stream.at = step.target;
      return true;
    }
    break;
  case Action::End:
    stream.hasEnded = true;
    return true;
  default:
    if (!(i.engine < 0 ? executeOwn(number, step) : give(number, step)))
      return false;
  }
  ++stream.at;
  return true;
}

bool Machine::give(int number, const Step &step) {
  Stream &stream = streams[number];
  const Instruction &i = *step.instruction;
  EngineState &engine = engines[i.engine];
  const Engine &declared = program.engines[i.engine];
  if (declared.queue > 0) {
    if (engine.pending.size() >= size_t(declared.queue))
      return false;
    // The place in the queue is free since an earlier work began.
    double since = engine.begins[engine.given % size_t(declared.queue)];
    if (engine.given >= size_t(declared.queue) && since > stream.time) {
      span(-1 - number, stream.time, since, step);
      result.waiting += since - stream.time;
      stream.time = since;
    }
  }
  ++engine.given;
  stream.time += declared.issue;
  stream.awaits = step.awaits;
  if (engine.pending.empty() &&
      begin(i.engine, step, stream.registers.data(), number, stream.time,
            order ? &order->stream(number) : nullptr))
    return true;
  Item item{&step, number, stream.time, {}, {}};
  if (order)
    item.clock = order->stream(number);
  for (Register r : step.uses)
    item.captured.push_back(stream.registers[r]);
  engine.pending.push_back(std::move(item));
  ++pendingItems;
  return true;
}

/// False where it must wait; then nothing has happened.
bool Machine::begin(int number, const Step &step, Word *registers, int stream,
                    double given, const Clock *clock) {
  EngineState &engine = engines[number];
  const Instruction &i = *step.instruction;
  bool inOrder = program.engines[number].inOrder;
  double &next = inOrder ? engine.free : engine.gate;
  double begun = std::max(given, next);
  Clock *known = order ? &order->engine(number) : nullptr;
  current = &step;
  currentStream = stream;
  if (i.action == Action::Wait) {
    std::optional<double> there =
        take(eventOf(step, registers), amountOf(step, registers), known);
    if (!there)
      return false;
    next = begun = std::max(begun, *there);
    next += i.busy + i.latency;
  } else if (i.action == Action::Signal) {
    double time = inOrder ? std::max(begun, engine.lastEnd) : begun;
    next = begun + i.busy;
    Clock sent;
    if (order) {
      sent = *known;
      sent.join(*clock);
    }
    signal(eventOf(step, registers), amountOf(step, registers), time, &sent);
  } else {
    Timed timed =
        timeOf(step, registers, given, &engine, result.engines[number]);
    Clock after;
    if (order)
      after = order->work(number, i, registers, *clock);
    compute(step, registers);
    if (inOrder)
      engine.free = timed.released;
    engine.lastEnd = std::max(engine.lastEnd, timed.end);
    begun = timed.begin;
    span(number, timed.begin, inOrder ? timed.released : timed.end, step);
    if (i.event >= 0)
      signal(eventOf(step, registers), amountOf(step, registers), timed.end,
             &after);
    if (step.awaits) {
      if (order)
        order->stream(stream).join(after);
      streams[stream].awaits = false;
      streams[stream].time = std::max(streams[stream].time, timed.end);
    }
  }
  if (!engine.begins.empty())
    engine.begins[engine.begun % engine.begins.size()] = begun;
  ++engine.begun;
  return true;
}

/// What all know, now and later, need not be remembered.
void Machine::forget() {
  Clock known = order->stream(0);
  for (size_t s = 1; s < streams.size(); ++s)
    known = Clock::meet(known, order->stream(int(s)));
  for (const EngineState &engine : engines)
    for (const Item &item : engine.pending)
      known = Clock::meet(known, item.clock);
  order->forget(std::move(known));
  order->remembered = 0;
}

bool Machine::pump() {
  bool any = false;
  for (bool again = true; again && pendingItems > 0;) {
    again = false;
    for (size_t e = 0; e < engines.size(); ++e)
      while (!engines[e].pending.empty()) {
        Item &item = engines[e].pending.front();
        for (auto [r, word] : llvm::zip(item.step->uses, item.captured))
          scratch[r] = word;
        if (!begin(int(e), *item.step, scratch.data(), item.stream, item.given,
                   &item.clock))
          break;
        for (Register r : item.step->results)
          streams[item.stream].registers[r] = scratch[r];
        engines[e].pending.pop_front();
        --pendingItems;
        again = any = true;
      }
  }
  return any;
}

/// Up to the next work: then it is another stream's turn.
bool Machine::turn(int number) {
  Stream &stream = streams[number];
  const std::vector<Step> &steps = code.streams[number];
  bool isAlone = streams.size() == 1, any = false;
  while (!stream.hasEnded && !stream.awaits) {
    const Step &step = steps[stream.at];
    current = &step;
    currentStream = number;
    if (!execute(number, step))
      return any;
    any = true;
    if (++result.instructions > code.run.most)
      throw Fault{DiagnosticKind::SimulatorTooLong,
                  {std::to_string(code.run.most)},
                  {}};
    bool meets = step.instruction->action >= Action::Element &&
                 step.instruction->action < Action::End;
    if (meets && pendingItems > 0)
      pump();
    if (order && order->remembered > 16)
      forget();
    if (meets && !isAlone)
      return true;
  }
  return any;
}

CoreResult Machine::run() {
  try {
    for (size_t e = 0; e < events.size(); ++e)
      if (int64_t n = program.events[e].initial)
        signal(int32_t(e), n, 0, nullptr);
    while (true) {
      bool any = false;
      for (size_t s = 0; s < streams.size(); ++s)
        any |= turn(int(s));
      any |= pump();
      if (llvm::all_of(streams, [](Stream &s) { return s.hasEnded; }) &&
          pendingItems == 0)
        break;
      if (!any)
        throw deadlock();
    }
    finish();
  } catch (Fault &fault) {
    result.fault = std::move(fault);
    result.instruction = current ? current->number : 0;
    result.stream = currentStream;
  }
  return std::move(result);
}

void Machine::finish() {
  for (const Stream &stream : streams)
    result.seconds = std::max(result.seconds, stream.time);
  for (const EngineState &engine : engines)
    result.seconds = std::max(result.seconds, engine.lastEnd);
  if (std::optional<int32_t> work =
          order ? order->unfinished() : std::nullopt) {
    for (size_t s = 0; s < streams.size(); ++s)
      for (const Step &step : code.streams[s])
        if (step.number == *work) {
          current = &step;
          currentStream = int(s);
        }
    throw Fault{DiagnosticKind::SimulatorNotWaited,
                {program.engines[program.instructions[*work].engine].name},
                {}};
  }
  for (size_t e = 0; e < events.size(); ++e) {
    const Event &declared = program.events[e];
    if (declared.final >= 0 && events[e].count != declared.final)
      throw Fault{DiagnosticKind::SimulatorEventFinal,
                  {declared.name, std::to_string(events[e].count),
                   std::to_string(declared.final)},
                  {}};
  }
}

//===-- Deadlock ----------------------------------------------------------===//

std::string Machine::nameOf(const Step &step, int stream) const {
  if (step.instruction->engine >= 0)
    return "engine `" + program.engines[step.instruction->engine].name + "`";
  return "stream `" + program.streams[stream] + "`";
}

std::string Machine::waitsFor(const Step &step, const Word *registers) const {
  const Instruction &i = *step.instruction;
  if (i.action != Action::Wait)
    return "a place in the queue of engine `" + program.engines[i.engine].name +
           "`";
  int32_t event = eventOf(step, registers);
  return std::to_string(amountOf(step, registers)) + " of `" +
         program.events[event].name + "`, which has " +
         std::to_string(events[event].count);
}

Fault Machine::deadlock() {
  Fault fault{DiagnosticKind::SimulatorDeadlock, {}, {}};
  bool isFirst = true;
  auto blocked = [&](const Step &step, int stream, std::string who,
                     std::string what) {
    if (isFirst) {
      fault.words = {who, what};
      current = &step;
      currentStream = stream;
      isFirst = false;
      return;
    }
    fault.notes.push_back({DiagnosticKind::SimulatorBlocked,
                           program.places[step.instruction->place],
                           {who, what}});
  };
  for (size_t s = 0; s < streams.size(); ++s) {
    if (streams[s].hasEnded)
      continue;
    const Step &step = code.streams[s][streams[s].at];
    std::string who = "stream `" + program.streams[s] + "`";
    if (streams[s].awaits)
      blocked(step, int(s), who, "what an engine gives it");
    else
      blocked(step, int(s), who, waitsFor(step, streams[s].registers.data()));
  }
  for (EngineState &engine : engines)
    if (!engine.pending.empty()) {
      Item &item = engine.pending.front();
      for (auto [r, word] : llvm::zip(item.step->uses, item.captured))
        scratch[r] = word;
      blocked(*item.step, item.stream, nameOf(*item.step, item.stream),
              waitsFor(*item.step, scratch.data()));
    }
  return fault;
}
