// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one way in which Terrazzo speaks to a user about an input: kinds declared
// in include/terrazzo/Diagnostics.def, places in source buffers, notes and
// fixes, printed as clang does and kept as records for `--json`.
//
//   engine.emit(DiagnosticKind::UnknownName, engine.range(buffer, 10, 14), "x")
//       .note(DiagnosticKind::DeclaredHere, where, "xs")
//       .fix(engine.range(buffer, 10, 14), "xs");

#ifndef TERRAZZO_LIB_DIAGNOSTICS_DIAGNOSTICS_H
#define TERRAZZO_LIB_DIAGNOSTICS_DIAGNOSTICS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace terrazzo {

enum class Severity { Error, Warning, Remark, Note };

enum class DiagnosticKind : unsigned {
#define TERRAZZO_DIAGNOSTIC(Name, Severity, Text) Name,
#include "terrazzo/Diagnostics.def"
};

/// What the .def file says of one kind.
struct DiagnosticInfo {
  llvm::StringLiteral name;
  Severity severity;
  llvm::StringLiteral text;
};

const DiagnosticInfo &diagnosticInfo(DiagnosticKind kind);
llvm::StringRef severityName(Severity severity);

/// A position in a file by name; lines and columns count from 1, zero is
/// unknown. The end is exclusive, as in mlir::FileLineColRange.
struct FilePosition {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
  unsigned endLine = 0;
  unsigned endColumn = 0;
};

/// Where a diagnostic points: nowhere, into a buffer of the engine, or at a
/// file by name (the source line is shown when the engine holds that file).
class Where {
public:
  Where() = default;
  Where(llvm::SMLoc location) : range(location, location) {}
  Where(llvm::SMRange range) : range(range) {}
  Where(FilePosition position) : position(std::move(position)) {}

  bool isNowhere() const { return !range.isValid() && position.file.empty(); }

  llvm::SMRange range;
  FilePosition position;
};

/// A diagnostic as it was reported.
struct DiagnosticRecord {
  struct Fix {
    FilePosition where;
    std::string text;
  };
  DiagnosticKind kind = DiagnosticKind::InternalError;
  std::string message;
  FilePosition where;
  std::vector<Fix> fixes;
  std::vector<DiagnosticRecord> notes;

  Severity severity() const { return diagnosticInfo(kind).severity; }
  llvm::StringRef name() const { return diagnosticInfo(kind).name; }
};

class DiagnosticEngine;

/// A diagnostic under construction; it is reported when this object dies.
class DiagnosticBuilder {
public:
  DiagnosticBuilder(DiagnosticEngine &engine, DiagnosticRecord record)
      : engine(&engine), record(std::move(record)) {}
  DiagnosticBuilder(DiagnosticBuilder &&other)
      : engine(other.engine), record(std::move(other.record)) {
    other.engine = nullptr;
  }
  DiagnosticBuilder(const DiagnosticBuilder &) = delete;
  DiagnosticBuilder &operator=(const DiagnosticBuilder &) = delete;
  ~DiagnosticBuilder() { report(); }

  template <typename... Args>
  DiagnosticBuilder &note(DiagnosticKind kind, const Where &where,
                          Args &&...args);
  template <typename... Args>
  DiagnosticBuilder &note(DiagnosticKind kind, Args &&...args)
    requires(sizeof...(Args) == 0 ||
             !(std::is_convertible_v<
                 std::tuple_element_t<0, std::tuple<Args..., int>>, Where>));

  /// Says what to write in place of the text at \p where.
  DiagnosticBuilder &fix(const Where &where, llvm::StringRef text);

  /// Reports now.
  void report();

private:
  DiagnosticEngine *engine;
  DiagnosticRecord record;
};

/// Collects, prints and counts diagnostics. Emitting is safe from several
/// threads; adding buffers is not.
class DiagnosticEngine {
public:
  explicit DiagnosticEngine(llvm::raw_ostream &os = llvm::errs());
  DiagnosticEngine(const DiagnosticEngine &) = delete;
  DiagnosticEngine &operator=(const DiagnosticEngine &) = delete;

  //===-- Options --------------------------------------------------------===//

  /// Errors printed before the rest is only counted; 0 is no limit.
  void setErrorLimit(unsigned limit) { errorLimit = limit; }
  /// Prints errors only (`-q`).
  void setQuiet(bool value) { quiet = value; }
  /// Prints remarks too (`-v`).
  void setShowRemarks(bool value) { showRemarks = value; }
  void setColors(bool value) { colors = value; }
  /// Records but prints nothing.
  void setSilent(bool value) { silent = value; }

  //===-- Buffers --------------------------------------------------------===//

  unsigned addBuffer(std::unique_ptr<llvm::MemoryBuffer> buffer);
  /// Copies \p text.
  unsigned addBuffer(llvm::StringRef name, llvm::StringRef text);
  /// Adds a file of at most \p most bytes; reads no more than that, so that
  /// a device without end is refused like any other large file. Reports a
  /// file that cannot be read. \p limit is what `--limits` calls the most.
  std::optional<unsigned> addFile(const std::string &path, size_t most,
                                  llvm::StringRef limit = "");
  /// Zero when no buffer has this name.
  unsigned findBuffer(llvm::StringRef name) const;
  llvm::StringRef text(unsigned buffer) const;
  llvm::SMLoc location(unsigned buffer, size_t offset) const;
  llvm::SMRange range(unsigned buffer, size_t begin, size_t end) const;
  /// Line and column (from 1, in bytes) of a place.
  FilePosition position(const Where &where) const;
  llvm::SourceMgr &sourceManager() { return sources; }

  //===-- Reporting ------------------------------------------------------===//

  template <typename... Args>
  DiagnosticBuilder emit(DiagnosticKind kind, const Where &where,
                         Args &&...args) {
    return DiagnosticBuilder(*this,
                             record(kind, where, std::forward<Args>(args)...));
  }

  /// Makes the record of one kind without reporting it.
  template <typename... Args>
  DiagnosticRecord record(DiagnosticKind kind, const Where &where,
                          Args &&...args) const {
    DiagnosticRecord result;
    result.kind = kind;
    result.where = position(where);
    result.message = llvm::formatv(false, diagnosticInfo(kind).text.data(),
                                   std::forward<Args>(args)...)
                         .str();
    return result;
  }

  void report(DiagnosticRecord record);

  /// Whether somebody watches who wants to know how far the work is (see
  /// Progress.h): at a terminal, and not with `-q`.
  bool showsProgress() const;
  /// Draws \p line in place of the last one; the empty one erases it. What else
  /// is written to the terminal, by whomever, must find no line there.
  void setProgress(llvm::StringRef line);

  unsigned errorCount() const { return errors; }
  unsigned warningCount() const { return warnings; }
  bool hasErrors() const { return errors != 0; }
  const std::vector<DiagnosticRecord> &records() const { return reported; }
  void clear();

private:
  void print(const DiagnosticRecord &record);
  void putProgress(llvm::StringRef line);
  void printHeader(const DiagnosticRecord &record);
  void printSource(const DiagnosticRecord &record);
  llvm::StringRef lineText(const FilePosition &where) const;

  llvm::raw_ostream &os;
  llvm::SourceMgr sources;
  std::mutex mutex;
  std::vector<DiagnosticRecord> reported;
  unsigned errors = 0;
  unsigned warnings = 0;
  unsigned errorLimit = 20;
  bool quiet = false;
  bool showRemarks = false;
  bool silent = false;
  bool colors = false;
};

template <typename... Args>
DiagnosticBuilder &DiagnosticBuilder::note(DiagnosticKind kind,
                                           const Where &where, Args &&...args) {
  if (engine)
    record.notes.push_back(
        engine->record(kind, where, std::forward<Args>(args)...));
  return *this;
}

template <typename... Args>
DiagnosticBuilder &DiagnosticBuilder::note(DiagnosticKind kind, Args &&...args)
  requires(sizeof...(Args) == 0 ||
           !(std::is_convertible_v<
               std::tuple_element_t<0, std::tuple<Args..., int>>, Where>))
{
  return note(kind, Where(), std::forward<Args>(args)...);
}

/// The candidate closest to \p name by edit distance (case ignored at equal
/// distance), or an empty string when none is near enough to suggest.
llvm::StringRef nearestName(llvm::StringRef name,
                            llvm::ArrayRef<llvm::StringRef> candidates);

} // namespace terrazzo

#endif // TERRAZZO_LIB_DIAGNOSTICS_DIAGNOSTICS_H
