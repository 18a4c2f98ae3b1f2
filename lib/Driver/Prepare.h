// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A launch file made concrete: buffers with their contents, numbers, the grid.
#ifndef TERRAZZO_LIB_DRIVER_PREPARE_H
#define TERRAZZO_LIB_DRIVER_PREPARE_H

#include "lib/Driver/LaunchFile.h"
#include "lib/Frontend/Frontend.h"
#include "lib/Interpreter/Interpreter.h"

namespace terrazzo::driver {

/// Elements that all buffers of a launch may have together.
constexpr int64_t maxElements = int64_t(1) << 31;

struct Output {
  std::string name;
  int buffer = 0;
  std::vector<int64_t> shape;
  std::optional<Expectation> expect;
};

struct Prepared {
  std::vector<interpreter::Buffer> buffers;
  std::vector<std::string> bufferTypes; // as in a signature
  std::map<std::string, std::vector<int64_t>> shapes, strides;
  struct Bound {
    std::string type; // of a signature; a constexpr's value
    interpreter::LaunchArgument argument;
  };
  std::map<std::string, Bound> bound; // by parameter
  std::array<int64_t, 3> grid{1, 1, 1};
  std::vector<Output> outputs;
};

/// What a launch file leaves open: given the arguments it binds (texts as in a
/// signature), the constants that the kernel's decorators add. Nothing after an
/// error, which was reported.
using Complete =
    llvm::function_ref<std::optional<std::vector<frontend::Argument>>(
        const std::vector<frontend::Argument> &)>;

/// Nothing after an error, which was reported.
std::optional<Prepared> prepare(const LaunchFile &file,
                                const frontend::KernelInfo &kernel,
                                Complete complete, DiagnosticEngine &engine);

} // namespace terrazzo::driver

#endif // TERRAZZO_LIB_DRIVER_PREPARE_H
