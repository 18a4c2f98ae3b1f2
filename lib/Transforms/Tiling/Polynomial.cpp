// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Tiling/Polynomial.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/STLExtras.h"

using namespace terrazzo;
using namespace terrazzo::tiling;
using namespace mlir;

/// More terms than this are one leaf: nobody writes such an index.
static constexpr size_t maxTerms = 64;

void Polynomial::add(std::vector<Leaf> product, int64_t factor) {
  if (factor == 0)
    return;
  auto [at, isNew] = terms.try_emplace(std::move(product), factor);
  if (isNew)
    return;
  at->second = int64_t(uint64_t(at->second) + uint64_t(factor));
  if (at->second == 0)
    terms.erase(at);
}
Polynomial Polynomial::operator+(const Polynomial &other) const {
  Polynomial out = *this;
  for (const auto &[product, factor] : other.terms)
    out.add(product, factor);
  return out;
}
Polynomial Polynomial::operator-(const Polynomial &other) const {
  Polynomial out = *this;
  for (const auto &[product, factor] : other.terms)
    out.add(product, int64_t(0 - uint64_t(factor)));
  return out;
}
Polynomial Polynomial::operator*(const Polynomial &other) const {
  Polynomial out;
  for (const auto &[a, f] : terms)
    for (const auto &[b, g] : other.terms) {
      std::vector<Leaf> product = a;
      product.insert(product.end(), b.begin(), b.end());
      llvm::sort(product);
      out.add(std::move(product), int64_t(uint64_t(f) * uint64_t(g)));
    }
  return out;
}
bool Polynomial::has(Leaf leaf) const {
  return llvm::any_of(
      terms, [&](const auto &t) { return llvm::is_contained(t.first, leaf); });
}
std::optional<Polynomial> Polynomial::factorOf(Leaf leaf) const {
  Polynomial out;
  for (const auto &[product, factor] : terms) {
    auto count = llvm::count(product, leaf);
    if (count > 1)
      return std::nullopt;
    if (count == 0)
      continue;
    std::vector<Leaf> rest = product;
    rest.erase(llvm::find(rest, leaf));
    out.add(std::move(rest), factor);
  }
  return out;
}
Polynomial Polynomial::dividedBy(int64_t n) const {
  Polynomial out;
  for (const auto &[product, factor] : terms)
    if (factor % n == 0)
      out.add(product, factor / n);
  return out;
}
std::optional<int64_t> Polynomial::constant() const {
  if (terms.empty())
    return 0;
  if (terms.size() > 1 || !terms.begin()->first.empty())
    return std::nullopt;
  return terms.begin()->second;
}
std::vector<Polynomial::Leaf> Polynomial::leaves() const {
  std::vector<Leaf> out;
  for (const auto &[product, factor] : terms)
    out.insert(out.end(), product.begin(), product.end());
  llvm::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}
Polynomial Polynomial::substitute(Leaf leaf, const Polynomial &by) const {
  Polynomial out;
  for (const auto &[product, factor] : terms) {
    std::vector<Leaf> rest;
    Polynomial part(factor);
    for (Leaf l : product)
      if (l == leaf)
        part = part * by;
      else
        rest.push_back(l);
    Polynomial others;
    others.add(std::move(rest), 1);
    out = out + part * others;
  }
  return out;
}

Polynomial::Leaf Polynomials::leafOf(Value v) {
  auto [at, isNew] = leaves.try_emplace(v, Polynomial::Leaf(values.size()));
  if (isNew)
    values.push_back(v);
  return at->second;
}
Polynomial::Leaf Polynomials::leafOfRange(Dimensions::Class c) {
  auto [at, isNew] = ranges.try_emplace(c, Polynomial::Leaf(values.size()));
  if (isNew)
    values.push_back(Value());
  return at->second;
}
std::optional<Dimensions::Class>
Polynomials::rangeOf(Polynomial::Leaf leaf) const {
  for (auto [c, l] : ranges)
    if (l == leaf)
      return c;
  return std::nullopt;
}

bool terrazzo::tiling::isPolynomial(Operation *op) {
  if (isa<kernel::SplatOp, kernel::ExpandDimsOp, kernel::BroadcastOp,
          kernel::TransOp, kernel::MakeRangeOp, kernel::AddPtrOp,
          arith::ConstantOp>(op))
    return true;
  return isa<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::ExtSIOp,
             arith::IndexCastOp>(op) &&
         !getElementTypeOrSelf(op->getResult(0).getType()).isInteger(1) &&
         !getElementTypeOrSelf(op->getOperand(0).getType()).isInteger(1);
}

const Polynomial &Polynomials::of(Value v) {
  auto at = known.find(v);
  if (at != known.end())
    return at->second;
  Polynomial p = compute(v);
  return known[v] = std::move(p);
}

Polynomial Polynomials::compute(Value v) {
  Operation *op = v.getDefiningOp();
  if (!op || !isPolynomial(op))
    return Polynomial::leaf(leafOf(v));
  APInt constant;
  if (matchPattern(v, m_ConstantInt(&constant)))
    return Polynomial(constant.getSExtValue());
  Polynomial p;
  if (isa<kernel::SplatOp, kernel::ExpandDimsOp, kernel::BroadcastOp,
          kernel::TransOp, arith::ExtSIOp, arith::IndexCastOp>(op))
    p = of(op->getOperand(0));
  else if (auto range = dyn_cast<kernel::MakeRangeOp>(op))
    p = Polynomial::leaf(leafOfRange(dimensions.of(v, 0))) +
        Polynomial(int64_t(range.getStart()));
  else if (isa<arith::AddIOp, kernel::AddPtrOp>(op))
    p = Polynomial(of(op->getOperand(0))) + of(op->getOperand(1));
  else if (isa<arith::SubIOp>(op))
    p = Polynomial(of(op->getOperand(0))) - of(op->getOperand(1));
  else if (isa<arith::MulIOp>(op))
    p = Polynomial(of(op->getOperand(0))) * of(op->getOperand(1));
  else // a constant of floats
    return Polynomial::leaf(leafOf(v));
  return p.size() > maxTerms ? Polynomial::leaf(leafOf(v)) : p;
}
