// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The files that a kernel file imports. They are looked for in the folders of
// -I and nowhere else, symbolic links and `..` resolved.
#ifndef TERRAZZO_LIB_FRONTEND_AST_MODULES_H
#define TERRAZZO_LIB_FRONTEND_AST_MODULES_H

#include "lib/Frontend/Ast/Parser.h"

#include <map>
#include <set>

namespace terrazzo::frontend {

class Modules {
public:
  Modules(DiagnosticEngine &engine, const SourceOptions &options);

  struct Finding {
    enum class Kind {
      Absent,  // no such file in the folders of -I
      Outside, // there is one, which a link or `..` leads out of them
      TooMany, // one more file than the limit
      Broken,  // not read, or no text; it was reported
      Found
    };
    Kind kind = Kind::Absent;
    SourceModule *module = nullptr;
    std::string path;
  };
  /// What \p importer calls \p name: `a.b`, `.a`, `..`.
  Finding find(const SourceModule &importer, llvm::StringRef name);

  /// The files that \p name may be, in the order of looking.
  std::vector<std::string> candidates(const SourceModule &importer,
                                      llvm::StringRef name) const;

  /// Whether a module is part of Python or Triton and never a file.
  static bool isLanguage(llvm::StringRef name);
  /// `a` and `b` are `a.b`, `.` and `b` are `.b`.
  static std::string join(llvm::StringRef module, llvm::StringRef name);

private:
  Finding open(const std::string &path);
  bool isInside(llvm::StringRef realPath) const;

  DiagnosticEngine &engine;
  SourceOptions options;
  std::vector<std::string> realRoots;
  /// By real path.
  std::map<std::string, std::unique_ptr<SourceModule>> loaded;
  std::set<std::string> broken;
};

/// Everything that the imports of \p source lead to, itself left out, in an
/// order that depends on their text alone. Nothing is reported.
std::vector<SourceModule *> reachable(SourceModule &source);

} // namespace terrazzo::frontend

#endif // TERRAZZO_LIB_FRONTEND_AST_MODULES_H
