// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From MLIR to a program that runs: control flow, windows, what is refused.
#include "lib/Simulator/Decode.h"
#include "test/Unit/Simulator/Building.h"

#include "lib/Diagnostics/MLIRBridge.h"

#include "dialects/Tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

using namespace terrazzo;
using namespace terrazzo::simulator;
using namespace terrazzo::simulator::test;
namespace memref = mlir::memref;

namespace {
class Decode : public testing::Test {
protected:
  Decode() : engine(os) {
    context.loadDialect<mlir::arith::ArithDialect, mlir::func::FuncDialect,
                        memref::MemRefDialect, mlir::scf::SCFDialect,
                        kernel::KernelDialect, tile::TileDialect>();
    // Two ops of memref stand for a chip's: a copy within the core, and a
    // scalar that goes to global memory.
    rows.add<memref::CopyOp>([](Decoder &d, memref::CopyOp op) {
      Transfer t;
      t.source = d.window(op.getSource());
      t.target = d.window(op.getTarget());
      if (!t.source || !t.target)
        return mlir::failure();
      d.emit(op, -1, std::move(t));
      return mlir::success();
    });
    rows.add<kernel::StoreOp>([](Decoder &d, kernel::StoreOp op) {
      Element e;
      e.store = true;
      e.value = d.reg(op.getValue());
      e.global = GlobalWindow();
      e.global->base = d.scalar(op.getPtr());
      e.global->type = interpreter::elementTypeOf(op.getValue().getType());
      d.emit(op, -1, std::move(e));
      return mlir::success();
    });
  }

  /// Runs @f, whose arguments are pointers to i64.
  bool run(llvm::StringRef body, llvm::ArrayRef<std::vector<int64_t> *> data) {
    MLIRDiagnosticBridge bridge(&context, engine);
    std::string text =
        "func.func @f(%p: !kernel.ptr<i64>) attributes "
        "{kernel.entry} {\n  %two = arith.constant 2 : index\n"
        "  tile.launch (%core) in (%two) {kinds = [\"parallel\"]} {\n" +
        body.str() + "  }\n  return\n}\n";
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module)
      return false;
    Program start;
    start.memories.push_back({"mem", 4096});
    start.streams.push_back("main");
    start.paths.push_back({"bus", 1e9, 0, 1, 0});
    std::optional<Program> program =
        Decoder(std::move(start), rows).decode(*module);
    if (!program)
      return false;
    simulator::Run run;
    for (auto *d : data)
      run.buffers.push_back(bufferOf("p", *d));
    Word p;
    p.integer = interpreter::addressOf(0, 0, I64);
    run.arguments.push_back(p);
    return simulator::run(*program, run, engine).has_value();
  }

  std::string error() const {
    return engine.records().empty() ? "" : engine.records()[0].message;
  }

  std::string text;
  llvm::raw_string_ostream os{text};
  DiagnosticEngine engine;
  mlir::MLIRContext context;
  Rows rows;
};
} // namespace

TEST_F(Decode, LoopsCarryAndSwap) {
  // Fibonacci by swapping: what an iteration carries moves all at once.
  std::vector<int64_t> out(2, -1);
  ASSERT_TRUE(run(R"(
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c10 = arith.constant 10 : index
    %z = arith.constant 0 : i64
    %o = arith.constant 1 : i64
    %a, %b = scf.for %i = %c0 to %c10 step %c1 iter_args(%x = %z, %y = %o) -> (i64, i64) {
      %s = arith.addi %x, %y : i64
      scf.yield %y, %s : i64, i64
    }
    %n = arith.index_cast %core : index to i64
    %q = kernel.addptr %p, %n : !kernel.ptr<i64>, i64
    %r = arith.addi %a, %n : i64
    kernel.store %q, %r : !kernel.ptr<i64>
  )",
                  {&out}))
      << text;
  EXPECT_EQ(out[0], 55);
  EXPECT_EQ(out[1], 56);
}

TEST_F(Decode, BranchesAndWhile) {
  // Collatz steps of 27 and 28: 111 and 18.
  std::vector<int64_t> out(2, -1);
  ASSERT_TRUE(run(R"(
    %z = arith.constant 0 : i64
    %one = arith.constant 1 : i64
    %two64 = arith.constant 2 : i64
    %three = arith.constant 3 : i64
    %base = arith.constant 27 : i64
    %n = arith.index_cast %core : index to i64
    %from = arith.addi %base, %n : i64
    %last, %steps = scf.while (%v = %from, %k = %z) : (i64, i64) -> (i64, i64) {
      %more = arith.cmpi ne, %v, %one : i64
      scf.condition(%more) %v, %k : i64, i64
    } do {
    ^bb0(%v: i64, %k: i64):
      %rest = arith.remsi %v, %two64 : i64
      %even = arith.cmpi eq, %rest, %z : i64
      %w = scf.if %even -> i64 {
        %h = arith.divsi %v, %two64 : i64
        scf.yield %h : i64
      } else {
        %t = arith.muli %v, %three : i64
        %u = arith.addi %t, %one : i64
        scf.yield %u : i64
      }
      %j = arith.addi %k, %one : i64
      scf.yield %w, %j : i64, i64
    }
    %q = kernel.addptr %p, %n : !kernel.ptr<i64>, i64
    kernel.store %q, %steps : !kernel.ptr<i64>
  )",
                  {&out}))
      << text;
  EXPECT_EQ(out[0], 111);
  EXPECT_EQ(out[1], 18);
}

TEST_F(Decode, WindowsOfWindows) {
  // Row 2 of a 4x8 array, from column 3 on in steps of 2, copied and read.
  std::vector<int64_t> out(2, -1);
  ASSERT_TRUE(run(R"(
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %c8 = arith.constant 8 : index
    %a = memref.alloc() {address = 0 : i64} : memref<4x8xi64, "mem">
    %b = memref.alloc() {address = 1024 : i64} : memref<2xi64, "mem">
    scf.for %i = %c0 to %c4 step %c1 {
      scf.for %j = %c0 to %c8 step %c1 {
        %t = arith.muli %i, %c8 : index
        %u = arith.addi %t, %j : index
        %v = arith.index_cast %u : index to i64
        memref.store %v, %a[%i, %j] : memref<4x8xi64, "mem">
      }
    }
    %c2 = arith.constant 2 : index
    %row = memref.subview %a[%c2, 3] [1, 2] [1, 2] : memref<4x8xi64, "mem"> to memref<2xi64, strided<[2], offset: ?>, "mem">
    memref.copy %row, %b : memref<2xi64, strided<[2], offset: ?>, "mem"> to memref<2xi64, "mem">
    %v = memref.load %b[%core] : memref<2xi64, "mem">
    %n = arith.index_cast %core : index to i64
    %q = kernel.addptr %p, %n : !kernel.ptr<i64>, i64
    kernel.store %q, %v : !kernel.ptr<i64>
  )",
                  {&out}))
      << text;
  EXPECT_EQ(out[0], 19);
  EXPECT_EQ(out[1], 21);
}

TEST_F(Decode, Refuses) {
  std::vector<int64_t> out(2);
  EXPECT_FALSE(run("  %a = memref.alloc() : memref<4xi64, \"mem\">\n", {&out}));
  EXPECT_EQ(error(), "an allocation needs an `address`");
  engine.clear();
  EXPECT_FALSE(
      run("  %a = memref.alloc() {address = 4090 : i64} : memref<4xi64, "
          "\"mem\">\n",
          {&out}));
  EXPECT_EQ(error(), "32 bytes at 4090 lie outside `mem`, "
                     "which has 4096");
  engine.clear();
  EXPECT_FALSE(
      run("  %a = memref.alloc() {address = 0 : i64} : memref<4xi64, \"no\">\n",
          {&out}));
  EXPECT_EQ(error(), "the memory space must be a string that "
                     "names a memory of the core");
  engine.clear();
  EXPECT_FALSE(run("  %m = kernel.make_range 0, 4 : tensor<4xi32>\n", {&out}));
  EXPECT_EQ(error(), "the simulator cannot run "
                     "`kernel.make_range`");
}

TEST_F(Decode, ReadsOfNothing) {
  std::vector<int64_t> out(2);
  EXPECT_FALSE(run(R"(
    %c0 = arith.constant 0 : index
    %a = memref.alloc() {address = 0 : i64, name = "a"} : memref<4xi64, "mem">
    %v = memref.load %a[%c0] : memref<4xi64, "mem">
  )",
                   {&out}));
  EXPECT_EQ(error(), "`a` in `mem` is read, and nothing has written it");
  EXPECT_EQ(engine.records()[0].where.line, 7u);
  engine.clear();
  EXPECT_FALSE(run(R"(
    %c0 = arith.constant 0 : index
    %c5 = arith.constant 5 : index
    %one = arith.constant 1 : i64
    %a = memref.alloc() {address = 0 : i64, name = "a"} : memref<4xi64, "mem">
    memref.store %one, %a[%c5] : memref<4xi64, "mem">
  )",
                   {&out}));
  EXPECT_EQ(error(),
            "bytes 40 to 48 of `a` are accessed, which has 32 in `mem`");
}
