// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/Unit/Simulator/Building.h"

using namespace terrazzo;
using namespace terrazzo::simulator;
using namespace terrazzo::simulator::test;

Builder::Builder() {
  program.name = "test";
  program.memories.push_back({"mem", 1 << 22});
  program.streams.push_back("main");
  Path bus;
  bus.name = "bus";
  bus.bandwidth = 1e9;
  program.paths.push_back(bus);
  // The plan is empty; the launch begins after it.
  add(Action::End);
  Launch launch;
  launch.begin = 1;
  program.launches.push_back(launch);
}

int Builder::allocate(llvm::StringRef name, int64_t address, int64_t bytes) {
  program.allocations.push_back(
      {name.str(), 0, address, bytes, mlir::UnknownLoc::get(&context)});
  return int(program.allocations.size()) - 1;
}

int Builder::engine(llvm::StringRef name, bool inOrder, int queue) {
  Engine e;
  e.name = name.str();
  e.inOrder = inOrder;
  e.queue = queue;
  program.engines.push_back(e);
  return int(program.engines.size()) - 1;
}

int Builder::event(llvm::StringRef name, int64_t initial, int64_t final) {
  Event e;
  e.name = name.str();
  e.initial = initial;
  e.final = final;
  program.events.push_back(e);
  return int(program.events.size()) - 1;
}

Instruction &Builder::add(Action action, int engine) {
  Instruction i;
  i.action = action;
  i.engine = int16_t(engine);
  i.place = int32_t(program.places.size());
  program.places.push_back(mlir::FileLineColLoc::get(
      &context, "test.mlir", unsigned(program.instructions.size()), 1));
  program.instructions.push_back(i);
  return program.instructions.back();
}

template <typename Work>
static Instruction &append(Builder &builder, std::vector<Work> &all,
                           Action action, Work work, int engine) {
  Instruction &i = builder.add(action, engine);
  i.payload = int32_t(all.size());
  all.push_back(std::move(work));
  return i;
}
Instruction &Builder::add(Transfer work, int engine) {
  return append(*this, program.transfers, Action::Transfer, work, engine);
}
Instruction &Builder::add(Map work, int engine) {
  return append(*this, program.maps, Action::Map, work, engine);
}
Instruction &Builder::add(Reduce work, int engine) {
  return append(*this, program.reduces, Action::Reduce, work, engine);
}
Instruction &Builder::add(Scan work, int engine) {
  return append(*this, program.scans, Action::Scan, work, engine);
}
Instruction &Builder::add(Take work, int engine) {
  return append(*this, program.takes, Action::Take, work, engine);
}
Instruction &Builder::add(Multiply work, int engine) {
  return append(*this, program.multiplies, Action::Multiply, work, engine);
}
Instruction &Builder::add(Element work, int engine) {
  return append(*this, program.elements, Action::Element, work, engine);
}
Instruction &Builder::signal(int event, int engine, int64_t amount) {
  Instruction &i = add(Action::Signal, engine);
  i.event = event;
  i.scalar.constant = amount;
  return i;
}
Instruction &Builder::wait(int event, int engine, int64_t amount) {
  Instruction &i = add(Action::Wait, engine);
  i.event = event;
  i.scalar.constant = amount;
  return i;
}
void Builder::move(Register to, int64_t constant) {
  Instruction &i = add(Action::Move);
  i.result = to;
  i.scalar.constant = constant;
}

static GlobalWindow globalOf(int buffer, const Window &like, int64_t element) {
  GlobalWindow w;
  w.base.constant = interpreter::addressOf(buffer, element, like.type);
  w.type = like.type;
  w.shape = like.shape;
  int64_t stride = 1;
  w.strides.resize(like.shape.size());
  for (size_t d = like.shape.size(); d-- > 0;) {
    w.strides[d].constant = stride;
    stride *= like.shape[d];
  }
  return w;
}
Transfer Builder::in(int buffer, Window target, int64_t element) {
  Transfer t;
  t.global = globalOf(buffer, target, element);
  t.target = target;
  return t;
}
Transfer Builder::out(Window source, int buffer, int64_t element) {
  Transfer t;
  t.global = globalOf(buffer, source, element);
  t.source = source;
  t.toGlobal = true;
  return t;
}

std::optional<Result> Builder::run(Run run) {
  if (!isClosed)
    add(Action::End);
  isClosed = true;
  std::string text;
  llvm::raw_string_ostream os(text);
  DiagnosticEngine engine(os);
  std::optional<Result> result = simulator::run(program, run, engine);
  error = engine.records().empty() ? "" : engine.records()[0].message;
  notes.clear();
  if (!engine.records().empty())
    for (const DiagnosticRecord &note : engine.records()[0].notes)
      notes.push_back(
          (note.where.line ? std::to_string(note.where.line) + ": " : "") +
          note.message);
  return result;
}

Window test::window(int allocation, ElementType type,
                    llvm::ArrayRef<int64_t> shape, int64_t offset) {
  Window w;
  w.allocation = allocation;
  w.type = type;
  w.offset = offset;
  w.shape.assign(shape.begin(), shape.end());
  w.strides.resize(shape.size());
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0; stride *= shape[d])
    w.strides[d] = stride;
  return w;
}

Lambda test::lambdaOf(Arithmetic::Code code, ElementType type) {
  Lambda l;
  l.arguments = 2;
  l.registers = 3;
  Arithmetic op;
  op.code = code;
  op.from = op.to = type;
  op.operands = {0, 1};
  op.result = 2;
  l.ops.push_back(op);
  l.results = {2};
  return l;
}

Map test::mapOf(Arithmetic::Code code, Window out, llvm::ArrayRef<Window> ins,
                int32_t detail) {
  Map m;
  Arithmetic op;
  op.code = code;
  op.to = out.type;
  op.from = ins.empty() ? out.type : ins.back().type;
  op.detail = detail;
  int rank = int(out.shape.size());
  llvm::SmallVector<int, 4> all;
  for (int d = 0; d < rank; ++d)
    all.push_back(d);
  for (size_t i = 0; i < ins.size(); ++i) {
    op.operands.push_back(rank + int(i));
    m.dims.push_back(all);
  }
  m.lambda.arguments = rank + int(ins.size());
  m.lambda.registers = m.lambda.arguments + 1;
  op.result = m.lambda.arguments;
  m.lambda.results = {op.result};
  m.lambda.ops.push_back(op);
  m.ins.append(ins.begin(), ins.end());
  m.outs.push_back(std::move(out));
  return m;
}
