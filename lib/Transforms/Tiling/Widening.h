// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whether n neighbours, programs or steps of a loop, can be one with a block n
// times as long: everything that they do must depend on the place in the whole
// only, never on the neighbour and the place in its block apart. An index is
// a * step + b * element + rest; it does when a = size * b.
#ifndef TERRAZZO_LIB_TRANSFORMS_TILING_WIDENING_H
#define TERRAZZO_LIB_TRANSFORMS_TILING_WIDENING_H

#include "lib/Transforms/Tiling/Polynomial.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

namespace terrazzo::tiling {

/// Why not: the op, and what it does.
struct Obstacle {
  mlir::Operation *op = nullptr;
  std::string what;
};

class Widening {
public:
  /// Neighbours differ by one in \p step; their block is along \p along, whose
  /// size is \p size. \p varying is what changes with the step besides.
  Widening(Dimensions &dimensions, Polynomials &polynomials,
           Dimensions::Class along, int64_t size, mlir::Value step)
      : dimensions(dimensions), polynomials(polynomials), along(along),
        size(size), step(step) {}

  /// The scalars that the programs' number decides: those that are asked for
  /// are in \ref seeds, and must be the same for all neighbours.
  void setVarying(const llvm::DenseSet<mlir::Value> *scalars,
                  mlir::Block *entry) {
    varying = scalars;
    seedBlock = entry;
  }
  /// \p argument is \p start plus \p by times the step.
  void setMoving(mlir::Value argument, Polynomial start, Polynomial by);
  /// A value that is none of the above, whatever it is computed from.
  void setBroken(mlir::Value v) { sound[v] = false; }

  /// Looks at every op of the block. False when one cannot be widened.
  bool visit(mlir::Block &block);
  void visit(mlir::Operation &op);
  bool isSound(const Polynomial &p);
  bool isSound(mlir::Value v) { return isSound(polynomials.of(v)); }
  /// No part of it depends on the step or on the element.
  bool isUniform(const Polynomial &p);

  std::optional<Obstacle> obstacle;
  llvm::SetVector<mlir::Value> seeds;

private:
  bool areSound(mlir::OperandRange values);
  void visitLoop(mlir::scf::ForOp loop);
  void demand(bool holds, mlir::Operation *op, llvm::StringRef what);
  bool isSoundLeaf(Polynomial::Leaf leaf);
  Polynomial expand(Polynomial p);

  Dimensions &dimensions;
  Polynomials &polynomials;
  Dimensions::Class along;
  int64_t size;
  mlir::Value step;
  const llvm::DenseSet<mlir::Value> *varying = nullptr;
  mlir::Block *seedBlock = nullptr;
  struct Moving {
    Polynomial start, by;
  };
  std::map<Polynomial::Leaf, Moving> moving;
  llvm::DenseMap<mlir::Value, bool> sound;
};

/// Clones ops with the dimensions of one class made longer or shorter.
class Resizer {
public:
  Resizer(mlir::OpBuilder &b, Dimensions &dimensions, Dimensions::Class along,
          int64_t newSize)
      : b(b), dimensions(dimensions), along(along), newSize(newSize) {}
  /// Where the ranges of the class begin; null: at their own start.
  mlir::Value origin;
  mlir::IRMapping mapping;
  mlir::Operation *clone(mlir::Operation *op);
  mlir::Type resized(mlir::Value v);

private:
  void fit(mlir::Operation *from, mlir::Operation *to);
  mlir::OpBuilder &b;
  Dimensions &dimensions;
  Dimensions::Class along;
  int64_t newSize;
};

/// The class of every range in \p body, with its size, first come first.
struct Extent {
  Dimensions::Class along;
  int64_t size;
};
std::vector<Extent> rangesOf(mlir::Block &body, Dimensions &dimensions);

} // namespace terrazzo::tiling

#endif // TERRAZZO_LIB_TRANSFORMS_TILING_WIDENING_H
