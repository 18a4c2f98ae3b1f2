// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one document of a YAML file, by LLVM's reader, which parses as it is
// walked: so `broken` is asked after the walk as well as before it.
#ifndef TERRAZZO_LIB_YAML_YAMLDOCUMENT_H
#define TERRAZZO_LIB_YAML_YAMLDOCUMENT_H

#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLParser.h"

#include <optional>
#include <string>

namespace terrazzo {

class YamlDocument {
public:
  /// \p text must outlive the document: its ranges point into it.
  explicit YamlDocument(llvm::StringRef text)
      : text(text),
        stream(llvm::MemoryBufferRef(text, "yaml"), manager, false) {
    manager.setDiagHandler(
        [](const llvm::SMDiagnostic &d, void *self) {
          auto *document = static_cast<YamlDocument *>(self);
          if (document->message.empty()) { // the first tells most
            document->where = d.getLoc();
            document->message = d.getMessage().str();
          }
        },
        this);
    document = stream.begin();
    if (document != stream.end())
      rootNode = document->getRoot();
  }
  YamlDocument(const YamlDocument &) = delete;
  /// Null for an empty file.
  llvm::yaml::Node *root() { return rootNode; }

  struct Fault {
    size_t offset;
    std::string message;
  };
  /// Where and why the text is not YAML, as far as it was walked.
  std::optional<Fault> broken() {
    if (!stream.failed())
      return std::nullopt;
    size_t at = where.isValid() ? where.getPointer() - text.data() : 0;
    return Fault{std::min(at, text.size()), message};
  }

private:
  llvm::StringRef text;
  llvm::SourceMgr manager;
  llvm::SMLoc where;
  std::string message;
  llvm::yaml::Stream stream;
  llvm::yaml::document_iterator document;
  llvm::yaml::Node *rootNode = nullptr;
};

} // namespace terrazzo

#endif // TERRAZZO_LIB_YAML_YAMLDOCUMENT_H
