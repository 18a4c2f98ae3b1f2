// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Interpreter/Report.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/UB/IR/UBOps.h"

#include <cmath>
#include <thread>

using namespace terrazzo;
using namespace terrazzo::interpreter;
namespace scf = mlir::scf;

const Shared &Program::get(mlir::Value value) {
  auto found = values.find(value);
  assert(found != values.end() && "a value is defined before its use");
  return found->second;
}

void Program::step(uint64_t work) {
  steps += work;
  if (shared.stop.load(std::memory_order_relaxed))
    throw Stopped();
}

int64_t Program::decide(mlir::Operation *op, mlir::Value value) {
  const Tensor &t = *get(value);
  if (t.flag(0) & Poison)
    fail(op, DiagnosticKind::PoisonUsed, "a condition or a loop bound");
  return t.ints[0];
}

Tensor terrazzo::interpreter::constantOf(mlir::Attribute value,
                                         mlir::Type type) {
  Tensor r;
  r.type = elementTypeOf(type);
  auto fill = [&](size_t i, mlir::Attribute a) {
    if (auto f = mlir::dyn_cast<mlir::FloatAttr>(a)) {
      llvm::APFloat v = f.getValue();
      bool lost;
      v.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven,
                &lost);
      r.values[i] = r.reference[i] = v.convertToDouble();
    } else if (auto n = mlir::dyn_cast<mlir::IntegerAttr>(a)) {
      r.ints[i] = n.getValue().sextOrTrunc(64).getSExtValue();
    }
  };
  auto dense = mlir::dyn_cast<mlir::DenseElementsAttr>(value);
  if (!dense) {
    r.allocate(1);
    fill(0, value);
    return r;
  }
  r.shape = dense.getType().getShape().vec();
  r.allocate(dense.getNumElements());
  if (dense.isSplat()) {
    fill(0, dense.getSplatValue<mlir::Attribute>());
    if (r.type.isFloat()) {
      std::fill(r.values.begin(), r.values.end(), r.values[0]);
      std::fill(r.reference.begin(), r.reference.end(), r.reference[0]);
    } else {
      std::fill(r.ints.begin(), r.ints.end(), r.ints[0]);
    }
    return r;
  }
  size_t i = 0;
  for (mlir::Attribute a : dense.getValues<mlir::Attribute>())
    fill(i++, a);
  return r;
}

bool Program::controlOp(mlir::Operation *op) {
  auto bind = [&](mlir::ValueRange targets, llvm::ArrayRef<Shared> from) {
    for (auto [target, value] : llvm::zip(targets, from))
      values[target] = value;
  };
  auto gather = [&](mlir::ValueRange range) {
    llvm::SmallVector<Shared> out;
    for (mlir::Value v : range)
      out.push_back(get(v));
    return out;
  };
  if (auto loop = mlir::dyn_cast<scf::ForOp>(op)) {
    ElementType type = elementTypeOf(loop.getInductionVar().getType());
    auto bound = [&](mlir::Value v) {
      int64_t n = decide(op, v);
      return loop.getUnsignedCmp() ? int64_t(zeroExtend(n, type.bits)) : n;
    };
    int64_t lower = bound(loop.getLowerBound()),
            upper = bound(loop.getUpperBound());
    int64_t by = bound(loop.getStep());
    if (by <= 0)
      fail(op, DiagnosticKind::BadLoopStep, std::to_string(by));
    llvm::SmallVector<Shared> carried = gather(loop.getInitArgs());
    for (int64_t i = lower; i < upper; i += by) {
      Tensor iv;
      iv.type = type;
      iv.ints = {signExtend(i, type.bits)};
      set(loop.getInductionVar(), std::move(iv));
      bind(loop.getRegionIterArgs(), carried);
      carried = block(*loop.getBody());
    }
    bind(loop.getResults(), carried);
    return true;
  }
  if (auto branch = mlir::dyn_cast<scf::IfOp>(op)) {
    mlir::Region &region = decide(op, branch.getCondition())
                               ? branch.getThenRegion()
                               : branch.getElseRegion();
    if (!region.empty())
      bind(branch.getResults(), block(region.front()));
    return true;
  }
  if (auto loop = mlir::dyn_cast<scf::WhileOp>(op)) {
    llvm::SmallVector<Shared> carried = gather(loop.getInits());
    while (true) {
      bind(loop.getBeforeArguments(), carried);
      carried = block(loop.getBefore().front());
      auto condition = mlir::cast<scf::ConditionOp>(
          loop.getBefore().front().getTerminator());
      if (!decide(condition, condition.getCondition()))
        break;
      bind(loop.getAfterArguments(), carried);
      carried = block(loop.getAfter().front());
    }
    bind(loop.getResults(), carried);
    return true;
  }
  return false;
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

void Program::execute(mlir::Operation *op) {
  step(1);
  if (auto constant = mlir::dyn_cast<mlir::arith::ConstantOp>(op)) {
    if (!values.count(constant))
      set(constant, constantOf(constant.getValue(), constant.getType()));
    return;
  }
  auto scalar = [&](int64_t v, unsigned bits) {
    Tensor t;
    t.type = {ElementType::Kind::Integer, bits, {}};
    t.ints = {v};
    set(op->getResult(0), std::move(t));
  };
  if (auto pid = mlir::dyn_cast<kernel::GetProgramIdOp>(op))
    return scalar(id[pid.getAxis()], 32);
  if (auto n = mlir::dyn_cast<kernel::GetNumProgramsOp>(op))
    return scalar(shared.launch.grid[n.getAxis()], 32);
  if (elementwise(op) || shapeOp(op) || memoryOp(op) || controlOp(op))
    return;
  if (auto o = mlir::dyn_cast<kernel::DotOp>(op))
    return dot(o);
  if (auto o = mlir::dyn_cast<kernel::ReduceOp>(op))
    return reduce(o);
  if (auto o = mlir::dyn_cast<kernel::ScanOp>(op))
    return scan(o);
  if (mlir::isa<kernel::DebugBarrierOp>(op))
    return;
  if (auto o = mlir::dyn_cast<kernel::AssertOp>(op)) {
    const Tensor &c = *get(o.getCondition());
    for (size_t i = 0; i < c.size(); ++i)
      if (!c.ints[i])
        fail(op, DiagnosticKind::AssertFailed, o.getMessage());
    return;
  }
  if (auto o = mlir::dyn_cast<kernel::AssumeOp>(op)) {
    if (!decide(op, o.getCondition()))
      fail(op, DiagnosticKind::AssumptionFalse);
    return;
  }
  if (auto o = mlir::dyn_cast<kernel::PrintOp>(op)) {
    std::string line = llvm::formatv("pid ({0}, {1}, {2}) {3}", id[0], id[1],
                                     id[2], o.getPrefix())
                           .str();
    for (mlir::Value v : o.getValues()) {
      const Tensor &t = *get(v);
      for (size_t i = 0; i < std::min<size_t>(t.size(), 32); ++i)
        line += t.type.isFloat() ? llvm::formatv(" {0}", t.values[i]).str()
                                 : " " + std::to_string(t.ints[i]);
      line += t.size() > 32 ? " ..." : "";
    }
    std::lock_guard<std::mutex> lock(shared.reports);
    llvm::outs() << line << "\n";
    return;
  }
  fail(op, DiagnosticKind::CannotInterpret, op->getName().getStringRef());
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
      unsigned bits = elementTypeOf(pointee).bits;
      t.ints[0] =
          baseAddress(given.buffer) + given.offset * (bits < 8 ? 1 : bits / 8);
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

/// The programs of a sample: first, last, and the rest spread evenly.
static std::vector<int64_t> chosen(int64_t total, int64_t sample) {
  std::vector<int64_t> out;
  if (sample <= 0 || sample >= total) {
    for (int64_t i = 0; i < total; ++i)
      out.push_back(i);
    return out;
  }
  for (int64_t i = 0; i < sample; ++i)
    out.push_back(
        sample == 1 ? 0 : int64_t(__int128(i) * (total - 1) / (sample - 1)));
  return out;
}

std::optional<LaunchResult>
terrazzo::interpreter::run(const Launch &launch, DiagnosticEngine &engine) {
  mlir::func::FuncOp entry;
  launch.module->walk([&](mlir::func::FuncOp f) {
    if (f->hasAttr("kernel.entry"))
      entry = f;
  });
  if (!entry || entry.getNumArguments() != launch.arguments.size()) {
    engine.emit(DiagnosticKind::NoEntry, Where());
    return std::nullopt;
  }
  for (Buffer &buffer : *launch.buffers)
    if (buffer.data.flags.empty())
      buffer.data.flags.assign(buffer.data.size(), 0);
  LaunchState shared{launch, engine, {}, {}, {}, {}};
  const auto &g = launch.grid;
  std::vector<int64_t> programs = chosen(g[0] * g[1] * g[2], launch.sample);
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t i; (i = next++) < programs.size() && !shared.stop;) {
      int64_t p = programs[i];
      Program program(shared, {p % g[0], p / g[0] % g[1], p / (g[0] * g[1])});
      try {
        program.run(entry);
      } catch (const Stopped &) {
      }
    }
  };
  unsigned threads =
      launch.threads ? launch.threads : std::thread::hardware_concurrency();
  std::vector<std::thread> pool;
  for (unsigned i = 1; i < std::min<size_t>(threads, programs.size()); ++i)
    pool.emplace_back(work);
  work();
  for (std::thread &t : pool)
    t.join();
  if (shared.stop)
    return std::nullopt;
  return LaunchResult{int64_t(programs.size()), shared.operations};
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
