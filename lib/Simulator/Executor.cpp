// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/Executor.h"

#include "lib/Interpreter/Interpreter.h"

#include <cstring>

using namespace terrazzo;
using namespace terrazzo::simulator;

//===-- Places ------------------------------------------------------------===//

Place simulator::placeOf(const Window &window, const Word *registers) {
  Place out;
  out.allocation = window.allocation;
  out.type = window.type;
  out.size = bytesOf(window.type);
  int64_t offset = window.offset;
  for (auto [reg, factor] : window.offsets)
    offset += registers[reg].integer * factor;
  out.offset = offset * out.size;
  out.shape = window.shape;
  for (int64_t s : window.strides)
    out.strides.push_back(s * out.size);
  return out;
}

GlobalBox simulator::boxOf(const GlobalWindow &window, const Word *registers) {
  GlobalBox out;
  out.type = window.type;
  out.size = bytesOf(window.type);
  out.base = valueOf(window.base, registers);
  for (size_t d = 0; d < window.shape.size(); ++d) {
    int64_t low = 0, high = window.shape[d];
    if (d < window.low.size())
      low = std::max(low, valueOf(window.low[d], registers));
    if (d < window.high.size())
      high = std::min(high, valueOf(window.high[d], registers));
    out.low.push_back(low);
    out.extents.push_back(std::max<int64_t>(0, high - low));
  }
  for (const Scalar &s : window.strides)
    out.strides.push_back(valueOf(s, registers) * out.size);
  return out;
}

/// The lowest and the highest byte, from the first element on.
static std::pair<int64_t, int64_t> spanOf(llvm::ArrayRef<int64_t> shape,
                                          llvm::ArrayRef<int64_t> strides,
                                          int64_t size) {
  int64_t low = 0, high = size;
  for (auto [n, s] : llvm::zip(shape, strides))
    (s < 0 ? low : high) += (n - 1) * s;
  return {low, high};
}

Place Executor::resolve(const Window &window, const Word *registers) const {
  Place place = placeOf(window, registers);
  const Allocation &a = program.allocations[place.allocation];
  auto [low, high] = spanOf(place.shape, place.strides, place.size);
  low += place.offset;
  high += place.offset;
  if (low < 0 || high > a.bytes)
    throw Fault{DiagnosticKind::SimulatorOutside,
                {std::to_string(low), std::to_string(high), a.name,
                 std::to_string(a.bytes), program.memories[a.memory].name},
                {}};
  return place;
}

Place Executor::source(const Window &window, const Word *registers) const {
  Place place = resolve(window, registers);
  if (memory.isTouched(place.allocation))
    return place;
  const Allocation &a = program.allocations[place.allocation];
  throw Fault{DiagnosticKind::SimulatorUnwritten,
              {a.name, program.memories[a.memory].name},
              {}};
}

int64_t Executor::integerAt(const Place &place, int64_t bytes) {
  if (!hasValue(place, bytes))
    throw Fault{DiagnosticKind::PoisonUsed, {"an index or a mask"}, {}};
  return loadElement(place.type, data(place) + bytes).integer;
}

char *GlobalMemory::find(int64_t low, int64_t high, int64_t size) const {
  auto [number, offset] = interpreter::placeOf(low);
  if (low < 0 || number < 0 || size_t(number) >= run.buffers.size())
    throw Fault{DiagnosticKind::WildPointer, {}, {}};
  const Buffer &buffer = run.buffers[number];
  bool isBefore = offset < 0;
  if (isBefore || offset + (high - low) > buffer.bytes) {
    int64_t element = isBefore ? -((size - 1 - offset) / size)
                               : (offset + (high - low) - size) / size;
    throw Fault{DiagnosticKind::OutOfBounds,
                {std::to_string(element), buffer.name,
                 std::to_string(buffer.bytes / size)},
                {}};
  }
  if (!buffer.data) // a run of times only, which a float's value steers
    throw Fault{DiagnosticKind::PoisonUsed, {"the time"}, {}};
  return buffer.data + offset;
}

//===-- The whole ---------------------------------------------------------===//

static std::vector<ElementType> typesOf(llvm::ArrayRef<Window> windows) {
  std::vector<ElementType> out;
  for (const Window &w : windows)
    out.push_back(w.type);
  return out;
}
static std::vector<ElementType> twice(std::vector<ElementType> types) {
  size_t n = types.size();
  for (size_t i = 0; i < n; ++i)
    types.push_back(types[i]);
  return types;
}

PreparedProgram::PreparedProgram(const Program &program) : program(program) {
  const ElementType index{ElementType::Kind::Integer, 64,
                          numerics::Format::F64};
  for (const Map &m : program.maps) {
    std::vector<ElementType> types(m.outs[0].shape.size(), index);
    for (const Window &in : m.ins)
      types.push_back(in.type);
    maps.emplace_back(m.lambda, types, typesOf(m.outs));
  }
  for (const Reduce &r : program.reduces)
    reduces.emplace_back(r.lambda, twice(typesOf(r.ins)), typesOf(r.ins));
  for (const Scan &s : program.scans)
    scans.emplace_back(s.lambda, twice(typesOf(s.ins)), typesOf(s.ins));
  using K = kernel::AtomicKind;
  for (const Transfer &t : program.transfers)
    if (t.compare || t.old || (t.atomic && *t.atomic == K::Xchg) ||
        (t.atomic && t.global && t.global->type.isFloat() &&
         *t.atomic != K::Max && *t.atomic != K::Min))
      ordersCores = true;
}

Executor::Executor(const PreparedProgram &prepared, GlobalMemory &global)
    : memory(prepared.program), prepared(prepared), program(prepared.program),
      global(global) {}

void Executor::execute(const Instruction &instruction, Word *registers) {
  int32_t n = instruction.payload;
  switch (instruction.action) {
  case Action::Element:
    return element(program.elements[n], registers);
  case Action::Transfer:
    return transfer(program.transfers[n], registers);
  case Action::Map:
    return map(program.maps[n], prepared.maps[n], registers);
  case Action::Reduce:
    return reduce(program.reduces[n], prepared.reduces[n], registers);
  case Action::Scan:
    return scan(program.scans[n], prepared.scans[n], registers);
  case Action::Take:
    return take(program.takes[n], registers);
  case Action::Multiply:
    return multiply(program.multiplies[n], registers);
  default:
    return;
  }
}

void Executor::element(const Element &work, Word *registers) {
  if (work.global)
    return globalElement(work, registers);
  if (work.store) {
    Place place = resolve(*work.window, registers);
    storeElement(place.type, registers[work.value], data(place));
    memory.write(place.allocation, place.offset, place.size, 1, place.size);
    return;
  }
  Place place = source(*work.window, registers);
  if (!hasValue(place, 0))
    throw Fault{DiagnosticKind::PoisonUsed, {"a scalar"}, {}};
  registers[work.value] = loadElement(place.type, data(place));
}

void Executor::globalElement(const Element &work, Word *registers) {
  GlobalBox box = boxOf(*work.global, registers);
  if (box.isEmpty())
    return;
  int64_t at = box.base;
  for (auto [low, stride] : llvm::zip(box.low, box.strides))
    at += low * stride;
  char *where = global.find(at, at + box.size, box.size);
  if (work.store)
    storeElement(box.type, registers[work.value], where);
  else
    registers[work.value] = loadElement(box.type, where);
}
