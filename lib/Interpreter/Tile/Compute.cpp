// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// map, reduce, scan, take and mma: whole tensors at a time.
#include "lib/Interpreter/Report.h"
#include "lib/Interpreter/Tile/Channels.h"

#include "mlir/IR/AffineMap.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::interpreter;

static Shared shared(Tensor t) {
  return std::make_shared<const Tensor>(std::move(t));
}

static Tensor positions(llvm::ArrayRef<int64_t> shape, size_t dim) {
  Tensor line = make({ElementType::Kind::Integer, 64, {}}, {shape[dim]});
  for (int64_t i = 0; i < shape[dim]; ++i)
    line.ints[i] = i;
  llvm::SmallVector<int64_t> strides(shape.size(), 0);
  strides[dim] = 1;
  return strided(line, shape.vec(), strides);
}

static void map(Program &program, tile::MapOp op) {
  std::vector<int64_t> shape = shapeOf(op.getOuts()[0].getType());
  mlir::Block &body = op.getBody().front();
  size_t rank = shape.size();
  program.step(countOf(shape) / 4);
  for (size_t d = 0; d < rank; ++d)
    if (!body.getArgument(d).use_empty())
      program.set(body.getArgument(d), positions(shape, d));
  for (auto [number, in] : llvm::enumerate(op.getIns())) {
    mlir::BlockArgument element = body.getArgument(rank + number);
    Shared value = program.get(in);
    if (!op.getDims()) {
      program.values[element] = value;
      continue;
    }
    llvm::SmallVector<int64_t> own = rowMajor(value->shape), strides(rank, 0);
    auto spans = mlir::cast<mlir::ArrayAttr>((*op.getDims())[number]);
    bool whole = value->shape == shape;
    for (auto [i, d] : llvm::enumerate(spans.getAsRange<mlir::IntegerAttr>())) {
      strides[d.getInt()] = own[i];
      whole &= d.getInt() == int64_t(i);
    }
    program.values[element] =
        whole ? value : shared(strided(*value, shape, strides));
  }
  llvm::SmallVector<Shared> results = program.wideBlock(body, shape);
  for (auto [out, result] : llvm::zip(op.getOuts(), results))
    program.values[out] = result;
}

static Grouping groupingOf(llvm::StringRef order) {
  return order == "tree"         ? Grouping::Tree
         : order == "sequential" ? Grouping::Sequential
                                 : Grouping::Any;
}

static void reduce(Program &program, tile::ReduceOp op) {
  llvm::SmallVector<Shared> parts;
  auto type = mlir::cast<mlir::RankedTensorType>(op.getIns()[0].getType());
  llvm::SmallVector<int64_t> order, shape;
  llvm::SmallVector<bool> gone(type.getRank(), false);
  for (auto d : op.getDims().getAsRange<mlir::IntegerAttr>())
    gone[d.getInt()] = true;
  int64_t kept = 1, n = 1;
  for (bool reduced : {false, true}) // what stays first, what goes last
    for (int64_t d = 0; d < type.getRank(); ++d)
      if (gone[d] == reduced) {
        order.push_back(d);
        shape.push_back(type.getDimSize(d));
        (reduced ? n : kept) *= type.getDimSize(d);
      }
  for (mlir::Value in : op.getIns()) {
    const Tensor &value = *program.get(in);
    llvm::SmallVector<int64_t> own = rowMajor(value.shape), strides;
    for (int64_t d : order)
      strides.push_back(own[d]);
    Tensor flat = strided(value, {shape.begin(), shape.end()}, strides);
    flat.shape = {kept, n, 1};
    parts.push_back(shared(std::move(flat)));
  }
  parts = program.reduceMiddle(op.getBody(), parts, groupingOf(op.getOrder()));
  for (auto [out, part] : llvm::zip(op.getOuts(), parts)) {
    Tensor r = *part;
    r.shape = shapeOf(out.getType());
    program.set(out, std::move(r));
  }
}

static void scan(Program &program, tile::ScanOp op) {
  llvm::SmallVector<Shared> parts;
  for (mlir::Value in : op.getIns()) {
    Tensor flat = *program.get(in);
    llvm::ArrayRef<int64_t> shape = flat.shape;
    int64_t outer = countOf(shape.take_front(op.getDim())),
            inner = countOf(shape.drop_front(op.getDim() + 1));
    flat.shape = {outer, shape[op.getDim()], inner};
    parts.push_back(shared(std::move(flat)));
  }
  llvm::SmallVector<Tensor> results =
      program.scanMiddle(op.getBody(), parts, op.getReverse());
  for (auto [out, result] : llvm::zip(op.getOuts(), results)) {
    result.shape = shapeOf(out.getType());
    program.set(out, std::move(result));
  }
}

//===-- take --------------------------------------------------------------===//

static int64_t evaluate(mlir::AffineExpr e, llvm::ArrayRef<int64_t> dims,
                        llvm::ArrayRef<int64_t> symbols) {
  using K = mlir::AffineExprKind;
  if (auto d = mlir::dyn_cast<mlir::AffineDimExpr>(e))
    return dims[d.getPosition()];
  if (auto s = mlir::dyn_cast<mlir::AffineSymbolExpr>(e))
    return symbols[s.getPosition()];
  if (auto c = mlir::dyn_cast<mlir::AffineConstantExpr>(e))
    return c.getValue();
  auto binary = mlir::cast<mlir::AffineBinaryOpExpr>(e);
  int64_t x = evaluate(binary.getLHS(), dims, symbols),
          y = evaluate(binary.getRHS(), dims, symbols);
  uint64_t ux = x, uy = y;
  if (e.getKind() == K::Add)
    return int64_t(ux + uy);
  if (e.getKind() == K::Mul)
    return int64_t(ux * uy);
  if (y <= 0)
    return -1; // out of every range
  int64_t rest = (x % y + y) % y, floor = (x - rest) / y;
  if (e.getKind() == K::Mod)
    return rest;
  return e.getKind() == K::CeilDiv ? floor + (rest != 0) : floor;
}

static bool isLinear(mlir::AffineMap map) {
  bool linear = true;
  map.walkExprs([&](mlir::AffineExpr e) {
    auto k = e.getKind();
    linear &= k != mlir::AffineExprKind::Mod &&
              k != mlir::AffineExprKind::FloorDiv &&
              k != mlir::AffineExprKind::CeilDiv;
  });
  return linear;
}

static int64_t elementAt(Program &program, tile::TakeOp op,
                         const Tensor &source, llvm::ArrayRef<int64_t> index,
                         llvm::ArrayRef<int64_t> symbols) {
  int64_t element = 0;
  for (auto [d, e] : llvm::enumerate(op.getMap().getResults())) {
    int64_t c = evaluate(e, index, symbols), size = source.shape[d];
    if (c < 0 || c >= size)
      program.fail(op, DiagnosticKind::TileTakeOutside, std::to_string(c),
                   std::to_string(size));
    element = element * size + c;
  }
  return element;
}

static void take(Program &program, tile::TakeOp op) {
  const Tensor &source = *program.get(op.getSource());
  std::vector<int64_t> shape = shapeOf(op.getResult().getType());
  llvm::SmallVector<int64_t> symbols, index(shape.size(), 0);
  for (mlir::Value v : op.getSymbols())
    symbols.push_back(program.decide(op, v));
  int64_t n = countOf(shape);
  if (isLinear(op.getMap()) && n > 0) {
    // Both corners in range: then all are. A step of 0 or 1 along each
    // dimension gives the strides.
    int64_t first = elementAt(program, op, source, index, symbols);
    llvm::SmallVector<int64_t> strides, last;
    for (int64_t d : shape)
      last.push_back(d - 1);
    for (size_t d = 0; d < shape.size(); ++d) {
      index[d] = last[d];
      int64_t end = elementAt(program, op, source, index, symbols);
      index[d] = 0;
      strides.push_back(last[d] ? (end - first) / last[d] : 0);
    }
    elementAt(program, op, source, last, symbols);
    program.set(op, strided(source, shape, strides, first));
    return;
  }
  Tensor r = make(source.type, shape);
  for (int64_t i = 0; i < n; ++i) {
    r.take(i, source, elementAt(program, op, source, index, symbols));
    for (size_t d = shape.size(); d-- > 0;) {
      if (++index[d] < shape[d])
        break;
      index[d] = 0;
    }
  }
  program.set(op, std::move(r));
}

//===-- mma ---------------------------------------------------------------===//

static Shared operand(Program &program, tile::MmaOp op, mlir::Value v) {
  Shared value = program.get(v);
  return value->window ? shared(readWindow(program, op, *value->window))
                       : value;
}

/// \p t with each block of rows or columns multiplied by its scale: exact, as
/// scales are what the hardware multiplies products with.
static Shared scaled(Program &program, tile::MmaOp op, const Tensor &t,
                     const Tensor &scale) {
  if (!t.type.isFloat() || !scale.type.isFloat())
    program.fail(op, DiagnosticKind::CannotInterpret,
                 "tile.mma with scales that are no floats");
  Tensor r = t;
  int64_t rows = t.shape[0], columns = t.shape[1];
  int64_t height = rows / scale.shape[0], width = columns / scale.shape[1];
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) {
      int64_t at = i * columns + j,
              by = i / height * scale.shape[1] + j / width;
      r.values[at] *= scale.values[by];
      r.reference[at] *= scale.reference[by];
      r.error[at] = t.error[at] * std::fabs(scale.values[by]) +
                    scale.error[by] * std::fabs(t.values[at]);
      r.setFlag(at, scale.flag(by));
    }
  return shared(std::move(r));
}

static void mma(Program &program, tile::MmaOp op) {
  Shared a = operand(program, op, op.getA()),
         b = operand(program, op, op.getB());
  if (op.getScales().size() > 0)
    a = scaled(program, op, *a, *operand(program, op, op.getScales()[0]));
  if (op.getScales().size() > 1)
    b = scaled(program, op, *b, *operand(program, op, op.getScales()[1]));
  double inputUnit = op.getPrecision() == "tf32"
                         ? numerics::info(numerics::Format::TF32).unit()
                         : 0;
  program.set(op, program.multiplyAdd(op, *a, *b, *program.get(op.getAcc()),
                                      inputUnit));
}

void terrazzo::interpreter::addComputeSemantics(Semantics &semantics) {
  semantics.add(map);
  semantics.add(reduce);
  semantics.add(scan);
  semantics.add(take);
  semantics.add(mma);
}
