// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_TARGETS_TPU_LOWERING_INSTRUCTIONS_H
#define TERRAZZO_TARGETS_TPU_LOWERING_INSTRUCTIONS_H

#include "lib/Transforms/Buffers/Buffers.h"

namespace terrazzo::tpu {

/// Which instructions do the work of a core.
class Instructions final : public buffers::Family {
public:
  explicit Instructions(const chip::Chip &chip);
  llvm::StringRef blockMemory() const override { return "vmem"; }
  llvm::StringRef scalarMemory() const override { return "smem"; }
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
              mlir::Value slot) override {}
  void wait(mlir::OpBuilder &b, mlir::Location loc, buffers::Ring &ring,
            mlir::Value slot) override;
  void release(mlir::OpBuilder &b, mlir::Location loc, buffers::Ring &ring,
               mlir::Value slot) override {}
  void finish(mlir::OpBuilder &b, mlir::Location loc,
              buffers::Ring &ring) override;

private:
  void waitForLast(mlir::OpBuilder &b, mlir::Location loc, buffers::Ring &ring,
                   int64_t back);
  /// A semaphore for a transfer that is waited for at once.
  mlir::Value single(mlir::OpBuilder &b, mlir::Location loc);

  int64_t side; // of the matrix units
};

} // namespace terrazzo::tpu

#endif // TERRAZZO_TARGETS_TPU_LOWERING_INSTRUCTIONS_H
