// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reductions and prefix combines: the region runs on whole slices.
#include "lib/Interpreter/Report.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::interpreter;

static Shared spread(const Tensor &scalar, llvm::ArrayRef<int64_t> shape) {
  llvm::SmallVector<int64_t> strides(shape.size(), 0);
  return std::make_shared<const Tensor>(strided(scalar, shape.vec(), strides));
}

llvm::SmallVector<Shared> Program::wideBlock(mlir::Block &body,
                                             llvm::ArrayRef<int64_t> shape) {
  size_t count = countOf(shape);
  llvm::DenseMap<mlir::Value, Shared> spreads;
  auto wide = [&](mlir::Value v) {
    Shared &s = spreads[v];
    return s ? s : s = spread(*get(v), shape);
  };
  for (mlir::Operation &op : body.without_terminator()) {
    size_t widest = 1;
    for (mlir::Value v : op.getOperands())
      widest = std::max(widest, get(v)->size());
    if (op.getNumRegions() && count != 1)
      fail(&op, DiagnosticKind::CannotInterpret, op.getName().getStringRef());
    if (widest == 1) {
      execute(&op);
      continue;
    }
    // A scalar is spread for this op only.
    llvm::SmallVector<std::pair<mlir::Value, Shared>> before;
    for (mlir::Value v : op.getOperands())
      if (get(v)->size() == 1) {
        before.push_back({v, values.lookup(v)});
        values[v] = wide(v);
      }
    execute(&op);
    for (auto &[v, old] : before)
      if (old)
        values[v] = old;
      else
        values.erase(v);
  }
  llvm::SmallVector<Shared> out;
  for (mlir::Value v : body.getTerminator()->getOperands()) {
    if (get(v)->size() != count) {
      out.push_back(spread(*get(v), shape));
      continue;
    }
    Tensor r = *get(v);
    r.shape = shape.vec();
    out.push_back(std::make_shared<const Tensor>(std::move(r)));
  }
  return out;
}

llvm::SmallVector<Shared> Program::combine(mlir::Region &region,
                                           llvm::ArrayRef<Shared> left,
                                           llvm::ArrayRef<Shared> right) {
  mlir::Block &block = region.front();
  size_t inputs = left.size(), count = left[0]->size();
  bool branches = llvm::any_of(
      block, [](mlir::Operation &op) { return op.getNumRegions() != 0; });
  if (!branches || count == 1) {
    for (size_t i = 0; i < inputs; ++i) {
      values[block.getArgument(i)] = left[i];
      values[block.getArgument(inputs + i)] = right[i];
    }
    return wideBlock(block, left[0]->shape);
  }
  // A branch may go either way for each element.
  llvm::SmallVector<Tensor> out;
  for (size_t at = 0; at < count; ++at) {
    auto bind = [&](size_t argument, const Tensor &from) {
      Tensor one = make(from.type, {});
      one.take(0, from, at);
      set(block.getArgument(argument), std::move(one));
    };
    for (size_t i = 0; i < inputs; ++i) {
      bind(i, *left[i]);
      bind(inputs + i, *right[i]);
    }
    llvm::SmallVector<Shared> results = this->block(block);
    if (at == 0)
      for (const Shared &r : results)
        out.push_back(make(r->type, left[0]->shape));
    for (size_t i = 0; i < results.size(); ++i)
      out[i].take(at, *results[i], 0);
  }
  llvm::SmallVector<Shared> shared;
  for (Tensor &t : out)
    shared.push_back(std::make_shared<const Tensor>(std::move(t)));
  return shared;
}

/// Of {outer, size, inner} the slices first, first + step, … of the middle.
static Shared slices(const Tensor &t, int64_t first, int64_t step,
                     int64_t count) {
  int64_t outer = t.shape[0], size = t.shape[1], inner = t.shape[2];
  return std::make_shared<const Tensor>(strided(t, {outer, count, inner},
                                                {size * inner, step * inner, 1},
                                                first * inner));
}

/// Whether the region is one float addition: sums have a bound of their own.
static bool isFloatSum(mlir::Region &region) {
  mlir::Block &block = region.front();
  if (block.getNumArguments() != 2 ||
      !llvm::hasSingleElement(block.without_terminator()))
    return false;
  auto add = mlir::dyn_cast<mlir::arith::AddFOp>(block.front());
  return add && add.getLhs() != add.getRhs() &&
         mlir::isa<mlir::BlockArgument>(add.getLhs()) &&
         mlir::isa<mlir::BlockArgument>(add.getRhs()) &&
         block.getTerminator()->getOperand(0) == add;
}

/// 8·√n·u·√Σx² plus the errors of the inputs, for a sum of elements first …
/// last of a column.
static void sumColumn(const Tensor &t, int64_t base, int64_t stride, int64_t n,
                      Tensor &r, int64_t at) {
  double value = 0, reference = 0, error = 0, squares = 0;
  uint8_t flag = 0;
  for (int64_t i = 0; i < n; ++i) {
    int64_t p = base + i * stride;
    value += t.values[p];
    reference += t.reference[p];
    error += t.error[p];
    squares += t.reference[p] * t.reference[p];
    flag |= t.flag(p);
  }
  r.values[at] = numerics::round(t.type.format, value);
  r.reference[at] = reference;
  double spread = 8 * std::sqrt(double(n)) *
                  numerics::info(t.type.format).unit() * std::sqrt(squares);
  r.error[at] = error + (std::isnan(spread) ? 0 : spread);
  r.setFlag(at, flag);
}

static Tensor sumMiddle(const Tensor &t) {
  int64_t outer = t.shape[0], n = t.shape[1], inner = t.shape[2];
  Tensor r = make(t.type, {outer, 1, inner});
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < inner; ++i)
      sumColumn(t, o * n * inner + i, inner, n, r, o * inner + i);
  return r;
}

/// \p head's slices and after them the last slice of \p tail.
static Shared withLast(const Tensor &head, const Tensor &tail) {
  int64_t outer = head.shape[0], m = head.shape[1], inner = head.shape[2];
  int64_t n = tail.shape[1];
  Tensor longer = make(tail.type, {outer, m + 1, inner});
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t j = 0; j <= m; ++j)
      for (int64_t k = 0; k < inner; ++k) {
        int64_t to = (o * (m + 1) + j) * inner + k;
        if (j < m)
          longer.take(to, head, (o * m + j) * inner + k);
        else
          longer.take(to, tail, (o * n + n - 1) * inner + k);
      }
  return std::make_shared<const Tensor>(std::move(longer));
}

llvm::SmallVector<Shared> Program::reduceMiddle(mlir::Region &region,
                                                llvm::SmallVector<Shared> parts,
                                                Grouping grouping) {
  int64_t n = parts[0]->shape[1];
  step(parts[0]->size());
  bool isSum = isFloatSum(region);
  Tensor sum;
  if (isSum) {
    sum = sumMiddle(*parts[0]);
    if (grouping == Grouping::Any)
      return {std::make_shared<const Tensor>(std::move(sum))};
  }
  if (grouping == Grouping::Sequential) {
    llvm::SmallVector<Shared> running;
    for (int64_t s = 0; s < n; ++s) {
      llvm::SmallVector<Shared> now;
      for (const Shared &part : parts)
        now.push_back(slices(*part, s, 1, 1));
      running = s == 0 ? now : combine(region, running, now);
    }
    parts = running;
    n = 1;
  }
  // Neighbours are combined, then neighbours of these: order is kept, and the
  // region runs log n times on whole slices.
  while (n > 1) {
    int64_t pairs = n / 2;
    llvm::SmallVector<Shared> left, right;
    for (const Shared &part : parts) {
      left.push_back(slices(*part, 0, 2, pairs));
      right.push_back(slices(*part, 1, 2, pairs));
    }
    llvm::SmallVector<Shared> merged = combine(region, left, right);
    if (n % 2)
      for (size_t i = 0; i < parts.size(); ++i)
        merged[i] = withLast(*merged[i], *parts[i]);
    parts = merged;
    n = pairs + n % 2;
  }
  if (isSum) { // the bits of the fixed grouping, the bound of any
    sum.values = parts[0]->values;
    parts[0] = std::make_shared<const Tensor>(std::move(sum));
  }
  return parts;
}

/// The scan in another order: neighbours first, then neighbours of twice as
/// many.
static llvm::SmallVector<Shared> doublingScan(Program &program,
                                              mlir::Region &region,
                                              llvm::ArrayRef<Shared> inputs,
                                              bool reverse) {
  int64_t n = inputs[0]->shape[1];
  llvm::SmallVector<Shared> sums(inputs);
  for (int64_t by = 1; by < n; by *= 2) {
    // Those that have \p by others before them, and these.
    int64_t here = reverse ? 0 : by, before = reverse ? by : 0;
    llvm::SmallVector<Shared> left, right;
    for (const Shared &s : sums) {
      left.push_back(slices(*s, before, 1, n - by));
      right.push_back(slices(*s, here, 1, n - by));
    }
    llvm::SmallVector<Shared> joined = program.combine(region, left, right);
    for (auto [s, j] : llvm::zip(sums, joined)) {
      Tensor next = *s;
      if (!next.flags.empty())
        std::fill(next.flags.begin(), next.flags.end(), 0);
      int64_t inner = next.shape[2];
      for (int64_t o = 0; o < next.shape[0]; ++o)
        for (int64_t k = 0; k < n * inner; ++k) {
          bool isJoined = k >= here * inner && k < (here + n - by) * inner;
          next.take(size_t(o * n * inner + k), isJoined ? *j : *s,
                    size_t(isJoined ? o * (n - by) * inner + k - here * inner
                                    : o * n * inner + k));
        }
      s = std::make_shared<const Tensor>(std::move(next));
    }
  }
  return sums;
}

/// A device may combine in any order, each with roundings of its own: the bound
/// is made of those of the longest way and of the shortest.
static void widenByOrder(llvm::MutableArrayRef<Tensor> out,
                         llvm::ArrayRef<Shared> otherwise) {
  for (auto [t, other] : llvm::zip(out, otherwise))
    for (size_t i = 0; i < t.size(); ++i) {
      if (t.type.isFloat())
        t.error[i] += other->error[i];
      t.setFlag(i, other->flag(i) & Ambiguous);
    }
}

llvm::SmallVector<Tensor> Program::scanMiddle(mlir::Region &region,
                                              llvm::ArrayRef<Shared> inputs,
                                              bool reverse) {
  const Tensor &first = *inputs[0];
  int64_t outer = first.shape[0], n = first.shape[1], inner = first.shape[2];
  step(first.size());
  bool isSum = isFloatSum(region);
  llvm::SmallVector<Tensor> out;
  for (const Shared &in : inputs)
    out.push_back(*in);
  llvm::SmallVector<Shared> running;
  std::vector<double> squares(outer * inner, 0.0), carried(outer * inner, 0.0);
  for (int64_t s = 0; s < n; ++s) {
    int64_t k = reverse ? n - 1 - s : s;
    llvm::SmallVector<Shared> now;
    for (const Shared &in : inputs)
      now.push_back(slices(*in, k, 1, 1));
    running = s == 0 ? now : combine(region, running, now);
    for (size_t i = 0; i < out.size(); ++i)
      for (int64_t o = 0; o < outer; ++o)
        for (int64_t j = 0; j < inner; ++j) {
          int64_t at = (o * n + k) * inner + j;
          if (!out[i].flags.empty())
            out[i].flags[at] = 0;
          out[i].take(at, *running[i], o * inner + j);
          if (!isSum)
            continue;
          double x = first.reference[at];
          double &total = squares[o * inner + j];
          total += x * x;
          carried[o * inner + j] += first.error[at];
          out[i].error[at] = carried[o * inner + j] +
                             8 * std::sqrt(double(s + 1)) *
                                 numerics::info(first.type.format).unit() *
                                 std::sqrt(total);
        }
  }
  bool hasFloats = llvm::any_of(out, [](auto &t) { return t.type.isFloat(); });
  if (!isSum && hasFloats)
    widenByOrder(out, doublingScan(*this, region, inputs, reverse));
  return out;
}
