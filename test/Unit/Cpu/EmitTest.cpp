// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Modules of the LLVM dialect, written by hand, become objects that lib/Runtime
// loads and that compute what they say; torn and foreign objects are refused.
#include "targets/Cpu/Emit/Emit.h"
#include "lib/Runtime/Object.h"
#include "lib/Runtime/ThreadPool.h"
#include "targets/Cpu/Chips.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"

#include <bit>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

using namespace terrazzo;

namespace {

/// out[i] = expf(a[i]) + b[i], eight at a time, on the runtime's threads.
constexpr const char *addText = R"mlir(
llvm.func @expf(f32) -> f32
llvm.func internal @body(%c: !llvm.ptr, %begin: i64, %end: i64, %scratch: !llvm.ptr) {
  %one = llvm.mlir.constant(1 : i64) : i64
  %a0 = llvm.load %c : !llvm.ptr -> !llvm.ptr
  %b1 = llvm.getelementptr %c[8] : (!llvm.ptr) -> !llvm.ptr, i8
  %b0 = llvm.load %b1 : !llvm.ptr -> !llvm.ptr
  %o1 = llvm.getelementptr %c[16] : (!llvm.ptr) -> !llvm.ptr, i8
  %o0 = llvm.load %o1 : !llvm.ptr -> !llvm.ptr
  llvm.br ^head(%begin : i64)
^head(%i: i64):
  %more = llvm.icmp "slt" %i, %end : i64
  llvm.cond_br %more, ^step, ^done
^step:
  %a = llvm.getelementptr %a0[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
  %b = llvm.getelementptr %b0[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
  %o = llvm.getelementptr %o0[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
  %x = llvm.load %a : !llvm.ptr -> f32
  %y = llvm.load %b : !llvm.ptr -> f32
  %e = llvm.call @expf(%x) : (f32) -> f32
  %s = llvm.fadd %e, %y : f32
  llvm.store %s, %o : f32, !llvm.ptr
  %next = llvm.add %i, %one : i64
  llvm.br ^head(%next : i64)
^done:
  llvm.return
}
llvm.func @add(%arguments: !llvm.ptr, %grid: !llvm.ptr, %runtime: !llvm.ptr) -> i32 {
  %f = llvm.getelementptr %runtime[8] : (!llvm.ptr) -> !llvm.ptr, i8
  %for = llvm.load %f : !llvm.ptr -> !llvm.ptr
  %body = llvm.mlir.addressof @body : !llvm.ptr
  %n = llvm.load %grid : !llvm.ptr -> i64
  %grain = llvm.mlir.constant(100 : i64) : i64
  %none = llvm.mlir.constant(0 : i64) : i64
  llvm.call %for(%runtime, %body, %arguments, %n, %grain, %none)
    : !llvm.ptr, (!llvm.ptr, !llvm.ptr, !llvm.ptr, i64, i64, i64) -> ()
  %zero = llvm.mlir.constant(0 : i32) : i32
  llvm.return %zero : i32
}
)mlir";

class Emit : public testing::Test {
protected:
  void SetUp() override {
    context.loadDialect<mlir::LLVM::LLVMDialect>();
    auto all = chip::readAll(cpu::chipFiles(), engine);
    ASSERT_TRUE(all);
    chips = *all;
  }
  const chip::Chip &chipNamed(llvm::StringRef name) {
    for (const chip::Chip &c : chips)
      if (c.name == name)
        return c;
    ADD_FAILURE() << "no chip " << name.str();
    return chips[0];
  }
  std::vector<char> objectOf(llvm::StringRef text,
                             llvm::StringRef name = "cpu-portable") {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module);
    auto bytes = cpu::object(*module, chipNamed(name), &seconds);
    if (!bytes) {
      ADD_FAILURE() << llvm::toString(bytes.takeError());
      return {};
    }
    return *bytes;
  }
  runtime::Loaded loaded(llvm::ArrayRef<char> bytes) {
    std::string error;
    auto code = runtime::load({bytes.data(), bytes.size()}, error);
    EXPECT_TRUE(code) << error;
    return std::move(*code);
  }

  DiagnosticEngine engine;
  std::vector<chip::Chip> chips;
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  PhaseSeconds seconds;
};

uint64_t bits(const void *p) { return reinterpret_cast<uint64_t>(p); }

TEST_F(Emit, CompilesLoadsAndRuns) {
  runtime::Loaded code = loaded(objectOf(addText));
  TerrazzoEntry add = code.entry("add");
  ASSERT_TRUE(add);
  EXPECT_FALSE(code.entry("body")) << "internal functions have no name";
  constexpr int n = 1777;
  std::vector<float> a(n), b(n), o(n);
  for (int i = 0; i < n; ++i) {
    a[i] = float(i % 17) / 8;
    b[i] = float(i);
  }
  for (unsigned threads : {1u, 2u}) {
    std::fill(o.begin(), o.end(), 0);
    uint64_t arguments[] = {bits(a.data()), bits(b.data()), bits(o.data())};
    int64_t grid[3] = {n, 1, 1};
    EXPECT_EQ(add(arguments, grid, runtime::runtime(threads)), 0);
    for (int i = 0; i < n; ++i)
      ASSERT_EQ(o[i], std::exp(a[i]) + b[i]) << i;
  }
  for (const char *phase : {"translate", "optimize", "codegen"})
    EXPECT_GT(seconds[phase], 0) << phase;
}

TEST_F(Emit, EveryChipCompilesAndTheSameBytesCome) {
  for (const chip::Chip &c : chips)
    EXPECT_EQ(objectOf(addText, c.name), objectOf(addText, c.name)) << c.name;
  EXPECT_NE(objectOf(addText, "cpu-portable"), objectOf(addText, "cpu-avx2"));
}

TEST_F(Emit, TablesConstantsAndVariables) {
  // A jump table, a table of addresses, a vector constant, a variable, memcpy.
  runtime::Loaded code = loaded(objectOf(R"mlir(
llvm.mlir.global internal @counter(5 : i64) : i64
llvm.mlir.global internal @zeros(dense<0> : tensor<100xi64>) : !llvm.array<100 x i64>
llvm.func internal @three() -> i64 {
  %v = llvm.mlir.constant(3 : i64) : i64
  llvm.return %v : i64
}
llvm.func internal @four() -> i64 {
  %v = llvm.mlir.constant(4 : i64) : i64
  llvm.return %v : i64
}
llvm.mlir.global internal constant @functions() : !llvm.array<2 x ptr> {
  %0 = llvm.mlir.undef : !llvm.array<2 x ptr>
  %a = llvm.mlir.addressof @three : !llvm.ptr
  %b = llvm.mlir.addressof @four : !llvm.ptr
  %1 = llvm.insertvalue %a, %0[0] : !llvm.array<2 x ptr>
  %2 = llvm.insertvalue %b, %1[1] : !llvm.array<2 x ptr>
  llvm.return %2 : !llvm.array<2 x ptr>
}
llvm.func @count() -> i64 {
  %p = llvm.mlir.addressof @counter : !llvm.ptr
  %z = llvm.mlir.addressof @zeros : !llvm.ptr
  %last = llvm.getelementptr %z[99] : (!llvm.ptr) -> !llvm.ptr, i64
  %one = llvm.mlir.constant(1 : i64) : i64
  %old = llvm.load volatile %p : !llvm.ptr -> i64
  %zero = llvm.load volatile %last : !llvm.ptr -> i64
  %sum = llvm.add %old, %zero : i64
  %new = llvm.add %sum, %one : i64
  llvm.store volatile %new, %p : i64, !llvm.ptr
  llvm.return %new : i64
}
llvm.func @through(%i: i64) -> i64 {
  %t = llvm.mlir.addressof @functions : !llvm.ptr
  %s = llvm.getelementptr %t[%i] : (!llvm.ptr, i64) -> !llvm.ptr, !llvm.ptr
  %f = llvm.load %s : !llvm.ptr -> !llvm.ptr
  %r = llvm.call %f() : !llvm.ptr, () -> i64
  llvm.return %r : i64
}
llvm.func @copy(%to: !llvm.ptr, %from: !llvm.ptr, %n: i64) {
  "llvm.intr.memcpy"(%to, %from, %n) <{isVolatile = false}> : (!llvm.ptr, !llvm.ptr, i64) -> ()
  llvm.return
}
llvm.func @odd(%p: !llvm.ptr) {
  %v = llvm.mlir.constant(dense<[1.0, 3.0, 5.0, 7.5]> : vector<4xf32>) : vector<4xf32>
  llvm.store %v, %p : vector<4xf32>, !llvm.ptr
  llvm.return
}
llvm.func @pick(%i: i32, %p: !llvm.ptr) -> i32 {
  llvm.switch %i : i32, ^d [0: ^a, 1: ^b, 2: ^c, 3: ^e, 4: ^f]
^a:
  %1 = llvm.load volatile %p : !llvm.ptr -> i32
  llvm.return %1 : i32
^b:
  llvm.store volatile %i, %p : i32, !llvm.ptr
  llvm.return %i : i32
^c:
  %3 = llvm.mul %i, %i : i32
  llvm.store volatile %3, %p : i32, !llvm.ptr
  llvm.return %3 : i32
^e:
  %4 = llvm.load volatile %p : !llvm.ptr -> i32
  %5 = llvm.add %4, %i : i32
  llvm.return %5 : i32
^f:
  %6 = llvm.mlir.constant(77 : i32) : i32
  llvm.store volatile %6, %p : i32, !llvm.ptr
  llvm.return %6 : i32
^d:
  %7 = llvm.mlir.constant(-1 : i32) : i32
  llvm.return %7 : i32
}
)mlir"));
  auto *count = reinterpret_cast<int64_t (*)()>(code.function("count"));
  EXPECT_EQ(count(), 6);
  EXPECT_EQ(count(), 7);
  auto *through =
      reinterpret_cast<int64_t (*)(int64_t)>(code.function("through"));
  EXPECT_EQ(through(0), 3);
  EXPECT_EQ(through(1), 4);
  auto *copy = reinterpret_cast<void (*)(char *, const char *, int64_t)>(
      code.function("copy"));
  char text[8] = "";
  copy(text, "terrazz", 8);
  EXPECT_STREQ(text, "terrazz");
  auto *odd = reinterpret_cast<void (*)(float *)>(code.function("odd"));
  alignas(16) float four[4];
  odd(four);
  EXPECT_EQ(four[3], 7.5f);
  EXPECT_EQ(four[1], 3.0f);
  auto *pick =
      reinterpret_cast<int32_t (*)(int32_t, int32_t *)>(code.function("pick"));
  int32_t cell = 40;
  EXPECT_EQ(pick(0, &cell), 40);
  EXPECT_EQ(pick(3, &cell), 43);
  EXPECT_EQ(pick(2, &cell), 4);
  EXPECT_EQ(cell, 4);
  EXPECT_EQ(pick(4, &cell), 77);
  EXPECT_EQ(pick(9, &cell), -1);
}

TEST_F(Emit, AProductAndASumAreTwoRoundingsUnlessFmaIsSaid) {
  runtime::Loaded code = loaded(objectOf(R"mlir(
llvm.func @two(%a: f32, %b: f32, %c: f32) -> f32 {
  %p = llvm.fmul %a, %b : f32
  %s = llvm.fadd %p, %c : f32
  llvm.return %s : f32
}
llvm.func @one(%a: f32, %b: f32, %c: f32) -> f32 {
  %s = llvm.intr.fma(%a, %b, %c) : (f32, f32, f32) -> f32
  llvm.return %s : f32
}
)mlir",
                                         "cpu-avx2"));
  using F = float (*)(float, float, float);
  volatile float a = 1 + 0x1p-12f, c = -1;
  volatile float product = a * a;
  if (!__builtin_cpu_supports("fma"))
    GTEST_SKIP();
  EXPECT_EQ(reinterpret_cast<F>(code.function("two"))(a, a, c), product + c);
  EXPECT_EQ(reinterpret_cast<F>(code.function("one"))(a, a, c),
            std::fma(a, a, c));
  EXPECT_NE(std::fma(a, a, c), product + c) << "the numbers tell the two apart";
}

TEST_F(Emit, AnUnknownFunctionIsRefusedByName) {
  std::vector<char> bytes = objectOf(R"mlir(
llvm.func @system(!llvm.ptr) -> i32
llvm.func @k(%p: !llvm.ptr) -> i32 {
  %r = llvm.call @system(%p) : (!llvm.ptr) -> i32
  llvm.return %r : i32
})mlir");
  std::string error;
  EXPECT_FALSE(runtime::load({bytes.data(), bytes.size()}, error));
  EXPECT_EQ(error, "the code calls `system`, which a kernel may not call");
}

TEST_F(Emit, TornAndForeignObjectsAreErrors) {
  std::vector<char> good = objectOf(addText);
  std::string error;
  // Cut off anywhere: the section table stands at the end.
  for (size_t size = 0; size < good.size(); ++size) {
    error.clear();
    EXPECT_FALSE(runtime::load({good.data(), size}, error)) << size;
    EXPECT_FALSE(error.empty());
  }
  // Any bytes changed: an error or an object, never a crash. (What loads is not
  // called.)
  std::mt19937 random(5);
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::vector<char> bad = good;
    for (int change = 0, n = 1 + round % 3; change < n; ++change)
      bad[random() % bad.size()] = char(random());
    refused += !runtime::load({bad.data(), bad.size()}, error);
  }
  EXPECT_GT(refused, 1000);
  // Each word of every header at its extremes.
  for (size_t at = 0; at + 8 <= good.size(); at += 4)
    for (uint64_t value : {uint64_t(0), ~uint64_t(0), uint64_t(1) << 63,
                           uint64_t(good.size()), uint64_t(1) << 32}) {
      std::vector<char> bad = good;
      std::memcpy(bad.data() + at, &value, 8);
      (void)runtime::load({bad.data(), bad.size()}, error);
    }
  for (llvm::StringRef foreign : {"", "#!/bin/sh\n",
                                  "\x7f"
                                  "ELF"})
    EXPECT_FALSE(runtime::load({foreign.data(), foreign.size()}, error));
}

TEST_F(Emit, AChipThatLlvmDoesNotKnowIsAnError) {
  auto module = mlir::parseSourceString<mlir::ModuleOp>(addText, &context);
  chip::Chip own = chipNamed("cpu-avx2");
  own.features.push_back("avx1024");
  auto bytes = cpu::object(*module, own);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(llvm::toString(bytes.takeError()),
            "LLVM knows no CPU feature `avx1024`");
  own = chipNamed("cpu-avx2");
  own.cpu = "i8008";
  bytes = cpu::object(*module, own);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(llvm::toString(bytes.takeError()), "LLVM knows no CPU `i8008`");
}

TEST_F(Emit, TheChipWithMostOfTheMachinesFeaturesIsChosen) {
  for (const chip::Chip &c : chips) {
    const chip::Chip *best = chip::bestMatch(chips, "cpu", c.features);
    ASSERT_TRUE(best);
    EXPECT_EQ(best->name, c.name);
  }
  std::vector<std::string> some = chipNamed("cpu-zen5").features;
  llvm::erase(some, "avx512vp2intersect");
  EXPECT_EQ(chip::bestMatch(chips, "cpu", some)->name, "cpu-zen4");
}

TEST_F(Emit, TextsSayWhatTheObjectHas) {
  auto module = mlir::parseSourceString<mlir::ModuleOp>(addText, &context);
  auto ir = cpu::llvmText(*module, chipNamed("cpu-zen4"));
  ASSERT_TRUE(bool(ir));
  EXPECT_NE(ir->find("\"prefer-vector-width\"=\"512\""), std::string::npos);
  EXPECT_NE(ir->find("\"tune-cpu\"=\"znver4\""), std::string::npos);
  auto text = cpu::assembly(*module, chipNamed("cpu-zen4"));
  ASSERT_TRUE(bool(text));
  EXPECT_NE(text->find("add:"), std::string::npos);
  EXPECT_NE(text->find("expf@PLT"), std::string::npos);
}

} // namespace
