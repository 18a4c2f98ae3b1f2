// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A source file as the rest of the front end sees it: functions and constants
// by name, parsed when they are first asked for. A syntax error in a function
// that nothing needs is never seen.
#ifndef TERRAZZO_LIB_FRONTEND_AST_PARSER_H
#define TERRAZZO_LIB_FRONTEND_AST_PARSER_H

#include "lib/Diagnostics/Diagnostics.h"
#include "lib/Frontend/Ast/Ast.h"
#include "lib/Frontend/Ast/Islands.h"
#include "lib/Frontend/SourceOptions.h"

#include "llvm/ADT/StringMap.h"

#include <memory>

namespace terrazzo::frontend {

class Modules;

class SourceModule {
public:
  ~SourceModule();
  /// Reads the islands of \p buffer; null when the text is no text (NUL bytes,
  /// invalid UTF-8), which is reported.
  static std::unique_ptr<SourceModule> open(DiagnosticEngine &engine,
                                            unsigned buffer,
                                            const SourceOptions &options = {},
                                            Modules *modules = nullptr);

  /// The function, parsed; null when there is none or it has a syntax error,
  /// which is reported once.
  Stmt *function(llvm::StringRef name);
  /// The last assignment to a name at the top level, parsed.
  Stmt *constant(llvm::StringRef name);
  /// All import statements, parsed.
  const std::vector<Stmt *> &imports();

  bool hasFunction(llvm::StringRef name) const;
  bool hasConstant(llvm::StringRef name) const;
  /// The names of the decorated functions, in source order.
  std::vector<std::string> decoratedFunctions() const;
  const std::vector<Island> &islands() const { return found; }

  unsigned buffer() const { return bufferId; }
  std::string path() const { return engine.position(where({0, 0})).file; }
  const SourceOptions &options() const { return given; }
  /// What it may import; shared by all modules of a kernel.
  Modules &modules() { return *all; }
  Where where(Range range) const {
    return engine.range(bufferId, range.begin, range.end);
  }
  DiagnosticEngine &diagnostics() { return engine; }

private:
  SourceModule(DiagnosticEngine &engine, unsigned buffer,
               const SourceOptions &options, Modules *modules);
  Stmt *parse(size_t island);
  const Island *find(Island::Kind kind, llvm::StringRef name) const;

  DiagnosticEngine &engine;
  unsigned bufferId;
  SourceOptions given;
  std::unique_ptr<Modules> owned; // of the kernel's own file
  Modules *all;
  std::vector<Island> found;
  std::vector<std::pair<bool, Stmt *>> parsed;
  std::vector<Stmt *> importStatements;
  bool importsRead = false;
  Module module;
};

} // namespace terrazzo::frontend

#endif // TERRAZZO_LIB_FRONTEND_AST_PARSER_H
