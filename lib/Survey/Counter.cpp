// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Survey/Counter.h"

#include "dialects/Kernel/Kernel.h"
#include "lib/Diagnostics/FirstFault.h"
#include "lib/Diagnostics/MLIRBridge.h"
#include "lib/Driver/Binding.h"
#include "lib/Driver/Launching.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace terrazzo;
using namespace terrazzo::survey;

std::string Product::text() const {
  std::string out = isScaled ? "scaled " + a : a;
  return a == b ? out : out + " x " + b;
}

int64_t Work::bytes() const {
  int64_t sum = 0;
  for (const Traffic &t : traffic)
    sum += (t.read + t.written) * t.bytesEach;
  return sum;
}

double Work::operations() const {
  double sum = 0;
  for (const auto &[product, n] : products)
    sum += n;
  for (const auto &[type, n] : vector)
    sum += n;
  return sum;
}

Counter::Counter(const Steps &steps, const driver::Prepared &prepared,
                 const std::set<int> &changed, DiagnosticEngine &engine,
                 const Limits &limits, uint64_t mostSteps)
    : steps(steps), prepared(prepared), engine(engine),
      mostPasses(limits.passes), mostSteps(mostSteps), values(steps.count) {
  for (const interpreter::Buffer &buffer : prepared.buffers) {
    hasChanged.push_back(changed.count(int(read.size())));
    read.emplace_back(int64_t(buffer.data.size()));
    written.emplace_back(int64_t(buffer.data.size()));
  }
}

void Counter::refuse(const Step &step, llvm::StringRef why) {
  engine.emit(DiagnosticKind::CannotCount, where(step.op->getLoc()), why);
  throw Stop();
}

/// A number that decides something.
int64_t Counter::numberOf(const Step &step, unsigned in) {
  if (!values[in].isKnown)
    refuse(step, "what it computes decides where or how often this is done");
  return values[in].number;
}

const Window &Counter::windowOf(const Step &step, size_t i) {
  if (!in(step, i).window)
    refuse(step, "a view that another op makes");
  return *in(step, i).window;
}

llvm::SmallVector<Range, 2> Counter::validOf(const Step &step, size_t i) {
  mlir::Type type = step.op->getOperand(unsigned(i)).getType();
  if (mlir::isa<tile::ViewType>(type))
    return windowOf(step, i).inside();
  auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type);
  llvm::SmallVector<Range, 2> valid = in(step, i).valid;
  if (!tensor || valid.size() == size_t(tensor.getRank()))
    return valid;
  valid.clear(); // nothing is known
  for (int64_t d : tensor.getShape())
    valid.push_back({0, d});
  return valid;
}

std::vector<Value> Counter::take(llvm::ArrayRef<unsigned> from) const {
  std::vector<Value> out;
  for (unsigned i : from)
    out.push_back(values[i]);
  return out;
}

void Counter::give(llvm::ArrayRef<unsigned> to,
                   const std::vector<Value> &from) {
  for (size_t i = 0; i < to.size() && i < from.size(); ++i)
    values[to[i]] = from[i];
}

void Counter::pay(const Step &step, double elements) {
  for (const auto &[type, n] : step.cost)
    work.vector[type] += n * elements;
}

void Counter::run(const Body &body) {
  ran += body.steps.size();
  if (ran > mostSteps && !body.steps.empty())
    refuse(body.steps[0], "it takes too long");
  for (const Step &step : body.steps)
    run(step);
}

void Counter::run(const Step &step) {
  if (step.arithmetic) {
    int64_t operands[3] = {0, 0, 0};
    bool known = step.ins.size() <= 3;
    for (size_t i = 0; known && i < step.ins.size(); ++i) {
      known = values[step.ins[i]].isKnown;
      operands[i] = values[step.ins[i]].number;
    }
    Value &result = out(step);
    result.isKnown = known;
    if (known)
      result.number = step.arithmetic(operands, step.from, step.to);
    return;
  }
  if (control(step) || memory(step) || compute(step))
    return;
  // Arithmetic on floats, which steers nothing that is counted.
  pay(step, 1);
  for (unsigned result : step.outs)
    values[result] = Value();
  if (!step.bodies.empty())
    refuse(step, ("`" + step.op->getName().getStringRef() + "`").str());
}

Work Counter::count(llvm::ArrayRef<interpreter::LaunchArgument> arguments) {
  for (auto [i, given] : llvm::enumerate(arguments)) {
    Value &value = values[steps.body.arguments[i]];
    mlir::Type type =
        mlir::cast<mlir::func::FuncOp>(steps.body.steps[0].op->getParentOp())
            .getArgument(unsigned(i))
            .getType();
    auto pointer = mlir::dyn_cast<kernel::PtrType>(type);
    value.isKnown = bitsOf(type) != 0;
    value.number = pointer ? interpreter::addressOf(given.buffer, given.offset,
                                                    interpreter::elementTypeOf(
                                                        pointer.getPointee()))
                           : given.integer;
  }
  run(steps.body);
  for (size_t i = 0; i < read.size(); ++i) {
    Traffic t;
    t.argument = prepared.buffers[i].name;
    t.read = read[i].size();
    t.written = written[i].size();
    t.bytesEach = driver::elementBytes(prepared.buffers[i].data.type);
    if (t.written)
      work.changed.insert(int(i));
    if (t.read || t.written)
      work.traffic.push_back(std::move(t));
  }
  return std::move(work);
}

std::optional<Work>
survey::countWork(mlir::ModuleOp module, driver::Prepared &prepared,
                  const std::set<int> &changed, DiagnosticEngine &engine,
                  const Limits &limits, uint64_t mostSteps) {
  auto launch =
      driver::launchOf(module, prepared, engine, /*gridArguments=*/true);
  if (!launch)
    return std::nullopt;
  for (mlir::func::FuncOp entry : module.getOps<mlir::func::FuncOp>()) {
    if (!entry->hasAttr("kernel.entry"))
      continue;
    Steps steps(entry);
    if (steps.body.steps.empty())
      return Work();
    try {
      return Counter(steps, prepared, changed, engine, limits, mostSteps)
          .count(launch->arguments);
    } catch (const Stop &) {
      return std::nullopt;
    }
  }
  return std::nullopt;
}
