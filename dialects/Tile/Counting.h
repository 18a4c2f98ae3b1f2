// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How often an op runs, as a polynomial over trip counts and guards, so that
// the calls on the two sides of a channel can be compared (B2, B3).
#ifndef TERRAZZO_DIALECTS_TILE_COUNTING_H
#define TERRAZZO_DIALECTS_TILE_COUNTING_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"

#include <map>
#include <string>
#include <vector>

namespace terrazzo::tile {

/// A value as a named base and a constant beside it; no base: a constant.
struct Offset {
  std::string base;
  int64_t constant = 0;
};

/// Sums of products: the names of the factors, sorted, and how often.
using Polynomial = std::map<std::vector<std::string>, int64_t>;

class Counter {
public:
  /// Values equal in all roles and regions have one name (B3).
  std::string nameOf(mlir::Value value);
  Offset offsetOf(mlir::Value value);
  /// How often \p op runs each time that the block of \p scope runs.
  Polynomial countOf(mlir::Operation *op, mlir::Operation *scope);
  /// The index of a replica was met.
  bool dependsOnReplica = false;

private:
  std::string fresh(); // of what nothing is known
  std::string describe(mlir::Value value);
  llvm::DenseMap<mlir::Value, std::string> names;
  llvm::DenseMap<mlir::Operation *, std::string> loops;
  std::map<std::string, size_t> shortened;
  int unknown = 0, depth = 0;
};

std::string toString(const Polynomial &count);
void add(Polynomial &sum, const Polynomial &more);

enum class Equality { Proved, Unproved, Broken };
/// Broken: they differ in constants or in trip counts over the same bounds;
/// unproved: names differ that may have the same value.
Equality compare(const Polynomial &a, const Polynomial &b);

} // namespace terrazzo::tile

#endif // TERRAZZO_DIALECTS_TILE_COUNTING_H
