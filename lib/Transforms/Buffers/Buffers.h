// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From values to memory: Tile IR of one stream becomes a program over buffers
// in the memories of a core. What all modeled chips share is here: which buffer
// holds which value, windows of global memory, rings. A family says which of
// its instructions do the work.
#ifndef TERRAZZO_LIB_TRANSFORMS_BUFFERS_BUFFERS_H
#define TERRAZZO_LIB_TRANSFORMS_BUFFERS_BUFFERS_H

#include "lib/Chip/Chip.h"

#include "dialects/Kernel/Kernel.h"
#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"

namespace terrazzo::buffers {

/// Ends a lowering; the cause was reported.
struct Refused {};

/// A window of global memory: element i at base + sum(i * stride), those with
/// low <= i < high in each dimension (both empty: all).
struct GlobalWindow {
  mlir::Value base;
  mlir::Type element;
  llvm::SmallVector<int64_t> shape;
  llvm::SmallVector<mlir::Value> strides, low, high;
  /// A buffer of positions along \ref indexDim, or, where that is -1, of each
  /// element; those within \ref indexBounds (two, or none: all) take part.
  mlir::Value index;
  int64_t indexDim = 0;
  llvm::SmallVector<mlir::Value> indexBounds;
  /// What reading gives outside; null: nothing that anybody reads.
  mlir::TypedAttr fill;
};

/// A channel of Tile IR in memory.
struct Ring {
  int64_t depth = 1;
  llvm::SmallVector<mlir::Value> slots; // by payload: depth x its shape
  mlir::Value acquired, waited;         // how often, in scalar memory
  /// How many transfers fill a slot from global memory, and empty it.
  int64_t filling = 0, emptying = 0;
  /// What empties it must keep its order (`ordered` on the channel, as
  /// ring-accesses sets it); a channel that says nothing need not.
  bool isOrdered = false;
  /// The family's own: semaphores, flags, a circular buffer.
  llvm::SmallVector<mlir::Value, 2> own;
};

/// A family's instructions.
class Family {
public:
  virtual ~Family() = default;
  /// Where blocks live, and numbers.
  virtual llvm::StringRef blockMemory() const = 0;
  virtual llvm::StringRef scalarMemory() const = 0;
  /// Where sums of products stay; empty: where blocks do.
  virtual llvm::StringRef sumMemory() const { return {}; }
  /// Where products read their operands; empty: where blocks are.
  virtual llvm::StringRef operandMemory() const { return {}; }
  /// The content of \p block, or of a transpose of one, where a product can
  /// read it.
  virtual mlir::Value operand(mlir::OpBuilder &b, mlir::Location loc,
                              mlir::Value block) {
    return block;
  }
  /// Whether sums, rounded where they must be, go to global memory without
  /// becoming blocks.
  virtual bool storesSums() const { return false; }
  /// Whether a sum that no product began becomes 0 in its place.
  virtual bool clearsSums() const { return false; }
  virtual void clearSum(mlir::OpBuilder &b, mlir::Location loc,
                        mlir::Value sum) {}
  virtual void storeSum(mlir::OpBuilder &b, mlir::Location loc, mlir::Value sum,
                        const GlobalWindow &to) {}
  /// A sum becomes a block.
  virtual void drain(mlir::OpBuilder &b, mlir::Location loc, mlir::Value sum,
                     mlir::Value block) {}

  /// With \p ring the transfer fills or empties slot \p slot of it; else it has
  /// ended when the next instruction runs.
  virtual void transferIn(mlir::OpBuilder &b, mlir::Location loc,
                          const GlobalWindow &from, mlir::Value to,
                          mlir::Value mask, Ring *ring, mlir::Value slot) = 0;
  virtual void transferOut(mlir::OpBuilder &b, mlir::Location loc,
                           mlir::Value from, const GlobalWindow &to,
                           mlir::Value mask, Ring *ring, mlir::Value slot) = 0;
  /// Without \p kind a compare-and-swap with \p compare; \p old may be null.
  virtual void atomic(mlir::OpBuilder &b, mlir::Location loc, mlir::Value value,
                      const GlobalWindow &to, mlir::Value mask,
                      std::optional<kernel::AtomicKind> kind,
                      mlir::Value compare, mlir::Value old) = 0;
  /// Ops with an empty region, which the caller fills.
  virtual mlir::Operation *map(mlir::OpBuilder &b, mlir::Location loc,
                               mlir::ValueRange ins, mlir::ValueRange outs,
                               mlir::ArrayAttr dims) = 0;
  virtual mlir::Operation *reduce(mlir::OpBuilder &b, mlir::Location loc,
                                  mlir::ValueRange ins, mlir::ValueRange outs,
                                  int64_t dim, llvm::StringRef order) = 0;
  virtual mlir::Operation *scan(mlir::OpBuilder &b, mlir::Location loc,
                                mlir::ValueRange ins, mlir::ValueRange outs,
                                int64_t dim, bool reverse) = 0;
  virtual void take(mlir::OpBuilder &b, mlir::Location loc, mlir::Value source,
                    mlir::ValueRange symbols, mlir::Value target,
                    mlir::AffineMap map) = 0;
  /// acc += a b, of formats that the chip's matrix engine has; where \p fresh
  /// (i1) is true the sum begins.
  virtual void multiply(mlir::OpBuilder &b, mlir::Location loc, mlir::Value a,
                        mlir::Value rhs, mlir::Value acc,
                        mlir::Value fresh) = 0;

  virtual void makeRing(mlir::OpBuilder &b, mlir::Location loc, Ring &ring) = 0;
  /// \p count: how often the ring was acquired (waited for) before.
  virtual void acquire(mlir::OpBuilder &b, mlir::Location loc, Ring &ring,
                       mlir::Value count, mlir::Value slot) = 0;
  virtual void commit(mlir::OpBuilder &b, mlir::Location loc, Ring &ring,
                      mlir::Value slot) = 0;
  virtual void wait(mlir::OpBuilder &b, mlir::Location loc, Ring &ring,
                    mlir::Value slot) = 0;
  virtual void release(mlir::OpBuilder &b, mlir::Location loc, Ring &ring,
                       mlir::Value slot) = 0;
  /// At the end of a launch: what is still under way in the ring.
  virtual void finish(mlir::OpBuilder &b, mlir::Location loc, Ring &ring) = 0;
};

/// Tile IR (one stream, launches over cores) to buffers, in place. An error was
/// reported at its op through MLIR's diagnostics.
llvm::LogicalResult lowerToBuffers(mlir::func::FuncOp function, Family &family);

/// Gives every memref.alloc of a launch its `address`: buffers whose lives do
/// not meet may share it. Fails, with what does not fit and by how much, where
/// a memory of \p chip is too small.
/// Without \p reports it fails in silence.
llvm::LogicalResult assignAddresses(mlir::func::FuncOp function,
                                    const chip::Chip &chip,
                                    bool reports = true);

/// Kernel IR to buffers with addresses: \p make does it, with rings of so many
/// slots. Where two do not fit into the core's memories, one does: nothing
/// arrives ahead then, and nothing is refused that need not be.
llvm::LogicalResult fitToCore(
    mlir::ModuleOp module, const chip::Chip &chip,
    llvm::function_ref<llvm::LogicalResult(mlir::ModuleOp, int64_t)> make);

/// Bytes of an element in a core's memory: at least one.
int64_t bytesOf(mlir::Type element);

} // namespace terrazzo::buffers

#endif // TERRAZZO_LIB_TRANSFORMS_BUFFERS_BUFFERS_H
