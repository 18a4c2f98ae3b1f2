// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The front end: a Triton source and a signature in, Kernel IR out.
#ifndef TERRAZZO_LIB_FRONTEND_FRONTEND_H
#define TERRAZZO_LIB_FRONTEND_FRONTEND_H

#include "lib/Diagnostics/Diagnostics.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <optional>
#include <string>
#include <vector>

namespace terrazzo::frontend {

/// The largest source that is read; more than any kernel has.
constexpr size_t maxSourceBytes = size_t(16) << 20;

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
  /// Caps on compile-time evaluation; 0 keeps the default.
  uint64_t maxSteps = 0;
};

struct ParameterInfo {
  std::string name;
  bool isConstexpr = false;
  bool hasDefault = false;
};

struct KernelInfo {
  std::string name;
  std::vector<ParameterInfo> parameters;
  std::string signature;
};

/// The decorated functions of a buffer. A function that does not parse is
/// reported and left out.
std::vector<KernelInfo> listKernels(DiagnosticEngine &engine, unsigned buffer);

/// Registers the dialects that Kernel IR is made of.
void loadDialects(mlir::MLIRContext &context);

/// Null after an error, which was reported.
mlir::OwningOpRef<mlir::ModuleOp> emitKernelIR(mlir::MLIRContext &context,
                                               const Request &request,
                                               DiagnosticEngine &engine);

/// The names of the language that can be emitted, sorted.
std::vector<std::string> languageNames();

} // namespace terrazzo::frontend

#endif // TERRAZZO_LIB_FRONTEND_FRONTEND_H
