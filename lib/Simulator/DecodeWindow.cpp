// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Allocations of the core's memories and the windows into them.
#include "lib/Simulator/DecodeState.h"

using namespace terrazzo;
using namespace terrazzo::simulator;
namespace memref = mlir::memref;

static std::optional<mlir::MemRefType> staticType(mlir::Value value) {
  auto type = mlir::dyn_cast<mlir::MemRefType>(value.getType());
  if (type && type.hasStaticShape() &&
      interpreter::elementTypeOf(type).bits != 0)
    return type;
  mlir::emitError(value.getLoc())
      << "the simulator takes memory of a static shape, not "
      << value.getType();
  return std::nullopt;
}

llvm::LogicalResult Decoder::State::allocate(memref::AllocOp op) {
  std::optional<mlir::MemRefType> type = staticType(op);
  if (!type)
    return mlir::failure();
  auto space = mlir::dyn_cast_or_null<mlir::StringAttr>(type->getMemorySpace());
  int memory = space ? decoder.memory(space.getValue()) : -1;
  if (memory < 0)
    return op.emitError("the memory space must be a string that names a "
                        "memory of the core");
  auto address = op->getAttrOfType<mlir::IntegerAttr>("address");
  if (!address)
    return op.emitError("an allocation needs an `address`");
  int64_t each = bytesOf(interpreter::elementTypeOf(*type));
  std::string name =
      space.getValue().str() + "#" + std::to_string(program.allocations.size());
  if (auto named = op->getAttrOfType<mlir::StringAttr>("name"))
    name = named.getValue().str();
  Allocation next{std::move(name), memory, address.getInt(),
                  type->getNumElements() * each, op.getLoc()};
  if (next.address < 0 ||
      next.address > program.memories[memory].bytes - next.bytes)
    return op.emitError() << next.bytes << " bytes at " << next.address
                          << " lie outside `" << space.getValue()
                          << "`, which has " << program.memories[memory].bytes;
  allocations[op] = int(program.allocations.size());
  program.allocations.push_back(std::move(next));
  return mlir::success();
}

std::optional<Window> Decoder::State::alloc(memref::AllocOp op) {
  Window out;
  out.allocation = allocations.lookup(op);
  out.type = interpreter::elementTypeOf(op.getType());
  out.shape.assign(op.getType().getShape().begin(),
                   op.getType().getShape().end());
  out.strides.assign(out.shape.size(), 1);
  for (int d = int(out.shape.size()) - 2; d >= 0; --d)
    out.strides[d] = out.strides[d + 1] * out.shape[d + 1];
  return out;
}

std::optional<Window> Decoder::State::subview(memref::SubViewOp op) {
  std::optional<Window> from = decoder.window(op.getSource());
  if (!from)
    return std::nullopt;
  if (llvm::any_of(op.getStaticSizes(), mlir::ShapedType::isDynamic) ||
      llvm::any_of(op.getStaticStrides(), mlir::ShapedType::isDynamic)) {
    op.emitError("the simulator takes windows of static sizes and strides");
    return std::nullopt;
  }
  Window out = *from;
  out.shape.clear();
  out.strides.clear();
  llvm::SmallBitVector dropped = op.getDroppedDims();
  for (auto [d, offset] : llvm::enumerate(op.getMixedOffsets())) {
    int64_t stride = from->strides[d];
    if (auto known = mlir::getConstantIntValue(offset)) {
      out.offset += *known * stride;
    } else {
      mlir::Value at = mlir::cast<mlir::Value>(offset);
      out.offsets.push_back({decoder.reg(at), stride});
    }
    if (dropped.test(unsigned(d)))
      continue;
    out.shape.push_back(op.getStaticSizes()[d]);
    out.strides.push_back(stride * op.getStaticStrides()[d]);
  }
  return out;
}

std::optional<Window> Decoder::State::recast(memref::ReinterpretCastOp op) {
  std::optional<Window> from = decoder.window(op.getSource());
  if (!from)
    return std::nullopt;
  if (llvm::any_of(op.getStaticSizes(), mlir::ShapedType::isDynamic) ||
      llvm::any_of(op.getStaticStrides(), mlir::ShapedType::isDynamic)) {
    op.emitError("the simulator takes windows of static sizes and strides");
    return std::nullopt;
  }
  // Its offset counts from the allocation, not from the source's window.
  Window out;
  out.allocation = from->allocation;
  out.type = from->type;
  out.shape.assign(op.getStaticSizes().begin(), op.getStaticSizes().end());
  out.strides.assign(op.getStaticStrides().begin(),
                     op.getStaticStrides().end());
  mlir::OpFoldResult offset = op.getMixedOffsets()[0];
  if (auto known = mlir::getConstantIntValue(offset))
    out.offset = *known;
  else
    out.offsets.push_back({decoder.reg(mlir::cast<mlir::Value>(offset)), 1});
  return out;
}

std::optional<Window> Decoder::State::transpose(memref::TransposeOp op) {
  std::optional<Window> from = decoder.window(op.getIn());
  if (!from)
    return std::nullopt;
  Window out = *from;
  for (auto [d, result] : llvm::enumerate(op.getPermutation().getResults())) {
    unsigned at = mlir::cast<mlir::AffineDimExpr>(result).getPosition();
    out.shape[d] = from->shape[at];
    out.strides[d] = from->strides[at];
  }
  return out;
}

/// Bytes as elements of another type.
std::optional<Window> Decoder::State::view(memref::ViewOp op) {
  std::optional<Window> from = decoder.window(op.getSource());
  std::optional<mlir::MemRefType> type = staticType(op);
  std::optional<Word> shift = constantOf(op.getByteShift());
  if (!from || !type)
    return std::nullopt;
  Window out;
  out.allocation = from->allocation;
  out.type = interpreter::elementTypeOf(*type);
  if (!shift || shift->integer % bytesOf(out.type) != 0) {
    op.emitError("the simulator takes views at a constant byte that is a "
                 "multiple of the element's size");
    return std::nullopt;
  }
  out.offset = shift->integer / bytesOf(out.type);
  out.shape.assign(type->getShape().begin(), type->getShape().end());
  out.strides.assign(out.shape.size(), 1);
  for (int d = int(out.shape.size()) - 2; d >= 0; --d)
    out.strides[d] = out.strides[d + 1] * out.shape[d + 1];
  return out;
}

std::optional<Window> Decoder::window(mlir::Value value) {
  if (!staticType(value))
    return std::nullopt;
  mlir::Operation *op = value.getDefiningOp();
  if (auto alloc = mlir::dyn_cast_or_null<memref::AllocOp>(op))
    return state->alloc(alloc);
  if (auto view = mlir::dyn_cast_or_null<memref::SubViewOp>(op))
    return state->subview(view);
  if (auto cast = mlir::dyn_cast_or_null<memref::CastOp>(op))
    return window(cast.getSource());
  if (auto swap = mlir::dyn_cast_or_null<memref::TransposeOp>(op))
    return state->transpose(swap);
  if (auto cast = mlir::dyn_cast_or_null<memref::ReinterpretCastOp>(op))
    return state->recast(cast);
  if (auto view = mlir::dyn_cast_or_null<memref::ViewOp>(op))
    return state->view(view);
  mlir::emitError(value.getLoc())
      << "the simulator must see which allocation this is a window of";
  return std::nullopt;
}
