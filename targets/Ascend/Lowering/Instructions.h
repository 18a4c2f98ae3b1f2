// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_TARGETS_ASCEND_LOWERING_INSTRUCTIONS_H
#define TERRAZZO_TARGETS_ASCEND_LOWERING_INSTRUCTIONS_H

#include "lib/Transforms/Buffers/Buffers.h"

namespace terrazzo::ascend {

/// Which instructions do the work of an AI core.
class Instructions final : public buffers::Family {
public:
  explicit Instructions(const chip::Chip &chip) : chip(chip) {}

  llvm::StringRef blockMemory() const override { return "ub"; }
  llvm::StringRef scalarMemory() const override { return "stack"; }
  llvm::StringRef sumMemory() const override { return "l0c"; }
  llvm::StringRef operandMemory() const override { return "l1"; }
  mlir::Value operand(mlir::OpBuilder &b, mlir::Location loc,
                      mlir::Value block) override;
  bool clearsSums() const override { return true; }
  void clearSum(mlir::OpBuilder &b, mlir::Location loc,
                mlir::Value sum) override;
  bool storesSums() const override { return true; }
  void storeSum(mlir::OpBuilder &b, mlir::Location loc, mlir::Value sum,
                const buffers::GlobalWindow &to) override;
  void drain(mlir::OpBuilder &b, mlir::Location loc, mlir::Value sum,
             mlir::Value block) override;
  void transferIn(mlir::OpBuilder &b, mlir::Location loc,
                  const buffers::GlobalWindow &from, mlir::Value to,
                  mlir::Value mask, buffers::Ring *ring,
                  mlir::Value slot) override;
  void transferOut(mlir::OpBuilder &b, mlir::Location loc, mlir::Value from,
                   const buffers::GlobalWindow &to, mlir::Value mask,
                   buffers::Ring *ring, mlir::Value slot) override;
  void atomic(mlir::OpBuilder &b, mlir::Location loc, mlir::Value value,
              const buffers::GlobalWindow &to, mlir::Value mask,
              std::optional<kernel::AtomicKind> kind, mlir::Value compare,
              mlir::Value old) override;
  mlir::Operation *map(mlir::OpBuilder &b, mlir::Location loc,
                       mlir::ValueRange ins, mlir::ValueRange outs,
                       mlir::ArrayAttr dims) override;
  mlir::Operation *reduce(mlir::OpBuilder &b, mlir::Location loc,
                          mlir::ValueRange ins, mlir::ValueRange outs,
                          int64_t dim, llvm::StringRef order) override;
  mlir::Operation *scan(mlir::OpBuilder &b, mlir::Location loc,
                        mlir::ValueRange ins, mlir::ValueRange outs,
                        int64_t dim, bool reverse) override;
  void take(mlir::OpBuilder &b, mlir::Location loc, mlir::Value source,
            mlir::ValueRange symbols, mlir::Value target,
            mlir::AffineMap map) override;
  void multiply(mlir::OpBuilder &b, mlir::Location loc, mlir::Value a,
                mlir::Value rhs, mlir::Value acc, mlir::Value fresh) override;
  void makeRing(mlir::OpBuilder &b, mlir::Location loc,
                buffers::Ring &ring) override;
  void acquire(mlir::OpBuilder &b, mlir::Location loc, buffers::Ring &ring,
               mlir::Value count, mlir::Value slot) override;
  void commit(mlir::OpBuilder &b, mlir::Location loc, buffers::Ring &ring,
              mlir::Value slot) override;
  void wait(mlir::OpBuilder &b, mlir::Location loc, buffers::Ring &ring,
            mlir::Value slot) override;
  void release(mlir::OpBuilder &b, mlir::Location loc, buffers::Ring &ring,
               mlir::Value slot) override;
  void finish(mlir::OpBuilder &, mlir::Location, buffers::Ring &) override {}

private:
  /// L0A and L0B of one launch: two halves of each, by turns.
  struct Operands {
    mlir::Value left, right, queue;
    int64_t turn = 0;
  };

  bool hasPath(llvm::StringRef from, llvm::StringRef to) const;
  int64_t bytesOf(llvm::StringRef memory) const;
  static mlir::Value allocate(mlir::OpBuilder &b, mlir::Location loc,
                              llvm::ArrayRef<int64_t> shape, mlir::Type element,
                              llvm::StringRef memory);
  /// A buffer like \p block in another memory.
  static mlir::Value allocateLike(mlir::OpBuilder &b, mlir::Location loc,
                                  mlir::Value block, llvm::StringRef memory);
  // Products.cpp
  Operands &operandsOf(mlir::OpBuilder &b, mlir::Location loc);
  struct Tiles {
    int64_t m, n, k;
  };
  Tiles tilesFor(int64_t m, int64_t n, int64_t k, int64_t bytes) const;
  void step(mlir::OpBuilder &b, mlir::Location loc, mlir::Type element,
            llvm::ArrayRef<int64_t> sizes, mlir::Value acc, mlir::Value fresh,
            llvm::function_ref<void(mlir::Value, mlir::Value)> load);

  const chip::Chip &chip;
  llvm::DenseMap<mlir::Operation *, Operands> operands; // by launch
};

} // namespace terrazzo::ascend

#endif // TERRAZZO_TARGETS_ASCEND_LOWERING_INSTRUCTIONS_H
