// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Mtia/Executor/Rows.h"

#include "lib/Simulator/ChipOps.h"
#include "lib/Simulator/ChipRates.h"
#include "lib/Simulator/Costs.h"
#include "lib/Transforms/Buffers/Buffers.h"
#include "targets/Mtia/IR/Mtia.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::simulator;
using namespace terrazzo::mtia;

namespace {

/// Seconds of instructions, from the chip file.
class Timing {
public:
  explicit Timing(const chip::Chip &chip)
      : rates(chip), vector(chip, "simd"),
        store(rates.bandwidth("memories", "ls")) {}

  static int64_t elements(Value buffer) {
    return cast<MemRefType>(buffer.getType()).getNumElements();
  }
  double moved(ValueRange buffers) const {
    int64_t bytes = 0;
    for (Value buffer : buffers)
      bytes +=
          elements(buffer) *
          buffers::bytesOf(cast<MemRefType>(buffer.getType()).getElementType());
    return store ? double(bytes) / store : 0;
  }
  double map(SeEltwiseOp op) const {
    int64_t most = 0;
    for (Value out : op.getOuts())
      most = std::max(most, elements(out));
    return std::max(double(most) * vector.each(op.getBody()),
                    moved(op.getIns()) + moved(op.getOuts()));
  }
  double combine(ValueRange ins, ValueRange outs, Region &body) const {
    return std::max(double(elements(ins[0])) * vector.each(body),
                    moved(ins) + moved(outs));
  }
  double multiply(MmlOp op) const {
    auto a = cast<MemRefType>(op.getA().getType());
    auto b = cast<MemRefType>(op.getB().getType());
    const chip::Part *part =
        rates.matrix(a.getElementType(), b.getElementType(),
                     cast<MemRefType>(op.getAcc().getType()).getElementType());
    double rate = part ? rates.rate("matrix", part->name) : 0;
    if (!rate)
      return 0;
    auto padded = [&](StringRef key, int64_t size) {
      return double(
          llvm::alignTo(size, rates.number("matrix", part->name, key, 1)));
    };
    return 2 * padded("m", a.getDimSize(0)) * padded("n", b.getDimSize(1)) *
           padded("k", a.getDimSize(1)) / rate;
  }

  ChipRates rates;
  VectorCosts vector;
  double store; // B/s of the local store
};

/// What each instruction becomes.
class Family {
public:
  explicit Family(const chip::Chip &chip) : timing(chip) {}
  void addTo(Rows &rows);

private:
  /// From one unit to another: the events of a circular buffer between them.
  struct Pair {
    int from, to;
    int32_t full, empty;
  };

  LogicalResult init(Decoder &decoder, CbInitOp op);
  LogicalResult each(Decoder &decoder, Operation *op, Value cb,
                     llvm::function_ref<void(const Pair &)> visit);
  static void event(Decoder &decoder, Operation *op, Action action, int engine,
                    int32_t number) {
    Instruction &made = decoder.emit(op, action, engine);
    made.event = number;
    made.scalar = {-1, 1};
  }
  /// -1 for the core itself.
  static int unit(Decoder &decoder, Attribute name) {
    StringRef text = cast<StringAttr>(name).getValue();
    return text == "riscv" ? -1 : decoder.engine(text);
  }
  template <typename Work>
  static LogicalResult work(Decoder &decoder, Operation *op, StringRef unit,
                            FailureOr<Work> work, double busy) {
    if (failed(work))
      return failure();
    decoder.emit(op, decoder.engine(unit), *work).busy = busy;
    return success();
  }
  LogicalResult dma(Decoder &decoder, Operation *op,
                    FailureOr<Transfer> transfer, StringRef path) {
    if (succeeded(transfer))
      transfer->path = decoder.path(path);
    return work(decoder, op, "fi", transfer, 0);
  }

  Timing timing;
  std::vector<std::vector<Pair>> buffers; // by the number bound to a cb
};

} // namespace

LogicalResult Family::init(Decoder &decoder, CbInitOp op) {
  int64_t depth = cast<CbType>(op.getType()).getDepth();
  std::vector<Pair> pairs;
  for (Attribute from : op.getProducers().value_or(ArrayAttr()))
    for (Attribute to : op.getConsumers().value_or(ArrayAttr())) {
      if (from == to)
        continue; // one queue, in order
      Event full{"full slots of a circular buffer", 0, depth, 0};
      Event empty{"empty slots of a circular buffer", depth, depth, depth};
      pairs.push_back({unit(decoder, from), unit(decoder, to),
                       decoder.event(full), decoder.event(empty)});
    }
  decoder.bind(op.getResult(), int64_t(buffers.size()));
  buffers.push_back(std::move(pairs));
  return success();
}

LogicalResult Family::each(Decoder &decoder, Operation *op, Value cb,
                           llvm::function_ref<void(const Pair &)> visit) {
  auto number = decoder.bound(cb);
  if (!number)
    return op->emitError("a circular buffer that nothing made");
  for (const Pair &pair : buffers[*number])
    visit(pair);
  return success();
}

void Family::addTo(Rows &rows) {
  rows.add<CbInitOp>([this](Decoder &d, CbInitOp op) { return init(d, op); });
  rows.add<CbReserveOp>([this](Decoder &d, CbReserveOp op) {
    return each(d, op, op.getCb(), [&](const Pair &p) {
      event(d, op, Action::Wait, p.from, p.empty);
    });
  });
  rows.add<CbPushOp>([this](Decoder &d, CbPushOp op) {
    return each(d, op, op.getCb(), [&](const Pair &p) {
      event(d, op, Action::Signal, p.from, p.full);
    });
  });
  rows.add<CbWaitOp>([this](Decoder &d, CbWaitOp op) {
    return each(d, op, op.getCb(), [&](const Pair &p) {
      event(d, op, Action::Wait, p.to, p.full);
    });
  });
  rows.add<CbPopOp>([this](Decoder &d, CbPopOp op) {
    return each(d, op, op.getCb(), [&](const Pair &p) {
      event(d, op, Action::Signal, p.to, p.empty);
    });
  });
  rows.add<DependOp>([](Decoder &d, DependOp op) {
    int32_t number = d.event({"dependence", 0, INT64_MAX, 0});
    event(d, op, Action::Signal, unit(d, op.getFromAttr()), number);
    event(d, op, Action::Wait, unit(d, op.getToAttr()), number);
    return success();
  });
  rows.add<DmaInOp>([this](Decoder &d, DmaInOp op) {
    return dma(d, op, transferOf(d, op, false), "in");
  });
  rows.add<DmaOutOp>([this](Decoder &d, DmaOutOp op) {
    return dma(d, op, transferOf(d, op, true), "out");
  });
  rows.add<DmaAtomicOp>([this](Decoder &d, DmaAtomicOp op) {
    return dma(d, op, atomicOf(d, op), "out");
  });
  rows.add<MmlOp>([this](Decoder &d, MmlOp op) {
    auto acc = d.window(op.getAcc()), a = d.window(op.getA()),
         b = d.window(op.getB());
    FailureOr<Multiply> multiply = failure();
    if (acc && a && b)
      multiply = Multiply{*acc, *a, *b, d.scalar(op.getFresh())};
    return work(d, op, "dpe", multiply, timing.multiply(op));
  });
  rows.add<ReduceOp>([this](Decoder &d, ReduceOp op) {
    FailureOr<Transfer> copy = failure();
    auto from = d.window(op.getAcc()), to = d.window(op.getTarget());
    if (from && to) {
      copy = Transfer();
      copy->source = from;
      copy->target = to;
      copy->path = d.path("drain");
    }
    return work(d, op, "re", copy, timing.moved(op.getTarget()));
  });
  rows.add<SeEltwiseOp>([this](Decoder &d, SeEltwiseOp op) {
    return work(d, op, "se", mapOf(d, op), timing.map(op));
  });
  rows.add<SeReduceOp>([this](Decoder &d, SeReduceOp op) {
    auto reduce = combineOf<Reduce>(d, op);
    if (succeeded(reduce))
      reduce->tree = op.getOrder() != "sequential";
    return work(d, op, "se", reduce,
                timing.combine(op.getIns(), op.getOuts(), op.getBody()));
  });
  rows.add<SeScanOp>([this](Decoder &d, SeScanOp op) {
    auto scan = combineOf<Scan>(d, op);
    if (succeeded(scan))
      scan->reverse = op.getReverse();
    return work(d, op, "se", scan,
                timing.combine(op.getIns(), op.getOuts(), op.getBody()));
  });
  rows.add<MluShuffleOp>([this](Decoder &d, MluShuffleOp op) {
    return work(d, op, "mlu",
                takeOf(d, op, op.getSource(), op.getSymbols(), op.getTarget(),
                       op.getMap()),
                timing.moved(op.getSource()) + timing.moved(op.getTarget()));
  });
}

std::optional<Program> mtia::decode(ModuleOp module, const chip::Chip &chip) {
  Family family(chip);
  Rows rows;
  family.addTo(rows);
  return Decoder(ChipRates(chip).start(), rows).decode(module);
}
