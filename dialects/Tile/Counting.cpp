// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tile/Counting.h"

#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace terrazzo::tile;

static std::optional<int64_t> constantOf(Value value) {
  llvm::APInt number;
  if (value && matchPattern(value, m_ConstantInt(&number)))
    return number.sextOrTrunc(64).getSExtValue();
  return std::nullopt;
}

std::string Counter::fresh() { return "?" + std::to_string(++unknown); }

std::string Counter::nameOf(Value value) {
  auto found = names.find(value);
  if (found != names.end())
    return found->second;
  // Chains beyond measure have names of their own, long names short ones.
  constexpr int deepest = 200;
  // Dominance is verified later: a value may still be made of itself.
  names[value] = fresh();
  constexpr size_t longest = 60;
  std::string name = ++depth > deepest ? fresh() : describe(value);
  --depth;
  if (name.size() > longest) {
    size_t number = shortened.try_emplace(name, shortened.size()).first->second;
    name = (name.find('?') == std::string::npos ? "#" : "?#") +
           std::to_string(number);
  }
  names[value] = name;
  return name;
}

std::string Counter::describe(Value value) {
  if (auto n = constantOf(value))
    return std::to_string(*n);
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    Operation *parent = argument.getOwner()->getParentOp();
    auto loop = dyn_cast<scf::ForOp>(parent);
    // Loops over one range, in one place of equal nests, run in step.
    if (loop && value == loop.getInductionVar()) {
      std::string name = "iv(" + nameOf(loop.getLowerBound()) + "," +
                         nameOf(loop.getUpperBound()) + "," +
                         nameOf(loop.getStep());
      if (auto outer = loop->getParentOfType<scf::ForOp>())
        name += "," + nameOf(outer.getInductionVar());
      return name + ")";
    }
    if (isa<RolesOp>(parent)) {
      dependsOnReplica = true;
      return fresh();
    }
    if (isa<LaunchOp, scf::ParallelOp>(parent) ||
        isa<FunctionOpInterface>(parent))
      return (isa<LaunchOp>(parent)          ? "%iv"
              : isa<scf::ParallelOp>(parent) ? "%spread"
                                             : "%arg") +
             std::to_string(argument.getArgNumber());
    return fresh();
  }
  Operation *op = value.getDefiningOp();
  bool pure = isa<arith::ArithDialect>(op->getDialect()) || isa<OrderOp>(op);
  if (!pure)
    return fresh();
  if (isa<arith::AddIOp, arith::SubIOp>(op)) {
    Offset offset = offsetOf(value);
    if (offset.constant == 0)
      return offset.base;
    return offset.base + (offset.constant < 0 ? "-" : "+") +
           std::to_string(std::abs(offset.constant));
  }
  llvm::SmallVector<std::string> operands;
  for (Value operand : op->getOperands())
    operands.push_back(nameOf(operand));
  if (op->hasTrait<OpTrait::IsCommutative>())
    llvm::sort(operands);
  std::string name = op->getName().getStringRef().str() + "(";
  for (const std::string &operand : operands)
    name += operand + ",";
  llvm::raw_string_ostream stream(name);
  if (auto compared = dyn_cast<arith::CmpIOp>(op))
    stream << arith::stringifyCmpIPredicate(compared.getPredicate());
  else if (isa<OrderOp>(op))
    stream << op->getAttrDictionary() << "#"
           << cast<OpResult>(value).getResultNumber();
  stream << ")";
  return name;
}

Offset Counter::offsetOf(Value value) {
  int64_t constant = 0;
  llvm::SmallDenseSet<Value> seen;
  while (seen.insert(value).second) {
    if (auto n = constantOf(value))
      return {"", int64_t(uint64_t(constant) + uint64_t(*n))};
    auto add = value.getDefiningOp<arith::AddIOp>();
    auto sub = value.getDefiningOp<arith::SubIOp>();
    std::optional<int64_t> right = constantOf(add   ? add.getRhs()
                                              : sub ? sub.getRhs()
                                                    : Value());
    std::optional<int64_t> left = constantOf(add ? add.getLhs() : Value());
    if (!right && !left)
      break;
    int64_t n = right ? (sub ? -*right : *right) : *left;
    constant = int64_t(uint64_t(constant) + uint64_t(n));
    value = add ? (right ? add.getLhs() : add.getRhs()) : sub.getLhs();
  }
  auto binary = [&](const char *name, Value x, Value y, bool sorted) {
    std::string a = nameOf(x), b = nameOf(y);
    if (sorted && b < a)
      std::swap(a, b);
    return Offset{name + ("(" + a) + "," + b + ")", constant};
  };
  if (auto add = value.getDefiningOp<arith::AddIOp>())
    return binary("add", add.getLhs(), add.getRhs(), true);
  if (auto sub = value.getDefiningOp<arith::SubIOp>())
    return binary("sub", sub.getLhs(), sub.getRhs(), false);
  return {nameOf(value), constant};
}

namespace {
/// lower <= iv < upper, as far as guards narrow it.
struct Steps {
  Offset lower, upper;
  void atLeast(const Offset &o, bool &understood) {
    if (o.base != lower.base)
      understood = false;
    else
      lower.constant = std::max(lower.constant, o.constant);
  }
  void below(const Offset &o, bool &understood) {
    if (o.base != upper.base)
      understood = false;
    else
      upper.constant = std::min(upper.constant, o.constant);
  }
};
} // namespace

/// Narrows \p range by `a < b` where one side is iv + constant.
static bool narrowLess(Counter &counter, Steps &range, Value iv, Value a,
                       Value b, int64_t slack) {
  std::string name = counter.nameOf(iv);
  Offset x = counter.offsetOf(a), y = counter.offsetOf(b);
  bool understood = true;
  if (x.base == name && y.base != name) { // iv < y - cx (+ slack)
    y.constant += slack - x.constant;
    range.below(y, understood);
  } else if (y.base == name && x.base != name) { // iv > x - cy (- slack)
    x.constant += 1 - slack - y.constant;
    range.atLeast(x, understood);
  } else {
    understood = false;
  }
  return understood;
}

static bool narrow(Counter &counter, Steps &range, Value iv, Value condition) {
  using P = arith::CmpIPredicate;
  Operation *op = condition.getDefiningOp();
  if (auto both = dyn_cast_or_null<arith::AndIOp>(op))
    return narrow(counter, range, iv, both.getLhs()) &&
           narrow(counter, range, iv, both.getRhs());
  auto compare = dyn_cast_or_null<arith::CmpIOp>(op);
  if (!compare)
    return false;
  Value a = compare.getLhs(), b = compare.getRhs();
  switch (compare.getPredicate()) {
  case P::slt:
    return narrowLess(counter, range, iv, a, b, 0);
  case P::sle:
    return narrowLess(counter, range, iv, a, b, 1);
  case P::sgt:
    return narrowLess(counter, range, iv, b, a, 0);
  case P::sge:
    return narrowLess(counter, range, iv, b, a, 1);
  default:
    return false;
  }
}

static Polynomial times(const Polynomial &a, const std::string &factor,
                        bool guard) {
  Polynomial out;
  for (auto &[factors, n] : a) {
    std::vector<std::string> more = factors;
    if (!guard || !llvm::is_contained(more, factor))
      more.push_back(factor);
    llvm::sort(more);
    out[more] += n;
  }
  return out;
}

static Polynomial times(const Polynomial &a, int64_t n) {
  Polynomial out;
  for (auto &[factors, m] : a)
    if (m * n)
      out[factors] = m * n;
  return out;
}

void terrazzo::tile::add(Polynomial &sum, const Polynomial &more) {
  for (auto &[factors, n] : more)
    if (!(sum[factors] += n))
      sum.erase(factors);
}

static Polynomial minus(Polynomial a, const Polynomial &b) {
  for (auto &[factors, n] : b)
    if (!(a[factors] -= n))
      a.erase(factors);
  return a;
}

/// The number of steps of \p range: a constant, or a factor by its bounds.
static Polynomial timesRange(const Polynomial &count, const Steps &range) {
  int64_t length = range.upper.constant - range.lower.constant;
  if (range.upper.base == range.lower.base)
    return times(count, std::max<int64_t>(length, 0));
  auto name = [](const Offset &o) { return o.base.empty() ? "0" : o.base; };
  std::string factor =
      "steps(" + name(range.lower) + ".." + name(range.upper) + ")";
  if (length)
    factor += (length < 0 ? "-" : "+") + std::to_string(std::abs(length));
  return times(count, factor, false);
}

Polynomial Counter::countOf(Operation *op, Operation *scope) {
  llvm::SmallVector<Operation *> path; // innermost first
  llvm::SmallVector<Operation *> inside = {op};
  for (Operation *p = op->getParentOp(); p && p != scope->getParentOp();
       p = p->getParentOp()) {
    path.push_back(p);
    inside.push_back(p);
  }
  Polynomial count{{{}, 1}};
  llvm::DenseSet<Operation *> spent; // guards that a loop has taken in
  for (size_t i = path.size(); i-- > 0;) {
    if (auto loop = dyn_cast<scf::ForOp>(path[i])) {
      Steps range{offsetOf(loop.getLowerBound()),
                  offsetOf(loop.getUpperBound())};
      if (constantOf(loop.getStep()) != 1) {
        count = times(count,
                      "steps(" + nameOf(loop.getLowerBound()) + ".." +
                          nameOf(loop.getUpperBound()) + " by " +
                          nameOf(loop.getStep()) + ")",
                      false);
        continue;
      }
      for (size_t g = i; g-- > 0;) {
        auto branch = dyn_cast<scf::IfOp>(path[g]);
        if (!branch || inside[g]->getParentRegion() != &branch.getThenRegion())
          continue;
        Steps narrowed = range;
        if (narrow(*this, narrowed, loop.getInductionVar(),
                   branch.getCondition())) {
          range = narrowed;
          spent.insert(branch);
        }
      }
      count = timesRange(count, range);
    } else if (auto branch = dyn_cast<scf::IfOp>(path[i])) {
      if (spent.contains(branch))
        continue;
      Polynomial taken = times(count, "[" + nameOf(branch.getCondition()) + "]",
                               /*guard=*/true);
      bool then = inside[i]->getParentRegion() == &branch.getThenRegion();
      count = then ? taken : minus(count, taken);
    } else if (!isa<RolesOp>(path[i])) { // a while, a spread loop
      std::string &name = loops[path[i]];
      count = times(count, name.empty() ? name = fresh() : name, false);
    }
  }
  return count;
}

std::string terrazzo::tile::toString(const Polynomial &count) {
  std::string text;
  for (auto &[factors, n] : count) {
    text += text.empty() ? "" : " + ";
    std::string product = n == 1 && !factors.empty() ? "" : std::to_string(n);
    for (const std::string &factor : factors)
      product += (product.empty() ? "" : "*") + factor;
    text += product;
  }
  return text.empty() ? "0" : text;
}

Equality terrazzo::tile::compare(const Polynomial &a, const Polynomial &b) {
  Polynomial rest = minus(a, b);
  if (rest.empty())
    return Equality::Proved;
  // Steps over the same bounds, with other constants beside, do differ.
  llvm::SmallVector<std::string> bounds;
  for (auto &[factors, n] : rest)
    for (llvm::StringRef factor : factors) {
      if (!factor.starts_with("steps(") || factor.contains('?'))
        return Equality::Unproved;
      bounds.push_back(factor.take_front(factor.rfind(')') + 1).str());
    }
  bool positive = false, negative = false;
  for (auto &[factors, n] : rest) {
    positive |= n > 0;
    negative |= n < 0;
  }
  // All on one side: that side has calls the other lacks.
  if (bounds.empty() || !positive || !negative || llvm::all_equal(bounds))
    return Equality::Broken;
  return Equality::Unproved;
}
