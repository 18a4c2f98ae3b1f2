// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Interfaces/ChipOps.h"

using namespace mlir;
using namespace terrazzo;

static MemRefType typeOf(Value buffer) {
  return cast<MemRefType>(buffer.getType());
}

LogicalResult chipops::verifyTransfer(Operation *op, kernel::PtrType base,
                                      Value local, size_t strides, size_t low,
                                      size_t high, Value index,
                                      size_t indexBounds,
                                      std::optional<int64_t> indexDim,
                                      Value mask) {
  MemRefType block = typeOf(local);
  size_t rank = size_t(block.getRank());
  if (base.getPointee() != block.getElementType())
    return op->emitOpError("moves ")
           << block.getElementType() << " by a pointer to "
           << base.getPointee();
  bool everywhere = index && indexDim == -1;
  if (strides != (everywhere ? 1 : rank))
    return op->emitOpError("has ") << strides << " strides for a block of "
                                   << "rank " << rank;
  if (low != high || (low != 0 && low != rank))
    return op->emitOpError("needs a lower and an upper bound for each "
                           "dimension, or none");
  if (bool(index) != indexDim.has_value())
    return op->emitOpError("an index list needs `index_dim`");
  if (indexBounds != 0 && (!index || indexBounds != 2))
    return op->emitOpError("an index list has two bounds or none");
  if (index) {
    if (*indexDim < -1 || *indexDim >= int64_t(rank))
      return op->emitOpError("the block has no dimension ") << *indexDim;
    ArrayRef<int64_t> expected =
        everywhere ? block.getShape() : block.getShape().slice(*indexDim, 1);
    if (typeOf(index).getShape() != expected)
      return op->emitOpError("the index list does not have the block's shape");
  }
  if (mask && (typeOf(mask).getShape() != block.getShape() ||
               !typeOf(mask).getElementType().isInteger(1)))
    return op->emitOpError("the mask is no i1 block of the same shape");
  return success();
}

/// The region has these arguments, and yields the elements of \p outs.
static LogicalResult verifyBody(Operation *op, Region &body,
                                ArrayRef<Type> arguments, ValueRange outs) {
  Block &block = body.front();
  if (block.getArgumentTypes() != TypeRange(arguments))
    return op->emitOpError("the region has the wrong arguments");
  Operation *end = block.getTerminator();
  if (end->getNumOperands() != outs.size())
    return op->emitOpError("the region yields ")
           << end->getNumOperands() << " values for " << outs.size()
           << " results";
  for (auto [value, out] : llvm::zip(end->getOperands(), outs))
    if (value.getType() != typeOf(out).getElementType())
      return op->emitOpError("the region yields ")
             << value.getType() << " for " << typeOf(out).getElementType();
  return success();
}

LogicalResult chipops::verifyMap(Operation *op, ValueRange ins, ValueRange outs,
                                 ArrayAttr dims, Region &body) {
  if (outs.empty())
    return op->emitOpError("has no result");
  ArrayRef<int64_t> shape = typeOf(outs[0]).getShape();
  for (Value out : outs)
    if (typeOf(out).getShape() != shape)
      return op->emitOpError("the results have different shapes");
  if (dims.size() != ins.size())
    return op->emitOpError("`dims` says ")
           << dims.size() << " operands, there are " << ins.size();
  llvm::SmallVector<Type> arguments(shape.size(),
                                    IndexType::get(op->getContext()));
  for (auto [in, attribute] : llvm::zip(ins, dims)) {
    auto spans = dyn_cast<ArrayAttr>(attribute);
    MemRefType type = typeOf(in);
    if (!spans || int64_t(spans.size()) != type.getRank())
      return op->emitOpError("`dims` needs a dimension of the result for each "
                             "of an operand");
    for (auto [d, each] : llvm::enumerate(spans)) {
      auto number = dyn_cast<IntegerAttr>(each);
      int64_t at = number ? number.getInt() : -1;
      if (at < 0 || at >= int64_t(shape.size()) ||
          type.getDimSize(d) != shape[at])
        return op->emitOpError("an operand does not span dimension ")
               << at << " of the result";
    }
    arguments.push_back(type.getElementType());
  }
  return verifyBody(op, body, arguments, outs);
}

LogicalResult chipops::verifyCombine(Operation *op, ValueRange ins,
                                     ValueRange outs, int64_t dim, Region &body,
                                     bool keeps) {
  if (ins.empty() || ins.size() != outs.size())
    return op->emitOpError("has ")
           << ins.size() << " operands and " << outs.size() << " results";
  llvm::SmallVector<Type> arguments;
  for (auto [in, out] : llvm::zip(ins, outs)) {
    MemRefType type = typeOf(in);
    if (dim < 0 || dim >= type.getRank() || type.getDimSize(dim) == 0)
      return op->emitOpError("an operand has no dimension ") << dim;
    llvm::SmallVector<int64_t> shape(type.getShape());
    if (!keeps)
      shape.erase(shape.begin() + dim);
    if (typeOf(out).getShape() != ArrayRef<int64_t>(shape))
      return op->emitOpError("a result has the wrong shape");
    arguments.push_back(type.getElementType());
  }
  llvm::SmallVector<Type> both(arguments);
  both.append(arguments);
  return verifyBody(op, body, both, outs);
}

LogicalResult chipops::verifyTake(Operation *op, Value source, size_t symbols,
                                  Value target, AffineMap map) {
  if (map.getNumDims() != unsigned(typeOf(target).getRank()) ||
      map.getNumResults() != unsigned(typeOf(source).getRank()) ||
      map.getNumSymbols() != symbols)
    return op->emitOpError("the map does not lead from the result's indices "
                           "to the operand's");
  if (typeOf(source).getElementType() != typeOf(target).getElementType())
    return op->emitOpError("changes the type of the elements");
  return success();
}

LogicalResult chipops::verifyProduct(Operation *op, Value a, Value b,
                                     Value acc) {
  MemRefType left = typeOf(a), right = typeOf(b), sum = typeOf(acc);
  if (left.getRank() != 2 || right.getRank() != 2 || sum.getRank() != 2 ||
      left.getDimSize(1) != right.getDimSize(0) ||
      left.getDimSize(0) != sum.getDimSize(0) ||
      right.getDimSize(1) != sum.getDimSize(1))
    return op->emitOpError("multiplies ")
           << left << " and " << right << " into " << sum;
  return success();
}
