// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a launch left in its outputs: compared, saved and reported.
#ifndef TERRAZZO_TOOLS_TERRAZZO_OUTPUTS_H
#define TERRAZZO_TOOLS_TERRAZZO_OUTPUTS_H

#include "tools/terrazzo/Commands.h"

#include "lib/Driver/ExactRun.h"

#include "llvm/Support/JSON.h"

namespace terrazzo::tool {

/// The verdicts on the outputs, in their order.
struct Check {
  std::vector<std::pair<std::string, interpreter::Comparison>> outputs;
  std::optional<driver::ExactVerdict> exact;
  bool ok() const;
  llvm::json::Object json() const;
  std::string text() const;
};

/// The elements that an output names, in its order: of a view, those of its
/// shape and strides. \p memory is its buffer's.
interpreter::Buffer elementsOf(const driver::Output &output,
                               const interpreter::Buffer &memory);

/// Compares with a file that the launch file names: |a - b| <= atol + rtol |b|.
/// Nothing after an error, which was reported: there is no such array.
std::optional<bool> compareWithFile(const driver::Output &output,
                                    const interpreter::Tensor &data,
                                    const std::string &launchPath,
                                    const Limits &limits,
                                    DiagnosticEngine &engine);

/// The elements of DIR/<name>.npy, which must have the output's shape.
std::optional<std::vector<double>> outputsFrom(const std::string &folder,
                                               const driver::Output &output,
                                               const Limits &limits,
                                               DiagnosticEngine &engine);

/// Writes DIR/<name>.npy; reports and returns false when that fails.
bool save(const std::string &folder, const driver::Output &output,
          const interpreter::Tensor &data, DiagnosticEngine &engine);

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_OUTPUTS_H
