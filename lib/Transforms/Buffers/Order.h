// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where engines must wait for one another: they run side by side, each in its
// own order, and meet in memory.
#ifndef TERRAZZO_LIB_TRANSFORMS_BUFFERS_ORDER_H
#define TERRAZZO_LIB_TRANSFORMS_BUFFERS_ORDER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

namespace terrazzo::buffers {

/// What the analysis asks a family, and what it makes of the answers.
class Engines {
public:
  virtual ~Engines() = default;
  /// The engine that an instruction is given to; empty: the stream itself.
  virtual llvm::StringRef engineOf(mlir::Operation *op) const = 0;
  /// Of a transfer: whether it writes global memory.
  virtual bool writesGlobal(mlir::Operation *op) const = 0;
  /// All that \p from was given has ended before \p to goes on (empty: before
  /// the stream does).
  virtual void order(mlir::OpBuilder &b, mlir::Location loc,
                     llvm::StringRef from, llvm::StringRef to) const = 0;
  /// The engines that know then, before \p op, of all that \p from was given
  /// (empty: the stream, and so all).
  virtual llvm::SmallVector<std::string> learners(mlir::Operation *op,
                                                  llvm::StringRef from,
                                                  llvm::StringRef to) const {
    return {to.str()};
  }
  /// The buffers whose slots the op makes a ring of; none: it makes none.
  virtual mlir::ValueRange slotsOf(mlir::Operation *op) const = 0;
  /// Who fills and who empties the slots of a ring.
  virtual void ring(mlir::Operation *op, llvm::ArrayRef<std::string> producers,
                    llvm::ArrayRef<std::string> consumers) const = 0;
};

/// Puts `order` before every instruction that needs what another engine may
/// still be doing (reads what it writes, writes what it reads or writes), and
/// at the end of each launch. Slots of rings are handed over by the ring.
/// Addresses are assigned before.
void orderEngines(mlir::func::FuncOp function, const Engines &engines);

} // namespace terrazzo::buffers

#endif // TERRAZZO_LIB_TRANSFORMS_BUFFERS_ORDER_H
