// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "lib/Diagnostics/Diagnostics.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Unicode.h"

#include <algorithm>
#include <cstdlib>

using namespace llvm;

namespace terrazzo {

static constexpr DiagnosticInfo infos[] = {
#define TERRAZZO_DIAGNOSTIC(Name, Sev, Text)                                   \
  {StringLiteral(#Name), Severity::Sev, StringLiteral(Text)},
#include "terrazzo/Diagnostics.def"
};

const DiagnosticInfo &diagnosticInfo(DiagnosticKind kind) {
  return infos[static_cast<unsigned>(kind)];
}

StringRef severityName(Severity severity) {
  switch (severity) {
  case Severity::Error:
    return "error";
  case Severity::Warning:
    return "warning";
  case Severity::Remark:
    return "remark";
  case Severity::Note:
    return "note";
  }
  return "error";
}

DiagnosticBuilder &DiagnosticBuilder::fix(const Where &where, StringRef text) {
  if (engine)
    record.fixes.push_back({engine->position(where), text.str()});
  return *this;
}

void DiagnosticBuilder::report() {
  if (!engine)
    return;
  engine->report(std::move(record));
  engine = nullptr;
}

DiagnosticEngine::DiagnosticEngine(raw_ostream &os) : os(os) {
  // https://no-color.org: any value but the empty one turns colour off.
  const char *noColor = std::getenv("NO_COLOR");
  colors = os.has_colors() && !(noColor && *noColor);
}

//===-- Buffers -----------------------------------------------------------===//

std::optional<unsigned> DiagnosticEngine::addFile(const std::string &path,
                                                  size_t most,
                                                  llvm::StringRef limit) {
  std::string text;
  size_t size = 0;
  int error = 0;
  if (FILE *file = std::fopen(path.c_str(), "rb")) {
    // Twice as much each time: most files are small.
    for (size_t next = 1 << 16; size == text.size() && size <= most;
         next = 2 * next) {
      text.resize(std::min(next, most + 1));
      size += std::fread(text.data() + size, 1, text.size() - size, file);
    }
    if (std::ferror(file))
      error = errno;
    std::fclose(file);
  } else {
    error = errno;
  }
  if (error) {
    emit(DiagnosticKind::CannotReadFile, Where(), path,
         std::generic_category().message(error));
    return std::nullopt;
  }
  if (size > most) {
    auto d = emit(DiagnosticKind::FileTooLarge, Where(), path,
                  "more than " + std::to_string(most), std::to_string(most));
    if (!limit.empty())
      d.note(DiagnosticKind::RaiseLimit, Where(), limit);
    return std::nullopt;
  }
  return addBuffer(path, llvm::StringRef(text.data(), size));
}

unsigned DiagnosticEngine::addBuffer(std::unique_ptr<MemoryBuffer> buffer) {
  return sources.AddNewSourceBuffer(std::move(buffer), SMLoc());
}

unsigned DiagnosticEngine::addBuffer(StringRef name, StringRef text) {
  return addBuffer(MemoryBuffer::getMemBufferCopy(text, name));
}

unsigned DiagnosticEngine::findBuffer(StringRef name) const {
  for (unsigned id = 1; id <= sources.getNumBuffers(); ++id)
    if (sources.getMemoryBuffer(id)->getBufferIdentifier() == name)
      return id;
  return 0;
}

StringRef DiagnosticEngine::text(unsigned buffer) const {
  return sources.getMemoryBuffer(buffer)->getBuffer();
}

SMLoc DiagnosticEngine::location(unsigned buffer, size_t offset) const {
  StringRef all = text(buffer);
  return SMLoc::getFromPointer(all.data() + std::min(offset, all.size()));
}

SMRange DiagnosticEngine::range(unsigned buffer, size_t begin,
                                size_t end) const {
  return {location(buffer, begin), location(buffer, std::max(begin, end))};
}

/// Line and column of a pointer; counted here rather than by SourceMgr because
/// its line cache is filled on first use and several threads may ask at once.
static std::pair<unsigned, unsigned> lineAndColumn(StringRef text,
                                                   const char *at) {
  StringRef before(text.data(), at - text.data());
  size_t newline = before.rfind('\n');
  size_t start = newline == StringRef::npos ? 0 : newline + 1;
  return {static_cast<unsigned>(before.count('\n')) + 1,
          static_cast<unsigned>(before.size() - start) + 1};
}

FilePosition DiagnosticEngine::position(const Where &where) const {
  if (!where.range.isValid())
    return where.position;
  unsigned id = sources.FindBufferContainingLoc(where.range.Start);
  if (!id)
    return {};
  StringRef all = text(id);
  FilePosition result;
  result.file = sources.getMemoryBuffer(id)->getBufferIdentifier().str();
  std::tie(result.line, result.column) =
      lineAndColumn(all, where.range.Start.getPointer());
  const char *end = where.range.End.getPointer();
  if (end < where.range.Start.getPointer() || end > all.end())
    end = where.range.Start.getPointer();
  std::tie(result.endLine, result.endColumn) = lineAndColumn(all, end);
  return result;
}

//===-- Reporting ---------------------------------------------------------===//

void DiagnosticEngine::report(DiagnosticRecord record) {
  std::lock_guard<std::mutex> lock(mutex);
  Severity severity = record.severity();
  bool show = !silent;
  if (severity == Severity::Error) {
    ++errors;
    if (errorLimit && errors > errorLimit) {
      if (errors == errorLimit + 1 && show) {
        DiagnosticRecord tooMany;
        tooMany.kind = DiagnosticKind::TooManyErrors;
        tooMany.message = diagnosticInfo(tooMany.kind).text.str();
        putProgress("");
        print(tooMany);
      }
      return;
    }
  } else {
    warnings += severity == Severity::Warning;
    show &= !quiet && (severity != Severity::Remark || showRemarks);
  }
  if (show) {
    putProgress("");
    print(record);
  }
  reported.push_back(std::move(record));
}

void DiagnosticEngine::clear() {
  std::lock_guard<std::mutex> lock(mutex);
  reported.clear();
  errors = warnings = 0;
}

//===-- Printing ----------------------------------------------------------===//

/// Text from a user's file may hold anything; a terminal must not obey it.
static std::string printable(StringRef text) {
  std::string result;
  for (unsigned char c : text) {
    if (c == '\t' || c == '\n' || (c >= 0x20 && c != 0x7f)) {
      result += static_cast<char>(c);
      continue;
    }
    result += "\\x";
    result += hexdigit(c >> 4, /*LowerCase=*/true);
    result += hexdigit(c & 15, /*LowerCase=*/true);
  }
  return result;
}

StringRef DiagnosticEngine::lineText(const FilePosition &where) const {
  unsigned id = where.line ? findBuffer(where.file) : 0;
  if (!id)
    return {};
  StringRef rest = text(id);
  for (unsigned line = 1; line < where.line; ++line) {
    size_t newline = rest.find('\n');
    if (newline == StringRef::npos)
      return {};
    rest = rest.substr(newline + 1);
  }
  return rest.take_until([](char c) { return c == '\n'; }).rtrim('\r');
}

void DiagnosticEngine::printHeader(const DiagnosticRecord &record) {
  auto color = [&](raw_ostream::Colors value, bool bold) {
    if (colors)
      os.changeColor(value, bold);
  };
  color(raw_ostream::SAVEDCOLOR, true);
  if (record.where.file.empty()) {
    if (record.severity() != Severity::Note)
      os << "terrazzo: ";
  } else {
    os << printable(record.where.file);
    if (record.where.line)
      os << ':' << record.where.line;
    if (record.where.line && record.where.column)
      os << ':' << record.where.column;
    os << ": ";
  }
  switch (record.severity()) {
  case Severity::Error:
    color(raw_ostream::RED, true);
    break;
  case Severity::Warning:
    color(raw_ostream::MAGENTA, true);
    break;
  case Severity::Remark:
    color(raw_ostream::BLUE, true);
    break;
  case Severity::Note:
    color(raw_ostream::BLACK, true);
    break;
  }
  os << severityName(record.severity()) << ": ";
  if (colors) {
    os.resetColor();
    if (record.severity() != Severity::Note)
      os.changeColor(raw_ostream::SAVEDCOLOR, true);
  }
  os << printable(record.message);
  if (colors)
    os.resetColor();
  os << '\n';
}

namespace {
/// One source line made fit for a terminal: tabs expanded, control bytes and
/// broken UTF-8 replaced, and for every byte the display column it starts at.
struct DisplayLine {
  explicit DisplayLine(StringRef line) {
    size_t i = 0;
    while (i < line.size()) {
      unsigned char c = line[i];
      size_t length = 1;
      columns.push_back(width);
      if (c == '\t') {
        unsigned next = (width / 8 + 1) * 8;
        text.append(next - width, ' ');
        width = next;
      } else if (c >= 0x80 && decode(line.substr(i), length)) {
        text.append(line.data() + i, length);
        columns.append(length - 1, width);
        width +=
            std::max(sys::unicode::columnWidthUTF8(line.substr(i, length)), 0);
      } else {
        text += c < 0x20 || c >= 0x7f ? '?' : static_cast<char>(c);
        ++width;
      }
      i += length;
    }
    columns.push_back(width);
  }

  static bool decode(StringRef rest, size_t &length) {
    unsigned char c = rest[0];
    length = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (c < 0xc2 || c > 0xf4 || rest.size() < length ||
        sys::unicode::columnWidthUTF8(rest.substr(0, length)) < 0) {
      length = 1;
      return false;
    }
    return true;
  }

  unsigned column(size_t byte) const {
    return columns[std::min<size_t>(byte, columns.size() - 1)];
  }

  std::string text;
  SmallVector<unsigned> columns;
  unsigned width = 0;
};
} // namespace

void DiagnosticEngine::printSource(const DiagnosticRecord &record) {
  const FilePosition &where = record.where;
  StringRef whole = lineText(where);
  if (whole.empty())
    return;
  // A line of a megabyte would bury the message: show a window round the caret.
  constexpr size_t windowBefore = 100, windowSize = 200;
  size_t caret = where.column ? where.column - 1 : 0;
  caret = std::min(caret, whole.size());
  size_t start = whole.size() > windowSize && caret > windowBefore
                     ? caret - windowBefore
                     : 0;
  while (start && (static_cast<unsigned char>(whole[start]) & 0xc0) == 0x80)
    --start;
  DisplayLine line(whole.substr(start, windowSize));
  os << line.text << '\n';
  if (!where.column)
    return;
  unsigned from = line.column(caret - start), to = from + 1;
  if (where.endLine > where.line)
    to = std::max(to, line.width);
  else if (where.endLine == where.line && where.endColumn > where.column)
    to = std::max(to, line.column(where.endColumn - 1 - start));
  if (colors)
    os.changeColor(raw_ostream::GREEN, true);
  os.indent(from) << '^' << std::string(to - from - 1, '~');
  if (colors)
    os.resetColor();
  os << '\n';
  for (const DiagnosticRecord::Fix &fix : record.fixes) {
    if (fix.where.file != where.file || fix.where.line != where.line ||
        fix.where.column <= start)
      continue;
    if (colors)
      os.changeColor(raw_ostream::GREEN);
    os.indent(line.column(fix.where.column - 1 - start)) << printable(fix.text);
    if (colors)
      os.resetColor();
    os << '\n';
  }
}

void DiagnosticEngine::print(const DiagnosticRecord &record) {
  printHeader(record);
  printSource(record);
  for (const DiagnosticRecord &note : record.notes)
    print(note);
  os.flush();
}

//===-- Suggestions -------------------------------------------------------===//

StringRef nearestName(StringRef name, ArrayRef<StringRef> candidates) {
  StringRef best;
  unsigned limit = name.size() < 3 ? 1 : static_cast<unsigned>(name.size()) / 3;
  unsigned bestDistance = limit + 1;
  bool bestFolded = false;
  for (StringRef candidate : candidates) {
    if (candidate.empty() || candidate == name)
      continue;
    bool folded = candidate.equals_insensitive(name);
    unsigned distance =
        folded ? 1
               : name.edit_distance(candidate, /*AllowReplacements=*/true,
                                    bestDistance);
    // A suggestion that shares nothing with a short name helps nobody.
    if (!folded && distance >= std::min(name.size(), candidate.size()))
      continue;
    if (distance < bestDistance ||
        (distance == bestDistance && folded && !bestFolded)) {
      best = candidate;
      bestDistance = distance;
      bestFolded = folded;
    }
  }
  return bestDistance <= limit || bestFolded ? best : StringRef();
}

} // namespace terrazzo
