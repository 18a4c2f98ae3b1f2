// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels whose arguments lie at all distances from each other in one piece of
// memory: the result is that of one program after the other, each of which
// loads before it stores; and the version for arguments that overlap runs
// exactly where what the launch touches does, by a formula of each test.
#include "lib/Frontend/Frontend.h"
#include "targets/Cpu/Chips.h"
#include "targets/Cpu/Executor/Executor.h"
#include "targets/Cpu/Target.h"

#include "dialects/Kernel/Kernel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/MemoryBuffer.h"

#include <gtest/gtest.h>

using namespace terrazzo;

namespace {

class GuardsTest : public testing::Test {
protected:
  void compile(const std::string &body, const std::string &signature,
               bool assumeNoAlias = false) {
    frontend::Request request;
    request.buffer = engine.addBuffer(llvm::MemoryBuffer::getMemBufferCopy(
        "import triton\nimport triton.language as tl\n\n@triton.jit\ndef " +
            body,
        "kernel.py"));
    request.signature = signature;
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    auto module = frontend::emitKernelIR(context, request, engine);
    ASSERT_TRUE(module) << said();
    auto chips = chip::readAll(cpu::chipFiles(), engine);
    const chip::Chip *portable = chip::bestMatch(*chips, "cpu", {});
    PhaseSeconds seconds;
    artifact =
        cpu::compile(*module, *portable, {assumeNoAlias, {}}, seconds, engine);
    ASSERT_TRUE(artifact) << said();
    executor = cpu::Executor::load(*artifact, engine);
    ASSERT_TRUE(executor);
  }
  /// Whether the version for arguments that overlap ran.
  bool launch(const std::vector<uint64_t> &arguments,
              std::array<int64_t, 3> grid) {
    uint64_t before = terrazzoFallbacks();
    EXPECT_TRUE(executor->launch(arguments, grid, 1, engine)) << said();
    return terrazzoFallbacks() != before;
  }
  std::string said() {
    return engine.records().empty() ? "" : engine.records().back().message;
  }
  DiagnosticEngine engine;
  std::optional<artifact::Artifact> artifact;
  std::optional<cpu::Executor> executor;
};

uint64_t at(const void *p) { return reinterpret_cast<uint64_t>(p); }

std::vector<float> numbers(size_t count) {
  std::vector<float> out(count);
  for (size_t i = 0; i < count; ++i)
    out[i] = float(i % 97) + 1;
  return out;
}

constexpr const char *twice = R"(twice(x, out, n, B: tl.constexpr):
    i = tl.program_id(0) * B + tl.arange(0, B)
    tl.store(out + i, 2 * tl.load(x + i, mask=i < n), mask=i < n)
)";

TEST_F(GuardsTest, ElementwiseAtAnyDistance) {
  compile(twice, "*fp32, *fp32, i32, B=64");
  EXPECT_EQ(artifact->options, "guarded");
  constexpr int64_t n = 150, middle = 400;
  for (int64_t shift = -200; shift <= 200; ++shift) {
    std::vector<float> memory = numbers(1000), wanted = memory;
    for (int64_t program = 0; program < 3; ++program) {
      std::vector<float> loaded(wanted.begin() + middle + program * 64,
                                wanted.begin() + middle + program * 64 + 64);
      for (int64_t i = 0; i < 64 && program * 64 + i < n; ++i)
        wanted[middle + shift + program * 64 + i] = 2 * loaded[i];
    }
    bool fellBack = launch(
        {at(&memory[middle]), at(&memory[middle + shift]), n}, {3, 1, 1});
    ASSERT_EQ(memory, wanted) << shift;
    // In place needs no other version.
    EXPECT_EQ(fellBack, shift != 0 && std::abs(shift) < n) << shift;
  }
}

TEST_F(GuardsTest, AVersionOnlyWhereItMatters) {
  compile(twice, "*fp32, *fp32, i32, B=64", /*assumeNoAlias=*/true);
  EXPECT_EQ(artifact->options, "noalias");
  // The load is another pass than the store, and there is only one argument.
  compile(R"(fill(out, n, B: tl.constexpr):
    i = tl.program_id(0) * B + tl.arange(0, B)
    tl.store(out + i, i, mask=i < n)
)",
          "*i32, i32, B=64", /*assumeNoAlias=*/true);
  EXPECT_EQ(artifact->options, "any");
  // Nothing is read after the store of its own program.
  compile(R"(total(x, out, n, B: tl.constexpr):
    sum = tl.zeros((), tl.float32)
    for start in range(0, n, B):
        i = start + tl.arange(0, B)
        sum += tl.sum(tl.load(x + i, mask=i < n, other=0))
    tl.store(out, sum)
)",
          "*fp32, *fp32, i32, B=64");
  EXPECT_EQ(artifact->options, "any");
}

/// Rows of `cols` numbers, a row every `stride`: out[r] = x[r] - max(x[r]).
constexpr const char *rows =
    R"(rows(x, out, x_row, out_row, cols, B: tl.constexpr):
    r = tl.program_id(0)
    i = tl.arange(0, B)
    v = tl.load(x + r * x_row + i, mask=i < cols, other=float("-inf"))
    tl.store(out + r * out_row + i, v - tl.max(v), mask=i < cols)
)";

TEST_F(GuardsTest, RowsAtAnyDistance) {
  compile(rows, "*fp32, *fp32, i32, i32, i32, B=64");
  EXPECT_EQ(artifact->options, "guarded");
  constexpr int64_t count = 4, cols = 50, xRow = 60, middle = 600;
  for (int64_t outRow : {60, 50, 70})
    for (int64_t shift = -300; shift <= 300; ++shift) {
      std::vector<float> memory = numbers(1200), wanted = memory;
      for (int64_t r = 0; r < count; ++r) {
        auto row = wanted.begin() + middle + r * xRow;
        std::vector<float> loaded(row, row + cols);
        float most = *std::max_element(loaded.begin(), loaded.end());
        for (int64_t i = 0; i < cols; ++i)
          wanted[middle + shift + r * outRow + i] = loaded[i] - most;
      }
      bool fellBack = launch({at(&memory[middle]), at(&memory[middle + shift]),
                              xRow, uint64_t(outRow), cols},
                             {count, 1, 1});
      ASSERT_EQ(memory, wanted) << outRow << " " << shift;
      bool overlaps = shift < (count - 1) * xRow + cols &&
                      shift + (count - 1) * outRow + cols > 0;
      EXPECT_EQ(fellBack, overlaps && !(shift == 0 && outRow == xRow))
          << outRow << " " << shift;
    }
}

/// The transpose of a matrix that is cut off on both sides, in strides that may
/// be anything.
constexpr const char *turn =
    R"(turn(x, out, m, n, x_m, x_n, out_m, out_n, B: tl.constexpr):
    i = tl.program_id(0) * B + tl.arange(0, B)
    j = tl.program_id(1) * B + tl.arange(0, B)
    inside = (i[:, None] < m) & (j[None, :] < n)
    v = tl.load(x + i[:, None] * x_m + j[None, :] * x_n, mask=inside)
    tl.store(out + i[:, None] * out_m + j[None, :] * out_n, v, mask=inside)
)";

TEST_F(GuardsTest, StridesOfAnySign) {
  compile(turn, "*fp32, *fp32, i32, i32, i32, i32, i32, i32, B=16");
  constexpr int64_t m = 20, n = 35, middle = 3600;
  // By rows, by columns, from the last row up.
  const int64_t strides[][2] = {{n, 1}, {1, m}, {-n, 1}, {-2 * n, -1}};
  for (auto &x : strides)
    for (auto &out : strides)
      for (int64_t shift : {-2100, -1400, -701, -700, -699, -35, 0, 1, 35, 664,
                            665, 666, 699, 700, 701, 1399, 1400, 2100}) {
        std::vector<float> memory = numbers(7200), wanted = memory;
        auto place = [&](const int64_t *s, int64_t i, int64_t j) {
          return middle + i * s[0] + j * s[1];
        };
        for (int64_t q = 0; q < 3; ++q)
          for (int64_t p = 0; p < 2; ++p) {
            std::vector<float> before = wanted;
            for (int64_t i = p * 16; i < std::min(m, p * 16 + 16); ++i)
              for (int64_t j = q * 16; j < std::min(n, q * 16 + 16); ++j)
                wanted[place(out, i, j) + shift] = before[place(x, i, j)];
          }
        auto lowest = [&](const int64_t *s) {
          return std::min<int64_t>(0, (m - 1) * s[0]) +
                 std::min<int64_t>(0, (n - 1) * s[1]);
        };
        auto end = [&](const int64_t *s) {
          return std::max<int64_t>(0, (m - 1) * s[0]) +
                 std::max<int64_t>(0, (n - 1) * s[1]) + 1;
        };
        bool overlaps =
            shift + lowest(out) < end(x) && lowest(x) < shift + end(out);
        bool same = shift == 0 && x[0] == out[0] && x[1] == out[1];
        bool fellBack =
            launch({at(&memory[middle]), at(&memory[middle + shift]), m, n,
                    uint64_t(x[0]), uint64_t(x[1]), uint64_t(out[0]),
                    uint64_t(out[1])},
                   {2, 3, 1});
        ASSERT_EQ(memory, wanted) << shift;
        EXPECT_EQ(fellBack, overlaps && !same)
            << shift << ": " << x[0] << " " << out[0];
      }
}

TEST_F(GuardsTest, LoopsThatMovePointers) {
  // Programs take every tile that is their own number modulo the grid, and
  // pointers walk along it.
  compile(R"(walk(x, out, tiles, steps, B: tl.constexpr):
    for tile in range(tl.program_id(0), tiles, tl.num_programs(0)):
        p = x + tile * steps * B + tl.arange(0, B)
        q = out + tile * steps * B + tl.arange(0, B)
        for k in range(steps):
            tl.store(q, tl.load(p) + 1)
            p += B
            q += B
)",
          "*fp32, *fp32, i32, i32, B=8");
  EXPECT_EQ(artifact->options, "guarded");
  constexpr int64_t tiles = 5, steps = 3, count = tiles * steps * 8,
                    middle = 300;
  for (int64_t shift = -count - 8; shift <= count + 8; ++shift) {
    std::vector<float> memory = numbers(700), wanted = memory;
    for (int64_t program = 0; program < 2; ++program)
      for (int64_t tile = program; tile < tiles; tile += 2)
        for (int64_t k = 0; k < steps; ++k) {
          std::vector<float> before = wanted;
          for (int64_t i = 0; i < 8; ++i) {
            int64_t place = middle + (tile * steps + k) * 8 + i;
            wanted[place + shift] = before[place] + 1;
          }
        }
    bool fellBack =
        launch({at(&memory[middle]), at(&memory[middle + shift]), tiles, steps},
               {2, 1, 1});
    ASSERT_EQ(memory, wanted) << shift;
    EXPECT_EQ(fellBack, shift != 0 && std::abs(shift) < count) << shift;
  }
}

/// Where a program's block begins, as its author writes it and as it is.
struct Place {
  const char *text;
  int64_t (*of)(int64_t p, int64_t n);
};

TEST_F(GuardsTest, ArithmeticOfOffsets) {
  const Place places[] = {
      {"at = 8 * (p // 3)", [](int64_t p, int64_t) { return 8 * (p / 3); }},
      {"at = 8 * (p % 3)", [](int64_t p, int64_t) { return 8 * (p % 3); }},
      {"at = 8 * (p % n)", [](int64_t p, int64_t n) { return 8 * (p % n); }},
      {"at = 8 * tl.minimum(p, n)",
       [](int64_t p, int64_t n) { return 8 * std::min(p, n); }},
      {"at = 8 * tl.maximum(p - n, 0)",
       [](int64_t p, int64_t n) { return 8 * std::max<int64_t>(p - n, 0); }},
      {"at = p << 3", [](int64_t p, int64_t) { return p << 3; }},
      {"at = 8 * (p & 7)", [](int64_t p, int64_t) { return 8 * (p & 7); }},
      {"at = 8 * (p.to(tl.uint32) >> 1).to(tl.int32)",
       [](int64_t p, int64_t) { return 8 * (p >> 1); }},
      {"at = 8 * (p.to(tl.uint32) // 2).to(tl.int64)",
       [](int64_t p, int64_t) { return 8 * (p / 2); }},
      {"at = 8 * tl.where(p > 1, n, 3)",
       [](int64_t p, int64_t n) { return 8 * (p > 1 ? n : 3); }},
      {"at = n\n    if p > 1:\n        at = 3 * n\n    at *= 8",
       [](int64_t p, int64_t n) { return 8 * (p > 1 ? 3 * n : n); }},
      {"at = p\n    for k in range(n):\n        at += 8",
       [](int64_t p, int64_t n) { return p + 8 * n; }},
      {"at = p\n    for k in range(1, n, 2):\n        at += 8",
       [](int64_t p, int64_t n) { return p + n / 2 * 8; }},
      {"at = 8 * (n * p - (n - 1) * p)",
       [](int64_t p, int64_t) { return 8 * p; }},
      {"at = -8 * p", [](int64_t p, int64_t) { return -8 * p; }},
      // Programs in groups of rows, as in a product of matrices.
      {"first = p // (2 * n) * 2\n    high = min(n - first, 2)\n"
       "    at = 8 * (first + p % (2 * n) % high) + 64 * (p % (2 * n) // high)",
       [](int64_t p, int64_t n) {
         int64_t first = p / (2 * n) * 2,
                 high = std::min<int64_t>(n - first, 2);
         return 8 * (first + p % (2 * n) % high) + 64 * (p % (2 * n) / high);
       }},
  };
  constexpr int64_t programs = 8, n = 4, middle = 1000;
  for (const Place &place : places) {
    compile(std::string("place(x, out, n, B: tl.constexpr):\n"
                        "    p = tl.program_id(0)\n    ") +
                place.text +
                "\n    i = at + tl.arange(0, B)\n"
                "    tl.store(out + i, tl.load(x + i) + 1)\n",
            "*fp32, *fp32, i32, B=8");
    int64_t low = INT64_MAX, high = INT64_MIN;
    for (int64_t p = 0; p < programs; ++p) {
      low = std::min(low, place.of(p, n));
      high = std::max(high, place.of(p, n) + 8);
    }
    for (int64_t shift = -400; shift <= 400; ++shift) {
      std::vector<float> memory = numbers(2000), wanted = memory;
      for (int64_t p = 0; p < programs; ++p) {
        auto from = wanted.begin() + middle + place.of(p, n);
        std::vector<float> loaded(from, from + 8);
        for (int64_t i = 0; i < 8; ++i)
          *(from + shift + i) = loaded[i] + 1;
      }
      bool fellBack = launch(
          {at(&memory[middle]), at(&memory[middle + shift]), n}, {8, 1, 1});
      ASSERT_EQ(memory, wanted) << place.text << " " << shift;
      EXPECT_EQ(fellBack, shift != 0 && std::abs(shift) < high - low)
          << place.text << " " << shift;
    }
  }
}

TEST_F(GuardsTest, AnOlderRuntimeCannotBeAsked) {
  compile(twice, "*fp32, *fp32, i32, B=64");
  std::string error;
  auto code =
      runtime::load({artifact->code.data(), artifact->code.size()}, error);
  ASSERT_TRUE(code) << error;
  TerrazzoRuntime old = {};
  old.version = 2;
  old.threads = 1;
  old.parallelFor = [](const TerrazzoRuntime *, TerrazzoBody body,
                       void *context, int64_t count, int64_t, int64_t bytes) {
    std::vector<char> scratch(size_t(bytes) + 64);
    auto aligned = (reinterpret_cast<uintptr_t>(scratch.data()) + 63) / 64 * 64;
    body(context, 0, count, reinterpret_cast<void *>(aligned));
  };
  std::vector<float> memory = numbers(100);
  uint64_t arguments[] = {at(&memory[0]), at(&memory[1]), 50};
  int64_t grid[] = {1, 1, 1};
  ASSERT_EQ(code->entry(artifact->kernel)(arguments, grid, &old), 0);
  for (int64_t i = 0; i < 50; ++i)
    ASSERT_EQ(memory[i + 1], 2 * numbers(100)[i]) << i;
}

TEST_F(GuardsTest, WhatIsNotBoundedMayOverlap) {
  compile(R"(pick(table, index, out, B: tl.constexpr):
    i = tl.program_id(0) * B + tl.arange(0, B)
    tl.store(out + i, tl.load(table + tl.load(index + i)))
)",
          "*fp32, *i32, *fp32, B=8");
  EXPECT_EQ(artifact->options, "guarded");
  for (int64_t shift : {0, 3, 5, 8, 20, 100}) {
    std::vector<float> memory = numbers(200), wanted = memory;
    std::vector<int32_t> index(16);
    for (int64_t i = 0; i < 16; ++i)
      index[i] = int32_t(15 - i);
    for (int64_t program = 0; program < 2; ++program) {
      std::vector<float> before = wanted;
      for (int64_t i = program * 8; i < program * 8 + 8; ++i)
        wanted[shift + i] = before[index[i]];
    }
    EXPECT_TRUE(launch(
        {at(memory.data()), at(index.data()), at(&memory[shift])}, {2, 1, 1}));
    EXPECT_EQ(memory, wanted) << shift;
  }
}

TEST_F(GuardsTest, OtherElementsAreNotInPlace) {
  // At the same address an element of f64 covers two of f32.
  compile(R"(wide(x, out, B: tl.constexpr):
    i = tl.arange(0, B)
    tl.store(out + i, tl.load(x + i).to(tl.float64))
)",
          "*fp32, *fp64, B=64");
  std::vector<double> memory(200);
  auto *x = reinterpret_cast<float *>(memory.data());
  for (int64_t i = 0; i < 64; ++i)
    x[i] = float(i);
  EXPECT_TRUE(launch({at(x), at(memory.data())}, {1, 1, 1}));
  for (int64_t i = 0; i < 64; ++i)
    EXPECT_EQ(memory[i], double(i));
}

TEST_F(GuardsTest, InPlaceOnlyAtTheOwnIndex) {
  // One argument, whose block is turned where it lies.
  compile(R"(flip(p, N: tl.constexpr):
    i = tl.arange(0, N)
    place = p + i[:, None] * N + i[None, :]
    tl.store(place, tl.trans(tl.load(place)))
)",
          "*fp32, N=16");
  EXPECT_EQ(artifact->options, "any");
  std::vector<float> memory = numbers(256), before = memory;
  launch({at(memory.data())}, {1, 1, 1});
  for (int64_t i = 0; i < 256; ++i)
    ASSERT_EQ(memory[i], before[i % 16 * 16 + i / 16]) << i;
  // Two arguments: the same address is no excuse.
  compile(R"(flip(p, q, N: tl.constexpr):
    i = tl.arange(0, N)
    place = i[:, None] * N + i[None, :]
    tl.store(q + place, tl.trans(tl.load(p + place)))
)",
          "*fp32, *fp32, N=16");
  memory = before;
  EXPECT_TRUE(launch({at(memory.data()), at(memory.data())}, {1, 1, 1}));
  for (int64_t i = 0; i < 256; ++i)
    ASSERT_EQ(memory[i], before[i % 16 * 16 + i / 16]) << i;
}

TEST_F(GuardsTest, APromiseThatIsBroken) {
  compile(twice, "*fp32:16, *fp32, i32:12, B=64");
  alignas(64) float memory[256] = {};
  auto refused = [&](uint64_t x, uint64_t out, uint64_t n) {
    EXPECT_FALSE(executor->launch({x, out, n}, {1, 1, 1}, 1, engine));
    return said();
  };
  EXPECT_FALSE(launch({at(memory), at(memory + 129), 60}, {1, 1, 1}));
  EXPECT_EQ(refused(at(memory), at(memory + 129), 61),
            "the kernel was compiled for other arguments: argument 2, `n`, is "
            "61, which 12 does not divide");
  EXPECT_EQ(refused(at(memory), at(memory + 129), uint64_t(-7)),
            "the kernel was compiled for other arguments: argument 2, `n`, is "
            "-7, which 12 does not divide");
  EXPECT_NE(refused(at(memory + 1), at(memory + 129), 60)
                .find("argument 0, `x`, is the address 0x"),
            std::string::npos);
  // An element's own size is a promise too.
  EXPECT_NE(refused(at(memory), at(memory) + 513, 60)
                .find("1, which 4 does not divide"),
            std::string::npos);
  EXPECT_EQ(memory[129], 0) << "nothing was run";
}

} // namespace
