// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Ops that move elements about, and the ones that combine them.
#include "lib/Interpreter/Report.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::interpreter;

static std::vector<int64_t> shapeOf(mlir::Type type) {
  auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type);
  return tensor ? tensor.getShape().vec() : std::vector<int64_t>();
}

static int64_t countOf(llvm::ArrayRef<int64_t> shape) {
  int64_t n = 1;
  for (int64_t d : shape)
    n *= d;
  return n;
}

static Tensor make(const ElementType &type, std::vector<int64_t> shape) {
  Tensor r;
  r.type = type;
  r.shape = std::move(shape);
  r.allocate(countOf(r.shape));
  return r;
}

/// The element of a tensor seen through \p strides at each index of \p shape.
template <typename F>
static void forEachStrided(llvm::ArrayRef<int64_t> shape,
                           llvm::ArrayRef<int64_t> strides, F f) {
  int64_t n = countOf(shape);
  llvm::SmallVector<int64_t> index(shape.size(), 0);
  int64_t at = 0;
  for (int64_t i = 0; i < n; ++i) {
    f(i, at);
    for (size_t d = shape.size(); d-- > 0;) {
      at += strides[d];
      if (++index[d] < shape[d])
        break;
      at -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
}

static llvm::SmallVector<int64_t> rowMajor(llvm::ArrayRef<int64_t> shape) {
  llvm::SmallVector<int64_t> strides(shape.size(), 1);
  for (size_t d = shape.size(); d-- > 1;)
    strides[d - 1] = strides[d] * shape[d];
  return strides;
}

bool Program::shapeOp(mlir::Operation *op) {
  if (auto range = mlir::dyn_cast<kernel::MakeRangeOp>(op)) {
    Tensor r =
        make({ElementType::Kind::Integer, 32, {}}, shapeOf(range.getType()));
    for (size_t i = 0; i < r.ints.size(); ++i)
      r.ints[i] = int32_t(range.getStart()) + int64_t(i);
    set(range, std::move(r));
    return true;
  }
  if (!mlir::isa<kernel::SplatOp, kernel::BroadcastOp, kernel::TransOp,
                 kernel::ExpandDimsOp, kernel::ReshapeOp, kernel::JoinOp,
                 kernel::SplitOp, kernel::CatOp, kernel::GatherOp,
                 kernel::HistogramOp>(op))
    return false;
  const Tensor &a = *get(op->getOperand(0));
  std::vector<int64_t> shape = shapeOf(op->getResult(0).getType());
  auto moved = [&](llvm::ArrayRef<int64_t> strides) {
    Tensor r = make(a.type, shape);
    // One field at a time: most kernels spend most of their time here.
    auto each = [&](auto &to, const auto &from) {
      if (!from.empty())
        forEachStrided(shape, strides,
                       [&](int64_t i, int64_t at) { to[i] = from[at]; });
    };
    each(r.ints, a.ints);
    each(r.values, a.values);
    each(r.reference, a.reference);
    each(r.error, a.error);
    if (!a.flags.empty())
      r.flags.assign(r.size(), 0);
    each(r.flags, a.flags);
    set(op->getResult(0), std::move(r));
    return true;
  };
  if (mlir::isa<kernel::SplatOp>(op))
    return moved(llvm::SmallVector<int64_t>(shape.size(), 0));
  llvm::SmallVector<int64_t> own = rowMajor(a.shape);
  if (mlir::isa<kernel::BroadcastOp>(op)) {
    for (size_t d = 0; d < shape.size(); ++d)
      if (a.shape[d] == 1)
        own[d] = 0;
    return moved(own);
  }
  if (auto trans = mlir::dyn_cast<kernel::TransOp>(op)) {
    llvm::SmallVector<int64_t> strides;
    for (int32_t d : trans.getOrder())
      strides.push_back(own[d]);
    return moved(strides);
  }
  if (mlir::isa<kernel::ExpandDimsOp, kernel::ReshapeOp>(op)) {
    Tensor r = a;
    r.shape = shape;
    set(op->getResult(0), std::move(r));
    return true;
  }
  if (mlir::isa<kernel::JoinOp, kernel::CatOp>(op)) {
    const Tensor &b = *get(op->getOperand(1));
    Tensor r = make(a.type, shape);
    bool joins = mlir::isa<kernel::JoinOp>(op);
    for (size_t i = 0; i < a.size(); ++i) {
      r.take(joins ? 2 * i : i, a, i);
      r.take(joins ? 2 * i + 1 : a.size() + i, b, i);
    }
    set(op->getResult(0), std::move(r));
    return true;
  }
  if (mlir::isa<kernel::SplitOp>(op)) {
    for (int side = 0; side < 2; ++side) {
      Tensor r = make(a.type, shape);
      for (size_t i = 0; i < r.size(); ++i)
        r.take(i, a, 2 * i + side);
      set(op->getResult(side), std::move(r));
    }
    return true;
  }
  if (auto gather = mlir::dyn_cast<kernel::GatherOp>(op)) {
    const Tensor &index = *get(gather.getIndices());
    Tensor r = make(a.type, shape);
    llvm::SmallVector<int64_t> strides = own;
    int64_t along = own[gather.getAxis()], size = a.shape[gather.getAxis()];
    strides[gather.getAxis()] = 0;
    forEachStrided(shape, strides, [&](int64_t i, int64_t at) {
      int64_t k = index.ints[i];
      if (index.flag(i) & Poison)
        fail(op, DiagnosticKind::PoisonUsed, "an index");
      if (k < 0 || k >= size)
        fail(op, DiagnosticKind::GatherOutOfRange, std::to_string(k),
             std::to_string(size));
      r.take(i, a, at + k * along);
    });
    set(gather, std::move(r));
    return true;
  }
  auto histogram = mlir::cast<kernel::HistogramOp>(op);
  Tensor r = make({ElementType::Kind::Integer, 32, {}}, shape);
  for (size_t i = 0; i < a.size(); ++i) {
    if (histogram.getMask() && !get(histogram.getMask())->ints[i])
      continue;
    int64_t k = a.ints[i];
    if (k < 0 || k >= int64_t(r.size()))
      fail(op, DiagnosticKind::GatherOutOfRange, std::to_string(k),
           std::to_string(r.size()));
    ++r.ints[k];
  }
  set(histogram, std::move(r));
  return true;
}

//===-- dot
//------------------------------------------------------------------------------===//

/// c[m,n] += a[m,k] b[k,n] in float64. Each element sums in ascending k; four
/// steps go over a row of c together, so that it is read and written once.
__attribute__((target_clones("avx512f", "avx2", "default"))) static void
multiply(const double *__restrict a, const double *__restrict b,
         double *__restrict c, int64_t m, int64_t n, int64_t k) {
  constexpr int64_t panel = 64, together = 4;
  for (int64_t k0 = 0; k0 < k; k0 += panel)
    for (int64_t i = 0; i < m; ++i) {
      double *out = c + i * n;
      const double *x = a + i * k;
      int64_t p = k0, end = std::min(k, k0 + panel);
      for (; p + together <= end; p += together) {
        double x0 = x[p], x1 = x[p + 1], x2 = x[p + 2], x3 = x[p + 3];
        const double *row = b + p * n;
        for (int64_t j = 0; j < n; ++j)
          out[j] = out[j] + x0 * row[j] + x1 * row[n + j] +
                   x2 * row[2 * n + j] + x3 * row[3 * n + j];
      }
      for (; p < end; ++p)
        for (int64_t j = 0; j < n; ++j)
          out[j] += x[p] * b[p * n + j];
    }
}

void Program::dot(kernel::DotOp op) {
  const Tensor &a = *get(op.getA()), &b = *get(op.getB()),
               &c = *get(op.getAcc());
  size_t rank = a.shape.size();
  int64_t batch = rank == 3 ? a.shape[0] : 1;
  int64_t m = a.shape[rank - 2], k = a.shape[rank - 1], n = b.shape[rank - 1];
  step(uint64_t(batch) * m * n * k / 8);
  Tensor r = c;
  for (size_t i = 0; i < a.size(); ++i)
    if (a.flag(i) & Poison)
      fail(op, DiagnosticKind::PoisonUsed, "the left operand of a dot");
  for (size_t i = 0; i < b.size(); ++i)
    if (b.flag(i) & Poison)
      fail(op, DiagnosticKind::PoisonUsed, "the right operand of a dot");
  if (!a.type.isFloat()) {
    for (int64_t z = 0; z < batch; ++z)
      for (int64_t i = 0; i < m; ++i)
        for (int64_t p = 0; p < k; ++p) {
          int64_t x = a.ints[(z * m + i) * k + p];
          for (int64_t j = 0; j < n; ++j)
            r.ints[(z * m + i) * n + j] += x * b.ints[(z * k + p) * n + j];
        }
    for (int64_t &v : r.ints)
      v = signExtend(v, r.type.bits);
    set(op, std::move(r));
    return;
  }
  auto squares = [](const std::vector<double> &v) {
    std::vector<double> out(v.size());
    for (size_t i = 0; i < v.size(); ++i)
      out[i] = v[i] * v[i];
    return out;
  };
  auto magnitudes = [](const std::vector<double> &v) {
    std::vector<double> out(v.size());
    for (size_t i = 0; i < v.size(); ++i)
      out[i] = std::fabs(v[i]);
    return out;
  };
  auto any = [](const std::vector<double> &v) {
    return llvm::any_of(v, [](double e) { return e != 0; });
  };
  bool inexact = any(a.error) || any(b.error);
  std::vector<double> a2 = squares(a.reference), b2 = squares(b.reference);
  std::vector<double> sum2(r.size(), 0.0), carried(r.size(), 0.0);
  std::vector<double> product(r.size(), 0.0), exact(r.size(), 0.0);
  std::vector<double> aAbs, bAbs;
  if (inexact) {
    aAbs = magnitudes(a.reference);
    bAbs = magnitudes(b.reference);
  }
  for (int64_t z = 0; z < batch; ++z) {
    int64_t ao = z * m * k, bo = z * k * n, co = z * m * n;
    multiply(&a.reference[ao], &b.reference[bo], &exact[co], m, n, k);
    multiply(&a2[ao], &b2[bo], &sum2[co], m, n, k);
    if (inexact) {
      multiply(&a.values[ao], &b.values[bo], &product[co], m, n, k);
      multiply(&aAbs[ao], &b.error[bo], &carried[co], m, n, k);
      multiply(&a.error[ao], &bAbs[bo], &carried[co], m, n, k);
    }
  }
  const std::vector<double> &computed = inexact ? product : exact;
  double unit = numerics::info(r.type.format).unit();
  // tf32 and bf16 products may be asked for: their unit bounds the error then.
  double inputUnit = op.getPrecision() == kernel::Precision::TF32
                         ? numerics::info(numerics::Format::TF32).unit()
                         : 0;
  for (size_t i = 0; i < r.size(); ++i) {
    r.values[i] = numerics::round(r.type.format, c.values[i] + computed[i]);
    r.reference[i] = c.reference[i] + exact[i];
    double spread = std::sqrt(sum2[i] + c.reference[i] * c.reference[i]);
    r.error[i] = c.error[i] + carried[i] +
                 8 * std::sqrt(double(k + 1)) * unit * spread +
                 8 * inputUnit * spread;
    if (std::isnan(r.error[i]))
      r.error[i] = 0;
  }
  set(op, std::move(r));
}

//===-- reduce and scan
//---------------------------------------------------------------------===//

/// Whether a region works element by element, so that it may run on slices.
static bool isElementwise(mlir::Block &block) {
  return llvm::all_of(block.without_terminator(), [](mlir::Operation &op) {
    return !op.getNumRegions() &&
           (mlir::isa<mlir::arith::ArithDialect, mlir::math::MathDialect>(
                op.getDialect()) ||
            mlir::isa<kernel::ClampOp, kernel::MulHiUIOp, kernel::FpCastOp,
                      kernel::BitcastOp>(op));
  });
}

llvm::SmallVector<Shared> Program::combine(mlir::Region &region,
                                           llvm::ArrayRef<Shared> left,
                                           llvm::ArrayRef<Shared> right) {
  mlir::Block &block = region.front();
  size_t inputs = left.size(), count = left[0]->size();
  if (isElementwise(block)) {
    for (size_t i = 0; i < inputs; ++i) {
      values[block.getArgument(i)] = left[i];
      values[block.getArgument(inputs + i)] = right[i];
    }
    for (auto constant : block.getOps<mlir::arith::ConstantOp>()) {
      Tensor one = constantOf(constant.getValue(), constant.getType());
      Tensor wide = make(one.type, left[0]->shape);
      for (size_t i = 0; i < count; ++i)
        wide.take(i, one, 0);
      set(constant, std::move(wide));
    }
    return this->block(block);
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

/// The slice of index \p k along the axis; rank falls by one.
static Tensor slice(const Tensor &t, int64_t axis, int64_t first, int64_t step,
                    int64_t count) {
  int64_t outer = 1, inner = 1, size = t.shape[axis];
  for (int64_t d = 0; d < axis; ++d)
    outer *= t.shape[d];
  for (size_t d = axis + 1; d < t.shape.size(); ++d)
    inner *= t.shape[d];
  std::vector<int64_t> shape = {outer, count, inner};
  Tensor r = make(t.type, shape);
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t j = 0; j < count; ++j)
      for (int64_t i = 0; i < inner; ++i)
        r.take((o * count + j) * inner + i, t,
               (o * size + first + j * step) * inner + i);
  return r;
}

/// Whether the region is one float addition: sums have a bound of their own.
static bool isFloatSum(mlir::Region &region) {
  mlir::Block &block = region.front();
  return block.getNumArguments() == 2 &&
         llvm::hasSingleElement(block.without_terminator()) &&
         mlir::isa<mlir::arith::AddFOp>(block.front()) &&
         block.front().getOperand(0) != block.front().getOperand(1) &&
         llvm::all_of(
             block.front().getOperands(),
             [](mlir::Value v) { return mlir::isa<mlir::BlockArgument>(v); }) &&
         block.getTerminator()->getOperand(0) == block.front().getResult(0);
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

void Program::reduce(kernel::ReduceOp op) {
  int64_t axis = op.getAxis();
  llvm::SmallVector<Shared> parts;
  for (mlir::Value v : op.getSrcs())
    parts.push_back(get(v));
  const Tensor &first = *parts[0];
  int64_t outer = 1, inner = 1, n = first.shape[axis];
  for (int64_t d = 0; d < axis; ++d)
    outer *= first.shape[d];
  for (size_t d = axis + 1; d < first.shape.size(); ++d)
    inner *= first.shape[d];
  step(first.size());
  if (isFloatSum(op.getCombine())) {
    Tensor r = make(first.type, shapeOf(op.getResult(0).getType()));
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t i = 0; i < inner; ++i)
        sumColumn(first, o * n * inner + i, inner, n, r, o * inner + i);
    set(op.getResult(0), std::move(r));
    return;
  }
  // Neighbours are combined, then neighbours of these: order is kept, and the
  // region runs log n times on whole slices.
  for (Shared &part : parts) {
    Tensor flat = *part;
    flat.shape = {outer, n, inner};
    part = std::make_shared<const Tensor>(std::move(flat));
  }
  while (n > 1) {
    int64_t pairs = n / 2;
    llvm::SmallVector<Shared> left, right;
    for (const Shared &part : parts) {
      left.push_back(
          std::make_shared<const Tensor>(slice(*part, 1, 0, 2, pairs)));
      right.push_back(
          std::make_shared<const Tensor>(slice(*part, 1, 1, 2, pairs)));
    }
    llvm::SmallVector<Shared> merged = combine(op.getCombine(), left, right);
    if (n % 2)
      for (size_t i = 0; i < parts.size(); ++i) {
        Tensor longer = make(parts[i]->type, {outer, pairs + 1, inner});
        for (int64_t o = 0; o < outer; ++o)
          for (int64_t j = 0; j <= pairs; ++j)
            for (int64_t k = 0; k < inner; ++k)
              if (j < pairs)
                longer.take((o * (pairs + 1) + j) * inner + k, *merged[i],
                            (o * pairs + j) * inner + k);
              else
                longer.take((o * (pairs + 1) + j) * inner + k, *parts[i],
                            (o * n + n - 1) * inner + k);
        merged[i] = std::make_shared<const Tensor>(std::move(longer));
      }
    parts = merged;
    n = pairs + n % 2;
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    Tensor r = *parts[i];
    r.shape = shapeOf(op.getResult(i).getType());
    set(op.getResult(i), std::move(r));
  }
}

void Program::scan(kernel::ScanOp op) {
  int64_t axis = op.getAxis();
  llvm::SmallVector<Shared> inputs;
  for (mlir::Value v : op.getSrcs())
    inputs.push_back(get(v));
  const Tensor &first = *inputs[0];
  int64_t outer = 1, inner = 1, n = first.shape[axis];
  for (int64_t d = 0; d < axis; ++d)
    outer *= first.shape[d];
  for (size_t d = axis + 1; d < first.shape.size(); ++d)
    inner *= first.shape[d];
  step(first.size());
  bool isSum = isFloatSum(op.getCombine());
  llvm::SmallVector<Tensor> out;
  for (const Shared &in : inputs)
    out.push_back(*in);
  llvm::SmallVector<Shared> running;
  std::vector<double> squares(outer * inner, 0.0), carried(outer * inner, 0.0);
  for (int64_t s = 0; s < n; ++s) {
    int64_t k = op.getReverse() ? n - 1 - s : s;
    llvm::SmallVector<Shared> now;
    for (const Shared &in : inputs)
      now.push_back(std::make_shared<const Tensor>(slice(*in, axis, k, 1, 1)));
    running = s == 0 ? now : combine(op.getCombine(), running, now);
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
  for (size_t i = 0; i < out.size(); ++i)
    set(op.getResult(i), std::move(out[i]));
}
