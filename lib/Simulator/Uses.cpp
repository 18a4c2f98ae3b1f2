// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/Uses.h"

using namespace terrazzo;
using namespace terrazzo::simulator;

namespace {
class Collector {
public:
  Collector(const Program &program, Uses &uses)
      : program(program), uses(uses) {}

  void add(const Instruction &instruction);

private:
  void value(Register r) {
    if (r >= 0)
      uses.values.push_back(r);
  }
  void steer(Register r) {
    if (r >= 0)
      uses.steering.push_back(r);
  }
  void place(const Window &w) {
    for (auto [reg, factor] : w.offsets)
      value(reg);
  }
  void read(const Window &w) {
    place(w);
    uses.reads.push_back(&w);
  }
  void read(const std::optional<Window> &w) {
    if (w)
      read(*w);
  }
  void write(const Window &w) {
    place(w);
    uses.writes.push_back(&w);
  }
  void write(const std::optional<Window> &w) {
    if (w)
      write(*w);
  }
  void lambda(const Lambda &l) {
    for (auto &[own, from] : l.uniforms)
      value(from.reg);
  }
  void add(const GlobalWindow &w);
  void add(const Transfer &t);
  void add(const Element &e);
  void add(const Take &t);

  const Program &program;
  Uses &uses;
};
} // namespace

void Collector::add(const GlobalWindow &w) {
  uses.global = &w;
  // Where a cache stands before memory the place decides what it costs.
  if (program.memoryBandwidth > 0)
    steer(w.base.reg);
  else
    value(w.base.reg);
  value(w.indexLow.reg);
  value(w.indexHigh.reg);
  for (const auto *scalars : {&w.strides, &w.low, &w.high})
    for (const Scalar &s : *scalars)
      steer(s.reg);
  read(w.index);
}

void Collector::add(const Transfer &t) {
  if (t.global)
    add(*t.global);
  uses.isAtomic = t.atomic || t.compare;
  uses.readsGlobal = t.global && (!t.toGlobal || uses.isAtomic);
  uses.writesGlobal = t.global && t.toGlobal;
  read(t.mask);
  read(t.compare);
  write(t.old);
  if (!t.global || t.toGlobal)
    read(t.source);
  if (!t.global || !t.toGlobal)
    write(t.target);
}

void Collector::add(const Element &e) {
  if (e.global) {
    add(*e.global);
    (e.store ? uses.writesGlobal : uses.readsGlobal) = true;
  } else if (e.store) {
    write(e.window);
  } else {
    read(e.window);
  }
  if (e.store)
    value(e.value);
  else
    uses.results.push_back(e.value);
}

void Collector::add(const Take &t) {
  read(t.in);
  write(t.out);
  for (const auto &rows : t.rows)
    for (const Take::Row &row : rows)
      value(row.offset.reg);
}

void Collector::add(const Instruction &i) {
  size_t n = size_t(i.payload);
  auto along = [&](const auto &work) {
    for (const Window &w : work.ins)
      read(w);
    for (const Window &w : work.outs)
      write(w);
    lambda(work.lambda);
  };
  steer(i.eventOffset);
  switch (i.action) {
  case Action::Arithmetic: {
    const Arithmetic &a = program.arithmetic[n];
    for (Register r : a.operands)
      value(r);
    uses.results.push_back(a.result);
    return;
  }
  case Action::Move:
    value(i.scalar.reg);
    uses.results.push_back(i.result);
    return;
  case Action::Element:
    return add(program.elements[n]);
  case Action::Transfer:
    steer(i.scalar.reg);
    return add(program.transfers[n]);
  case Action::Map:
    steer(i.scalar.reg);
    return along(program.maps[n]);
  case Action::Reduce:
    steer(i.scalar.reg);
    uses.results = program.reduces[n].scalars;
    return along(program.reduces[n]);
  case Action::Scan:
    steer(i.scalar.reg);
    return along(program.scans[n]);
  case Action::Take:
    steer(i.scalar.reg);
    return add(program.takes[n]);
  case Action::Multiply: {
    steer(i.scalar.reg);
    const Multiply &m = program.multiplies[n];
    value(m.fresh.reg);
    read(m.a);
    read(m.b);
    read(m.acc);
    write(m.acc);
    return;
  }
  case Action::JumpIfZero:
  case Action::Signal:
  case Action::Wait:
    return steer(i.scalar.reg);
  case Action::Jump:
  case Action::End:
    return;
  }
}

Uses simulator::usesOf(const Program &program, const Instruction &instruction) {
  Uses uses;
  Collector(program, uses).add(instruction);
  return uses;
}

std::vector<bool> simulator::steeringOf(const Program &program) {
  std::vector<Uses> uses;
  for (const Instruction &i : program.instructions)
    uses.push_back(usesOf(program, i));
  std::vector<bool> registers(size_t(program.registers)),
      allocations(program.allocations.size()),
      needed(program.instructions.size());
  bool changed = true;
  auto mark = [&](std::vector<bool> &all, size_t i) {
    if (!all[i])
      all[i] = changed = true;
  };
  for (const Uses &u : uses)
    for (Register r : u.steering)
      registers[size_t(r)] = true;
  while (changed) {
    changed = false;
    for (auto [i, u] : llvm::enumerate(uses)) {
      bool isNeeded = needed[i];
      for (Register r : u.results)
        isNeeded |= registers[size_t(r)];
      for (const Window *w : u.writes)
        isNeeded |= allocations[size_t(w->allocation)];
      if (!isNeeded)
        continue;
      mark(needed, i);
      for (Register r : u.values)
        mark(registers, size_t(r));
      for (const Window *w : u.reads)
        mark(allocations, size_t(w->allocation));
    }
  }
  return needed;
}
