// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `--help` says above the list of options: enough to begin without another
// page.
#ifndef TERRAZZO_TOOLS_TERRAZZO_HELP_H
#define TERRAZZO_TOOLS_TERRAZZO_HELP_H

#include "llvm/ADT/StringRef.h"

namespace terrazzo::tool {

/// The text of a command; for what is none, the program's.
llvm::StringRef helpOf(llvm::StringRef command);

} // namespace terrazzo::tool

#endif // TERRAZZO_TOOLS_TERRAZZO_HELP_H
