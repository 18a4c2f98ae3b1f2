// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs the control flow and the addresses of a launch, and counts.
#ifndef TERRAZZO_LIB_SURVEY_COUNTER_H
#define TERRAZZO_LIB_SURVEY_COUNTER_H

#include "lib/Survey/Steps.h"
#include "lib/Survey/Windows.h"
#include "lib/Survey/Work.h"

#include "dialects/Tile/Tile.h"

namespace terrazzo::survey {

/// What is known of a value.
struct Value {
  bool isKnown = false; // `number` of a scalar, `elements` of a tensor
  int64_t number = 0;
  /// The part of a tensor that is no padding: outside it every element came
  /// from beyond the edge of an array.
  llvm::SmallVector<Range, 2> valid;
  Elements elements;
  std::shared_ptr<const Window> window;
};

class Counter {
public:
  Counter(const Steps &steps, const driver::Prepared &prepared,
          const std::set<int> &changed, DiagnosticEngine &engine,
          const Limits &limits, uint64_t mostSteps);
  /// Throws Stop after an error, which was reported.
  Work count(llvm::ArrayRef<interpreter::LaunchArgument> arguments);

private:
  [[noreturn]] void refuse(const Step &step, llvm::StringRef why);
  void run(const Body &body);
  void run(const Step &step);
  int64_t numberOf(const Step &step, unsigned in);
  Value &in(const Step &step, size_t i) { return values[step.ins[i]]; }
  Value &out(const Step &step) { return values[step.outs[0]]; }
  /// The view that operand \p i is.
  const Window &windowOf(const Step &step, size_t i);
  /// What of operand \p i, a tensor or a view, is no padding.
  llvm::SmallVector<Range, 2> validOf(const Step &step, size_t i);
  std::vector<Value> take(llvm::ArrayRef<unsigned> from) const;
  void give(llvm::ArrayRef<unsigned> to, const std::vector<Value> &from);
  void pay(const Step &step, double elements);

  // CounterControl.cpp
  bool control(const Step &step);
  void constant(const Step &step);
  void forLoop(const Step &step);
  void whileLoop(const Step &step);
  void launch(const Step &step);
  void order(const Step &step);

  // CounterMemory.cpp
  bool memory(const Step &step);
  void view(const Step &step);
  void slice(const Step &step);
  void load(const Step &step);
  void store(const Step &step);
  void atomic(const Step &step);
  void touch(std::vector<Touched> &to, const Step &step, const Window &window,
             const Value *mask);
  void readElements(const Step &step, const Window &window, Value &result);

  // CounterCompute.cpp
  bool compute(const Step &step);
  void map(const Step &step);
  bool runElement(const Body &body);
  Elements mapElements(const Step &step);
  void reduce(const Step &step);
  bool reduceElements(const Step &step);
  void scan(const Step &step);
  void product(const Step &step);
  void takePart(const Step &step);

  const Steps &steps;
  const driver::Prepared &prepared;
  DiagnosticEngine &engine;
  uint64_t passes = 0, mostPasses, ran = 0, mostSteps;
  std::vector<Value> values;
  std::vector<Touched> read, written;
  std::vector<bool> hasChanged; // by buffer: what stands there is not known
  Work work;
};

} // namespace terrazzo::survey

#endif // TERRAZZO_LIB_SURVEY_COUNTER_H
