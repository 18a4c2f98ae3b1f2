// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C++ API: from the text of a Triton kernel file to any level of IR and to
// code. No type of LLVM or MLIR appears here, so that a program that embeds
// Terrazzo needs only this folder and the libraries.
//
//   terrazzo::CompileRequest request;
//   request.path = "add.py";
//   request.kernel = "add";
//   request.signature = "*fp32, *fp32, *fp32, i32, BLOCK=1024";
//   request.emit = terrazzo::Emit::Artifact;
//   request.targets = terrazzo::allTargets();
//   terrazzo::CompileResult result = terrazzo::compile(request);
//
// An artifact is loaded and launched by terrazzo-c/Artifact.h, which needs none
// of the compiler; examples/Embed does both.

#ifndef TERRAZZO_COMPILER_H
#define TERRAZZO_COMPILER_H

#include "terrazzo/Limits.h"
#include "terrazzo/Target.h"

#include <optional>
#include <string>
#include <vector>

namespace terrazzo {

/// What to write at the end of the road: what `terrazzo compile --emit` writes.
/// All but the first two are made for a chip.
enum class Emit {
  /// Kernel IR as MLIR text: one program instance as its author wrote it.
  Kernel,
  /// Tile IR as MLIR text: the whole launch.
  Tile,
  /// LLVM IR as text, as it goes into code generation.
  Llvm,
  /// Assembly.
  Asm,
  /// The bytes of an ELF object: one function, a TerrazzoEntry
  /// (terrazzo-c/Runtime.h).
  Object,
  /// The bytes of an artifact: the object and what a launch must know of it.
  Artifact
};

struct CompileRequest {
  /// The file; its name is what diagnostics show.
  std::string path;
  /// The text of the file; read from `path` when absent.
  std::optional<std::string> source;
  /// The kernel's name; may be empty when the file has only one.
  std::string kernel;
  /// The types of the parameters (`*fp32:16, i32, BLOCK=64`); empty: the
  /// `#: sig(...)` comment of the source says them.
  std::string signature;
  Emit emit = Emit::Kernel;
  /// The targets to choose from; a chip is looked for in no other.
  Targets targets;
  /// A chip's name, a chip file (`.yaml`), or a family's name for the kind that
  /// fits this machine best. What the machine lacks of the chip is no error:
  /// the code may be for another.
  std::string target = "cpu";
  /// A schedule, `{coarsen: [2, 1]}`; empty: the default one.
  std::string schedule;
  /// Looks objects and artifacts up in the user's cache and keeps them there.
  /// Without effect in a program that was linked without a build id, because
  /// what another build made must not be found.
  bool useCache = false;
  /// The folders in which imports of the source are looked for.
  std::vector<std::string> roots;
  Limits limits;
};

/// One message about the input. Lines and columns count from 1; 0 is unknown.
struct Message {
  enum class Severity { Error, Warning, Remark };
  Severity severity = Severity::Error;
  /// The name of its kind in Diagnostics.def.
  std::string kind;
  std::string text;
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
};

struct CompileResult {
  /// The output; absent when there was an error.
  std::optional<std::string> output;
  std::vector<Message> messages;
  /// The messages as the command line prints them: source line, caret, notes.
  std::string rendered;
};

/// Compiles one kernel. Never throws on bad input and never ends the process:
/// what is wrong stands in `messages`.
CompileResult compile(const CompileRequest &request);

/// A kernel of a file and its parameters in source order.
struct KernelDescription {
  std::string name;
  std::vector<std::string> parameters;
};

/// The kernels of a file, in source order; empty, with messages in \p messages,
/// when it cannot be read.
std::vector<KernelDescription> listKernels(const std::string &path,
                                           std::vector<Message> &messages);

/// "0.1.0".
std::string version();

} // namespace terrazzo

#endif // TERRAZZO_COMPILER_H
