// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the ops of Kernel IR do: the rows, and the small ones themselves.
#include "lib/Interpreter/Print.h"
#include "lib/Interpreter/Report.h"

using namespace terrazzo;
using namespace terrazzo::interpreter;

static void programId(Program &program, kernel::GetProgramIdOp op) {
  program.set(op, scalarOf(program.id[op.getAxis()], 32));
}
static void numPrograms(Program &program, kernel::GetNumProgramsOp op) {
  program.set(op, scalarOf(program.shared.launch.grid[op.getAxis()], 32));
}
static void barrier(Program &, kernel::DebugBarrierOp) {}

static void assertion(Program &program, kernel::AssertOp op) {
  const Tensor &c = *program.get(op.getCondition());
  for (size_t i = 0; i < c.size(); ++i)
    if (!c.ints[i])
      program.fail(op, DiagnosticKind::AssertFailed, op.getMessage());
}

static void assumption(Program &program, kernel::AssumeOp op) {
  if (!program.decide(op, op.getCondition()))
    program.fail(op, DiagnosticKind::AssumptionFalse);
}

static void print(Program &program, kernel::PrintOp op) {
  llvm::SmallVector<const Tensor *> values;
  for (mlir::Value v : op.getValues())
    values.push_back(program.get(v).get());
  std::string lines = printed(op, program.id, values);
  std::lock_guard<std::mutex> lock(program.shared.reports);
  if (std::string *prints = program.shared.launch.prints) {
    *prints += lines;
    return;
  }
  program.shared.engine.setProgress("");
  llvm::outs() << lines;
}

static std::pair<int64_t, int64_t> around(llvm::ArrayRef<int64_t> shape,
                                          int64_t axis) {
  return {countOf(shape.take_front(axis)), countOf(shape.drop_front(axis + 1))};
}

/// The operands with three dimensions: before, along and after \p axis.
static llvm::SmallVector<Shared> along(Program &program, mlir::ValueRange srcs,
                                       int64_t axis) {
  llvm::SmallVector<Shared> parts;
  for (mlir::Value v : srcs) {
    Tensor flat = *program.get(v);
    auto [outer, inner] = around(flat.shape, axis);
    flat.shape = {outer, flat.shape[axis], inner};
    parts.push_back(std::make_shared<const Tensor>(std::move(flat)));
  }
  return parts;
}

static void reduce(Program &program, kernel::ReduceOp op) {
  llvm::SmallVector<Shared> parts = program.reduceMiddle(
      op.getCombine(), along(program, op.getSrcs(), op.getAxis()),
      Grouping::Any);
  for (auto [result, part] : llvm::zip(op.getResults(), parts)) {
    Tensor r = *part;
    r.shape = shapeOf(result.getType());
    program.set(result, std::move(r));
  }
}

static void scan(Program &program, kernel::ScanOp op) {
  llvm::SmallVector<Tensor> parts = program.scanMiddle(
      op.getCombine(), along(program, op.getSrcs(), op.getAxis()),
      op.getReverse());
  for (auto [result, part] : llvm::zip(op.getResults(), parts)) {
    part.shape = shapeOf(result.getType());
    program.set(result, std::move(part));
  }
}

template <typename Op> static void shape(Program &program, Op op) {
  program.shapeOp(op);
}

void terrazzo::interpreter::addKernelSemantics(Semantics &semantics) {
  semantics.add(programId);
  semantics.add(numPrograms);
  semantics.add(barrier);
  semantics.add(assertion);
  semantics.add(assumption);
  semantics.add(print);
  semantics.add(reduce);
  semantics.add(scan);
  semantics.add(shape<kernel::MakeRangeOp>);
  semantics.add(shape<kernel::SplatOp>);
  semantics.add(shape<kernel::BroadcastOp>);
  semantics.add(shape<kernel::TransOp>);
  semantics.add(shape<kernel::ExpandDimsOp>);
  semantics.add(shape<kernel::ReshapeOp>);
  semantics.add(shape<kernel::JoinOp>);
  semantics.add(shape<kernel::SplitOp>);
  semantics.add(shape<kernel::CatOp>);
  semantics.add(shape<kernel::GatherOp>);
  semantics.add(shape<kernel::HistogramOp>);
  semantics.add<kernel::DotOp>([](Program &p, kernel::DotOp op) { p.dot(op); });
  semantics.add<kernel::DotScaledOp>(
      [](Program &p, kernel::DotScaledOp op) { p.dotScaled(op); });
  semantics.add<kernel::AddPtrOp>(
      [](Program &p, kernel::AddPtrOp op) { p.addPointer(op); });
  semantics.add<kernel::LoadOp>(
      [](Program &p, kernel::LoadOp op) { p.load(op); });
  semantics.add<kernel::StoreOp>(
      [](Program &p, kernel::StoreOp op) { p.store(op); });
  semantics.add<kernel::AtomicRMWOp>(
      [](Program &p, kernel::AtomicRMWOp op) { p.atomic(op); });
  semantics.add<kernel::AtomicCASOp>(
      [](Program &p, kernel::AtomicCASOp op) { p.compareAndSwap(op); });
}
