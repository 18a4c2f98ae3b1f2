// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which ops may still run on an engine when another op needs what they make,
// read or write (M1 of the memory model, docs/Spec/Tile.md). A target puts its
// waits where this analysis says, before the first use in program order.
#ifndef TERRAZZO_LIB_TRANSFORMS_PIPELINING_ENGINESINFLIGHT_H
#define TERRAZZO_LIB_TRANSFORMS_PIPELINING_ENGINESINFLIGHT_H

#include "dialects/Tile/Tile.h"
#include "lib/Transforms/Pipelining/Payloads.h"

#include "llvm/ADT/MapVector.h"

#include <functional>
#include <map>

namespace terrazzo {

/// What runs an op.
struct EngineUse {
  std::string name; // empty: the stream itself, or an engine that it waits for
  bool inOrder = true;
};
using EngineOf = std::function<EngineUse(mlir::Operation *)>;

/// An op must have ended; on an engine that runs in order \p newer ops that
/// were given to it later may still run, on another one the number means
/// nothing.
struct Outstanding {
  mlir::Operation *op;
  int64_t newer;
};

class EnginesInFlight {
public:
  /// Of all launches below \p root.
  EnginesInFlight(mlir::Operation *root, EngineOf engineOf);

  /// What \p op, or the end of a stream, has to wait for.
  llvm::ArrayRef<Outstanding> waits(mlir::Operation *op) const;
  /// What a commit publishes and a release lets go: all of it has ended when
  /// the other side sees the slot (M2, M4).
  llvm::ArrayRef<Outstanding> covers(mlir::Operation *op) const;
  /// The ops that run on engines of their own, in program order.
  llvm::ArrayRef<mlir::Operation *> asynchronous() const { return ops; }
  const EngineUse &engine(mlir::Operation *op) const {
    return engines.find(op)->second;
  }

private:
  /// The ops in flight and how many of their engine came after them, on the way
  /// on which they are fewest.
  struct Flight {
    int64_t newer = 0;
    bool published = false; // a commit or a release covers it
  };
  using State = llvm::MapVector<mlir::Operation *, Flight>;

  void visit(mlir::Block &block, State &state);
  void loop(mlir::Operation *op, State &state);
  void step(mlir::Operation *op, State &state);
  void publish(mlir::Operation *op, State &state);
  void complete(mlir::Operation *op, State &state);
  void drain(mlir::Operation *end, State &state);
  bool needs(mlir::Operation *op, mlir::Operation *flying,
             const Flight &flight);
  static bool join(State &state, const State &other);
  /// The ops that \p value may come from, through branches and loops.
  const llvm::SmallVector<mlir::Operation *> &sources(mlir::Value value);
  llvm::SmallVector<tile::Access> accesses(mlir::Operation *op);

  llvm::SmallVector<mlir::Operation *> ops;
  llvm::DenseMap<mlir::Operation *, EngineUse> engines;
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<Outstanding>> waiting,
      covering;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::Operation *>> made;
};

} // namespace terrazzo

#endif // TERRAZZO_LIB_TRANSFORMS_PIPELINING_ENGINESINFLIGHT_H
