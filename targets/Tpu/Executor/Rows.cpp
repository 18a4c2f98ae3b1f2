// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Tpu/Executor/Rows.h"

#include "lib/Simulator/ChipOps.h"
#include "lib/Simulator/ChipRates.h"
#include "lib/Simulator/Costs.h"
#include "targets/Tpu/IR/Tpu.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::simulator;
using namespace terrazzo::tpu;

namespace {

/// Seconds of instructions, from the chip file.
class Timing {
public:
  explicit Timing(const chip::Chip &chip)
      : chip(chip), rates(chip), vector(chip, "vpu"),
        rows(rates.number("layouts", "tile", "rows", 8)),
        columns(rates.number("layouts", "tile", "columns", 128)),
        vmem(rates.bandwidth("memories", "vmem")) {}

  /// Vector registers of 8 x 128 values that the block fills, parts as wholes.
  int64_t registers(MemRefType type) const {
    auto shape = type.getShape();
    int64_t count = 1, rank = type.getRank();
    if (rank == 0)
      return 1;
    if (rank == 1) // a row of lanes after another
      return llvm::divideCeil(shape[0], rows * columns);
    for (int64_t d = 0; d + 2 < rank; ++d)
      count *= shape[d];
    return count * llvm::divideCeil(shape[rank - 2], rows) *
           llvm::divideCeil(shape[rank - 1], columns);
  }
  /// Loads and stores move whole registers.
  double moved(ValueRange buffers) const {
    int64_t all = 0;
    for (Value buffer : buffers)
      all += registers(cast<MemRefType>(buffer.getType()));
    return vmem ? double(all * rows * columns * 4) / vmem : 0;
  }
  double map(VpuOp op) const {
    int64_t each = 0;
    for (Value out : op.getOuts())
      each = std::max(each, registers(cast<MemRefType>(out.getType())));
    return std::max(double(each * rows * columns) * vector.each(op.getBody()),
                    moved(op.getIns()) + moved(op.getOuts()));
  }
  /// Registers are combined one with another, then within one: in steps of
  /// halves over its rows or its columns.
  double combine(Operation *op, ValueRange ins, ValueRange outs, int64_t dim,
                 Region &body) const {
    auto in = cast<MemRefType>(ins[0].getType());
    bool lanes = dim == in.getRank() - 1;
    int64_t steps = llvm::Log2_64_Ceil(lanes ? columns : rows);
    int64_t whole = registers(in);
    int64_t left = std::max<int64_t>(
        1,
        whole / std::max<int64_t>(1, llvm::divideCeil(in.getDimSize(dim),
                                                      lanes ? columns : rows)));
    double one = double(rows * columns) * vector.each(body);
    return std::max(double(whole + steps * left) * one,
                    moved(ins) + moved(outs));
  }
  double scan(XluScanOp op) const {
    auto in = cast<MemRefType>(op.getIns()[0].getType());
    bool lanes = op.getDim() == uint64_t(in.getRank() - 1);
    int64_t steps = llvm::Log2_64_Ceil(lanes ? columns : rows) + 1;
    return std::max(double(registers(in) * steps * rows * columns) *
                        vector.each(op.getBody()),
                    moved(op.getIns()) + moved(op.getOuts()));
  }
  double shuffle(XluShuffleOp op) const {
    return moved(op.getSource()) + moved(op.getTarget()) +
           double(registers(cast<MemRefType>(op.getTarget().getType())) * rows *
                  columns) *
               vector.named("shuffle");
  }
  /// Rows stream through the weights while the next ones are loaded: neither
  /// can be faster than the other.
  double multiply(MatmulAccLhsOp op, MemRefType rhs) const {
    auto lhs = cast<MemRefType>(op.getLhs().getType());
    auto acc = cast<MemRefType>(op.getAcc().getType());
    const chip::Part *part = rates.matrix(
        lhs.getElementType(), rhs.getElementType(), acc.getElementType());
    if (!part)
      return 0;
    double rate = rates.rate("matrix", part->name);
    int64_t m = rates.number("matrix", part->name, "m", 8);
    int64_t n = rates.number("matrix", part->name, "n", 128);
    int64_t k = rates.number("matrix", part->name, "k", 128);
    int64_t streamed =
        std::max<int64_t>(llvm::alignTo(lhs.getDimSize(0), m), k);
    double flops = 2.0 * double(streamed) *
                   double(llvm::alignTo(rhs.getDimSize(1), n)) *
                   double(llvm::alignTo(rhs.getDimSize(0), k));
    return rate ? flops / rate : 0;
  }

  const chip::Chip &chip;
  ChipRates rates;
  VectorCosts vector;
  int64_t rows, columns;
  double vmem;
};

/// What each instruction becomes.
class Family {
public:
  explicit Family(const chip::Chip &chip) : timing(chip) {}
  void addTo(simulator::Rows &rows);

private:
  LogicalResult dma(Decoder &decoder, Operation *op, FailureOr<Transfer> work,
                    StringRef path, Value semaphores, Value slot) {
    if (failed(work))
      return failure();
    work->path = decoder.path(path);
    Instruction &made = decoder.emit(op, decoder.engine("dma"), *work);
    signal(decoder, made, semaphores, slot);
    return success();
  }
  static void signal(Decoder &decoder, Instruction &made, Value semaphores,
                     Value slot) {
    Scalar at = decoder.scalar(slot);
    made.event = int32_t(*decoder.bound(semaphores) + at.constant);
    made.eventOffset = at.reg;
    made.scalar = {-1, 1};
  }
  template <typename Work>
  static LogicalResult compute(Decoder &decoder, Operation *op, StringRef unit,
                               FailureOr<Work> work, double busy) {
    if (failed(work))
      return failure();
    decoder.emit(op, decoder.engine(unit), *work).busy = busy;
    return success();
  }
  static StringRef pathOf(Value local, bool out) {
    auto memory =
        cast<StringAttr>(cast<MemRefType>(local.getType()).getMemorySpace());
    if (memory == "smem")
      return out ? "scalars-out" : "scalars";
    return out ? "out" : "in";
  }

  Timing timing;
};

} // namespace

void Family::addTo(simulator::Rows &rows) {
  using llvm::LogicalResult;
  rows.add<SemAllocOp>([](Decoder &d, SemAllocOp op) {
    auto type = cast<SemaphoreType>(op.getType());
    d.bind(op.getResult(), d.event({"semaphore"}, type.getCount()));
    return success();
  });
  rows.add<WaitDmaOp>([](Decoder &d, WaitDmaOp op) {
    Instruction &made = d.emit(op, Action::Wait, -1);
    signal(d, made, op.getSemaphores(), op.getSlot());
    made.scalar = {-1, int64_t(op.getAmount())};
    return success();
  });
  rows.add<EnqueueDmaInOp>([this](Decoder &d, EnqueueDmaInOp op) {
    return dma(d, op, transferOf(d, op, false), pathOf(op.getLocal(), false),
               op.getSemaphores(), op.getSlot());
  });
  rows.add<EnqueueDmaOutOp>([this](Decoder &d, EnqueueDmaOutOp op) {
    return dma(d, op, transferOf(d, op, true), pathOf(op.getLocal(), true),
               op.getSemaphores(), op.getSlot());
  });
  rows.add<AtomicDmaOp>([this](Decoder &d, AtomicDmaOp op) {
    return dma(d, op, atomicOf(d, op), pathOf(op.getLocal(), true),
               op.getSemaphores(), op.getSlot());
  });
  rows.add<VpuOp>([this](Decoder &d, VpuOp op) {
    return compute(d, op, "vpu", mapOf(d, op), timing.map(op));
  });
  rows.add<XluReduceOp>([this](Decoder &d, XluReduceOp op) {
    auto work = combineOf<Reduce>(d, op);
    if (succeeded(work))
      work->tree = op.getOrder() != "sequential";
    return compute(d, op, "vpu", work,
                   timing.combine(op, op.getIns(), op.getOuts(), op.getDim(),
                                  op.getBody()));
  });
  rows.add<XluScanOp>([this](Decoder &d, XluScanOp op) {
    auto work = combineOf<Scan>(d, op);
    if (succeeded(work))
      work->reverse = op.getReverse();
    return compute(d, op, "vpu", work, timing.scan(op));
  });
  rows.add<XluShuffleOp>([this](Decoder &d, XluShuffleOp op) {
    return compute(d, op, "vpu",
                   takeOf(d, op, op.getSource(), op.getSymbols(),
                          op.getTarget(), op.getMap()),
                   timing.shuffle(op));
  });
  // The weights are read when rows go through them.
  rows.add<MatmulPushRhsOp>(
      [](Decoder &, MatmulPushRhsOp) { return success(); });
  rows.add<MatmulAccLhsOp>([this](Decoder &d, MatmulAccLhsOp op) {
    auto push = op.getWeights().getDefiningOp<MatmulPushRhsOp>();
    auto a = d.window(op.getLhs()), b = d.window(push.getRhs()),
         acc = d.window(op.getAcc());
    if (!a || !b || !acc)
      return LogicalResult(failure());
    Multiply work{*acc, *a, *b, d.scalar(op.getFresh())};
    return compute<Multiply>(
        d, op, "mxu", work,
        timing.multiply(op, cast<MemRefType>(push.getRhs().getType())));
  });
}

std::optional<Program> tpu::decode(ModuleOp module, const chip::Chip &chip) {
  Program start = ChipRates(chip).start();
  // Vector and matrix units work in the order of the stream, which waits.
  for (Engine &engine : start.engines)
    engine.inStream = engine.name != "dma";
  Family family(chip);
  simulator::Rows rows;
  family.addTo(rows);
  return Decoder(std::move(start), rows).decode(module);
}
