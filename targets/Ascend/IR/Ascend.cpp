// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Ascend/IR/Ascend.h"

#include "dialects/Interfaces/ChipOps.h"
#include "targets/Ascend/IR/Pipes.h"

#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::ascend;

#include "targets/Ascend/IR/AscendDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "targets/Ascend/IR/AscendTypes.cpp.inc"

#define GET_OP_CLASSES
#include "targets/Ascend/IR/AscendOps.cpp.inc"

void AscendDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "targets/Ascend/IR/AscendTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "targets/Ascend/IR/AscendOps.cpp.inc"
      >();
}

static LogicalResult expect(Operation *op, Value buffer,
                            llvm::ArrayRef<StringRef> memories) {
  if (llvm::is_contained(memories, memoryOf(buffer)))
    return success();
  return op->emitOpError("does not reach the memory `")
         << memoryOf(buffer) << "`, only " << llvm::join(memories, ", ");
}

static LogicalResult expectShape(Operation *op, Value source, Value target) {
  auto from = cast<MemRefType>(source.getType()),
       to = cast<MemRefType>(target.getType());
  if (from.getShape() != to.getShape())
    return op->emitOpError("has a source and a target of different shapes");
  return success();
}

template <typename Op>
static LogicalResult verifyTransfer(Op op, llvm::ArrayRef<StringRef> memories) {
  if (failed(expect(op, op.getLocal(), memories)))
    return failure();
  return chipops::verifyTransferOp(op);
}
LogicalResult LoadOp::verify() {
  return verifyTransfer(*this, {"ub", "stack"});
}
LogicalResult StoreOp::verify() {
  return verifyTransfer(*this, {"ub", "stack"});
}
LogicalResult AtomicOp::verify() {
  return verifyTransfer(*this, {"ub", "stack"});
}
/// In rows as they are in global memory.
template <typename Op>
static LogicalResult verifyPlain(Op op, StringRef memory) {
  if (op.getIndex() || op.getMask())
    return op.emitOpError("takes neither an index list nor a mask");
  return verifyTransfer(op, {memory});
}
LogicalResult FixpipeStoreOp::verify() {
  auto pointee = cast<kernel::PtrType>(getBase().getType()).getPointee();
  auto sum = cast<MemRefType>(getLocal().getType());
  if (pointee == sum.getElementType())
    return verifyPlain(*this, "l0c");
  if (!sum.getElementType().isF32() || !(pointee.isF16() || pointee.isBF16()))
    return emitOpError("rounds f32 to f16 or bf16, not ")
           << sum.getElementType() << " to " << pointee;
  if (getIndex() || getMask() ||
      int64_t(getStrides().size()) != sum.getRank() ||
      getLow().size() != getHigh().size())
    return emitOpError("takes a stride and two bounds for each dimension");
  return expect(*this, getLocal(), {"l0c"});
}
LogicalResult Nd2NzOp::verify() { return verifyPlain(*this, "l1"); }

LogicalResult CopyOp::verify() {
  StringRef from = memoryOf(getSource()), to = memoryOf(getTarget());
  bool isPath = (from == "ub" && (to == "workspace" || to == "l1")) ||
                (from == "workspace" && (to == "ub" || to == "l1"));
  if (!isPath)
    return emitOpError("has no path from `") << from << "` to `" << to << "`";
  return expectShape(*this, getSource(), getTarget());
}
LogicalResult LoadL0aOp::verify() {
  if (failed(expect(*this, getSource(), {"l1"})) ||
      failed(expect(*this, getTarget(), {"l0a"})))
    return failure();
  return expectShape(*this, getSource(), getTarget());
}
LogicalResult LoadL0bOp::verify() {
  if (failed(expect(*this, getSource(), {"l1"})) ||
      failed(expect(*this, getTarget(), {"l0b"})))
    return failure();
  return expectShape(*this, getSource(), getTarget());
}
LogicalResult FixpipeOp::verify() {
  if (failed(expect(*this, getSource(), {"l0c"})) ||
      failed(expect(*this, getTarget(), {"ub", "workspace"})))
    return failure();
  return expectShape(*this, getSource(), getTarget());
}

LogicalResult MmadOp::verify() {
  if (failed(expect(*this, getAcc(), {"l0c"})) ||
      failed(expect(*this, getA(), {"l0a"})) ||
      failed(expect(*this, getB(), {"l0b"})))
    return failure();
  return chipops::verifyProduct(*this, getA(), getB(), getAcc());
}

LogicalResult InitConstValueOp::verify() {
  if (!getIns().empty())
    return emitOpError("takes no operands but the value that it yields");
  for (Value out : getOuts())
    if (failed(expect(*this, out, {"l1", "l0a", "l0b"})))
      return failure();
  return chipops::verifyMapOp(*this);
}

/// Vector code works on UB.
static LogicalResult expectUb(Operation *op) {
  for (Value buffer : op->getOperands())
    if (isa<MemRefType>(buffer.getType()) && failed(expect(op, buffer, {"ub"})))
      return failure();
  return success();
}
LogicalResult VfOp::verify() {
  return failed(expectUb(*this)) ? failure() : chipops::verifyMapOp(*this);
}
LogicalResult VreduceOp::verify() {
  return failed(expectUb(*this)) ? failure() : chipops::verifyCombineOp(*this);
}
LogicalResult VcumOp::verify() {
  if (failed(expectUb(*this)))
    return failure();
  return chipops::verifyCombineOp(*this, /*keeps=*/true);
}
LogicalResult VgatherOp::verify() {
  return failed(expectUb(*this)) ? failure() : chipops::verifyTakeOp(*this);
}

static LogicalResult expectStream(Operation *op, StringRef stream) {
  if (stream == "cube" || stream == "vector")
    return success();
  return op->emitOpError("has no stream `") << stream << "`, only cube, vector";
}

static LogicalResult expectPipe(Operation *op, StringRef stream,
                                StringRef pipe) {
  if (failed(expectStream(op, stream)))
    return failure();
  llvm::SmallVector<StringRef> pipes = {"s", "mte2", "v", "mte3"};
  if (stream == "cube")
    pipes = {"s", "mte2", "mte1", "m", "fix"};
  if (llvm::is_contained(pipes, pipe))
    return success();
  return op->emitOpError("the ") << stream << " stream has no pipe `" << pipe
                                 << "`, only " << llvm::join(pipes, ", ");
}

template <typename Op> static LogicalResult verifyFlag(Op op) {
  if (failed(expectPipe(op, op.getStream(), op.getFrom())) ||
      failed(expectPipe(op, op.getStream(), op.getTo())))
    return failure();
  if (op.getFrom() == op.getTo())
    return op.emitOpError("a pipe is in order with itself");
  return success();
}
LogicalResult SetFlagOp::verify() { return verifyFlag(*this); }
LogicalResult WaitFlagOp::verify() { return verifyFlag(*this); }
LogicalResult PipeBarrierOp::verify() {
  return expectStream(*this, getStream());
}

template <typename Op> static LogicalResult verifyBlock(Op op) {
  if (failed(expectStream(op, op.getStream())) ||
      failed(expectPipe(op, op.getFrom(), op.getPipe())))
    return failure();
  if (op.getStream() == op.getFrom())
    return op.emitOpError("is between two streams");
  return success();
}
LogicalResult SyncBlockSetOp::verify() { return verifyBlock(*this); }
LogicalResult SyncBlockWaitOp::verify() { return verifyBlock(*this); }

/// Halves of L0A and L0B are bytes; all other buffers count in their first
/// dimension.
LogicalResult InitQueOp::verify() {
  for (Value slots : getSlots()) {
    auto type = cast<MemRefType>(slots.getType());
    bool isBytes = type.getRank() == 1 && type.getElementType().isInteger(8);
    if (!isBytes && (type.getRank() < 1 ||
                     type.getDimSize(0) != getQue().getType().getDepth()))
      return emitOpError("the first dimension of ")
             << type << " is not the number of buffers";
  }
  return success();
}

static LogicalResult verifyStep(Operation *op) {
  int64_t depth = cast<QueType>(op->getOperand(0).getType()).getDepth();
  APInt slot;
  if (matchPattern(op->getOperand(1), m_ConstantInt(&slot)) &&
      (slot.isNegative() || slot.getSExtValue() >= depth))
    return op->emitOpError("the queue has ")
           << depth << " buffers, not number " << slot.getSExtValue();
  return success();
}
LogicalResult AllocTensorOp::verify() { return verifyStep(*this); }
LogicalResult EnQueOp::verify() { return verifyStep(*this); }
LogicalResult DeQueOp::verify() { return verifyStep(*this); }
LogicalResult FreeTensorOp::verify() { return verifyStep(*this); }
