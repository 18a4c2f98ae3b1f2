// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A compiled kernel as a file (docs/Spec/Artifact.md): the code, and what a
// launch must know about it. Reading and writing need no LLVM.
#ifndef TERRAZZO_LIB_ARTIFACT_ARTIFACT_H
#define TERRAZZO_LIB_ARTIFACT_ARTIFACT_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace terrazzo::artifact {

constexpr uint32_t version = 1;

/// What the entry takes at this place of its arguments.
struct Parameter {
  std::string name;
  std::string type; // as in a signature: `*fp32:16`, `i32`
  bool operator==(const Parameter &) const = default;
};

struct Artifact {
  std::string kernel;    // the entry's name
  std::string chip;      // whose code this is
  std::string compiler;  // version
  std::string source;    // hash of the source text
  std::string options;   // what else the code depends on
  std::string constants; // parameters that are fixed: `BLOCK=1024, causal=true`
  std::vector<Parameter> parameters;
  std::string
      code; // for a CPU an ELF relocatable object (lib/Runtime loads it)
  bool operator==(const Artifact &) const = default;
};

/// The file's bytes: the same for the same artifact, everywhere.
std::string write(const Artifact &artifact);

/// Nothing when \p bytes are not a whole artifact of this version; \p error
/// says why.
std::optional<Artifact> read(std::string_view bytes, std::string &error);

} // namespace terrazzo::artifact

#endif // TERRAZZO_LIB_ARTIFACT_ARTIFACT_H
