// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The subcommands of `terrazzo`. Exit codes are a contract:
// docs/Architecture.md.
#ifndef TERRAZZO_TOOLS_TERRAZZO_COMMANDS_H
#define TERRAZZO_TOOLS_TERRAZZO_COMMANDS_H

#include "lib/Frontend/SourceOptions.h"

#include <string>
#include <vector>

namespace terrazzo::tool {

enum ExitCode {
  Done = 0,
  InputFault = 1,
  CommandLineFault = 2,
  Internal = 3,
  Mismatch = 4,
  Missing = 5,
  Interrupted = 130
};

struct CommonOptions {
  std::string file;
  std::string kernel;
  std::string signature;
  std::string output = "-";
  std::string target = "cpu";
  frontend::SourceOptions source;
  /// "", "none", `{coarsen: [2]}` or a file.
  std::string schedule;
  bool noCache = false;
  bool verbose = false;
  bool quiet = false;
  unsigned errorLimit = 20; // 0: none
};

struct CompileOptions : CommonOptions {
  std::string emit = "kernel";
};

struct RunOptions : CommonOptions {
  std::string launch;
  std::string executor; // empty: the target's own
  std::string save;
  std::string json;
  std::string check; // "", "on" or "sample(n)"
  /// A folder of outputs made elsewhere, judged by this kernel's bounds.
  std::string checkAgainst;
  bool verifySemantics = false;
  bool time = false;
  bool timingOnly = false; // in the simulator
  bool trace = false;      // the same, and what happened when …
  bool toFile = false;     // … to `output`
  unsigned threads = 0;
};

struct SurveyOptions : CommonOptions {
  std::string launch, json, html;
  std::vector<std::string> chips; // empty: all that are built in
  bool unread = false;
};

int compile(const CompileOptions &options);
int run(const RunOptions &options);
/// Says what bounds a kernel on every chip.
int survey(const SurveyOptions &options);
/// Lists the chips, or shows one by name or from a file.
int chips(const std::string &which);
/// Measures this machine, which must be the chip \p which or the one nearest to
/// it, and writes a chip file.
int calibrate(const std::string &which, const std::string &output);
/// Says what the cache holds, or empties it.
int cache(bool clear);
/// Says what this machine has, and tries it.
int doctor();
/// Prints a completion script for a shell.
int completion(const std::string &shell);

/// Writes \p text to a file (through a temporary one) or to stdout for `-`.
/// Reports and returns false when that fails, a full disk included.
bool writeOutput(const std::string &path, const std::string &text);

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_COMMANDS_H
