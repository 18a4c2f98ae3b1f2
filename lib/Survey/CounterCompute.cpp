// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is done to whole tensors: how many operations it is, and how much of
// the result is no padding.
#include "lib/Survey/Counter.h"

#include "mlir/IR/AffineMap.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace terrazzo;
using namespace terrazzo::survey;

static llvm::SmallVector<int64_t, 3> shapeOf(mlir::Type type) {
  auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type);
  return tensor ? llvm::SmallVector<int64_t, 3>(tensor.getShape())
                : llvm::SmallVector<int64_t, 3>();
}

static double sizeOf(llvm::ArrayRef<Range> valid) {
  double n = 1;
  for (Range r : valid)
    n *= double(r.size());
  return n;
}

/// The next index in row-major order.
static void advance(llvm::MutableArrayRef<int64_t> index,
                    llvm::ArrayRef<int64_t> shape) {
  for (size_t d = shape.size(); d-- > 0;) {
    if (++index[d] < shape[d])
      return;
    index[d] = 0;
  }
}

static int64_t countOf(llvm::ArrayRef<int64_t> shape) {
  int64_t n = 1;
  for (int64_t d : shape)
    n *= d;
  return n;
}

bool Counter::compute(const Step &step) {
  return llvm::TypeSwitch<mlir::Operation *, bool>(step.op)
      .Case([&](tile::MapOp) { return map(step), true; })
      .Case([&](tile::ReduceOp) { return reduce(step), true; })
      .Case([&](tile::ScanOp) { return scan(step), true; })
      .Case([&](tile::MmaOp) { return product(step), true; })
      .Case([&](tile::TakeOp) { return takePart(step), true; })
      .Default(false);
}

/// The dimensions of the result that each dimension of operand \p i is.
static llvm::SmallVector<int64_t, 3> spansOf(tile::MapOp op, size_t i) {
  llvm::SmallVector<int64_t, 3> out;
  if (op.getDims()) {
    auto spans = mlir::cast<mlir::ArrayAttr>((*op.getDims())[i]);
    for (auto d : spans.getAsRange<mlir::IntegerAttr>())
      out.push_back(d.getInt());
  } else {
    for (size_t d = 0; d < shapeOf(op.getIns()[i].getType()).size(); ++d)
      out.push_back(int64_t(d));
  }
  return out;
}

void Counter::map(const Step &step) {
  auto op = mlir::cast<tile::MapOp>(step.op);
  Value result;
  for (int64_t d : shapeOf(op.getOuts()[0].getType()))
    result.valid.push_back({0, d});
  for (size_t i = 0; i < op.getIns().size(); ++i)
    for (auto [range, d] : llvm::zip(validOf(step, i), spansOf(op, i)))
      result.valid[d] = result.valid[d].within(range);
  pay(step, sizeOf(result.valid));
  if (step.steers)
    result.elements = mapElements(step);
  for (unsigned o : step.outs)
    values[o] = result;
}

/// Runs a body of integer arithmetic. False when a value in it is not known.
bool Counter::runElement(const Body &body) {
  for (const Step &inner : body.steps) {
    if (!inner.arithmetic && !mlir::isa<mlir::arith::ConstantOp>(inner.op))
      return false;
    run(inner);
  }
  return llvm::all_of(body.results,
                      [&](unsigned r) { return values[r].isKnown; });
}

/// Of one result; null when they are not known.
Elements Counter::mapElements(const Step &step) {
  auto op = mlir::cast<tile::MapOp>(step.op);
  if (op.getOuts().size() != 1)
    return nullptr;
  llvm::SmallVector<int64_t, 3> shape = shapeOf(op.getOuts()[0].getType());
  const Body &body = step.bodies[0];
  size_t rank = shape.size();
  // How far the element of an operand moves for a step along each dimension.
  std::vector<llvm::SmallVector<int64_t, 3>> moves;
  for (size_t i = 0; i < op.getIns().size(); ++i) {
    if (!in(step, i).elements)
      return nullptr;
    llvm::SmallVector<int64_t, 3> own = shapeOf(op.getIns()[i].getType());
    llvm::SmallVector<int64_t, 3> &move = moves.emplace_back();
    move.assign(rank, 0);
    auto spans = spansOf(op, i);
    int64_t below = 1;
    for (size_t k = spans.size(); k-- > 0;) {
      move[spans[k]] = below;
      below *= own[k];
    }
  }
  auto elements = std::make_shared<std::vector<int64_t>>();
  llvm::SmallVector<int64_t, 3> index(rank, 0);
  auto set = [&](unsigned value, int64_t number) {
    values[value].isKnown = true;
    values[value].number = number;
  };
  for (int64_t n = countOf(shape), e = 0; e < n; ++e, advance(index, shape)) {
    for (size_t d = 0; d < rank; ++d)
      set(body.arguments[d], index[d]);
    for (size_t i = 0; i < moves.size(); ++i) {
      int64_t at = 0;
      for (size_t d = 0; d < rank; ++d)
        at += index[d] * moves[i][d];
      set(body.arguments[rank + i], (*in(step, i).elements)[size_t(at)]);
    }
    if (!runElement(body))
      return nullptr;
    elements->push_back(values[body.results[0]].number);
  }
  return elements;
}

void Counter::reduce(const Step &step) {
  auto op = mlir::cast<tile::ReduceOp>(step.op);
  llvm::SmallVector<Range, 2> all = validOf(step, 0);
  Value result;
  double kept = 1, gone = 1;
  for (size_t d = 0; d < all.size(); ++d) {
    bool reduced = llvm::any_of(
        op.getDims().getAsRange<mlir::IntegerAttr>(),
        [&](mlir::IntegerAttr a) { return a.getInt() == int64_t(d); });
    (reduced ? gone : kept) *= double(all[d].size());
    if (!reduced)
      result.valid.push_back(all[d]);
  }
  pay(step, kept * std::max(0.0, gone - 1));
  for (unsigned o : step.outs)
    values[o] = result;
  if (step.steers)
    reduceElements(step);
}

/// False when what is reduced is not known: nor is the result then.
bool Counter::reduceElements(const Step &step) {
  auto op = mlir::cast<tile::ReduceOp>(step.op);
  size_t n = op.getIns().size();
  for (size_t i = 0; i < n; ++i)
    if (!in(step, i).elements)
      return false;
  llvm::SmallVector<int64_t, 3> shape = shapeOf(op.getIns()[0].getType());
  llvm::SmallVector<int64_t, 3> index(shape.size(), 0), move(shape.size(), 0);
  int64_t below = 1;
  for (size_t d = shape.size(); d-- > 0;) {
    bool reduced = llvm::any_of(
        op.getDims().getAsRange<mlir::IntegerAttr>(),
        [&](mlir::IntegerAttr a) { return a.getInt() == int64_t(d); });
    move[d] = reduced ? 0 : below;
    below *= reduced ? 1 : shape[d];
  }
  std::vector<std::vector<int64_t>> sums(n, std::vector<int64_t>(below, 0));
  std::vector<bool> begun(size_t(below), false);
  const Body &body = step.bodies[0];
  for (int64_t total = countOf(shape), e = 0; e < total;
       ++e, advance(index, shape)) {
    size_t at = 0;
    for (size_t d = 0; d < shape.size(); ++d)
      at += size_t(index[d] * move[d]);
    for (size_t i = 0; i < n; ++i) {
      int64_t element = (*in(step, i).elements)[size_t(e)];
      Value &left = values[body.arguments[i]],
            &right = values[body.arguments[n + i]];
      left.isKnown = right.isKnown = true;
      left.number = begun[at] ? sums[i][at] : element;
      right.number = element;
    }
    if (begun[at] && !runElement(body))
      return false;
    for (size_t i = 0; i < n; ++i)
      sums[i][at] = begun[at] ? values[body.results[i]].number
                              : values[body.arguments[n + i]].number;
    begun[at] = true;
  }
  for (size_t i = 0; i < n; ++i) {
    Value &result = values[step.outs[i]];
    result.isKnown = below == 1;
    result.number = sums[i][0];
    result.elements =
        std::make_shared<const std::vector<int64_t>>(std::move(sums[i]));
  }
  return true;
}

void Counter::scan(const Step &step) {
  auto op = mlir::cast<tile::ScanOp>(step.op);
  Value result;
  result.valid = validOf(step, 0);
  double n = sizeOf(result.valid),
         along = double(result.valid[op.getDim()].size());
  pay(step, along > 0 ? n / along * (along - 1) : 0);
  for (unsigned o : step.outs)
    values[o] = result;
}

void Counter::product(const Step &step) {
  auto op = mlir::cast<tile::MmaOp>(step.op);
  for (size_t i : {0, 1})
    if (in(step, i).window)
      touch(read, step, windowOf(step, i), nullptr);
  auto a = validOf(step, 0), b = validOf(step, 1);
  Product types;
  types.a = formatOf(op.getA().getType());
  types.b = formatOf(op.getB().getType());
  types.acc = formatOf(op.getAcc().getType());
  types.precision = op.getPrecision().value_or("").str();
  types.isScaled = !op.getScales().empty();
  work.products[types] += 2.0 * double(a[0].size()) *
                          double(a[1].within(b[0]).size()) *
                          double(b[1].size());
  Value result;
  result.valid = {a[0], b[1]};
  out(step) = std::move(result);
}

void Counter::takePart(const Step &step) {
  auto op = mlir::cast<tile::TakeOp>(step.op);
  const Value &source = in(step, 0);
  llvm::SmallVector<int64_t, 3> shape = shapeOf(op.getResult().getType());
  llvm::SmallVector<int64_t, 3> own = shapeOf(op.getSource().getType());
  Value result;
  for (int64_t d : shape)
    result.valid.push_back({0, d});
  for (auto [k, e] : llvm::enumerate(op.getMap().getResults()))
    if (auto dim = mlir::dyn_cast<mlir::AffineDimExpr>(e))
      result.valid[dim.getPosition()] =
          result.valid[dim.getPosition()].within(validOf(step, 0)[k]);
  if (step.steers && source.elements && op.getSymbols().empty()) {
    auto elements = std::make_shared<std::vector<int64_t>>();
    llvm::SmallVector<int64_t, 3> index(shape.size(), 0);
    for (int64_t n = countOf(shape), e = 0; e < n; ++e, advance(index, shape)) {
      int64_t at = 0;
      for (auto [k, i] : llvm::enumerate(op.getMap().compose(index)))
        at = at * own[k] + i;
      if (size_t(at) >= source.elements->size())
        refuse(step, "an element outside of a block is taken");
      elements->push_back((*source.elements)[size_t(at)]);
    }
    result.elements = std::move(elements);
  }
  out(step) = std::move(result);
}
