// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One launch on its way to buffers (used only within this room).
#ifndef TERRAZZO_LIB_TRANSFORMS_BUFFERS_LOWERING_H
#define TERRAZZO_LIB_TRANSFORMS_BUFFERS_LOWERING_H

#include "lib/Transforms/Buffers/Buffers.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/DenseSet.h"

namespace terrazzo::buffers {

/// A view of Tile IR: part of a core's memory, or a window of global memory.
struct View {
  mlir::Value local; // null: global
  GlobalWindow global;
  /// Of global ones, by dimension: the array's extent, null where it is
  /// unknown, from the window's first element.
  llvm::SmallVector<mlir::Value> extents;
  Ring *ring = nullptr; // whose slot it is
  mlir::Value slot;
};

class Lowering {
public:
  Lowering(Family &family, mlir::Block &body);
  /// The ops of \p from, at the builder's place.
  void block(mlir::Block &from, mlir::OpBuilder &b);
  void finish(mlir::OpBuilder &b, mlir::Location loc);
  /// The sums that stay in the family's own memory for them.
  llvm::DenseSet<mlir::Value> sums;
  mlir::IRMapping &scalars() { return map; }
  /// A view that stands before the launch.
  void hostView(tile::ViewOp op, mlir::OpBuilder &b) { viewOp(op, b); }

private:
  // Lowering.cpp: control flow and dispatch
  void op(mlir::Operation &op, mlir::OpBuilder &b);
  void loop(mlir::scf::ForOp op, mlir::OpBuilder &b);
  void branch(mlir::scf::IfOp op, mlir::OpBuilder &b);
  void whileLoop(mlir::scf::WhileOp op, mlir::OpBuilder &b);
  void carry(mlir::ValueRange values, llvm::ArrayRef<mlir::Value> buffers,
             mlir::OpBuilder &b);
  llvm::SmallVector<mlir::Value> plain(mlir::ValueRange values);
  void bindPlain(mlir::ValueRange old, mlir::ValueRange now);
  /// The buffer that holds a loop's or a branch's value: that of \p init, where
  /// it dies at \p at, or a new one.
  mlir::Value home(mlir::Value init, mlir::Operation *at, mlir::OpBuilder &b,
                   llvm::SmallDenseSet<mlir::Value> &taken);

  // Values.cpp: blocks
  mlir::Value allocate(mlir::RankedTensorType type, mlir::Location loc,
                       llvm::StringRef memory = {});
  /// The buffer's content lives through the whole launch.
  void keep(mlir::Value buffer);
  mlir::Value buffer(mlir::Value tensor, mlir::OpBuilder &b);
  /// A sum that has not begun, and the buffer of one that has.
  mlir::Value beginSum(mlir::RankedTensorType type, mlir::OpBuilder &b,
                       mlir::Location loc);
  /// A sum that no product began gets its 0 in place, where the family can.
  bool settle(mlir::Value sum, mlir::OpBuilder &b, mlir::Location loc);
  mlir::Value sumOf(mlir::Value tensor, mlir::OpBuilder &b);
  bool isSum(mlir::Value value) const { return sums.contains(value); }
  void copy(mlir::Value from, mlir::Value to, mlir::OpBuilder &b,
            mlir::Location loc);
  void fill(mlir::Value target, mlir::TypedAttr value, mlir::OpBuilder &b,
            mlir::Location loc);
  void body(mlir::Region &from, mlir::Operation *to);
  /// Where the result of \p op goes: over an operand that dies, or into a slot.
  mlir::Value target(mlir::Operation *op, unsigned result, mlir::OpBuilder &b);
  void mapOp(tile::MapOp op, mlir::OpBuilder &b);
  void reduceOp(tile::ReduceOp op, mlir::OpBuilder &b);
  void scanOp(tile::ScanOp op, mlir::OpBuilder &b);
  void takeOp(tile::TakeOp op, mlir::OpBuilder &b);
  void mmaOp(tile::MmaOp op, mlir::OpBuilder &b);
  /// The block \p value where products read it, \p op among them.
  mlir::Value operandOf(mlir::Value value, mlir::Operation *op,
                        mlir::OpBuilder &b);
  void selectOp(mlir::arith::SelectOp op, mlir::OpBuilder &b);

  // Windows.cpp: views and accesses
  void allocOp(tile::AllocOp op, mlir::OpBuilder &b);
  void viewOp(tile::ViewOp op, mlir::OpBuilder &b);
  void sliceOp(tile::SliceOp op, mlir::OpBuilder &b);
  void sliceLocal(tile::SliceOp op, mlir::OpBuilder &b);
  void boundary(View &view, size_t dim, mlir::Value offset,
                mlir::Attribute kind, mlir::OpBuilder &b, mlir::Location loc);
  void loadOp(tile::LoadOp op, mlir::OpBuilder &b);
  void storeOp(tile::StoreOp op, mlir::OpBuilder &b);
  /// False where it stores no sum.
  bool storeSum(tile::StoreOp op, mlir::OpBuilder &b);
  void copyOp(tile::CopyOp op, mlir::OpBuilder &b);
  void atomicOp(tile::AtomicOp op, mlir::OpBuilder &b);
  mlir::Value wrapped(mlir::Value offset, mlir::Value extent, bool wraps,
                      int64_t size, mlir::OpBuilder &b, mlir::Location loc);
  bool isHeldSoLong(tile::LoadOp load);
  void fetch(const View &from, mlir::Value to, mlir::Value mask, Ring *ring,
             mlir::Value slot, mlir::OpBuilder &b, mlir::Location loc);
  mlir::Value asBlock(mlir::Value value, mlir::OpBuilder &b);

  // Rings.cpp
  void channelOp(tile::ChannelOp op, mlir::OpBuilder &b);
  void acquireOp(tile::AcquireOp op, mlir::OpBuilder &b);
  void commitOp(tile::CommitOp op, mlir::OpBuilder &b);
  void waitOp(tile::WaitOp op, mlir::OpBuilder &b);
  void releaseOp(tile::ReleaseOp op, mlir::OpBuilder &b);
  mlir::Value bump(mlir::Value counter, mlir::OpBuilder &b, mlir::Location loc);
  mlir::Value slotOf(Ring &ring, mlir::Value count, mlir::OpBuilder &b,
                     mlir::Location loc);
  void bindSlots(mlir::ValueRange views, Ring &ring, mlir::Value slot,
                 mlir::OpBuilder &b, mlir::Location loc);

  [[noreturn]] void refuse(mlir::Operation *op, const llvm::Twine &why);
  mlir::Value constant(mlir::OpBuilder &b, mlir::Location loc, int64_t v);

  Family &family;
  mlir::OpBuilder top;                               // where allocations stand
  mlir::IRMapping map;                               // scalars
  llvm::DenseMap<mlir::Value, mlir::Value> held;     // tensor -> its buffer
  llvm::DenseMap<mlir::Value, mlir::Value> operands; // where products read it
  llvm::DenseMap<mlir::Value, mlir::Value> isFresh;  // of a sum's buffer
  llvm::DenseSet<mlir::Value> borrowed; // buffers that are slots: never written
  llvm::DenseMap<mlir::Value, View> views;
  llvm::DenseMap<mlir::Value, std::unique_ptr<Ring>> rings;
  llvm::DenseMap<mlir::Value, mlir::Value> committing, releasing; // ring's slot
  llvm::SmallVector<Ring *> made;
};

} // namespace terrazzo::buffers

#endif // TERRAZZO_LIB_TRANSFORMS_BUFFERS_LOWERING_H
