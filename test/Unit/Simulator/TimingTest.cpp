// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times of small programs, added up by hand, and that more speed never costs
// time.
#include "test/Unit/Simulator/Building.h"

#include "gtest/gtest.h"

#include <random>

using namespace terrazzo;
using namespace terrazzo::simulator;
using namespace terrazzo::simulator::test;
using Code = Arithmetic::Code;

namespace {
class Times : public testing::Test {
protected:
  Times() : x(4096, 1) {}
  /// The time with and without the bits, which must be equal.
  Result run() {
    simulator::Run run;
    run.buffers = {bufferOf("x", x)};
    std::optional<Result> full = b.run(run);
    EXPECT_TRUE(full) << b.error;
    run.functional = false;
    std::optional<Result> timing = b.run(run);
    EXPECT_TRUE(timing) << b.error;
    if (!full || !timing)
      return {};
    EXPECT_EQ(full->seconds, timing->seconds);
    EXPECT_EQ(full->instructions, timing->instructions);
    EXPECT_EQ(full->bytesRead, timing->bytesRead);
    EXPECT_EQ(full->waiting, timing->waiting);
    return *timing;
  }
  Window floats(int64_t address, int64_t n) {
    return window(b.allocate("a", address, n * 4), F32, {n});
  }
  Instruction &end(Instruction &work, int event) {
    work.event = event;
    work.scalar.constant = 1;
    return work;
  }

  Builder b;
  std::vector<float> x;
};
} // namespace

TEST_F(Times, StreamAlone) {
  b.program.scalarOp = 1e-9;
  b.program.launchCost = 1e-6;
  b.program.dispatch = 3e-6;
  Register r = b.reg(), s = b.reg();
  b.move(r, 5);
  Arithmetic add;
  add.code = Code::AddI;
  add.from = add.to = I64;
  add.operands = {r, r};
  add.result = s;
  b.program.arithmetic.push_back(add);
  for (int i = 0; i < 7; ++i)
    b.add(Action::Arithmetic);
  Result result = run();
  EXPECT_DOUBLE_EQ(result.seconds, 1e-6 + 7e-9);
  EXPECT_DOUBLE_EQ(result.dispatch, 3e-6);
}

TEST_F(Times, TransfersShareAPathAndOverlapLatency) {
  // Out of order: 1 us latency each, 4000 bytes at 1 GB/s behind one another.
  int dma = b.engine("dma", false), done = b.event("done");
  b.program.paths[0].latency = 1e-6;
  for (int i = 0; i < 3; ++i)
    end(b.add(b.in(0, floats(i * 4096, 1000)), dma), done);
  b.wait(done, -1, 3);
  Result result = run();
  EXPECT_NEAR(result.seconds, 3 * 4e-6 + 1e-6, 1e-15);
  EXPECT_EQ(result.bytesRead, 12000);
  EXPECT_NEAR(result.engines["dma"].busy, 12e-6, 1e-15);
  EXPECT_NEAR(result.waiting, 13e-6, 1e-15);
}

TEST_F(Times, BurstsAndRuns) {
  // 10 rows of 40 bytes: each takes a burst of 64 and a setup of 1 us.
  b.program.paths[0].burst = 64;
  b.program.paths[0].setup = 1e-6;
  Window w = window(b.allocate("a", 0, 400), F32, {10, 10});
  Transfer t = b.in(0, w);
  t.global->strides[0].constant = 20;
  b.add(t);
  EXPECT_NEAR(run().seconds, 10 * 1e-6 + 10 * 64e-9, 1e-15);
}

TEST_F(Times, OneRunOfAdjacentRows) {
  b.program.paths[0].burst = 64;
  b.program.paths[0].setup = 1e-6;
  b.add(b.in(0, window(b.allocate("a", 0, 400), F32, {10, 10})));
  EXPECT_NEAR(run().seconds, 1e-6 + 448e-9, 1e-15);
}

TEST_F(Times, InOrderWithLatency) {
  // busy 2, latency 5: two works end at 4 + 5; the signal after them too.
  int v = b.engine("v"), done = b.event("done");
  Window a = floats(0, 4);
  b.add(b.in(0, a)); // 16 ns
  for (int i = 0; i < 2; ++i) {
    Instruction &work = b.add(mapOf(Code::AddF, a, {a, a}), v);
    work.busy = 2e-9;
    work.latency = 5e-9;
  }
  b.signal(done, v);
  b.wait(done);
  EXPECT_NEAR(run().seconds, 16e-9 + 9e-9, 1e-18);
}

TEST_F(Times, IssueAndQueue) {
  // Issue 1 ns, a queue of two, works of 10 ns. The stream gives works 0 to 2
  // at 1, 2, 3 (work 0 began at 1), the fourth when work 1 begins at 11.
  int v = b.engine("v", true, 2), done = b.event("done");
  b.program.engines[v].issue = 1e-9;
  Window a = floats(0, 4);
  b.program.paths[0].bandwidth = 1e30;
  b.add(b.in(0, a));
  for (int i = 0; i < 4; ++i)
    end(b.add(mapOf(Code::AddF, a, {a, a}), v), done).busy = 10e-9;
  b.wait(done, -1, 4);
  Result result = run();
  EXPECT_NEAR(result.seconds, 41e-9, 1e-18);
  // Until 11 for the place, then from 12 for the end.
  EXPECT_NEAR(result.waiting, (11 - 3 + 41 - 12) * 1e-9, 1e-18);
}

/// Four tiles: load 4 us, compute 4 us.
static double tiles(int buffers) {
  Builder b;
  std::vector<float> x(4096, 1);
  int dma = b.engine("dma", false), v = b.engine("v");
  int loaded = b.event("loaded"), free = b.event("free", buffers, buffers),
      over = b.event("over");
  Window sink = window(b.allocate("sink", 8192, 4000), F32, {1000});
  std::vector<Window> tiles;
  for (int i = 0; i < buffers; ++i)
    tiles.push_back(window(b.allocate("tile", i * 4096, 4000), F32, {1000}));
  for (int i = 0; i < 4; ++i) {
    Window tile = tiles[i % buffers];
    b.wait(free, dma);
    Instruction &load = b.add(b.in(0, tile), dma);
    load.event = loaded;
    load.scalar.constant = 1;
    b.wait(loaded, v);
    Instruction &work = b.add(mapOf(Code::AddF, sink, {tile, tile}), v);
    work.busy = 4e-6;
    work.event = free;
    work.scalar.constant = 1;
  }
  b.signal(over, v);
  b.wait(over);
  simulator::Run run;
  run.buffers = {bufferOf("x", x)};
  std::optional<Result> result = b.run(run);
  EXPECT_TRUE(result) << b.error;
  return result ? result->seconds : 0;
}
TEST(Buffers, DoubleBufferingBeatsSingle) {
  EXPECT_NEAR(tiles(1), 4 * 8e-6, 1e-15);
  EXPECT_NEAR(tiles(2), 5 * 4e-6, 1e-15);
}

TEST_F(Times, CoresAndLaunches) {
  // Two launches of three cores; core n takes n works of 1 us.
  Register core = b.reg(), at = b.reg(), goes = b.reg();
  b.program.launches[0].core = core;
  b.program.launches[0].cores = 3;
  b.program.launchCost = 1e-6;
  Arithmetic less;
  less.code = Code::CmpI;
  less.from = I64;
  less.to = I1;
  less.detail = 2; // slt
  less.operands = {at, core};
  less.result = goes;
  Arithmetic next;
  next.code = Code::AddI;
  next.from = next.to = I64;
  Register one = b.reg();
  next.operands = {at, one};
  next.result = at;
  b.program.arithmetic = {less, next};
  b.move(at, 0);
  b.move(one, 1);
  int32_t head = int32_t(b.program.instructions.size());
  b.add(Action::Arithmetic);
  int32_t test = int32_t(b.program.instructions.size());
  b.add(Action::JumpIfZero).scalar.reg = goes;
  b.add(Action::Arithmetic).payload = 1;
  b.program.instructions.back().busy = 1e-6;
  b.add(Action::Jump).target = head;
  b.program.instructions[test].target = int32_t(b.program.instructions.size());
  b.program.launches.push_back(b.program.launches[0]);
  EXPECT_NEAR(run().seconds, 2 * (1e-6 + 2e-6), 1e-15);
}

TEST_F(Times, ScalarsThatSteerAreLoaded) {
  // How often a loop runs stands in global memory, and comes by a transfer.
  std::vector<int64_t> n = {9};
  Register count = b.reg(), zero = b.reg(), one = b.reg();
  Window w = window(b.allocate("n", 0, 8), I64, {1});
  b.add(b.in(0, w));
  Element e;
  e.value = count;
  e.window = window(w.allocation, I64, {});
  b.add(e);
  b.move(one, 1);
  (void)zero;
  Arithmetic down;
  down.code = Code::SubI;
  down.from = down.to = I64;
  down.operands = {count, one};
  down.result = count;
  b.program.arithmetic = {down};
  int32_t head = int32_t(b.program.instructions.size());
  b.add(Action::JumpIfZero).scalar.reg = count;
  b.add(Action::Arithmetic).busy = 1e-6;
  b.add(Action::Jump).target = head;
  b.program.instructions[head].target = int32_t(b.program.instructions.size());
  simulator::Run timing;
  timing.functional = false;
  timing.buffers = {bufferOf("n", n)};
  std::optional<Result> result = b.run(timing);
  ASSERT_TRUE(result) << b.error;
  EXPECT_NEAR(result->seconds, 9e-6 + 8e-9, 1e-15);
}

//===-- Monotonicity ------------------------------------------------------===//

namespace {
/// A random program of two streams, in-order and free engines, two paths,
/// queues, flags and semaphores. It may wait for more than there is: then the
/// point says nothing.
class RandomProgram {
public:
  explicit RandomProgram(unsigned seed) : gen(seed) {
    b.program.streams.push_back("other");
    Path second;
    second.name = "second";
    second.bandwidth = 2e9;
    b.program.paths.push_back(second);
    for (int e = 0; e < 4; ++e) {
      int n = b.engine("e" + std::to_string(e), e != 0, e == 2 ? 3 : 0);
      b.program.engines[n].issue = 1e-9 * number(0, 3);
    }
    for (int e = 0; e < 3; ++e)
      b.event("s" + std::to_string(e), number(0, 2), -1);
    w = window(b.allocate("a", 0, 4096), F32, {4, 64});
    int pieces = number(20, 60);
    for (int i = 0; i < pieces; ++i)
      piece();
    for (Path &p : b.program.paths) {
      p.latency = 1e-9 * number(0, 400);
      p.setup = 1e-9 * number(0, 20);
      p.burst = 1 << number(0, 7);
    }
    b.program.scalarOp = 1e-9 * number(0, 2);
  }
  int number(int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(gen);
  }
  std::optional<double> time() {
    simulator::Run run;
    run.functional = false;
    std::optional<Result> result = b.run(run);
    if (!result)
      return std::nullopt;
    return result->seconds;
  }

  Builder b;

private:
  void piece() {
    int engine = number(-1, 3), event = number(0, 2), kind = number(0, 9);
    auto stream = int16_t(number(0, 1));
    if (kind < 2) {
      b.signal(event, engine, number(1, 2)).stream = stream;
    } else if (kind < 4) {
      b.wait(event, engine, 1).stream = stream;
    } else if (kind < 7) {
      Transfer t = b.in(0, w);
      t.path = number(0, 1);
      t.global->strides[0].constant = number(64, 70);
      finish(b.add(t, engine), stream, event);
    } else {
      finish(b.add(mapOf(Code::AddF, w, {w, w}), engine), stream, event);
    }
  }
  void finish(Instruction &i, int16_t stream, int event) {
    i.stream = stream;
    i.busy = 1e-9 * number(0, 300);
    i.latency = 1e-9 * number(0, 100);
    if (number(0, 1)) {
      i.event = event;
      i.scalar.constant = 1;
    }
  }
  std::mt19937 gen;
  Window w;
};
} // namespace

TEST(Monotone, MoreSpeedNeverCostsTime) {
  int points = 0, faster = 0;
  for (unsigned seed = 0; points < 1000 && seed < 20000; ++seed) {
    RandomProgram p(seed);
    std::optional<double> before = p.time();
    if (!before)
      continue;
    ++points;
    Program &program = p.b.program;
    double factor = 1 + p.number(1, 100) / 50.0;
    switch (p.number(0, 5)) {
    case 0:
      program.paths[p.number(0, 1)].bandwidth *= factor;
      break;
    case 1:
      program.paths[p.number(0, 1)].latency /= factor;
      break;
    case 2:
      for (Instruction &i : program.instructions)
        if (i.engine == 2)
          i.busy /= factor;
      break;
    case 3:
      for (Instruction &i : program.instructions)
        i.latency /= factor;
      break;
    case 4:
      program.engines[p.number(0, 3)].issue = 0;
      break;
    default:
      for (Instruction &i : program.instructions)
        if (p.number(0, 2) == 0)
          i.busy /= factor;
    }
    std::optional<double> after = p.time();
    ASSERT_TRUE(after);
    ASSERT_LE(*after, *before * (1 + 1e-12)) << "seed " << seed;
    faster += *after < *before;
  }
  EXPECT_EQ(points, 1000);
  EXPECT_GT(faster, 300);
}
