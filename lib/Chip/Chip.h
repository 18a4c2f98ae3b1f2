// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A chip is a data file (docs/Spec/Chip.md): what code generation, the models
// and the reports know about it. Every number says where it comes from.
#ifndef TERRAZZO_LIB_CHIP_CHIP_H
#define TERRAZZO_LIB_CHIP_CHIP_H

#include "lib/Diagnostics/Diagnostics.h"

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace terrazzo::chip {

/// How far a number can be trusted.
enum class Tag { Published, Secondary, Derived, Measured, Assumed };
llvm::StringRef name(Tag tag);
/// The one that can be trusted less: what is made of two numbers is worth no
/// more than it.
Tag weaker(Tag a, Tag b);

struct Quantity {
  double value = 0;
  std::string unit;
  Tag tag = Tag::Assumed;
  std::string source; // the text of the file's `sources` entry
  /// Whether anybody asked for it through Part::number, on whatever thread and
  /// of whichever copy of the chip.
  std::shared_ptr<std::atomic<bool>> wasRead =
      std::make_shared<std::atomic<bool>>(false);
};

/// One memory, engine, path, …: words (`policy: cache`), lists of words
/// (`streams: [cube]`, `operands.a`) and numbers.
struct Part {
  std::string name;
  std::map<std::string, std::string> words;
  std::map<std::string, std::vector<std::string>> lists;
  std::map<std::string, Quantity> numbers;
  /// Where each key stands in its file; under the empty key the part itself.
  std::map<std::string, FilePosition> places;

  llvm::StringRef word(llvm::StringRef key) const;
  /// Empty when the part does not say.
  llvm::ArrayRef<std::string> list(llvm::StringRef key) const;
  const Quantity *number(llvm::StringRef key) const;
  /// Without a trace in wasRead: for those who only show it.
  const Quantity *look(llvm::StringRef key) const;
  /// Of the key, or of the part where it does not have the key.
  FilePosition place(llvm::StringRef key) const;
};

struct Chip {
  std::string name, family, vendor, summary;
  /// LLVM's name of the CPU that code is scheduled for, and the features that
  /// it may use. Never taken from the machine that compiles.
  std::string cpu;
  std::vector<std::string> features;
  /// By section of the file: memories, paths, engines, matrix, streams, launch.
  std::map<std::string, std::vector<Part>> sections;
  FilePosition where; // of `chip`
  /// `of: {chip: X, as: chips}`: several chips, joined by links.
  bool isSystem = false;

  bool has(llvm::StringRef feature) const;
  /// The parts of a section; none when the file has no such section.
  llvm::ArrayRef<Part> parts(llvm::StringRef section) const;
  const Part *find(llvm::StringRef section, llvm::StringRef part) const;
  const Quantity *number(llvm::StringRef section, llvm::StringRef part,
                         llvm::StringRef key) const;
  /// Those of all dies; 1 where the file does not say.
  int64_t cores() const;
  /// The matrix part for these formats, as MLIR prints them; null: none.
  const Part *matrix(llvm::StringRef a, llvm::StringRef b,
                     llvm::StringRef acc) const;
  /// Whether it is known only by peaks and bandwidth: nothing can be run on it
  /// in a model, and a time is a bound.
  bool isPeaksOnly() const;
  /// What nothing has read yet, as (section, part, key).
  struct Number {
    llvm::StringRef section;
    const Part *part;
    llvm::StringRef key;
  };
  std::vector<Number> unread() const;
  /// Whether any number is only assumed: what rests on it is "modeled,
  /// uncalibrated".
  bool isUncalibrated() const;
};

/// A chip file's text under the name that diagnostics show.
struct File {
  llvm::StringRef name, text;
};

/// The names of the parts of \p section, with commas.
std::string namesOf(const Chip &chip, llvm::StringRef section);

/// Reads the chip in \p buffer of the engine; the chip that it inherits from is
/// looked up by name in \p known. Nothing after an error, which was reported.
std::optional<Chip> read(unsigned buffer, const std::vector<Chip> &known,
                         DiagnosticEngine &engine);

/// Reads a family's files, in any order, each after the one it inherits from.
std::optional<std::vector<Chip>> readAll(const std::vector<File> &files,
                                         DiagnosticEngine &engine);

/// The chip of \p family whose features are all in \p features and are most;
/// null when none fits.
const Chip *bestMatch(const std::vector<Chip> &chips, llvm::StringRef family,
                      const std::vector<std::string> &features);

} // namespace terrazzo::chip

#endif // TERRAZZO_LIB_CHIP_CHIP_H
