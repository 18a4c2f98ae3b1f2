// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Ops that move elements about.
#include "lib/Interpreter/Report.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/TypeUtilities.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::interpreter;

std::vector<int64_t> terrazzo::interpreter::shapeOf(mlir::Type type) {
  auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type);
  return tensor ? tensor.getShape().vec() : std::vector<int64_t>();
}

int64_t terrazzo::interpreter::countOf(llvm::ArrayRef<int64_t> shape) {
  int64_t n = 1;
  for (int64_t d : shape)
    n *= d;
  return n;
}

Tensor terrazzo::interpreter::make(const ElementType &type,
                                   std::vector<int64_t> shape) {
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

llvm::SmallVector<int64_t>
terrazzo::interpreter::rowMajor(llvm::ArrayRef<int64_t> shape) {
  llvm::SmallVector<int64_t> strides(shape.size(), 1);
  for (size_t d = shape.size(); d-- > 1;)
    strides[d - 1] = strides[d] * shape[d];
  return strides;
}

Tensor terrazzo::interpreter::scalarOf(int64_t v, unsigned bits) {
  Tensor t;
  t.type = {ElementType::Kind::Integer, bits, {}};
  t.ints = {v};
  return t;
}

Tensor terrazzo::interpreter::strided(const Tensor &from,
                                      std::vector<int64_t> shape,
                                      llvm::ArrayRef<int64_t> strides,
                                      int64_t base) {
  Tensor r = make(from.type, std::move(shape));
  // One field at a time: most kernels spend most of their time here.
  auto each = [&](auto &to, const auto &source) {
    if (!source.empty())
      forEachStrided(r.shape, strides,
                     [&](int64_t i, int64_t at) { to[i] = source[base + at]; });
  };
  each(r.ints, from.ints);
  each(r.values, from.values);
  each(r.reference, from.reference);
  each(r.error, from.error);
  if (!from.flags.empty())
    r.flags.assign(r.size(), 0);
  each(r.flags, from.flags);
  return r;
}

void Program::shapeOp(mlir::Operation *op) {
  if (auto range = mlir::dyn_cast<kernel::MakeRangeOp>(op)) {
    Tensor r =
        make({ElementType::Kind::Integer, 32, {}}, shapeOf(range.getType()));
    for (size_t i = 0; i < r.ints.size(); ++i)
      r.ints[i] = int32_t(range.getStart()) + int64_t(i);
    set(range, std::move(r));
    return;
  }
  const Tensor &a = *get(op->getOperand(0));
  std::vector<int64_t> shape = shapeOf(op->getResult(0).getType());
  auto moved = [&](llvm::ArrayRef<int64_t> strides) {
    set(op->getResult(0), strided(a, shape, strides));
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
    return;
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
    return;
  }
  if (mlir::isa<kernel::SplitOp>(op)) {
    for (int side = 0; side < 2; ++side) {
      Tensor r = make(a.type, shape);
      for (size_t i = 0; i < r.size(); ++i)
        r.take(i, a, 2 * i + side);
      set(op->getResult(side), std::move(r));
    }
    return;
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
    return;
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
}
