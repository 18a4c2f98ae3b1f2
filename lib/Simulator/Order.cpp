// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/Order.h"

#include "lib/Interpreter/Interpreter.h"

using namespace terrazzo;
using namespace terrazzo::simulator;

SharedBytes::SharedBytes(const Program &program)
    : with(program.allocations.size()) {
  // Along the addresses, those that still go on.
  std::vector<int> order(program.allocations.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = int(i);
  auto &all = program.allocations;
  llvm::sort(order, [&](int a, int b) {
    return std::pair(all[a].memory, all[a].address) <
           std::pair(all[b].memory, all[b].address);
  });
  std::vector<int> open;
  for (int next : order) {
    std::erase_if(open, [&](int o) {
      return all[o].memory != all[next].memory ||
             all[o].address + all[o].bytes <= all[next].address;
    });
    for (int o : open) {
      with[o].push_back(next);
      with[next].push_back(o);
    }
    open.push_back(next);
  }
}

Order::Order(const Program &program, const SharedBytes &shared,
             const Executor &executor, size_t buffers)
    : program(program), shared(shared), executor(executor),
      streams(program.streams.size()), engines(program.engines.size()),
      local(program.allocations.size()), globals(buffers),
      lastWorks(program.engines.size(), -1) {}

void Order::own(int stream, const Instruction &instruction,
                const Word *registers) {
  uint64_t epoch = streams[stream].advance(stream);
  accesses(instruction, registers, stream, epoch, streams[stream]);
}

Clock Order::work(int engine, const Instruction &instruction,
                  const Word *registers, const Clock &given) {
  int32_t number = int32_t(&instruction - program.instructions.data());
  if (program.engines[engine].inOrder) {
    int agent = int(streams.size()) + engine;
    Clock &clock = engines[engine];
    clock.join(given);
    uint64_t epoch = clock.advance(agent);
    lastWorks[engine] = number;
    accesses(instruction, registers, agent, epoch, clock);
    return clock;
  }
  Clock clock = given;
  clock.join(engines[engine]);
  uint64_t work = works.size();
  works.push_back(number);
  accesses(instruction, registers, -1, work, clock);
  clock.finish(work);
  return clock;
}

std::optional<int32_t> Order::unfinished() const {
  Clock known;
  for (const Clock &stream : streams)
    known.join(stream);
  for (size_t e = 0; e < engines.size(); ++e) {
    int agent = int(streams.size() + e);
    if (lastWorks[e] >= 0 && !known.covers(agent, engines[e].epoch(agent)))
      return lastWorks[e];
  }
  for (size_t w = 0; w < works.size(); ++w)
    if (!known.coversWork(w))
      return works[w];
  return std::nullopt;
}

//===-- Accesses ----------------------------------------------------------===//

void Order::accesses(const Instruction &instruction, const Word *registers,
                     int agent, uint64_t epoch, const Clock &clock) {
  Uses uses = usesOf(program, instruction);
  int32_t number = int32_t(&instruction - program.instructions.data());
  // Of a transfer only what takes part is touched.
  std::optional<GlobalBox> part;
  if (uses.global && instruction.action == Action::Transfer)
    part = boxOf(*uses.global, registers);
  auto touch = [&](const Window &window, bool isWrite) {
    Place place = placeOf(window, registers);
    bool isClipped =
        part && (!uses.global->index || &window != &*uses.global->index);
    if (isClipped && place.shape.size() == part->extents.size())
      for (size_t d = 0; d < place.shape.size(); ++d) {
        place.offset += part->low[d] * place.strides[d];
        place.shape[d] = part->extents[d];
      }
    Box box(place.offset, place.size, place.shape, place.strides);
    if (box.isEmpty())
      return;
    Access access{{box}, box.low(), box.high(), agent,
                  epoch, isWrite,   false,      number};
    const Allocation &a = program.allocations[place.allocation];
    check(local[place.allocation], access, clock, a.name);
    checkShared(place.allocation, access, clock);
    local[place.allocation].push_back(std::move(access));
    ++remembered;
  };
  for (const Window *w : uses.reads)
    touch(*w, false);
  for (const Window *w : uses.writes)
    touch(*w, true);
  if (uses.global)
    global(uses,
           {{}, 0, 0, agent, epoch, uses.writesGlobal, uses.isAtomic, number},
           registers, clock);
}

void Order::global(const Uses &uses, Access access, const Word *registers,
                   const Clock &clock) {
  GlobalBox box = boxOf(*uses.global, registers);
  if (box.isEmpty())
    return;
  const GlobalWindow &window = *uses.global;
  int64_t first = box.base;
  for (size_t d = 0; d < box.extents.size() && window.indexDim >= 0; ++d)
    if (!window.index || int(d) != window.indexDim)
      first += box.low[d] * box.strides[d];
  if (!window.index) {
    access.boxes.push_back(Box(first, box.size, box.extents, box.strides));
  } else {
    // The positions that the index picks, one by one.
    llvm::SmallVector<int64_t, 4> extents, strides;
    if (window.indexDim >= 0) {
      extents.assign(box.extents.begin(), box.extents.end());
      strides.assign(box.strides.begin(), box.strides.end());
      extents[window.indexDim] = 1;
    }
    int64_t by = box.strides[std::max(0, window.indexDim)];
    for (int64_t at : executor.positions(window, box, registers))
      access.boxes.push_back(Box(first + at * by, box.size, extents, strides));
    llvm::sort(access.boxes,
               [](const Box &a, const Box &b) { return a.low() < b.low(); });
  }
  if (access.boxes.empty())
    return;
  access.low = INT64_MAX;
  access.high = INT64_MIN;
  for (const Box &b : access.boxes) {
    access.low = std::min(access.low, b.low());
    access.high = std::max(access.high, b.high());
  }
  // What lies in no argument is a fault of the access itself.
  auto [buffer, offset] = interpreter::placeOf(access.low);
  if (access.low < 0 || buffer < 0 || size_t(buffer) >= globals.size())
    return;
  check(globals[buffer], access, clock, executor.bufferName(buffer));
  globals[buffer].push_back(std::move(access));
  ++remembered;
}

/// Both ascend; those of one access are alike.
static bool anyOverlap(llvm::ArrayRef<Box> as, llvm::ArrayRef<Box> bs) {
  size_t from = 0;
  for (const Box &a : as) {
    while (from < bs.size() && bs[from].high() <= a.low())
      ++from;
    for (size_t j = from; j < bs.size() && bs[j].low() < a.high(); ++j)
      if (a.overlaps(bs[j]))
        return true;
  }
  return false;
}

void Order::check(History &history, const Access &access, const Clock &clock,
                  const std::string &name) {
  bool isSingle = access.boxes.size() == 1;
  auto isOver = [&](const Access &before) {
    if (isOrdered(before, floor))
      return true;
    bool meets = before.low < access.high && access.low < before.high;
    if (!meets)
      return false;
    if (isOrdered(before, clock))
      // Who is not ordered with the one before is not with this one either.
      return isSingle && (access.isWrite || !before.isWrite) &&
             (before.isAtomic || !access.isAtomic) &&
             llvm::all_of(before.boxes, [&](const Box &b) {
               return access.boxes[0].contains(b);
             });
    bool conflicts = (before.isWrite || access.isWrite) &&
                     !(before.isAtomic && access.isAtomic);
    if (conflicts && anyOverlap(access.boxes, before.boxes)) {
      bool isLocal =
          &history >= local.data() && &history < local.data() + local.size();
      std::string memory;
      if (isLocal) {
        int number = int(&history - local.data());
        memory = " in `" +
                 program.memories[program.allocations[number].memory].name +
                 "`";
      }
      race(access, before, name, memory);
    }
    return false;
  };
  std::erase_if(history, isOver);
}

void Order::checkShared(int allocation, const Access &access,
                        const Clock &clock) {
  const Allocation &mine = program.allocations[allocation];
  for (int other : shared.with[allocation]) {
    const Allocation &theirs = program.allocations[other];
    int64_t shift = mine.address - theirs.address;
    for (const Access &before : local[other]) {
      if (before.low >= access.high + shift ||
          access.low + shift >= before.high)
        continue;
      if ((before.isWrite || access.isWrite) && !isOrdered(before, clock))
        race(access, before, mine.name,
             " in `" + program.memories[mine.memory].name +
                 "`, which shares its bytes with `" + theirs.name + "`");
    }
  }
}

std::string Order::agentOf(const Access &access) const {
  const Instruction &i = program.instructions[access.number];
  std::string who;
  int engine = i.engine >= 0 ? i.engine : i.unit;
  if (engine >= 0)
    who = "engine `" + program.engines[engine].name + "`";
  else
    who = "stream `" + program.streams[access.agent >= 0 ? access.agent : 0] +
          "`";
  return who;
}

void Order::race(const Access &now, const Access &before,
                 const std::string &name, const std::string &memory) {
  auto kind = [](const Access &a) {
    return std::string(a.isWrite ? "write" : "read");
  };
  Fault fault{DiagnosticKind::SimulatorRace,
              {name, memory, kind(now) + " by " + agentOf(now), kind(before)},
              {}};
  const Instruction &other = program.instructions[before.number];
  fault.notes.push_back({DiagnosticKind::SimulatorOther,
                         program.places[other.place],
                         {kind(before), agentOf(before) + ", instruction " +
                                            std::to_string(before.number)}});
  throw fault;
}
