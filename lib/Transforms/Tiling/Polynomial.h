// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integers, pointers and blocks of them as polynomials: what a schedule needs
// to know of an index is how it moves with the program, the step of a loop and
// the element of the block.
#ifndef TERRAZZO_LIB_TRANSFORMS_TILING_POLYNOMIAL_H
#define TERRAZZO_LIB_TRANSFORMS_TILING_POLYNOMIAL_H

#include "lib/Transforms/Tiling/Dimensions.h"

#include <map>
#include <vector>

namespace terrazzo::tiling {

/// A sum of products of leaves, each product with a whole factor.
class Polynomial {
public:
  using Leaf = unsigned;
  Polynomial() = default;
  explicit Polynomial(int64_t constant) { add({}, constant); }
  static Polynomial leaf(Leaf leaf) {
    Polynomial p;
    p.add({leaf}, 1);
    return p;
  }

  Polynomial operator+(const Polynomial &other) const;
  Polynomial operator-(const Polynomial &other) const;
  Polynomial operator*(const Polynomial &other) const;
  bool operator==(const Polynomial &other) const {
    return terms == other.terms;
  }
  bool isZero() const { return terms.empty(); }
  size_t size() const { return terms.size(); }
  bool has(Leaf leaf) const;
  /// p of "p * leaf + q" where neither has the leaf; nothing when the leaf
  /// stands in a power.
  std::optional<Polynomial> factorOf(Leaf leaf) const;
  /// q of "n * q + r" where no factor of r is a multiple of \p n.
  Polynomial dividedBy(int64_t n) const;
  /// The number that it is, if it has no leaf.
  std::optional<int64_t> constant() const;
  void
  forEach(llvm::function_ref<void(llvm::ArrayRef<Leaf> product, int64_t factor)>
              visit) const {
    for (const auto &[product, factor] : terms)
      visit(product, factor);
  }
  /// Every leaf that occurs.
  std::vector<Leaf> leaves() const;
  /// With \p by in the place of the leaf.
  Polynomial substitute(Leaf leaf, const Polynomial &by) const;

private:
  void add(std::vector<Leaf> product, int64_t factor);
  std::map<std::vector<Leaf>, int64_t> terms;
};

/// The polynomials of a kernel's values. The element of a `make_range` is one
/// leaf for all ranges along the same class of dimensions.
class Polynomials {
public:
  explicit Polynomials(Dimensions &dimensions) : dimensions(dimensions) {}
  const Polynomial &of(mlir::Value v);
  Polynomial::Leaf leafOf(mlir::Value v);
  Polynomial::Leaf leafOfRange(Dimensions::Class c);
  /// Null for the leaf of a range.
  mlir::Value valueOf(Polynomial::Leaf leaf) const { return values[leaf]; }
  /// The class of a range's leaf.
  std::optional<Dimensions::Class> rangeOf(Polynomial::Leaf leaf) const;

private:
  Polynomial compute(mlir::Value v);
  Dimensions &dimensions;
  llvm::DenseMap<mlir::Value, Polynomial> known;
  llvm::DenseMap<mlir::Value, Polynomial::Leaf> leaves;
  std::map<Dimensions::Class, Polynomial::Leaf> ranges;
  std::vector<mlir::Value> values;
};

/// Whether the polynomial of the op's result is made of its operands'.
bool isPolynomial(mlir::Operation *op);

} // namespace terrazzo::tiling

#endif // TERRAZZO_LIB_TRANSFORMS_TILING_POLYNOMIAL_H
