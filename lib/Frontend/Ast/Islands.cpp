// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Frontend/Ast/Islands.h"

#include "llvm/ADT/STLExtras.h"

#include "llvm/ADT/StringExtras.h"

using namespace terrazzo::frontend;

namespace {

/// Walks a file line by line, knowing when a line starts inside a bracket or a
/// long string.
class Cutter {
public:
  explicit Cutter(llvm::StringRef text) : text(text) {}
  std::vector<Island> run();

private:
  size_t endOfLine(size_t at) const {
    size_t end = text.find_first_of("\r\n", at);
    if (end == llvm::StringRef::npos)
      return text.size();
    return text.substr(end, 2) == "\r\n" ? end + 2 : end + 1;
  }
  size_t skipString(size_t at) const;
  size_t skipLogicalLine(size_t at);
  void finish(size_t end);
  void start(size_t at);
  void readSignature(size_t at);

  llvm::StringRef text;
  std::vector<Island> islands;
  std::optional<Island> current;
  std::string pendingSignature;
  Range pendingSignatureRange;
};

} // namespace

static bool isNameChar(char c) { return llvm::isAlnum(c) || c == '_' || c < 0; }

static llvm::StringRef nameAt(llvm::StringRef text) {
  return text.take_while(isNameChar);
}

/// Behind the string that starts at a quote; a short one ends with its line.
size_t Cutter::skipString(size_t at) const {
  char quote = text[at];
  bool isLong = text.substr(at, 3) == std::string(3, quote);
  at += isLong ? 3 : 1;
  while (at < text.size()) {
    if (text[at] == '\\') {
      at += 2;
      continue;
    }
    if (!isLong && (text[at] == '\n' || text[at] == quote))
      return text[at] == quote ? at + 1 : at;
    if (isLong && text.substr(at, 3) == std::string(3, quote))
      return at + 3;
    ++at;
  }
  return text.size();
}

/// Words that start an item at column 0 even when a bracket seems to be open:
/// so one unbalanced bracket in host code hides nothing.
static bool isStrongStart(llvm::StringRef rest) {
  return rest.starts_with("def ") || rest.starts_with("@") ||
         rest.starts_with("import ") || rest.starts_with("class ");
}

size_t Cutter::skipLogicalLine(size_t at) {
  int depth = 0;
  while (at < text.size()) {
    char c = text[at];
    if (c == '"' || c == '\'') {
      at = skipString(at);
    } else if (c == '#') {
      readSignature(at);
      at = text.find('\n', at);
      if (at == llvm::StringRef::npos)
        return text.size();
    } else if (c == '\\') {
      at += text.substr(at + 1, 2) == "\r\n" ? 3 : 2;
    } else if (c == '\n') {
      ++at;
      if (depth <= 0 || isStrongStart(text.substr(at)))
        return at;
    } else {
      depth += c == '(' || c == '[' || c == '{';
      depth -= c == ')' || c == ']' || c == '}';
      ++at;
    }
  }
  return text.size();
}

void Cutter::readSignature(size_t at) {
  llvm::StringRef line = text.slice(at, text.find('\n', at)).rtrim();
  llvm::StringRef rest = line;
  if (!rest.consume_front("#:"))
    return;
  rest = rest.ltrim();
  if (!rest.consume_front("sig") || !rest.ltrim().starts_with("(") ||
      !rest.ends_with(")"))
    return;
  llvm::StringRef inner = rest.ltrim().drop_front().drop_back();
  Range range{uint32_t(inner.data() - text.data()), 0};
  range.end = range.begin + inner.size();
  if (current && current->kind == Island::Kind::Function) {
    current->signature = inner.str();
    current->signatureRange = range;
  } else {
    pendingSignature = inner.str();
    pendingSignatureRange = range;
  }
}

void Cutter::finish(size_t end) {
  if (current) {
    current->range.end = end;
    islands.push_back(std::move(*current));
  }
  current.reset();
}

/// Begins what starts at column 0 at \p at; skipped code begins nothing.
void Cutter::start(size_t at) {
  llvm::StringRef rest = text.substr(at);
  Island island{};
  island.range.begin = at;
  llvm::StringRef word = nameAt(rest);
  if (rest.starts_with("@")) {
    island.kind = Island::Kind::Function;
    island.decorated = true;
  } else if (word == "def") {
    island.kind = Island::Kind::Function;
    island.name = nameAt(rest.drop_front(3).ltrim()).str();
  } else if (word == "import" || word == "from") {
    island.kind = Island::Kind::Import;
  } else {
    llvm::StringRef after = rest.drop_front(word.size()).ltrim(" \t");
    bool assigns = (after.starts_with("=") && !after.starts_with("==")) ||
                   after.starts_with(":");
    if (word.empty() || !assigns)
      return;
    for (llvm::StringRef block : {"else", "try", "finally"})
      if (word == block)
        return;
    island.kind = Island::Kind::Constant;
    island.name = word.str();
  }
  if (island.kind == Island::Kind::Function && !pendingSignature.empty()) {
    island.signature = std::move(pendingSignature);
    island.signatureRange = pendingSignatureRange;
  }
  pendingSignature.clear();
  current = std::move(island);
}

std::vector<Island> Cutter::run() {
  size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  while (at < text.size()) {
    char c = text[at];
    if (c == '\n' || c == '\r') {
      ++at;
      continue;
    }
    if (c == '#') { // a comment belongs to what comes next
      bool inFunction = current && current->kind == Island::Kind::Function;
      size_t next = endOfLine(at);
      if (inFunction && text.substr(at).starts_with("#:"))
        finish(at);
      readSignature(at);
      at = next;
      continue;
    }
    bool indented = c == ' ' || c == '\t' || c == '\f';
    if (indented) {
      size_t begin = at;
      at = skipLogicalLine(at);
      // A `try` or `if` around imports decides between sources of one name.
      llvm::StringRef line = text.slice(begin, at).ltrim(" \t\f");
      llvm::StringRef word = nameAt(line);
      if (!current && (word == "import" || word == "from")) {
        start(at - line.size());
        finish(at);
      }
      continue;
    }
    llvm::StringRef rest = text.substr(at);
    // `@decorator` lines and their `def` are one island.
    bool continues = current && current->decorated && current->name.empty() &&
                     (rest.starts_with("@") || rest.starts_with("def"));
    if (!continues) {
      finish(at);
      start(at);
    } else if (rest.starts_with("def")) {
      current->name = nameAt(rest.drop_front(3).ltrim()).str();
    }
    at = skipLogicalLine(at);
    if (current && current->kind != Island::Kind::Function)
      finish(at);
  }
  finish(text.size());
  // A decorated class is no function.
  llvm::erase_if(islands, [](const Island &i) {
    return i.kind == Island::Kind::Function && i.name.empty();
  });
  return std::move(islands);
}

std::vector<Island> terrazzo::frontend::findIslands(llvm::StringRef text) {
  return Cutter(text).run();
}
