// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Driver/VerifySemantics.h"

#include "lib/Driver/Binding.h"

#include "dialects/Tile/Tile.h"

#include "llvm/Support/Format.h"

#include <cmath>
#include <set>

using namespace terrazzo;
using namespace terrazzo::driver;
using interpreter::Buffer;
using interpreter::Comparison;
using interpreter::Tensor;

bool SemanticStep::sameBits() const {
  return llvm::all_of(outputs,
                      [](const StepOutput &o) { return o.otherBits == 0; });
}
bool SemanticStep::ok() const {
  return samePrints && llvm::all_of(outputs, [](const StepOutput &o) {
           return o.changed == 0;
         });
}
bool SemanticsVerifier::ok() const {
  return llvm::all_of(steps, [](const SemanticStep &s) { return s.ok(); });
}

/// Float sums whose order is open, and float atomics, whose order is chance.
bool terrazzo::driver::mayRegroup(mlir::ModuleOp module) {
  auto isFloat = [](mlir::Value v) {
    return mlir::isa<mlir::FloatType>(mlir::getElementTypeOrSelf(v.getType()));
  };
  return module
      .walk([&](mlir::Operation *op) {
        bool open = mlir::isa<tile::MmaOp>(op);
        if (auto reduce = mlir::dyn_cast<tile::ReduceOp>(op))
          open = reduce.getOrder() == "any";
        if (auto atomic = mlir::dyn_cast<tile::AtomicOp>(op))
          open = atomic.getKind() != "load";
        return open && llvm::any_of(op->getOperands(), isFloat)
                   ? mlir::WalkResult::interrupt()
                   : mlir::WalkResult::advance();
      })
      .wasInterrupted();
}

//===-- Running a level ---------------------------------------------------===//

bool SemanticsVerifier::runKernel(const std::string &level,
                                  mlir::ModuleOp kernel) {
  return run(level, kernel, /*gridArguments=*/false, Agreement::Bits);
}
bool SemanticsVerifier::runTile(const std::string &level, mlir::ModuleOp tile,
                                Agreement agreement) {
  return run(level, tile, /*gridArguments=*/true, agreement);
}

bool SemanticsVerifier::run(const std::string &name, mlir::ModuleOp module,
                            bool gridArguments, Agreement agreement) {
  Prepared copy = start;
  auto launch = launchOf(module, copy, engine, gridArguments);
  if (!launch)
    return false;
  std::string prints;
  launch->limits = limits;
  launch->threads = threads;
  launch->prints = &prints;
  if (!interpreter::run(*launch, engine))
    return false;
  compare(name, copy.buffers, agreement, &prints);
  printed = std::move(prints);
  memory = std::move(copy.buffers);
  level = name;
  return true;
}

void SemanticsVerifier::compareResults(const std::string &name,
                                       const std::vector<Buffer> &results) {
  compare(name, results, Agreement::Bounds, nullptr);
}

//===-- Comparing two levels ----------------------------------------------===//

/// Programs print in any order.
static std::multiset<std::string> linesOf(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef> lines;
  text.split(lines, '\n');
  std::multiset<std::string> out;
  for (llvm::StringRef line : lines)
    out.insert(line.str());
  return out;
}

void SemanticsVerifier::compare(const std::string &to,
                                const std::vector<Buffer> &results,
                                Agreement agreement,
                                const std::string *prints) {
  if (level.empty())
    return; // the first level is what the others are held against
  SemanticStep step{level, to, agreement, {}, true};
  for (size_t i = 0; i < memory.size(); ++i) {
    if (llvm::none_of(start.outputs,
                      [&](const Output &o) { return o.buffer == int(i); }))
      continue;
    step.outputs.push_back(compareBuffer(step, memory[i], results[i].data,
                                         /*isCode=*/!prints));
  }
  if (prints && linesOf(*prints) != linesOf(printed)) {
    step.samePrints = false;
    if (!spoken)
      engine.emit(DiagnosticKind::StepChangedPrints, Where(), step.name());
    spoken = true;
  }
  steps.push_back(std::move(step));
}

void SemanticsVerifier::report(const SemanticStep &step,
                               const std::string &output, int64_t element,
                               const std::string &now, const std::string &was) {
  if (!spoken)
    engine.emit(DiagnosticKind::StepChanged, Where(), step.name(), output,
                std::to_string(element), now, was);
  spoken = true;
}

static bool sameBits(const Tensor &a, const Tensor &b, size_t i) {
  if (!a.type.isFloat())
    return a.ints[i] == b.ints[i];
  double x = a.values[i], y = b.values[i];
  return (std::isnan(x) && std::isnan(y)) ||
         llvm::bit_cast<uint64_t>(x) == llvm::bit_cast<uint64_t>(y);
}

static std::string shown(const Tensor &t, size_t i, bool unwritten) {
  if (unwritten)
    return "unwritten";
  if (!t.type.isFloat())
    return std::to_string(t.ints[i]);
  // So many digits tell every two numbers of the format apart.
  std::string out;
  llvm::raw_string_ostream(out)
      << llvm::format("%.*g", t.type.bits > 32 ? 17 : 9, t.values[i]);
  return out;
}

/// One element by the reference and the bound of \p was.
static Comparison judge(const Tensor &was, const Tensor &now, size_t i) {
  Tensor one;
  one.type = was.type;
  one.allocate(1);
  one.take(0, was, i);
  one.flags.clear(); // what is ambiguous is up to the caller
  std::vector<double> got{now.values[i]};
  return interpreter::compare(one, &got);
}

/// Float64 references differ by float64 roundings alone, whatever the order;
/// the bound is made of roundings of a format at least 2^29 times coarser.
static bool sameReference(const Tensor &was, const Tensor &now, size_t i) {
  double a = was.reference[i], b = now.reference[i];
  if (was.type.format == numerics::Format::F64 || !std::isfinite(a) ||
      !std::isfinite(b))
    return true;
  return std::fabs(a - b) <= 0x1p-20 * was.error[i];
}

StepOutput SemanticsVerifier::compareBuffer(const SemanticStep &step,
                                            const Buffer &was,
                                            const Tensor &now, bool isCode) {
  StepOutput out;
  out.name = was.name;
  const Tensor &before = was.data;
  // No computation makes the mark of a wide float; of others it is a number.
  bool markSays = before.type.isFloat() && before.type.bits > 8;
  int64_t open = 0, firstOpen = -1;
  auto change = [&](size_t i, bool absentNow, bool absentBefore) {
    report(step, out.name, int64_t(i), shown(now, i, absentNow),
           shown(before, i, absentBefore));
    ++out.changed;
  };
  for (size_t i = 0, n = before.size(); i < n; ++i) {
    bool absentBefore = before.flag(i) & interpreter::Poison;
    bool absentNow = now.flag(i) & interpreter::Poison;
    if (absentBefore && absentNow)
      continue;
    ++out.elements;
    // What code left unwritten a mark says, which narrow types may compute.
    if (absentBefore != absentNow && (!absentNow || !isCode || markSays)) {
      ++out.otherBits;
      change(i, absentNow, absentBefore);
      continue;
    }
    bool same = sameBits(before, now, i);
    out.otherBits += !same;
    bool strict = step.agreement == Agreement::Bits;
    bool unsure = before.flag(i) & interpreter::Ambiguous;
    bool moved = !strict && !isCode && !unsure && before.type.isFloat() &&
                 !sameReference(before, now, i);
    if (same && !moved)
      continue;
    if (strict || moved || (!unsure && !before.type.isFloat())) {
      change(i, false, false);
      continue;
    }
    if (unsure) {
      firstOpen = open++ ? firstOpen : int64_t(i);
      continue;
    }
    Comparison c = judge(before, now, i);
    out.errorOverBound = std::max(out.errorOverBound, c.errorOverBound);
    if (!c.ok)
      change(i, false, false);
  }
  // As in the oracle: so many decisions on the edge are no coincidence.
  if (open > 0 && double(open) > 0.01 * double(out.elements))
    change(size_t(firstOpen), false, false);
  return out;
}

//===-- Saying it ---------------------------------------------------------===//

std::string SemanticsVerifier::summary() const {
  size_t n = steps.size();
  return llvm::formatv("{0} levels, {1} step{2} compared, none skipped", n + 1,
                       n, n == 1 ? "" : "s");
}

std::string SemanticsVerifier::text() const {
  std::string out;
  for (const SemanticStep &step : steps) {
    double worst = 0;
    for (const StepOutput &o : step.outputs)
      worst = std::max(worst, o.errorOverBound);
    std::string how = !step.ok() ? "CHANGED"
                      : step.sameBits()
                          ? "the same bits"
                          : llvm::formatv("{0:f3} of the bound", worst).str();
    out += llvm::formatv("    {0}: {1}\n", step.name(), how).str();
  }
  return out;
}
