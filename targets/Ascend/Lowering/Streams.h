// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What both streams of an AI core know.
#ifndef TERRAZZO_TARGETS_ASCEND_LOWERING_STREAMS_H
#define TERRAZZO_TARGETS_ASCEND_LOWERING_STREAMS_H

#include "dialects/Tile/Tile.h"

namespace terrazzo::ascend {

/// Numbers that the vector stream alone has (it read them from UB) and that
/// decide what the cube stream does go to it through the workspace. Fails, with
/// an error at the place, where that does not help.
llvm::LogicalResult shareNumbers(tile::LaunchOp launch);

/// Flags between streams count only so far: in a loop where one stream waits
/// for the other, and the other not for it, the other waits at the end of each
/// iteration until the first one is there too. After all other waits are
/// placed.
void keepTogether(tile::LaunchOp launch);

} // namespace terrazzo::ascend

#endif // TERRAZZO_TARGETS_ASCEND_LOWERING_STREAMS_H
