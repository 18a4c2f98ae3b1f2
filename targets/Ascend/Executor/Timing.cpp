// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Ascend/Executor/Timing.h"

#include "lib/Transforms/Buffers/Buffers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::ascend;

/// What an instruction goes over in one repeat: 8 blocks of 32 bytes.
static constexpr int64_t repeatBytes = 256;

Timing::Timing(const chip::Chip &chip) : rates(chip), chip(chip) {
  const chip::Quantity *width = chip.number("vector", "v", "width");
  hasRegisters = width && width->value >= 8 * repeatBytes;
}

Timing::Cost Timing::costOf(StringRef name) const {
  return {rates.seconds("costs", name, "startup"),
          rates.seconds("costs", name, "interval")};
}

/// The instruction of the table that is nearest to \p op.
Timing::Cost Timing::costOf(Operation *op) const {
  StringRef name = op->getName().stripDialect();
  if (chip.find("costs", name))
    return costOf(name);
  return costOf(
      llvm::TypeSwitch<Operation *, StringRef>(op)
          .Case<arith::MulFOp, arith::MulIOp, math::FmaOp>(
              [](auto) { return "mul"; })
          .Case<arith::DivFOp, arith::DivSIOp, arith::DivUIOp, arith::RemFOp,
                arith::RemSIOp, arith::RemUIOp, math::SqrtOp, math::RsqrtOp>(
              [](auto) { return "div"; })
          .Default([](Operation *other) {
            return isa<math::MathDialect>(other->getDialect()) ? "exp" : "add";
          }));
}

static MemRefType typeOf(Value buffer) {
  return cast<MemRefType>(buffer.getType());
}

static int64_t bytesOf(Value buffer) {
  return typeOf(buffer).getNumElements() *
         buffers::bytesOf(typeOf(buffer).getElementType());
}

static int64_t repeatsOf(ValueRange buffers) {
  int64_t most = 1;
  for (Value buffer : buffers)
    most =
        std::max<int64_t>(most, llvm::divideCeil(bytesOf(buffer), repeatBytes));
  return most;
}

double Timing::instructions(Region &region, int64_t repeats) const {
  double startups = 0, first = 0, intervals = 0;
  for (Operation &op : region.front().without_terminator()) {
    if (isa<arith::ConstantOp>(op))
      continue;
    Cost cost = costOf(&op);
    startups += cost.startup;
    first = std::max(first, cost.startup);
    intervals += cost.interval;
  }
  if (intervals == 0) { // what only copies or fills is an instruction too
    Cost cost = costOf("add");
    startups = first = cost.startup;
    intervals = cost.interval;
  }
  return (hasRegisters ? first : startups) + double(repeats) * intervals;
}

double Timing::map(VfOp op) const {
  int64_t repeats = std::max(repeatsOf(op.getIns()), repeatsOf(op.getOuts()));
  return instructions(op.getBody(), repeats);
}

double Timing::reduce(VreduceOp op) const {
  MemRefType in = typeOf(op.getIns()[0]);
  int64_t length = in.getDimSize(op.getDim());
  if (int64_t(op.getDim()) + 1 == in.getRank()) {
    int64_t rows = in.getNumElements() / length;
    int64_t row = length * buffers::bytesOf(in.getElementType());
    Cost cost = costOf("rowsum");
    return cost.startup + double(rows * llvm::divideCeil(row, repeatBytes)) *
                              cost.interval * double(op.getIns().size());
  }
  double all = 0;
  for (int64_t rest = length; rest > 1; rest = llvm::divideCeil(rest, 2)) {
    int64_t half = bytesOf(op.getIns()[0]) / length * (rest / 2);
    all += instructions(op.getBody(), llvm::divideCeil(half, repeatBytes));
  }
  return all;
}

double Timing::scan(VcumOp op) const {
  MemRefType in = typeOf(op.getIns()[0]);
  int64_t steps =
      std::max<int64_t>(1, llvm::Log2_64_Ceil(in.getDimSize(op.getDim())));
  return double(steps) * instructions(op.getBody(), repeatsOf(op.getIns()));
}

double Timing::gather(VgatherOp op) const {
  Cost cost = costOf("add");
  return cost.startup +
         double(repeatsOf(op.getSource()) + repeatsOf(op.getTarget())) *
             cost.interval;
}

double Timing::multiply(MmadOp op) const {
  MemRefType a = typeOf(op.getA()), b = typeOf(op.getB());
  const chip::Part *part = rates.matrix(a.getElementType(), b.getElementType(),
                                        typeOf(op.getAcc()).getElementType());
  double rate = part ? rates.rate("matrix", part->name) : 0;
  if (!rate)
    return 0;
  auto padded = [&](StringRef key, int64_t size) {
    return double(
        llvm::alignTo(size, rates.number("matrix", part->name, key, 1)));
  };
  return rates.seconds("matrix", part->name, "fill") +
         2 * padded("m", a.getDimSize(0)) * padded("n", b.getDimSize(1)) *
             padded("k", a.getDimSize(1)) / rate;
}

/// L1 is written as fast as it is read.
double Timing::fill(InitConstValueOp op) const {
  double rate = rates.bandwidth("paths", "left");
  return rate ? double(bytesOf(op.getOuts()[0])) / rate : 0;
}
