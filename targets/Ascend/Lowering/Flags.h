// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How pipes wait for one another: flags within a stream, and between the two.
#ifndef TERRAZZO_TARGETS_ASCEND_LOWERING_FLAGS_H
#define TERRAZZO_TARGETS_ASCEND_LOWERING_FLAGS_H

#include "lib/Chip/Chip.h"
#include "lib/Transforms/Buffers/Order.h"

#include "dialects/Tile/Tile.h"

#include <map>

namespace terrazzo::ascend {

class Flags final : public buffers::Engines {
public:
  /// \p hasCube: the program uses the cube stream too.
  Flags(const chip::Chip &chip, bool hasCube);

  llvm::StringRef engineOf(mlir::Operation *op) const override;
  bool writesGlobal(mlir::Operation *op) const override;
  void order(mlir::OpBuilder &b, mlir::Location loc, llvm::StringRef from,
             llvm::StringRef to) const override;
  llvm::SmallVector<std::string> learners(mlir::Operation *op,
                                          llvm::StringRef from,
                                          llvm::StringRef to) const override;
  mlir::ValueRange slotsOf(mlir::Operation *op) const override;
  void ring(mlir::Operation *op, llvm::ArrayRef<std::string> producers,
            llvm::ArrayRef<std::string> consumers) const override;

  /// Queues.cpp: the steps of queues become flags, when all are ordered. An
  /// error was reported.
  llvm::LogicalResult expandQueues(mlir::func::FuncOp function) const;

private:
  /// Two pipes of one stream between which a queue's buffers go, and the first
  /// of their events.
  struct Pair {
    std::string stream, producer, consumer;
    int64_t full = 0, free = 0;
  };
  struct Queue {
    std::vector<Pair> pairs;
    bool hasEvents = true; // else barriers take their place
    std::string stream;
  };
  /// How many events of each pair of pipes one launch uses.
  struct Used {
    std::map<std::tuple<std::string, std::string, std::string>, int64_t> events;
  };

  Used &used(mlir::Operation *op) const;
  /// \p count events of the pair in a row, or -1.
  int64_t take(Used &used, llvm::StringRef stream, llvm::StringRef from,
               llvm::StringRef to, int64_t count) const;
  void within(mlir::OpBuilder &b, mlir::Location loc, llvm::StringRef stream,
              llvm::StringRef from, llvm::StringRef to) const;
  void across(mlir::OpBuilder &b, mlir::Location loc, llvm::StringRef from,
              llvm::StringRef stream) const;
  void expand(mlir::Operation *step, const Queue &queue) const;
  void finish(mlir::Operation *init, const Queue &queue) const;

  int64_t events;
  bool hasCube;
  mutable std::map<mlir::Operation *, Used> usedBy;  // by launch
  mutable std::map<mlir::Operation *, Queue> queues; // by init_que
};

} // namespace terrazzo::ascend

#endif // TERRAZZO_TARGETS_ASCEND_LOWERING_FLAGS_H
