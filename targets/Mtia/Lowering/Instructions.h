// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_TARGETS_MTIA_LOWERING_INSTRUCTIONS_H
#define TERRAZZO_TARGETS_MTIA_LOWERING_INSTRUCTIONS_H

#include "lib/Transforms/Buffers/Buffers.h"
#include "lib/Transforms/Buffers/Order.h"

namespace terrazzo::mtia {

/// Which instructions do the work of a processing element.
class Instructions final : public buffers::Family {
public:
  llvm::StringRef blockMemory() const override { return "ls"; }
  llvm::StringRef scalarMemory() const override { return "ls"; }
  llvm::StringRef sumMemory() const override { return "acc"; }
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
};

/// Which unit an instruction is given to, and how units wait for one another.
class Units final : public buffers::Engines {
public:
  llvm::StringRef engineOf(mlir::Operation *op) const override;
  bool writesGlobal(mlir::Operation *op) const override;
  void order(mlir::OpBuilder &b, mlir::Location loc, llvm::StringRef from,
             llvm::StringRef to) const override;
  mlir::ValueRange slotsOf(mlir::Operation *op) const override;
  void ring(mlir::Operation *op, llvm::ArrayRef<std::string> producers,
            llvm::ArrayRef<std::string> consumers) const override;
};

} // namespace terrazzo::mtia

#endif // TERRAZZO_TARGETS_MTIA_LOWERING_INSTRUCTIONS_H
