// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Diagnostics/Progress.h"
#include "lib/Interpreter/Report.h"

#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/UB/IR/UBOps.h"

#include <cmath>
#include <thread>

using namespace terrazzo;
using namespace terrazzo::interpreter;
namespace scf = mlir::scf;

const Tensor *Program::find(mlir::Value value) const {
  for (const Program *p = this; p; p = p->outer)
    if (auto found = p->values.find(value); found != p->values.end())
      return found->second.get();
  return nullptr;
}

Shared Program::get(mlir::Value value) {
  for (const Program *p = this; p; p = p->outer)
    if (auto found = p->values.find(value); found != p->values.end())
      return found->second;
  // Only where the verifier was off.
  mlir::Operation *made = value.getDefiningOp();
  fail(made ? made : value.getParentBlock()->getParentOp(),
       DiagnosticKind::PoisonUsed, "what comes before this op");
}

void Program::step(uint64_t work) {
  steps += work;
  if (shared.stop.load(std::memory_order_relaxed))
    throw Stopped();
}

void Program::pass(mlir::Operation *loop) {
  uint64_t most = shared.launch.limits.passes;
  if (++passes > most)
    fail(loop, DiagnosticKind::TooManyPasses, std::to_string(most));
}

int64_t Program::decide(mlir::Operation *op, mlir::Value value) {
  const Tensor &t = *get(value);
  if (t.flag(0) & Poison)
    fail(op, DiagnosticKind::PoisonUsed, "a condition or a loop bound");
  return t.ints[0];
}

/// Runs a block; what its terminator passes on is the result.
llvm::SmallVector<Shared> Program::block(mlir::Block &body) {
  for (mlir::Operation &op : body.without_terminator())
    execute(&op);
  llvm::SmallVector<Shared> out;
  mlir::Operation *end = body.getTerminator();
  for (mlir::Value v : mlir::isa<scf::ConditionOp>(end)
                           ? end->getOperands().drop_front()
                           : end->getOperands())
    out.push_back(get(v));
  return out;
}

const Semantics &terrazzo::interpreter::sharedSemantics() {
  static const Semantics all = [] {
    Semantics s;
    addControlSemantics(s);
    addKernelSemantics(s);
    addTileSemantics(s);
    return s;
  }();
  return all;
}

void Program::execute(mlir::Operation *op) {
  step(1);
  if (!shared.flights)
    return perform(op);
  flights.before(*this, op);
  perform(op);
  flights.after(*this, op);
}

void Program::perform(mlir::Operation *op) {
  if (const Semantics::Run *run = shared.semantics.find(op))
    return (*run)(*this, op);
  if (!elementwise(op))
    fail(op, DiagnosticKind::CannotInterpret, op->getName().getStringRef());
}

/// The first value of a type that the oracle has no elements for.
static mlir::Operation *unknownType(mlir::ModuleOp module) {
  auto known = [](mlir::Type type) {
    if (mlir::isa<tile::ViewType, tile::ChannelType>(type))
      return !mlir::isa<tile::ViewType>(type) ||
             elementTypeOf(mlir::cast<tile::ViewType>(type).getTensor()).bits;
    auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type);
    mlir::Type element = mlir::getElementTypeOrSelf(type);
    bool scalar = mlir::isa<mlir::IntegerType, mlir::IndexType, mlir::FloatType,
                            kernel::PtrType>(element);
    return scalar && (tensor || element == type) && elementTypeOf(type).bits;
  };
  mlir::Operation *found = nullptr;
  module->walk([&](mlir::Operation *op) {
    bool fits = llvm::all_of(op->getResultTypes(), known);
    for (mlir::Region &region : op->getRegions())
      for (mlir::Block &block : region)
        fits &= llvm::all_of(block.getArgumentTypes(), known);
    if (!fits && !found)
      found = op;
  });
  return found;
}

void Program::run(mlir::func::FuncOp function) {
  for (auto [argument, given] :
       llvm::zip(function.getArguments(), shared.launch.arguments)) {
    Tensor t;
    t.type = elementTypeOf(argument.getType());
    t.allocate(1);
    if (t.type.kind == ElementType::Kind::Pointer) {
      auto pointee =
          mlir::cast<kernel::PtrType>(argument.getType()).getPointee();
      t.ints[0] = addressOf(given.buffer, given.offset, elementTypeOf(pointee));
    } else if (t.type.isFloat()) {
      t.values[0] = t.reference[0] = numerics::round(t.type.format, given.real);
    } else {
      t.ints[0] = signExtend(given.integer, t.type.bits);
    }
    set(argument, std::move(t));
  }
  block(function.getBody().front());
  shared.operations += steps;
}

int64_t terrazzo::interpreter::addressOf(int buffer, int64_t element,
                                         const ElementType &type) {
  return baseAddress(buffer) + element * (type.bits < 8 ? 1 : type.bits / 8);
}

std::pair<int, int64_t> terrazzo::interpreter::placeOf(int64_t address) {
  int buffer = int(address / addressSpan - 1);
  return {buffer, address - baseAddress(buffer)};
}

int64_t Sample::at(int64_t i) const {
  if (count == total)
    return i;
  return count == 1 ? 0 : int64_t(__int128(i) * (total - 1) / (count - 1));
}

std::optional<LaunchResult>
terrazzo::interpreter::run(const Launch &launch, DiagnosticEngine &engine) {
  mlir::func::FuncOp entry;
  launch.module->walk([&](mlir::func::FuncOp f) {
    bool named = launch.entry.empty() ? f->hasAttr("kernel.entry")
                                      : f.getName() == launch.entry;
    if (named && !f.isExternal())
      entry = f;
  });
  if (!entry || entry.getNumArguments() != launch.arguments.size()) {
    engine.emit(DiagnosticKind::NoEntry, Where());
    return std::nullopt;
  }
  if (mlir::Operation *op = unknownType(launch.module)) {
    engine.emit(DiagnosticKind::CannotInterpret, where(op->getLoc()),
                op->getName().getStringRef());
    return std::nullopt;
  }
  for (Buffer &buffer : *launch.buffers) {
    if (buffer.data.flags.empty())
      buffer.data.flags.assign(buffer.data.size(), 0);
    if (launch.sample > 0)
      buffer.written.assign(buffer.data.size(), 0);
  }
  LaunchState shared(launch, engine,
                     launch.semantics ? *launch.semantics : sharedSemantics());
  // A host plan runs once and launches by itself. Only where nothing follows
  // on a launch may a part of it stand for the whole.
  int launches = 0;
  entry.walk([&](mlir::Operation *op) {
    launches += mlir::isa<tile::LaunchOp>(op);
    shared.flights |= op->hasAttr("flight");
  });
  shared.sample = launches > 1 ? 0 : launch.sample;
  const std::array<int64_t, 3> g =
      launches ? std::array<int64_t, 3>{1, 1, 1} : launch.grid;
  Sample programs(g[0] * g[1] * g[2], launches ? 0 : launch.sample);
  // A host plan's launches say themselves how far they are.
  std::optional<Progress> progress;
  if (!launches)
    progress.emplace(engine, "oracle: program", programs.count);
  std::atomic<int64_t> next{0};
  auto work = [&] {
    for (int64_t i; (i = next++) < programs.count && !shared.stop;) {
      int64_t p = programs.at(i);
      Program program(shared, {p % g[0], p / g[0] % g[1], p / (g[0] * g[1])});
      try {
        program.run(entry);
      } catch (const Stopped &) {
      }
      if (progress)
        progress->step();
    }
    shared.waiting.end();
  };
  unsigned threads =
      launch.threads ? launch.threads : std::thread::hardware_concurrency();
  threads = unsigned(std::clamp<int64_t>(programs.count, 1, threads));
  shared.waiting.start(threads);
  std::vector<std::thread> pool;
  for (unsigned i = 1; i < threads; ++i)
    pool.emplace_back(work);
  work();
  for (std::thread &t : pool)
    t.join();
  if (shared.stop)
    return std::nullopt;
  int64_t ran = shared.programs ? shared.programs.load() : programs.count;
  return LaunchResult{ran, shared.operations};
}

Comparison terrazzo::interpreter::compare(const Tensor &oracle,
                                          const std::vector<double> *actual) {
  Comparison c;
  int64_t ambiguous = 0, n = oracle.size();
  for (int64_t i = 0; i < n; ++i) {
    if (oracle.flag(i) & Poison) {
      ++c.unwritten;
      continue;
    }
    bool unsure = oracle.flag(i) & Ambiguous;
    ambiguous += unsure;
    if (!oracle.type.isFloat()) {
      double got = actual ? (*actual)[i] : double(oracle.ints[i]);
      double d = std::fabs(got - double(oracle.ints[i]));
      c.maxAbs = std::max(c.maxAbs, d);
      if (d != 0 && !unsure) {
        c.ok = false;
        c.errorOverBound = INFINITY;
      }
      continue;
    }
    double got = actual ? (*actual)[i] : oracle.values[i],
           ref = oracle.reference[i];
    if ((std::isnan(got) && std::isnan(ref)) || got == ref)
      continue;
    // Beyond the largest number of the format the reference is infinite too.
    if (std::isinf(got) && numerics::round(oracle.type.format, ref) == got)
      continue;
    double d = std::fabs(got - ref), bound = oracle.error[i] + 0.0;
    c.maxAbs = std::max(c.maxAbs, d);
    if (ref != 0)
      c.maxRel = std::max(c.maxRel, d / std::fabs(ref));
    double ratio = bound > 0 ? d / bound : INFINITY;
    if (std::isnan(ratio))
      ratio = std::isinf(bound) ? 0 : INFINITY;
    c.errorOverBound = std::max(c.errorOverBound, unsure ? 0 : ratio);
    if (!(ratio <= 1) && !unsure)
      c.ok = false;
  }
  c.ambiguous = n ? double(ambiguous) / n : 0;
  if (c.ambiguous > 0.01)
    c.ok = false;
  return c;
}
