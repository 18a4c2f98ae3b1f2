// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which dimensions of a kernel's blocks are the same one: the rows of a tile,
// of its mask and of the pointers that it is loaded by change their size
// together or not at all.
#ifndef TERRAZZO_LIB_TRANSFORMS_TILING_DIMENSIONS_H
#define TERRAZZO_LIB_TRANSFORMS_TILING_DIMENSIONS_H

#include "dialects/Kernel/Kernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/IntEqClasses.h"

#include <optional>

namespace terrazzo::tiling {

class Dimensions {
public:
  using Class = unsigned;
  /// Of the blocks that are made in \p body, its loops and branches included.
  explicit Dimensions(mlir::Block &body);

  /// Of dimension \p dim of a block.
  Class of(mlir::Value v, int64_t dim);
  bool has(mlir::Value v, Class c);
  /// The size of some op's dimension is fixed by more than its class: reshape,
  /// histogram, a while loop. Null when it may change.
  mlir::Operation *pinnedBy(Class c);

private:
  unsigned node(mlir::Value v, int64_t dim);
  void join(mlir::Value a, int64_t i, mlir::Value b, int64_t j);
  void joinAll(mlir::Value a, mlir::Value b);
  void pin(mlir::Operation *op);
  void visit(mlir::Operation *op);
  llvm::DenseMap<mlir::Value, unsigned> first; // node of dimension 0
  llvm::IntEqClasses classes;
  unsigned nodes = 0;
  std::vector<std::pair<unsigned, mlir::Operation *>> pins;
};

/// Gives each use of a range, a splat or a constant block its own op, so that
/// two dimensions do not become one because an author wrote `arange` once.
void separateUses(mlir::Block &body);

inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value v) {
  auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(v.getType());
  return tensor ? tensor.getShape() : llvm::ArrayRef<int64_t>();
}

} // namespace terrazzo::tiling

#endif // TERRAZZO_LIB_TRANSFORMS_TILING_DIMENSIONS_H
