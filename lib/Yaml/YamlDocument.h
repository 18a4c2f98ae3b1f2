// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one document of a YAML file, by LLVM's reader.
#ifndef TERRAZZO_LIB_YAML_YAMLDOCUMENT_H
#define TERRAZZO_LIB_YAML_YAMLDOCUMENT_H

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLParser.h"

#include <optional>
#include <string>

namespace terrazzo {

class YamlDocument {
public:
  /// \p text must outlive the document: its ranges point into it.
  explicit YamlDocument(llvm::StringRef text) : text(text), reading(text) {
    // All of it is looked at before anyone reads: LLVM's reader goes as deep
    // as the text does.
    Pass first(text);
    look(first, first.root(), 0);
    if (!found && first.next())
      report(first.root(), "there is more than one document");
    if (first.stream.failed() && !found)
      found =
          Fault{std::min(first.failedAt, text.size()), first.message, false};
  }
  YamlDocument(const YamlDocument &) = delete;
  /// Null for an empty file, and for a broken one.
  llvm::yaml::Node *root() { return found ? nullptr : reading.root(); }

  struct Fault {
    size_t offset;
    std::string message;
    bool isAlias; // or an anchor
  };
  /// Where and why the text is none that we read: not YAML, with aliases, too
  /// deep, or several documents.
  const std::optional<Fault> &broken() const { return found; }

private:
  /// Lists within mappings within lists.
  static constexpr unsigned deepest = 64;

  struct Pass {
    explicit Pass(llvm::StringRef text)
        : stream(llvm::MemoryBufferRef(text, "yaml"), manager, false) {
      manager.setDiagHandler(
          [](const llvm::SMDiagnostic &d, void *self) {
            auto *pass = static_cast<Pass *>(self);
            if (!pass->message.empty()) // the first tells most
              return;
            pass->message = d.getMessage().str();
            if (d.getLoc().isValid())
              pass->failedAt = d.getLoc().getPointer() - pass->start;
          },
          this);
      start = text.data();
      document = stream.begin();
    }
    llvm::yaml::Node *root() {
      return document == stream.end() ? nullptr : document->getRoot();
    }
    /// Whether another document follows, which is then the one at hand.
    bool next() {
      return document != stream.end() && !stream.failed() &&
             ++document != stream.end();
    }
    const char *start;
    size_t failedAt = 0;
    std::string message;
    llvm::SourceMgr manager;
    llvm::yaml::Stream stream;
    llvm::yaml::document_iterator document;
  };

  void report(llvm::yaml::Node *at, std::string message, bool isAlias = false) {
    const char *where = at ? at->getSourceRange().Start.getPointer() : nullptr;
    size_t offset = where ? size_t(where - text.data()) : 0;
    if (at && !at->getAnchor().empty()) // which stands before the node
      offset = text.take_front(offset).rfind(("&" + at->getAnchor()).str());
    if (!found)
      found = Fault{std::min(offset, text.size()), std::move(message), isAlias};
  }

  void look(Pass &pass, llvm::yaml::Node *node, unsigned depth) {
    using namespace llvm::yaml;
    if (!node || found)
      return;
    if (llvm::isa<AliasNode>(node) || !node->getAnchor().empty())
      return report(node, "anchors and aliases are not read", true);
    if (depth > deepest)
      return report(node, "more than 64 lists and mappings in each other");
    if (auto *mapping = llvm::dyn_cast<MappingNode>(node)) {
      for (KeyValueNode &entry : *mapping) {
        look(pass, entry.getKey(), depth + 1);
        if (found)
          return;
        look(pass, entry.getValue(), depth + 1);
        if (found)
          return;
      }
    } else if (auto *sequence = llvm::dyn_cast<SequenceNode>(node)) {
      for (Node &item : *sequence) {
        look(pass, &item, depth + 1);
        if (found)
          return;
      }
    } else if (auto *scalar = llvm::dyn_cast<ScalarNode>(node)) {
      llvm::SmallString<64> storage;
      scalar->getValue(storage); // its escapes
    }
  }

  llvm::StringRef text;
  std::optional<Fault> found;
  Pass reading;
};

} // namespace terrazzo

#endif // TERRAZZO_LIB_YAML_YAMLDOCUMENT_H
