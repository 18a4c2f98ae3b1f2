// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `--verify-semantics`: which levels there are, and what is said of them.
#ifndef TERRAZZO_TOOLS_TERRAZZO_SEMANTICS_H
#define TERRAZZO_TOOLS_TERRAZZO_SEMANTICS_H

#include "lib/Driver/VerifySemantics.h"
#include "lib/Schedule/Schedule.h"

#include "llvm/Support/JSON.h"

namespace terrazzo::tool {

/// Runs the kernel as it was written (\p written) and the Tile IR that a target
/// would make code of (\p specialized). False after an error, which was
/// reported; a level that the oracle cannot run is one.
bool runLevels(driver::SemanticsVerifier &verifier,
               const frontend::Request &written,
               const frontend::Request &specialized,
               const schedule::Schedule &schedule, DiagnosticEngine &engine);

llvm::json::Object json(const driver::SemanticsVerifier &verifier);
std::string text(const driver::SemanticsVerifier &verifier);

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_SEMANTICS_H
