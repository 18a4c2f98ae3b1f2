// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The front end: a Triton source and a signature in, Kernel IR out.
#ifndef TERRAZZO_LIB_FRONTEND_FRONTEND_H
#define TERRAZZO_LIB_FRONTEND_FRONTEND_H

#include "lib/Diagnostics/Diagnostics.h"
#include "lib/Frontend/SourceOptions.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <optional>
#include <string>
#include <vector>

namespace terrazzo::frontend {

/// What a parameter is given. Text as in a signature: `*fp32:16`, `i32`, `64`,
/// `True`.
struct Argument {
  std::string name; // empty: by position
  std::string text;
};

struct Request {
  /// A buffer of the diagnostic engine that holds the source.
  unsigned buffer = 0;
  /// May be empty when the file has one kernel only.
  std::string kernel;
  /// Text as for `--sig`; empty: \ref arguments, or the source's own comment.
  std::string signature;
  /// Named arguments, as a launch file gives them. They win over the comment.
  std::vector<Argument> arguments;
  SourceOptions options;
};

struct ParameterInfo {
  std::string name;
  bool isConstexpr = false;
  bool hasDefault = false;
};

/// A point of a search space: `triton.Config({"BLOCK": 64}, num_warps=4)`.
struct TuningPoint {
  std::vector<Argument> constants; // texts as in a signature
  std::vector<Argument> options;   // num_warps, num_stages, ...
};

struct KernelInfo {
  std::string name;
  std::vector<ParameterInfo> parameters;
  std::string signature;
  /// `@triton.autotune`: its configurations and its key, in source order.
  std::vector<TuningPoint> space;
  std::vector<std::string> tuningKey;
  /// The parameters that `@triton.heuristics` gives a value.
  std::vector<std::string> heuristics;
  /// Why the decorators could not be evaluated; empty when they could.
  std::string tuningFault;
};

/// The buffer of a source file, of at most so many bytes as the limits say.
/// Nothing after an error, which was reported.
std::optional<unsigned> addSource(DiagnosticEngine &engine,
                                  const std::string &path,
                                  const Limits &limits);

/// The decorated functions of a buffer. A function that does not parse is
/// reported and left out.
std::vector<KernelInfo> listKernels(DiagnosticEngine &engine, unsigned buffer,
                                    const SourceOptions &options = {});

/// The texts of all files that the imports of a source lead to, for what
/// depends on them. Nothing is reported.
std::vector<std::string> importedTexts(const DiagnosticEngine &engine,
                                       unsigned buffer,
                                       const SourceOptions &options);

/// Registers the dialects that Kernel IR is made of.
void loadDialects(mlir::MLIRContext &context);

/// Null after an error, which was reported.
mlir::OwningOpRef<mlir::ModuleOp> emitKernelIR(mlir::MLIRContext &context,
                                               const Request &request,
                                               DiagnosticEngine &engine);

/// What the decorators of \p kernel give the parameters that \p given lacks:
/// the first configuration, then heuristics over the values of \p given (texts
/// as in a signature). Each choice is a remark. Nothing when a value that is
/// needed cannot be evaluated, which was reported.
std::optional<std::vector<Argument>> decoratedConstants(
    DiagnosticEngine &engine, unsigned buffer, const std::string &kernel,
    const std::vector<Argument> &given, const SourceOptions &options = {});

/// The names of the language that can be emitted, sorted.
std::vector<std::string> languageNames();

} // namespace terrazzo::frontend

#endif // TERRAZZO_LIB_FRONTEND_FRONTEND_H
