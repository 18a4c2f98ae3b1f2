// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A launch file made concrete: buffers with their contents, numbers, the grid.
#ifndef TERRAZZO_LIB_DRIVER_PREPARE_H
#define TERRAZZO_LIB_DRIVER_PREPARE_H

#include "lib/Driver/Footprint.h"
#include "lib/Driver/LaunchFile.h"
#include "lib/Frontend/Frontend.h"
#include "lib/Interpreter/Interpreter.h"

#include <set>

namespace terrazzo::driver {

struct Output {
  std::string name;
  int buffer = 0;
  int64_t offset = 0; // in elements
  std::vector<int64_t> shape, strides;
  std::optional<Expectation> expect;
};

struct Prepared {
  std::vector<interpreter::Buffer> buffers;
  std::vector<interpreter::ElementType> types; // of the buffers
  std::map<std::string, std::vector<int64_t>> shapes, strides;
  struct Bound {
    std::string type; // of a signature; a constexpr's value
    interpreter::LaunchArgument argument;
  };
  std::map<std::string, Bound> bound; // by parameter
  std::array<int64_t, 3> grid{1, 1, 1};
  std::vector<Output> outputs;
  /// The buffers that hold addresses of others.
  std::set<int> addresses;
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
                                Complete complete, DiagnosticEngine &engine,
                                const Limits &limits = {},
                                const Footprint &footprint = {});

/// As \ref Complete, of the launch with this number.
using CompleteStep =
    llvm::function_ref<std::optional<std::vector<frontend::Argument>>(
        size_t, const std::vector<frontend::Argument> &)>;

/// All launches of a file, in order; \p kernels are theirs. The first has the
/// memory, which goes from each to the next. Nothing after an error, which was
/// reported.
std::optional<std::vector<Prepared>>
prepareAll(const LaunchFile &file, llvm::ArrayRef<frontend::KernelInfo> kernels,
           CompleteStep complete, DiagnosticEngine &engine,
           const Limits &limits = {}, const Footprint &footprint = {});

} // namespace terrazzo::driver

#endif // TERRAZZO_LIB_DRIVER_PREPARE_H
