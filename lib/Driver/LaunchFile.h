// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A launch file: what a host program would say about one launch, or several in
// order (the keys are a contract, docs/Guides/LaunchFiles.md).
#ifndef TERRAZZO_LIB_DRIVER_LAUNCHFILE_H
#define TERRAZZO_LIB_DRIVER_LAUNCHFILE_H

#include "lib/Schedule/Schedule.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace terrazzo::driver {

/// A scalar of the file and where it stands.
struct Text {
  std::string text;
  llvm::SMRange where;
  explicit operator bool() const { return where.isValid(); }
};

struct LaunchArg {
  std::string name;
  llvm::SMRange where;
  Text value;              // `cols: 781`, or `{value: …}`
  std::vector<Text> shape; // a buffer, or a view
  Text dtype, init, seed;
  std::optional<std::vector<Text>> numbers; // `init: [0, 3, 5]`
  Text strideof, dim;
  Text viewof, offset;
  std::vector<Text> strides;
  std::vector<Text> addressof; // an array of pointers to these
};

struct Expectation {
  Text name, file;
  double rtol = 0, atol = 0;
};

/// One of several launches over the arguments of the file.
struct LaunchStep {
  llvm::SMRange where;
  Text kernel, file;
  struct Given {
    Text parameter, value; // a shared argument's name, or a number
  };
  std::vector<Given> args;
  std::vector<std::pair<std::string, Text>> constexprs;
  std::vector<Text> grid;
};

struct LaunchFile {
  std::string path;
  unsigned buffer = 0;
  Text kernel;
  Text tokens; // that the launches make: for what one costs
  std::vector<LaunchArg> args;
  std::vector<std::pair<std::string, Text>> constexprs, lets;
  std::vector<Text> grid, outputs;
  std::vector<Expectation> expect;
  llvm::SMRange gridWhere;
  std::vector<LaunchStep> launches;
  llvm::SMRange launchesWhere; // invalid: one launch, of all of the file
  std::vector<schedule::Setting> schedule;
  std::vector<schedule::Domain> space;
};

/// Reads and checks the keys of a file; nothing after an error, which was
/// reported.
std::optional<LaunchFile> readLaunchFile(const std::string &path,
                                         DiagnosticEngine &engine);

} // namespace terrazzo::driver

#endif // TERRAZZO_LIB_DRIVER_LAUNCHFILE_H
