// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/DecodeState.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/UB/IR/UBOps.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::simulator;
namespace arith = mlir::arith;
namespace scf = mlir::scf;
namespace memref = mlir::memref;

//===-- Registers ---------------------------------------------------------===//

std::optional<Word> simulator::constantOf(mlir::Value value) {
  Word w;
  if (value.getDefiningOp<mlir::ub::PoisonOp>()) {
    // What nobody may use: a number that is noticed.
    if (mlir::isa<mlir::FloatType>(value.getType()))
      w.real = NAN;
    else
      w.integer = 0;
    return w;
  }
  auto op = value.getDefiningOp<arith::ConstantOp>();
  if (!op)
    return std::nullopt;
  if (auto f = mlir::dyn_cast<mlir::FloatAttr>(op.getValue())) {
    llvm::APFloat v = f.getValue();
    bool lost;
    v.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven,
              &lost);
    w.real = v.convertToDouble();
    return w;
  }
  if (auto n = mlir::dyn_cast<mlir::IntegerAttr>(op.getValue())) {
    w.integer = n.getValue().sextOrTrunc(64).getSExtValue();
    return w;
  }
  return std::nullopt;
}

Register Decoder::State::constant(Word value) {
  auto [found, isNew] = constants.try_emplace(value.integer, program.registers);
  if (isNew)
    ++program.registers;
  return found->second;
}

int32_t Decoder::State::place(mlir::Location where) {
  auto [found, isNew] =
      places.try_emplace(where, int32_t(program.places.size()));
  if (isNew)
    program.places.push_back(where);
  return found->second;
}

int32_t Decoder::State::name(mlir::Operation *op) {
  auto [found, isNew] = names.try_emplace(op->getName().getStringRef(),
                                          int32_t(program.names.size()));
  if (isNew)
    program.names.push_back(op->getName().getStringRef().str());
  return found->second;
}

Decoder::Decoder(Program start, const Rows &rows)
    : state(std::make_unique<State>(std::move(start), rows, *this)) {}
Decoder::~Decoder() = default;

Program &Decoder::program() { return state->program; }

Register Decoder::reg(mlir::Value value) {
  if (std::optional<Word> w = constantOf(value))
    return state->constant(*w);
  auto [found, isNew] =
      state->registers.try_emplace(value, state->program.registers);
  if (isNew)
    ++state->program.registers;
  return found->second;
}

Scalar Decoder::scalar(mlir::Value value) {
  if (std::optional<Word> w = constantOf(value))
    return {-1, w->integer};
  return {reg(value), 0};
}

static int numberOf(const auto &all, llvm::StringRef name) {
  for (size_t i = 0; i < all.size(); ++i)
    if (all[i].name == name)
      return int(i);
  return -1;
}
int Decoder::engine(llvm::StringRef name) const {
  return numberOf(state->program.engines, name);
}
int Decoder::path(llvm::StringRef name) const {
  return numberOf(state->program.paths, name);
}
int Decoder::memory(llvm::StringRef name) const {
  return numberOf(state->program.memories, name);
}
int Decoder::stream(llvm::StringRef name) const {
  auto found = llvm::find(state->program.streams, name);
  return found == state->program.streams.end()
             ? -1
             : int(found - state->program.streams.begin());
}

int32_t Decoder::event(Event event, int64_t count) {
  auto &events = state->program.events;
  int32_t first = int32_t(events.size());
  for (int64_t i = 0; i < count; ++i) {
    events.push_back(event);
    if (count > 1)
      events.back().name += "[" + std::to_string(i) + "]";
  }
  return first;
}

void Decoder::bind(mlir::Value value, int64_t number) {
  state->bindings[value] = number;
}
std::optional<int64_t> Decoder::bound(mlir::Value value) const {
  auto found = state->bindings.find(value);
  if (found == state->bindings.end())
    return std::nullopt;
  return found->second;
}

//===-- Instructions ------------------------------------------------------===//

Instruction &Decoder::emit(mlir::Operation *op, Action action, int engine) {
  Instruction next;
  next.action = action;
  bool isOwn = engine >= 0 && state->program.engines[engine].inStream;
  (isOwn ? next.unit : next.engine) = int16_t(engine);
  next.place = state->place(op->getLoc());
  next.name = state->name(op);
  state->program.instructions.push_back(next);
  return state->program.instructions.back();
}

template <typename Work>
static Instruction &emitWork(Decoder &decoder, mlir::Operation *op,
                             Action action, int engine, std::vector<Work> &all,
                             Work work) {
  Instruction &next = decoder.emit(op, action, engine);
  next.payload = int32_t(all.size());
  all.push_back(std::move(work));
  return next;
}
#define TERRAZZO_EMIT(Work, all)                                               \
  Instruction &Decoder::emit(mlir::Operation *op, int engine, Work work) {     \
    return emitWork(*this, op, Action::Work, engine, program().all,            \
                    std::move(work));                                          \
  }
TERRAZZO_EMIT(Transfer, transfers)
TERRAZZO_EMIT(Map, maps)
TERRAZZO_EMIT(Reduce, reduces)
TERRAZZO_EMIT(Scan, scans)
TERRAZZO_EMIT(Take, takes)
TERRAZZO_EMIT(Multiply, multiplies)
TERRAZZO_EMIT(Element, elements)
#undef TERRAZZO_EMIT

llvm::LogicalResult Decoder::State::arithmetic(mlir::Operation *op,
                                               Arithmetic work) {
  for (mlir::Value operand : op->getOperands())
    work.operands.push_back(decoder.reg(operand));
  work.result = decoder.reg(op->getResult(0));
  Instruction &next = decoder.emit(op, Action::Arithmetic, -1);
  next.payload = int32_t(program.arithmetic.size());
  next.result = work.result;
  program.arithmetic.push_back(std::move(work));
  return mlir::success();
}

llvm::LogicalResult Decoder::State::element(mlir::Operation *op,
                                            mlir::Value memref,
                                            mlir::ValueRange indices,
                                            mlir::Value value) {
  std::optional<Window> window = decoder.window(memref);
  if (!window)
    return mlir::failure();
  for (auto [index, stride] : llvm::zip(indices, window->strides)) {
    Scalar at = decoder.scalar(index);
    window->offset += at.constant * stride;
    if (at.reg >= 0)
      window->offsets.push_back({at.reg, stride});
  }
  window->shape.clear();
  window->strides.clear();
  Element work;
  work.value = decoder.reg(value);
  work.store = op->getNumResults() == 0;
  work.window = std::move(window);
  decoder.emit(op, -1, std::move(work));
  return mlir::success();
}

/// A body whose registers are its own.
std::optional<Lambda> Decoder::lambda(mlir::Region &region) {
  mlir::Block &body = region.front();
  Lambda out;
  llvm::DenseMap<mlir::Value, Register> own;
  for (mlir::BlockArgument a : body.getArguments())
    own[a] = out.registers++;
  out.arguments = out.registers;
  auto of = [&](mlir::Value v) {
    auto [found, isNew] = own.try_emplace(v, out.registers);
    if (!isNew)
      return found->second;
    Register r = out.registers++;
    std::optional<Word> w = constantOf(v);
    if (w && mlir::isa<mlir::FloatType>(v.getType()))
      out.reals.push_back({r, w->real});
    else if (w)
      out.integers.push_back({r, w->integer});
    else
      out.uniforms.push_back({r, {reg(v), 0}});
    return r;
  };
  for (mlir::Operation &op : body.without_terminator()) {
    if (mlir::isa<arith::ConstantOp, mlir::ub::PoisonOp>(op))
      continue;
    std::optional<Arithmetic> work = arithmeticOf(&op);
    if (!work) {
      op.emitError() << "the simulator cannot run `" << op.getName()
                     << "` on elements";
      return std::nullopt;
    }
    for (mlir::Value operand : op.getOperands())
      work->operands.push_back(of(operand));
    work->result = own[op.getResult(0)] = out.registers++;
    out.ops.push_back(std::move(*work));
  }
  for (mlir::Value v : body.getTerminator()->getOperands())
    out.results.push_back(of(v));
  return out;
}

//===-- Operations --------------------------------------------------------===//

llvm::LogicalResult Decoder::State::operation(mlir::Operation *op) {
  // A family says first, of whatever op.
  if (const Rows::Row *row = rows.find(op))
    return (*row)(decoder, op);
  if (mlir::isa<arith::ConstantOp, mlir::ub::PoisonOp, memref::SubViewOp,
                memref::ReinterpretCastOp, memref::TransposeOp, memref::ViewOp,
                memref::CastOp>(op))
    return mlir::success(); // where it is used
  if (std::optional<Arithmetic> work = arithmeticOf(op))
    return arithmetic(op, std::move(*work));
  if (auto launch = mlir::dyn_cast<tile::LaunchOp>(op))
    return launchBody(launch);
  if (auto loop = mlir::dyn_cast<scf::ForOp>(op))
    return this->loop(loop);
  if (auto loop = mlir::dyn_cast<scf::WhileOp>(op))
    return this->loop(loop);
  if (auto branch = mlir::dyn_cast<scf::IfOp>(op))
    return this->branch(branch);
  if (auto alloc = mlir::dyn_cast<memref::AllocOp>(op))
    return allocate(alloc);
  if (mlir::isa<memref::DeallocOp>(op))
    return mlir::success();
  if (auto load = mlir::dyn_cast<memref::LoadOp>(op))
    return element(op, load.getMemRef(), load.getIndices(), load.getResult());
  if (auto store = mlir::dyn_cast<memref::StoreOp>(op))
    return element(op, store.getMemRef(), store.getIndices(),
                   store.getValueToStore());
  return op->emitError() << "the simulator cannot run `" << op->getName()
                         << "`";
}

llvm::LogicalResult Decoder::State::block(mlir::Block &block) {
  for (mlir::Operation &op : block.without_terminator())
    if (mlir::failed(operation(&op)))
      return mlir::failure();
  return mlir::success();
}

llvm::LogicalResult Decoder::State::function(mlir::func::FuncOp function) {
  for (mlir::BlockArgument a : function.getArguments()) {
    program.arguments.push_back(decoder.reg(a));
    program.argumentTypes.push_back(interpreter::elementTypeOf(a.getType()));
  }
  program.name = function.getName().str();
  int32_t begin = here();
  if (mlir::failed(block(function.getBody().front())))
    return mlir::failure();
  decoder.emit(function, Action::End, -1);
  // Constants are there before all.
  program.plan = here();
  for (auto [value, at] : constants)
    move(function, at, {-1, value});
  decoder.emit(function, Action::Jump, -1).target = begin;
  return mlir::success();
}

std::optional<Program> Decoder::decode(mlir::ModuleOp module) {
  mlir::func::FuncOp entry;
  module.walk([&](mlir::func::FuncOp f) {
    if (f->hasAttr("kernel.entry") && !f.isExternal())
      entry = f;
  });
  if (!entry) {
    module.emitError("no function with `kernel.entry`");
    return std::nullopt;
  }
  if (!llvm::hasSingleElement(entry.getBody())) {
    entry.emitError("the simulator takes a function of one block");
    return std::nullopt;
  }
  if (mlir::failed(state->function(entry)))
    return std::nullopt;
  return std::move(state->program);
}
