// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The families of chips that code can be made for. A program hands those that
// it wants to `compile` (Compiler.h); the linker leaves the others out.
#ifndef TERRAZZO_TARGET_H
#define TERRAZZO_TARGET_H

#include <vector>

namespace terrazzo {

/// A family of chips. Lives as long as the program.
class Target;

using Targets = std::vector<const Target *>;

/// All that Terrazzo was built with.
const Targets &allTargets();

} // namespace terrazzo

#endif // TERRAZZO_TARGET_H
