// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Launches of artifacts whose code was written by hand: measured, and with the
// faults of a kernel told as errors.
#include "targets/Cpu/Executor/Executor.h"
#include "targets/Cpu/Chips.h"
#include "targets/Cpu/Emit/Emit.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace terrazzo;

namespace {

class ExecutorTest : public testing::Test {
protected:
  /// An artifact of `llvm.func @k` with this body; %first and %second are the
  /// arguments as pointers, %zero is 0.
  artifact::Artifact artifactOf(const std::string &body) {
    std::string text = R"(
llvm.func @k(%arguments: !llvm.ptr, %grid: !llvm.ptr, %runtime: !llvm.ptr) -> i32 {
  %zero = llvm.mlir.constant(0 : i32) : i32
  %first = llvm.load %arguments : !llvm.ptr -> !llvm.ptr
  %next = llvm.getelementptr %arguments[1] : (!llvm.ptr) -> !llvm.ptr, i64
  %second = llvm.load %next : !llvm.ptr -> !llvm.ptr
)" + body + "\n  llvm.return %zero : i32\n}";
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    context.loadDialect<mlir::LLVM::LLVMDialect>();
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module);
    auto chips = chip::readAll(cpu::chipFiles(), engine);
    const chip::Chip *portable = chip::bestMatch(*chips, "cpu", {});
    auto code = cpu::object(*module, *portable);
    artifact::Artifact a;
    a.kernel = "k";
    if (code)
      a.code.assign(code->begin(), code->end());
    return a;
  }
  bool launch(const std::string &body, uint64_t first = 0,
              uint64_t second = 0) {
    auto executor = cpu::Executor::load(artifactOf(body), engine);
    return executor && executor->launch({first, second}, {1, 1, 1}, 1, engine);
  }
  std::string said() {
    return engine.records().empty() ? "" : engine.records().back().message;
  }
  DiagnosticEngine engine;
};

constexpr const char *increment = R"(
  %old = llvm.load %first : !llvm.ptr -> i64
  %one = llvm.mlir.constant(1 : i64) : i64
  %new = llvm.add %old, %one : i64
  llvm.store %new, %first : i64, !llvm.ptr)";

TEST_F(ExecutorTest, RunsOnceAndMeasures) {
  auto executor = cpu::Executor::load(artifactOf(increment), engine);
  ASSERT_TRUE(executor);
  int64_t count = 0;
  std::vector<uint64_t> arguments{reinterpret_cast<uint64_t>(&count), 0};
  auto once = executor->launch(arguments, {1, 1, 1}, 1, engine);
  ASSERT_TRUE(once);
  EXPECT_EQ(count, 1);
  EXPECT_EQ(once->rounds, 1);
  int64_t restored = 0;
  auto many =
      executor->measure(arguments, {1, 1, 1}, 1, [&] { ++restored; }, engine);
  ASSERT_TRUE(many);
  EXPECT_GE(many->rounds, 7);
  EXPECT_LE(many->min, many->seconds);
  EXPECT_LE(many->seconds, many->max);
  EXPECT_EQ(count, 1 + restored)
      << "each launch starts from what `before` makes";
  auto batched = executor->measure(arguments, {1, 1, 1}, 1, {}, engine);
  ASSERT_TRUE(batched);
  EXPECT_LT(batched->seconds, 1e-5) << "of one launch, not of a batch";
  EXPECT_GT(count, 1 + restored + batched->rounds)
      << "short launches in batches";
}

TEST_F(ExecutorTest, AnEmptyGridLaunchesNothing) {
  auto executor = cpu::Executor::load(artifactOf(increment), engine);
  int64_t count = 0;
  auto once = executor->launch({reinterpret_cast<uint64_t>(&count), 0},
                               {4, 0, 1}, 1, engine);
  EXPECT_TRUE(once);
  EXPECT_EQ(count, 0);
}

TEST_F(ExecutorTest, NoMemoryIsAnError) {
  auto executor = cpu::Executor::load(artifactOf(R"(
  %failed = llvm.mlir.constant(1 : i32) : i32
  llvm.return %failed : i32
^never:)"),
                                      engine);
  ASSERT_TRUE(executor);
  EXPECT_FALSE(executor->launch({0, 0}, {1, 1, 1}, 1, engine));
  EXPECT_EQ(said(), "the system has no memory for what the kernel needs while "
                    "it runs");
}

TEST_F(ExecutorTest, CodeThatCannotBeLoadedIsAnError) {
  artifact::Artifact a;
  a.kernel = "k";
  a.code = "no object";
  EXPECT_FALSE(cpu::Executor::load(a, engine));
  EXPECT_EQ(said(),
            "the code cannot be loaded: a table lies outside the object");
  a = artifactOf("");
  a.kernel = "other";
  EXPECT_FALSE(cpu::Executor::load(a, engine));
  EXPECT_EQ(said(), "the code cannot be loaded: it has no function `other`");
}

using ExecutorDeathTest = ExecutorTest;

TEST_F(ExecutorDeathTest, FaultsAreTold) {
  EXPECT_EXIT(launch("%v = llvm.load volatile %first : !llvm.ptr -> i64", 8),
              testing::ExitedWithCode(1),
              "the kernel accessed memory that is no argument's and was ended");
  EXPECT_EXIT(launch(R"(
  %a = llvm.load volatile %first : !llvm.ptr -> i64
  %b = llvm.load volatile %first : !llvm.ptr -> i64
  %q = llvm.sdiv %a, %b : i64
  llvm.store volatile %q, %first : i64, !llvm.ptr)",
                     reinterpret_cast<uint64_t>(new int64_t(0))),
              testing::ExitedWithCode(1), "divided an integer by zero");
  EXPECT_EXIT(launch("\"llvm.intr.trap\"() : () -> ()"),
              testing::ExitedWithCode(1), "used an instruction that this");
}

} // namespace
