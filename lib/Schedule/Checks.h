// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parts of `verify-on-chip`. Each reports what it finds and fails then.
#ifndef TERRAZZO_LIB_SCHEDULE_CHECKS_H
#define TERRAZZO_LIB_SCHEDULE_CHECKS_H

#include "lib/Schedule/ChipView.h"

namespace terrazzo {

/// The streams of a launch: the regions of its roles, or its body.
struct Stream {
  mlir::Region *region = nullptr;
  tile::RoleAttr role; // null for the body
};
llvm::SmallVector<Stream> streamsOf(tile::LaunchOp launch);

/// The bytes that the values of \p region need at one time in \p memory at the
/// least: a value may take the place of one that ends where it begins.
int64_t peakBytes(mlir::Region &region, llvm::StringRef memory);

/// C3, C7: scratch and registers hold what the program puts there.
llvm::LogicalResult verifyFit(const ChipView &chip, tile::LaunchOp launch);
/// C4: there are flags, semaphores, barriers enough for the channels.
llvm::LogicalResult verifySync(const ChipView &chip, tile::LaunchOp launch);
/// What the slots of \p channel cost in \p memory besides themselves.
int64_t syncBytes(const ChipView &chip, tile::ChannelOp channel,
                  llvm::StringRef memory);
/// C5: windows begin where the memory can be addressed.
llvm::LogicalResult verifyAlignment(const ChipView &chip, tile::SliceOp slice);
/// C6: the memory keeps its elements in this layout, which fits the shape.
llvm::LogicalResult verifyLayout(const ChipView &chip, mlir::Operation *op,
                                 mlir::RankedTensorType tensor);

} // namespace terrazzo

#endif // TERRAZZO_LIB_SCHEDULE_CHECKS_H
