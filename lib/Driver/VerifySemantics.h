// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One launch at every level of IR, on the same inputs: each level is held
// against the one that it was made from, so that the first step which changed
// a result has a name.
#ifndef TERRAZZO_LIB_DRIVER_VERIFYSEMANTICS_H
#define TERRAZZO_LIB_DRIVER_VERIFYSEMANTICS_H

#include "lib/Driver/Launching.h"

namespace terrazzo::driver {

/// How the bits of two levels may differ.
enum class Agreement {
  Bits, // nothing was reordered: not at all
  /// Within the bounds that the oracle found at the earlier level. Its float64
  /// references of both levels are the same but for their own rounding.
  Bounds
};

/// What became of one buffer in one step.
struct StepOutput {
  std::string name;
  int64_t elements = 0;  // that either level wrote
  int64_t otherBits = 0; // of these, bits that differ
  int64_t changed = 0;   // of these, more than the agreement allows
  double errorOverBound = 0;
};

struct SemanticStep {
  std::string from, to;
  Agreement agreement = Agreement::Bits;
  std::vector<StepOutput> outputs;
  bool samePrints = true;
  std::string name() const { return "from " + from + " to " + to; }
  bool sameBits() const;
  bool ok() const;
};

class SemanticsVerifier {
public:
  /// Takes the launch before anything has run: its buffers are copied, and each
  /// level starts from them.
  SemanticsVerifier(const Prepared &start, unsigned threads,
                    DiagnosticEngine &engine)
      : start(start), threads(threads), engine(engine) {}

  /// Run a level in the oracle and compare it with the level before. False
  /// after an error, which was reported; a result that changed is none: it is
  /// reported (the first of the whole chain) and is in \ref steps.
  bool runKernel(const std::string &level, mlir::ModuleOp kernel);
  /// \p tile takes the extents of the grid after the arguments of the kernel.
  bool runTile(const std::string &level, mlir::ModuleOp tile,
               Agreement agreement);
  /// Compares what code left in the buffers, in the order of the launch's.
  void compareResults(const std::string &level,
                      const std::vector<interpreter::Buffer> &results);

  bool ok() const;
  /// 3 levels, 2 steps compared, none skipped
  std::string summary() const;
  /// A line for each step.
  std::string text() const;

  std::vector<SemanticStep> steps;
  Limits limits; // of the runs in the oracle

private:
  bool run(const std::string &level, mlir::ModuleOp module, bool gridArguments,
           Agreement agreement);
  void compare(const std::string &level,
               const std::vector<interpreter::Buffer> &results,
               Agreement agreement, const std::string *prints);
  StepOutput compareBuffer(const SemanticStep &step,
                           const interpreter::Buffer &was,
                           const interpreter::Tensor &now, bool isCode);
  void report(const SemanticStep &step, const std::string &output,
              int64_t element, const std::string &now, const std::string &was);

  const Prepared start;
  bool spoken = false;
  unsigned threads;
  DiagnosticEngine &engine;
  /// Of the level before: its memory and the lines that it printed.
  std::string level;
  std::vector<interpreter::Buffer> memory;
  std::string printed;
};

/// Whether two runs of \p module may add floats up in different orders.
bool mayRegroup(mlir::ModuleOp module);

} // namespace terrazzo::driver

#endif // TERRAZZO_LIB_DRIVER_VERIFYSEMANTICS_H
