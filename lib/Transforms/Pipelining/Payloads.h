// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values that pass from one stream or stage to another through a channel.
#ifndef TERRAZZO_LIB_TRANSFORMS_PIPELINING_PAYLOADS_H
#define TERRAZZO_LIB_TRANSFORMS_PIPELINING_PAYLOADS_H

#include "dialects/Tile/Tile.h"

#include "mlir/IR/Builders.h"

namespace terrazzo::tile {

/// What the schedule says of the channel \p key: its depth and place.
struct ChannelPlan {
  int64_t depth = 2;
  PlaceAttr place;
};
ChannelPlan channelPlan(LaunchOp launch, llvm::StringRef key);

/// An op that copies into the other stream or stage at no cost: it has no
/// effect on memory and no tensor results, or is a constant, a view, a window.
/// Scalar loads are among them where the launch does not write their memory.
bool isSpread(mlir::Operation *op, LaunchOp launch);

/// The pointer or allocation that a view was cut from.
mlir::Value rootOf(mlir::Value view);

/// Whether the memory of two roots may overlap: arguments that the function
/// calls `kernel.noalias` are apart from the others, and so is what is made
/// here.
bool mayAlias(mlir::Value a, mlir::Value b);

/// What an op itself reads or writes, by the root of the view.
struct Access {
  mlir::Value root;
  bool write;
};
llvm::SmallVector<Access> accessesOf(mlir::Operation *op);

/// The type of the slot that carries \p value: its shape in \p place; fails,
/// with an error at \p value, where neither it nor the schedule has a place.
mlir::FailureOr<ViewType> slotFor(mlir::Value value, const ChannelPlan &plan);

/// Acquires a slot before the first of \p values, fills it, commits it. A load
/// that \p movesOnly lists becomes a copy.
void produce(mlir::Value channel, llvm::ArrayRef<mlir::Value> values,
             llvm::ArrayRef<ViewType> slots,
             llvm::function_ref<bool(mlir::Value)> movesOnly);

/// Waits for the slot before the first of the uses of \p values that \p isMine
/// accepts, and releases it after the last; all lie in \p block or below.
void consume(mlir::Value channel, llvm::ArrayRef<mlir::Value> values,
             llvm::ArrayRef<ViewType> slots, mlir::Block *block,
             llvm::function_ref<bool(mlir::OpOperand &)> isMine);

} // namespace terrazzo::tile

#endif // TERRAZZO_LIB_TRANSFORMS_PIPELINING_PAYLOADS_H
