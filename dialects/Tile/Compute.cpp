// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tile/Tile.h"

using namespace mlir;
using namespace terrazzo::tile;

LogicalResult MoveOp::verify() {
  auto from = cast<RankedTensorType>(getSource().getType());
  auto to = cast<RankedTensorType>(getResult().getType());
  if (from.getShape() != to.getShape() ||
      from.getElementType() != to.getElementType())
    return emitOpError("TC7: a move changes only the place");
  return success();
}

static RankedTensorType operandType(Type type) {
  if (auto view = dyn_cast<ViewType>(type))
    return view.getTensor();
  return dyn_cast<RankedTensorType>(type);
}

LogicalResult MmaOp::verify() {
  RankedTensorType a = operandType(getA().getType()),
                   b = operandType(getB().getType());
  auto acc = cast<RankedTensorType>(getAcc().getType());
  if (!a || !b)
    return emitOpError("TC14: an operand is a tensor or a view");
  if (a.getRank() != 2 || b.getRank() != 2 || acc.getRank() != 2 ||
      a.getDimSize(1) != b.getDimSize(0) ||
      a.getDimSize(0) != acc.getDimSize(0) ||
      b.getDimSize(1) != acc.getDimSize(1))
    return emitOpError("TC14: a is MxK, b KxN, acc MxN, not ")
           << a << ", " << b << ", " << acc;
  if (getScales().size() > 2)
    return emitOpError("TC14: scales are for a and for b");
  for (auto [number, scale] : llvm::enumerate(getScales())) {
    RankedTensorType type = operandType(scale.getType());
    RankedTensorType whole = number ? b : a;
    int64_t outer = number ? 1 : 0, inner = 1 - outer;
    if (!type || type.getRank() != 2 ||
        type.getDimSize(outer) != whole.getDimSize(outer) ||
        type.getDimSize(inner) < 1 ||
        whole.getDimSize(inner) % type.getDimSize(inner))
      return emitOpError("TC14: scales are M x K/b and K/b x N, not ")
             << scale.getType();
  }
  Type element = acc.getElementType();
  if (!element.isF32() && !element.isInteger(32) && !element.isF64() &&
      !element.isF16())
    return emitOpError("TC14: acc is f32, i32, f64 or f16");
  return success();
}

static LogicalResult verifyYield(Operation *op, Block &body, TypeRange wanted,
                                 StringRef constraint) {
  auto yield = dyn_cast_or_null<YieldOp>(body.empty() ? nullptr : &body.back());
  if (!yield || yield.getValues().size() != wanted.size())
    return op->emitOpError()
           << constraint << ": one value is yielded for each result";
  for (auto [value, type] : llvm::zip(yield.getValues(), wanted))
    if (value.getType() != getElementTypeOrSelf(type))
      return op->emitOpError() << constraint << ": " << value.getType()
                               << " is yielded for " << type;
  for (Operation &inner : body)
    if (inner.getName().getDialectNamespace() == "tile" && !isa<YieldOp>(inner))
      return inner.emitOpError() << constraint << ": no tile op in this region";
  return success();
}

LogicalResult MapOp::verify() {
  if (getOuts().empty())
    return emitOpError("TC15: a map has a result");
  auto out = cast<RankedTensorType>(getOuts().front().getType());
  for (Value other : getOuts())
    if (cast<RankedTensorType>(other.getType()).getShape() != out.getShape())
      return emitOpError("TC15: all results have one shape");
  Block &body = getBody().front();
  size_t rank = out.getRank();
  if (body.getNumArguments() != rank + getIns().size())
    return emitOpError(
        "TC15: one index for each result dim, one element for each operand");
  if (getDims() && getDims()->size() != getIns().size())
    return emitOpError("TC15: one list of `dims` for each operand");
  for (auto [number, argument] : llvm::enumerate(body.getArguments()))
    if (number < rank
            ? !argument.getType().isIndex()
            : argument.getType() !=
                  getElementTypeOrSelf(getIns()[number - rank].getType()))
      return emitOpError("TC15: region argument ")
             << number << " is " << argument.getType();
  for (auto [number, in] : llvm::enumerate(getIns())) {
    auto shape = cast<RankedTensorType>(in.getType()).getShape();
    llvm::SmallVector<int64_t> wanted(out.getShape());
    if (getDims()) {
      wanted.clear();
      auto list = dyn_cast<ArrayAttr>((*getDims())[number]);
      for (Attribute entry : list ? list.getValue() : ArrayRef<Attribute>()) {
        auto dim = dyn_cast<IntegerAttr>(entry);
        if (!dim || dim.getInt() < 0 ||
            dim.getInt() >= static_cast<int64_t>(rank))
          return emitOpError("TC15: `dims` names a dim that the result lacks");
        wanted.push_back(out.getDimSize(dim.getInt()));
      }
    }
    if (shape != ArrayRef<int64_t>(wanted))
      return emitOpError("TC15: operand ")
             << number << " does not span the result";
  }
  return verifyYield(*this, body, getOuts().getTypes(), "TC15");
}

static LogicalResult verifyCombine(Operation *op, Block &body, ValueRange ins,
                                   StringRef order) {
  if (ins.empty())
    return op->emitOpError("TC16: there is something to combine");
  if (!llvm::is_contained({"any", "tree", "sequential"}, order))
    return op->emitOpError("TC16: no order `") << order << "`";
  if (body.getNumArguments() != 2 * ins.size() ||
      op->getNumResults() != ins.size())
    return op->emitOpError("TC16: two scalars and one result for each operand");
  for (auto [number, argument] : llvm::enumerate(body.getArguments()))
    if (argument.getType() !=
        getElementTypeOrSelf(ins[number % ins.size()].getType()))
      return op->emitOpError("TC16: region argument ")
             << number << " is " << argument.getType();
  return verifyYield(op, body, op->getResultTypes(), "TC16");
}

LogicalResult ReduceOp::verify() {
  if (failed(verifyCombine(*this, getBody().front(), getIns(), getOrder())))
    return failure();
  auto in = cast<RankedTensorType>(getIns().front().getType());
  llvm::SmallVector<bool> gone(in.getRank());
  for (auto dim : getDims().getAsRange<IntegerAttr>()) {
    if (dim.getInt() < 0 || dim.getInt() >= in.getRank() || gone[dim.getInt()])
      return emitOpError("TC16: `dims` names each dimension at most once");
    if (in.getDimSize(dim.getInt()) == 0)
      return emitOpError("TC16: no empty dim is reduced");
    gone[dim.getInt()] = true;
  }
  llvm::SmallVector<int64_t> kept;
  for (auto [dim, size] : llvm::enumerate(in.getShape()))
    if (!gone[dim])
      kept.push_back(size);
  for (Type type : getOuts().getTypes()) {
    auto out = dyn_cast<RankedTensorType>(type);
    if (out ? out.getShape() != ArrayRef<int64_t>(kept) : !kept.empty())
      return emitOpError(
          "TC16: the result keeps the dims that are not reduced");
  }
  return success();
}

LogicalResult ScanOp::verify() {
  if (failed(verifyCombine(*this, getBody().front(), getIns(), getOrder())))
    return failure();
  auto in = cast<RankedTensorType>(getIns().front().getType());
  if (static_cast<int64_t>(getDim()) < 0 ||
      static_cast<int64_t>(getDim()) >= in.getRank())
    return emitOpError("TC16: no dimension ") << getDim();
  return success();
}

LogicalResult TakeOp::verify() {
  auto from = cast<RankedTensorType>(getSource().getType());
  auto to = cast<RankedTensorType>(getResult().getType());
  AffineMap map = getMap();
  if (static_cast<int64_t>(map.getNumDims()) != to.getRank() ||
      static_cast<int64_t>(map.getNumResults()) != from.getRank() ||
      map.getNumSymbols() != getSymbols().size())
    return emitOpError(
        "TC17: the map goes from the result's index to the operand's");
  if (from.getElementType() != to.getElementType())
    return emitOpError("TC17: a take keeps the element type");
  return success();
}
