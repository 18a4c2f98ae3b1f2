// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a launch has to do on any chip: the bytes that must move, and the
// operations on numbers (docs/Guides/Survey.md says how they are counted).
#ifndef TERRAZZO_LIB_SURVEY_WORK_H
#define TERRAZZO_LIB_SURVEY_WORK_H

#include "lib/Driver/Prepare.h"

#include "mlir/IR/BuiltinOps.h"

#include <map>

namespace terrazzo::survey {

/// The types of a product of matrices, as chip files name them.
struct Product {
  std::string a, b, acc;
  std::string precision; // ieee, tf32, …
  bool isScaled = false; // blocks have scales (MX)
  auto operator<=>(const Product &) const = default;
  /// f32, f8E4M3FN x bf16, scaled f4E2M1FN
  std::string text() const;
};

struct Traffic {
  std::string argument;
  int64_t read = 0, written = 0; // different elements
  int64_t bytesEach = 0;
};

struct Work {
  std::vector<Traffic> traffic;
  std::map<Product, double> products;   // operations: two for each step
  std::map<std::string, double> vector; // of float arithmetic, by type
  int64_t programs = 0;
  std::set<int> changed; // the buffers that it writes
  /// What was taken for more than it may be, in words.
  std::vector<std::string> loose;

  int64_t bytes() const;
  double operations() const;
};

/// Counts the work of a launch of \p module: Tile IR as lib/Pipeline makes it,
/// under no schedule. Runs its control flow and its addresses, not its
/// arithmetic; an earlier launch has written the buffers in \p changed. Nothing
/// after an error, which was reported: what steers the kernel is computed by
/// it.
std::optional<Work> countWork(mlir::ModuleOp module, driver::Prepared &prepared,
                              const std::set<int> &changed,
                              DiagnosticEngine &engine,
                              const Limits &limits = {},
                              uint64_t mostSteps = UINT64_MAX);

} // namespace terrazzo::survey

#endif // TERRAZZO_LIB_SURVEY_WORK_H
