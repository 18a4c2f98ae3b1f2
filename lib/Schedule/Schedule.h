// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A schedule as data: what may change about a kernel without its source
// (docs/Spec/Schedule.md). The same keys stand in launch files, in schedule
// files, on the command line and, as `#tile.schedule`, in IR.
#ifndef TERRAZZO_LIB_SCHEDULE_SCHEDULE_H
#define TERRAZZO_LIB_SCHEDULE_SCHEDULE_H

#include "lib/Diagnostics/Diagnostics.h"

#include <optional>
#include <string>
#include <vector>

namespace llvm::yaml {
class Node;
}

namespace terrazzo::schedule {

/// A word of a file and where it stands.
struct Word {
  std::string text;
  llvm::SMRange where;
};

/// `coarsen: [2, 1]`, `kmerge: 4`, `roles: …`.
struct Setting {
  Word key;
  std::vector<Word> values;
  bool isList = false;
  bool isOpaque = false; // a mapping, whose keys are a target's business
};

/// `BLOCK: [64, 128]` of a `space`.
struct Domain {
  Word key;
  std::vector<Setting> points;
};

/// A parameter of the kernel's own that a schedule may set, and to what.
struct AuthorParameter {
  std::string name;
  std::vector<std::string> values;
};

struct Schedule {
  std::vector<int64_t> coarsen; // programs merged, by axis of the grid
  int64_t kmerge = 1;           // steps of a loop merged
  std::vector<int64_t> subtile; // parts of the stored block, by dimension
  std::vector<std::pair<std::string, std::string>> author; // sorted by name

  bool isDefault() const { return text() == "{}"; }
  /// One text for equal schedules: `{coarsen: [2, 1], kmerge: 4}`. What stands
  /// at its default is left out.
  std::string text() const;
};

/// Sources in rising order of authority, each without repeated keys; a later
/// one wins key by key. Checks keys, values and, for the kernel's own
/// parameters, that \p space or the source's `@triton.autotune` (\p author)
/// lists them. Nothing after an error, which was reported.
std::optional<Schedule> resolve(llvm::ArrayRef<std::vector<Setting>> sources,
                                llvm::ArrayRef<Domain> space,
                                llvm::ArrayRef<AuthorParameter> author,
                                DiagnosticEngine &engine);

/// Whether a space has only keys that exist: compiler parameters and
/// \p constexprs. False after an error, which was reported.
bool checkSpace(llvm::ArrayRef<Domain> space,
                llvm::ArrayRef<std::string> constexprs,
                DiagnosticEngine &engine);

/// An entry of a schedule file.
struct Entry {
  Word kernel, chip; // empty: any
  std::vector<Setting> settings;
};

/// The value of `schedule:` and of `space:` in a launch file. Nothing after an
/// error, which was reported.
std::optional<std::vector<Setting>> readSettings(llvm::yaml::Node *node,
                                                 llvm::SMRange where,
                                                 DiagnosticEngine &engine);
std::optional<std::vector<Domain>> readSpace(llvm::yaml::Node *node,
                                             llvm::SMRange where,
                                             DiagnosticEngine &engine);

/// Reads a schedule from the command line, `{coarsen: [2]}`, or a file of
/// entries. Nothing after an error, which was reported.
std::optional<std::vector<Setting>> readInline(const std::string &text,
                                               DiagnosticEngine &engine);
std::optional<std::vector<Entry>> readFile(const std::string &path,
                                           DiagnosticEngine &engine);

} // namespace terrazzo::schedule

#endif // TERRAZZO_LIB_SCHEDULE_SCHEDULE_H
