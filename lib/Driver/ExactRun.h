// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The oracle's exact-integer run: a launch whose float inputs are replaced by
// integers so small that every operation is exact in any order. Whoever runs
// it must give the same bits.
#ifndef TERRAZZO_LIB_DRIVER_EXACTRUN_H
#define TERRAZZO_LIB_DRIVER_EXACTRUN_H

#include "lib/Driver/Exactness.h"
#include "lib/Driver/Launching.h"

namespace terrazzo::driver {

/// How the integers are drawn: one element in \p every is large, at most
/// \p largest (and what its format holds exactly); the rest is -1, 0 or 1.
struct IntegerDraw {
  unsigned every = 1;
  int64_t largest = 4095;
};

/// Replaces the contents of float buffers, and float scalars, by integers.
/// What is all zero, or was never written, stays: kernels add to it or write
/// it.
void makeExactInputs(Prepared &prepared, const IntegerDraw &draw,
                     uint64_t seed);

/// How bits compare where all of them must be equal. Elements that no program
/// wrote are left out; zeros are equal, and so are NaNs.
struct ExactComparison {
  int64_t compared = 0, differing = 0;
  int64_t first = -1; // the first that differs
  double want = 0, got = 0;
};
/// \p expected by its reference, rounded once to its format.
ExactComparison compareExact(const interpreter::Tensor &expected,
                             const interpreter::Tensor &actual);

/// What runs a launch on the buffers of its `Prepared`; false after an error,
/// which was reported.
using JudgedRun =
    llvm::function_ref<bool(Prepared &, const interpreter::Launch &)>;

/// The launch of a file afresh; nothing after an error, which was reported.
using PrepareAgain = llvm::function_ref<std::optional<Prepared>(
    const LaunchFile &, DiagnosticEngine &)>;

struct ExactVerdict {
  std::string whyNot; // empty: there was a run
  bool ok = true;
  int64_t compared = 0;
};

struct ExactOptions {
  uint64_t seed = 0;
  unsigned threads = 0;
  int64_t sample = 0;
  /// More elements in all buffers together take no exact run.
  int64_t maxElements = int64_t(1) << 24;
  Limits limits;
};

/// Makes a launch of \p module with integers, runs it in the oracle and by
/// \p judged, and compares every output bit for bit; a difference is reported.
/// Without \p judged the oracle's own bits are judged by its float64 reference.
ExactVerdict judgeExactly(const LaunchFile &file, PrepareAgain prepareAgain,
                          mlir::ModuleOp module, const ExactOptions &options,
                          DiagnosticEngine &engine, JudgedRun judged = nullptr);

/// The same of several launches in order. The first of each sequence has the
/// memory, before and after; `judged` leaves it there.
using JudgedRuns = llvm::function_ref<bool(std::vector<Prepared> &)>;
using PrepareAllAgain = llvm::function_ref<std::optional<std::vector<Prepared>>(
    const LaunchFile &, DiagnosticEngine &)>;
ExactVerdict judgeAllExactly(const LaunchFile &file,
                             PrepareAllAgain prepareAgain,
                             llvm::ArrayRef<mlir::ModuleOp> modules,
                             const ExactOptions &options,
                             DiagnosticEngine &engine,
                             JudgedRuns judged = nullptr);

} // namespace terrazzo::driver

#endif // TERRAZZO_LIB_DRIVER_EXACTRUN_H
