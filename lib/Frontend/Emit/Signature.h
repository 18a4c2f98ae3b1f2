// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Signatures: `*fp32:16, i32, BLOCK=64` on the command line, or
// `#: sig(x: *bf16, n: i32, BLOCK: 64)` in the source.
#ifndef TERRAZZO_LIB_FRONTEND_EMIT_SIGNATURE_H
#define TERRAZZO_LIB_FRONTEND_EMIT_SIGNATURE_H

#include "lib/Diagnostics/Diagnostics.h"
#include "lib/Frontend/Emit/Value.h"

namespace terrazzo::frontend {

struct SignatureEntry {
  std::string name; // empty: by position
  Value value;      // a constant, or a Tensor without a value that has a type
  int64_t divisibility = 1;
};

/// Reads a signature that stands at \p offset of \p buffer.
std::optional<std::vector<SignatureEntry>>
parseSignature(DiagnosticEngine &engine, unsigned buffer, size_t offset,
               llvm::StringRef text);

} // namespace terrazzo::frontend

#endif // TERRAZZO_LIB_FRONTEND_EMIT_SIGNATURE_H
