// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The Tile dialect: a whole launch under a schedule (docs/Spec/Tile.md).
#ifndef TERRAZZO_DIALECTS_TILE_TILE_H
#define TERRAZZO_DIALECTS_TILE_TILE_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/Tile/TileDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Tile/TileAttributes.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Tile/TileTypes.h.inc"

#define GET_OP_CLASSES
#include "dialects/Tile/TileOps.h.inc"

namespace terrazzo::tile {

/// B1: acquire and commit, wait and release of \p channel pair up in every
/// block, and nothing is held over the end of one.
llvm::LogicalResult verifyBalance(ChannelOp channel);

/// B2: what is not proved of the commits and waits of \p channel, in words;
/// empty when it is. An error when they differ.
llvm::FailureOr<std::string> obligationOf(ChannelOp channel);

/// Which dimension of the array that \p view was cut from each of its own is;
/// nothing where windows on the way do not say.
std::optional<llvm::SmallVector<int64_t>> rootDims(mlir::Value view);

/// TC18: what the groups of the loops and of the body of \p launch must keep.
llvm::LogicalResult verifyGroups(LaunchOp launch);

/// What \p launch's `schedule` says; null when it has none.
mlir::DictionaryAttr keysOf(LaunchOp launch);

} // namespace terrazzo::tile

#endif // TERRAZZO_DIALECTS_TILE_TILE_H
