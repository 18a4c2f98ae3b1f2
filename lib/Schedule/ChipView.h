// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A chip as the ops of a program meet it: which memory a value is in, which
// engine runs an op, which path joins two memories.
#ifndef TERRAZZO_LIB_SCHEDULE_CHIPVIEW_H
#define TERRAZZO_LIB_SCHEDULE_CHIPVIEW_H

#include "dialects/Tile/Tile.h"
#include "lib/Chip/Chip.h"

namespace terrazzo {

/// Where a value or a view lies; null for scalars and unplaced tensors.
tile::PlaceAttr placeOf(mlir::Type type);

/// The role whose region holds \p op; null outside `tile.roles`.
tile::RoleAttr roleOf(mlir::Operation *op);

/// A step from memory to memory.
using Route = llvm::SmallVector<const chip::Part *>;

class ChipView {
public:
  explicit ChipView(const chip::Chip &chip) : chip(chip) {}
  const chip::Chip &chip;

  const chip::Part *memory(llvm::StringRef name) const {
    return chip.find("memories", name);
  }
  /// The memory whose paths serve \p name: a cache has those of `global`.
  llvm::StringRef through(llvm::StringRef name) const;
  /// The shortest way from one memory to another, among equally long ones that
  /// which changes the layout when \p layout; nothing when there is none.
  std::optional<Route> route(llvm::StringRef from, llvm::StringRef to,
                             bool layout) const;
  /// The matrix part that takes operands of these types.
  llvm::SmallVector<const chip::Part *> products(tile::MmaOp mma) const;
  /// That of `products` which also takes them from where they are.
  const chip::Part *product(tile::MmaOp mma) const;
  /// The vector part that reads and writes all of \p memories for \p stream;
  /// the first one of the file for an empty list.
  const chip::Part *vector(llvm::ArrayRef<llvm::StringRef> memories,
                           llvm::StringRef stream) const;
  /// The engine that runs \p op; null when it is the stream's own business.
  const chip::Part *engineOf(mlir::Operation *op) const;
  /// Whether the file says of \p part that \p stream reaches it, or nothing.
  static bool reaches(const chip::Part &part, llvm::StringRef stream);

  /// A note at the place of the chip file that says so.
  static void note(mlir::InFlightDiagnostic &error, const chip::Part &part,
                   llvm::StringRef key, const llvm::Twine &text);
  static void note(mlir::InFlightDiagnostic &error, const FilePosition &where,
                   const llvm::Twine &text);
};

/// What \p op reads from and writes to: the memories of its operands, then of
/// its results; constants and unplaced values are left out.
llvm::SmallVector<llvm::StringRef> memoriesOf(mlir::Operation *op);

} // namespace terrazzo

#endif // TERRAZZO_LIB_SCHEDULE_CHIPVIEW_H
