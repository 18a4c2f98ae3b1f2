// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Ascend/Executor/Rows.h"

#include "lib/Simulator/ChipOps.h"
#include "lib/Transforms/Buffers/Buffers.h"
#include "targets/Ascend/Executor/Timing.h"
#include "targets/Ascend/IR/Ascend.h"
#include "targets/Ascend/IR/Pipes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <map>

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::simulator;
using namespace terrazzo::ascend;

namespace {

/// What each instruction becomes.
class Family {
public:
  /// The scalar unit of the vector stream has the memory that programs name;
  /// the cube's has one like it.
  static std::string stackOf(StringRef stream) {
    return stream == "vector" ? "stack" : "stack of the " + stream.str();
  }
  explicit Family(const chip::Chip &chip) : chip(chip), timing(chip) {}
  void addTo(Rows &rows);
  /// Pipes by stream, the scalar units' stacks, the workspace.
  Program start(bool hasCube) const;
  /// Whose each instruction is.
  static void assignStreams(Program &program);

private:
  void addTransfers(Rows &rows);
  void addVector(Rows &rows);
  void addCube(Rows &rows);
  void addSync(Rows &rows);
  void addScalar(Rows &rows);
  /// One number of a buffer, by the streams that have it.
  LogicalResult element(Decoder &d, Operation *op, Value buffer, Value number,
                        ValueRange indices);
  /// The window where \p stream has its own.
  void ofStream(Decoder &d, std::optional<Window> &window, size_t stream);

  template <typename Work>
  static LogicalResult work(Decoder &d, Operation *op, FailureOr<Work> work,
                            double busy) {
    if (failed(work))
      return failure();
    d.emit(op, d.engine(pipeOf(op)), *work).busy = busy;
    return success();
  }
  LogicalResult transfer(Decoder &d, Operation *op, FailureOr<Transfer> made,
                         StringRef path) const {
    if (succeeded(made))
      made->path = d.path(path);
    return work(d, op, made, 0);
  }
  LogicalResult fixpipeStore(Decoder &d, FixpipeStoreOp op);
  LogicalResult move(Decoder &d, Operation *op, Value source, Value target);
  /// The path's name in the chip file; the workspace is global memory.
  std::string pathBetween(Value source, Value target) const;
  int32_t flag(Decoder &d, StringRef stream, StringRef from, StringRef to);
  int32_t blockFlag(Decoder &d, int64_t number);
  LogicalResult sync(Decoder &d, Operation *op, Action action, StringRef stream,
                     StringRef pipe, int32_t event, Value slot, double busy);

  const chip::Chip &chip;
  Timing timing;
  std::map<std::string, int32_t> flags; // the first of a pair of pipes
  std::map<int64_t, int32_t> blockFlags;
  std::map<int, int> stacks; // the cube's allocation for one of the vector's
};

} // namespace

std::string Family::pathBetween(Value source, Value target) const {
  auto name = [](Value buffer) {
    StringRef memory = memoryOf(buffer);
    return memory == "workspace" ? StringRef("global") : memory;
  };
  for (const chip::Part &path : chip.parts("paths"))
    if (path.word("from") == name(source) && path.word("to") == name(target))
      return path.name;
  return "";
}

LogicalResult Family::move(Decoder &d, Operation *op, Value source,
                           Value target) {
  auto from = d.window(source), to = d.window(target);
  if (!from || !to)
    return failure();
  std::string path = pathBetween(source, target);
  if (path.empty())
    return op->emitError("this chip has no path from `")
           << memoryOf(source) << "` to `" << memoryOf(target) << "`";
  Transfer copy;
  copy.source = from;
  copy.target = to;
  return transfer(d, op, copy, path);
}

/// Sums are rounded in the pipe, before they leave.
LogicalResult Family::fixpipeStore(Decoder &d, FixpipeStoreOp op) {
  auto made = transferOf(d, op, true);
  if (failed(made))
    return failure();
  Type element = cast<kernel::PtrType>(op.getBase().getType()).getPointee();
  auto sum = cast<MemRefType>(op.getLocal().getType());
  if (element == sum.getElementType())
    return transfer(d, op, made, "fixpipe");
  Region region;
  OpBuilder b(op.getContext());
  Block *block = b.createBlock(&region);
  for (int64_t i = 0; i < sum.getRank(); ++i)
    block->addArgument(b.getIndexType(), op.getLoc());
  Value rounded = arith::TruncFOp::create(
      b, op.getLoc(), element,
      block->addArgument(sum.getElementType(), op.getLoc()));
  tile::YieldOp::create(b, op.getLoc(), rounded);
  auto lambda = d.lambda(region);
  if (!lambda)
    return failure();
  Program &program = d.program();
  Window inside = *made->source;
  inside.allocation = int(program.allocations.size());
  inside.type = interpreter::elementTypeOf(element);
  inside.offset = 0;
  inside.offsets.clear();
  int64_t stride = 1;
  for (int64_t i = sum.getRank() - 1; i >= 0; --i) {
    inside.strides[size_t(i)] = stride;
    stride *= sum.getDimSize(i);
  }
  program.allocations.push_back({"sums on their way", d.memory("fixpipe"), 0,
                                 stride * buffers::bytesOf(element),
                                 op.getLoc()});
  Map round;
  round.ins = {*made->source};
  round.outs = {inside};
  llvm::SmallVector<int, 4> dims;
  for (int64_t i = 0; i < sum.getRank(); ++i)
    dims.push_back(int(i));
  round.dims.push_back(dims);
  round.lambda = std::move(*lambda);
  made->source = inside;
  if (failed(work(d, op, FailureOr<Map>(std::move(round)), 0)))
    return failure();
  return transfer(d, op, made, "fixpipe");
}

void Family::addTransfers(Rows &rows) {
  rows.add<LoadOp>([this](Decoder &d, LoadOp op) {
    if (memoryOf(op.getLocal()) != "stack")
      return transfer(d, op, transferOf(d, op, false), "load");
    auto made = transferOf(d, op, false);
    if (failed(made))
      return LogicalResult(failure());
    made->path = d.path("scalar");
    for (size_t s = 0; s < d.program().streams.size(); ++s) {
      Transfer mine = *made;
      ofStream(d, mine.target, s);
      ofStream(d, mine.mask, s);
      d.emit(op, -1, mine).stream = int16_t(s);
    }
    return LogicalResult(success());
  });
  rows.add<StoreOp>([this](Decoder &d, StoreOp op) {
    auto made = transferOf(d, op, true);
    if (succeeded(made))
      made->atomic = op.getAtomic();
    bool isScalar = memoryOf(op.getLocal()) == "stack";
    return transfer(d, op, made, isScalar ? "scalar" : "store");
  });
  rows.add<AtomicOp>([this](Decoder &d, AtomicOp op) {
    return transfer(d, op, atomicOf(d, op), "scalar");
  });
  rows.add<Nd2NzOp>([this](Decoder &d, Nd2NzOp op) {
    return transfer(d, op, transferOf(d, op, false), "nd2nz");
  });
  rows.add<FixpipeStoreOp>(
      [this](Decoder &d, FixpipeStoreOp op) { return fixpipeStore(d, op); });
  rows.add<CopyOp>([this](Decoder &d, CopyOp op) {
    return move(d, op, op.getSource(), op.getTarget());
  });
  rows.add<LoadL0aOp>([this](Decoder &d, LoadL0aOp op) {
    return move(d, op, op.getSource(), op.getTarget());
  });
  rows.add<LoadL0bOp>([this](Decoder &d, LoadL0bOp op) {
    return move(d, op, op.getSource(), op.getTarget());
  });
  rows.add<FixpipeOp>([this](Decoder &d, FixpipeOp op) {
    return move(d, op, op.getSource(), op.getTarget());
  });
}

void Family::addVector(Rows &rows) {
  rows.add<VfOp>([this](Decoder &d, VfOp op) {
    return work(d, op, mapOf(d, op), timing.map(op));
  });
  rows.add<VreduceOp>([this](Decoder &d, VreduceOp op) {
    auto reduce = combineOf<Reduce>(d, op);
    if (succeeded(reduce))
      reduce->tree = op.getOrder() != "sequential";
    return work(d, op, reduce, timing.reduce(op));
  });
  rows.add<VcumOp>([this](Decoder &d, VcumOp op) {
    auto scan = combineOf<Scan>(d, op);
    if (succeeded(scan))
      scan->reverse = op.getReverse();
    return work(d, op, scan, timing.scan(op));
  });
  rows.add<VgatherOp>([this](Decoder &d, VgatherOp op) {
    return work(d, op,
                takeOf(d, op, op.getSource(), op.getSymbols(), op.getTarget(),
                       op.getMap()),
                timing.gather(op));
  });
}

void Family::addCube(Rows &rows) {
  rows.add<InitConstValueOp>([this](Decoder &d, InitConstValueOp op) {
    return work(d, op, mapOf(d, op), timing.fill(op));
  });
  rows.add<MmadOp>([this](Decoder &d, MmadOp op) {
    auto acc = d.window(op.getAcc()), a = d.window(op.getA()),
         b = d.window(op.getB());
    FailureOr<Multiply> multiply = failure();
    if (acc && a && b)
      multiply = Multiply{*acc, *a, *b, d.scalar(op.getFresh())};
    return work(d, op, multiply, timing.multiply(op));
  });
}

int32_t Family::flag(Decoder &d, StringRef stream, StringRef from,
                     StringRef to) {
  std::string name = (stream + " " + from + " to " + to).str();
  auto [found, isNew] = flags.try_emplace(name, 0);
  if (isNew)
    found->second =
        d.event({"event of " + name, 0,
                 timing.rates.number("sync", "event", "counts", 1), 0},
                timing.rates.number("sync", "event", "ids", 8));
  return found->second;
}

int32_t Family::blockFlag(Decoder &d, int64_t number) {
  auto [found, isNew] = blockFlags.try_emplace(number, 0);
  if (isNew)
    found->second =
        d.event({"flag " + std::to_string(number) + " between streams", 0,
                 timing.rates.number("sync", "cross", "counts", 1), 0});
  return found->second;
}

/// Of a pipe, in its queue, or of the stream itself.
LogicalResult Family::sync(Decoder &d, Operation *op, Action action,
                           StringRef stream, StringRef pipe, int32_t event,
                           Value slot, double busy) {
  int engine = pipe == "s" ? -1 : d.engine((stream + "." + pipe).str());
  Scalar at = slot ? d.scalar(slot) : Scalar();
  Instruction &made = d.emit(op, action, engine);
  if (engine < 0)
    made.stream = int16_t(d.stream(stream));
  made.event = int32_t(event + at.constant);
  made.eventOffset = at.reg;
  made.scalar = {-1, 1};
  made.busy = busy;
  return success();
}

void Family::addSync(Rows &rows) {
  rows.add<SetFlagOp>([this](Decoder &d, SetFlagOp op) {
    int32_t first = flag(d, op.getStream(), op.getFrom(), op.getTo());
    return sync(d, op, Action::Signal, op.getStream(), op.getFrom(),
                int32_t(first + op.getEvent()), op.getSlot(), 0);
  });
  rows.add<WaitFlagOp>([this](Decoder &d, WaitFlagOp op) {
    int32_t first = flag(d, op.getStream(), op.getFrom(), op.getTo());
    return sync(d, op, Action::Wait, op.getStream(), op.getTo(),
                int32_t(first + op.getEvent()), op.getSlot(), timing.flag());
  });
  rows.add<SyncBlockSetOp>([this](Decoder &d, SyncBlockSetOp op) {
    return sync(d, op, Action::Signal, op.getFrom(), op.getPipe(),
                blockFlag(d, op.getFlag()), Value(), 0);
  });
  rows.add<SyncBlockWaitOp>([this](Decoder &d, SyncBlockWaitOp op) {
    return sync(d, op, Action::Wait, op.getStream(), "s",
                blockFlag(d, op.getFlag()), Value(), timing.crossFlag());
  });
  rows.add<PipeBarrierOp>([this](Decoder &d, PipeBarrierOp op) {
    std::string prefix = op.getStream().str() + ".";
    for (const Engine &engine : d.program().engines) {
      StringRef name = engine.name;
      if (!name.consume_front(prefix))
        continue;
      auto [found, isNew] = flags.try_emplace("barrier " + engine.name, 0);
      if (isNew)
        found->second = d.event({"barrier of " + engine.name, 0, 1, 0});
      if (failed(sync(d, op, Action::Signal, op.getStream(), name,
                      found->second, Value(), 0)) ||
          failed(sync(d, op, Action::Wait, op.getStream(), "s", found->second,
                      Value(), 0)))
        return LogicalResult(failure());
    }
    return LogicalResult(success());
  });
}

void Family::addTo(Rows &rows) {
  addTransfers(rows);
  addVector(rows);
  addCube(rows);
  addSync(rows);
  addScalar(rows);
}

void Family::ofStream(Decoder &d, std::optional<Window> &window,
                      size_t stream) {
  Program &program = d.program();
  StringRef name = program.streams[stream];
  if (name == "vector" || !window)
    return;
  Allocation own = program.allocations[window->allocation];
  if (program.memories[own.memory].name != "stack")
    return;
  auto [found, isNew] =
      stacks.try_emplace(window->allocation, int(program.allocations.size()));
  if (isNew) {
    own.memory = d.memory(stackOf(name));
    own.name += " of the " + name.str();
    program.allocations.push_back(own);
  }
  window->allocation = found->second;
}

LogicalResult Family::element(Decoder &d, Operation *op, Value buffer,
                              Value number, ValueRange indices) {
  auto window = d.window(buffer);
  if (!window)
    return failure();
  for (auto [index, stride] : llvm::zip(indices, window->strides)) {
    Scalar at = d.scalar(index);
    window->offset += at.constant * stride;
    if (at.reg >= 0)
      window->offsets.push_back({at.reg, stride});
  }
  window->shape.clear();
  window->strides.clear();
  for (size_t s = 0; s < d.program().streams.size(); ++s) {
    if (isOfVectorStream(op) && d.program().streams[s] != "vector")
      continue;
    Element each;
    each.value = d.reg(number);
    each.store = op->getNumResults() == 0;
    each.window = window;
    ofStream(d, each.window, s);
    Instruction &made = d.emit(op, -1, each);
    made.stream = int16_t(s);
    // The workspace is global memory.
    if (memoryOf(buffer) == "workspace")
      made.latency = timing.rates.seconds(
          "paths", each.store ? "store" : "load", "latency");
  }
  return success();
}

void Family::addScalar(Rows &rows) {
  rows.add<memref::LoadOp>([this](Decoder &d, memref::LoadOp op) {
    return element(d, op, op.getMemRef(), op.getResult(), op.getIndices());
  });
  rows.add<memref::StoreOp>([this](Decoder &d, memref::StoreOp op) {
    return element(d, op, op.getMemRef(), op.getValueToStore(),
                   op.getIndices());
  });
}

Program Family::start(bool hasCube) const {
  // Alone, the vector cores of all AI cores share what cores share.
  int64_t alone = timing.rates.number("streams", "vector", "count", 1);
  Program program = timing.rates.start(hasCube ? 0 : alone * chip.cores());
  std::vector<Engine> pipes;
  auto add = [&](StringRef stream, std::initializer_list<StringRef> names) {
    for (StringRef name : names)
      for (const Engine &engine : program.engines)
        if (engine.name == name) {
          pipes.push_back(engine);
          pipes.back().name = (stream + "." + name).str();
        }
  };
  if (hasCube)
    add("cube", {"mte2", "mte1", "m", "fix"});
  add("vector", {"mte2", "v", "mte3"});
  program.engines = std::move(pipes);
  program.streams = {"vector"};
  if (hasCube)
    program.streams.insert(program.streams.begin(), "cube");
  // Of numbers that a stream reads from global memory itself.
  Path scalar{"scalar", 0, timing.rates.seconds("paths", "load", "latency"), 1,
              0};
  program.paths.push_back(scalar);
  for (const std::string &stream : program.streams)
    program.memories.push_back({stackOf(stream), INT64_MAX});
  program.memories.push_back({"workspace", INT64_MAX});
  program.memories.push_back({"fixpipe", INT64_MAX});
  return program;
}

void Family::assignStreams(Program &program) {
  auto vector = int16_t(program.streams.size() - 1);
  for (Instruction &made : program.instructions) {
    if (made.engine >= 0)
      made.stream =
          StringRef(program.engines[made.engine].name).starts_with("vector.")
              ? vector
              : int16_t(0);
    else if (made.action == Action::Transfer &&
             program.transfers[made.payload].toGlobal)
      made.stream = vector; // stored once
  }
}

std::optional<Program> ascend::decode(ModuleOp module, const chip::Chip &chip) {
  bool hasCube = module
                     .walk([](Operation *op) {
                       return partsOf(pipeOf(op)).first == "cube"
                                  ? WalkResult::interrupt()
                                  : WalkResult::advance();
                     })
                     .wasInterrupted();
  Family family(chip);
  Rows rows;
  family.addTo(rows);
  auto program = Decoder(family.start(hasCube), rows).decode(module);
  if (program)
    Family::assignStreams(*program);
  return program;
}
