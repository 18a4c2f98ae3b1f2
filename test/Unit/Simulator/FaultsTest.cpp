// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Programs that a chip may run to another result, one fault each, and beside
// each the program that is right.
#include "test/Unit/Simulator/Building.h"

#include "lib/Simulator/Box.h"
#include "lib/Simulator/Clock.h"

#include "gtest/gtest.h"

#include <random>
#include <set>

using namespace terrazzo;
using namespace terrazzo::simulator;
using namespace terrazzo::simulator::test;
using Code = Arithmetic::Code;

namespace {
/// Two arguments of 64 floats, a DMA engine without order and a vector engine
/// with one.
class Faults : public testing::Test {
protected:
  Faults() : x(64, 1), y(64, 2) {
    dma = b.engine("dma", false);
    vector = b.engine("vector");
    loaded = b.event("loaded");
    computed = b.event("computed");
    stored = b.event("stored");
  }
  void load(Window w, int64_t element = 0, int engine = -2) {
    Instruction &i = b.add(b.in(0, w, element), engine == -2 ? dma : engine);
    i.event = loaded;
    i.scalar.constant = 1;
  }
  void store(Window w, int64_t element = 0) {
    Instruction &i = b.add(b.out(w, 1, element), dma);
    i.event = stored;
    i.scalar.constant = 1;
  }
  void compute(Window out, Window in) {
    Instruction &i = b.add(mapOf(Code::AddF, out, {in, in}), vector);
    i.event = computed;
    i.scalar.constant = 1;
  }
  std::string run() {
    simulator::Run run;
    run.buffers = {bufferOf("x", x), bufferOf("y", y)};
    b.run(run);
    return b.error;
  }
  Window floats(llvm::StringRef name, int64_t address, int64_t n = 16) {
    return window(b.allocate(name, address, n * 4), F32, {n});
  }

  Builder b;
  std::vector<float> x, y;
  int dma, vector, loaded, computed, stored;
};
} // namespace

TEST_F(Faults, RightProgram) {
  Window a = floats("a", 0), c = floats("c", 64);
  load(a);
  b.wait(loaded);
  compute(c, a);
  b.wait(computed);
  store(c);
  b.wait(stored);
  EXPECT_EQ(run(), "");
  EXPECT_EQ(y[15], 2);
}

TEST_F(Faults, NoWaitForTheLoad) {
  Window a = floats("a", 0), c = floats("c", 64);
  load(a);
  compute(c, a);
  b.wait(computed);
  store(c);
  b.wait(stored);
  b.wait(loaded);
  EXPECT_EQ(run(), "race on `a` in `mem`: this read by engine `vector` and "
                   "another write are not ordered");
}

TEST_F(Faults, NoWaitForTheResult) {
  Window a = floats("a", 0), c = floats("c", 64);
  load(a);
  b.wait(loaded);
  compute(c, a);
  store(c);
  b.wait(computed);
  b.wait(stored);
  EXPECT_EQ(run(), "race on `c` in `mem`: this read by engine `dma` and "
                   "another write are not ordered");
}

TEST_F(Faults, RefillBeforeTheStoreIsOver) {
  Window a = floats("a", 0);
  load(a);
  b.wait(loaded);
  store(a);
  load(a, 16);
  b.wait(loaded);
  b.wait(stored);
  EXPECT_EQ(run(), "race on `a` in `mem`: this write by engine `dma` and "
                   "another read are not ordered");
}

TEST_F(Faults, AnotherPartIsNoRace) {
  // Columns of one array: the other half is in flight while one is stored.
  int a = b.allocate("a", 0, 8 * 8 * 4);
  Window left = window(a, F32, {8, 4}), right = window(a, F32, {8, 4}, 4);
  left.strides[0] = right.strides[0] = 8;
  load(left);
  b.wait(loaded);
  load(right, 32);
  store(left);
  b.wait(loaded);
  b.wait(stored);
  EXPECT_EQ(run(), "");
}

TEST_F(Faults, OneColumnMoreIsOne) {
  int a = b.allocate("a", 0, 8 * 8 * 4);
  Window left = window(a, F32, {8, 5}), right = window(a, F32, {8, 4}, 4);
  left.strides[0] = right.strides[0] = 8;
  load(left, 0);
  b.wait(loaded);
  load(right, 32);
  store(left);
  b.wait(loaded);
  b.wait(stored);
  EXPECT_EQ(run(), "race on `a` in `mem`: this read by engine `dma` and "
                   "another write are not ordered");
}

TEST_F(Faults, WhichOfTwoLoadsHasEnded) {
  // One count says that one of them has ended, not which.
  Window a = floats("a", 0), c = floats("c", 64), d = floats("d", 128);
  load(a);
  load(c, 16);
  b.wait(loaded);
  compute(d, a);
  b.wait(computed);
  b.wait(loaded);
  store(d);
  b.wait(stored);
  EXPECT_EQ(run(), "race on `a` in `mem`: this read by engine `vector` and "
                   "another write are not ordered");
}

TEST_F(Faults, BothHaveEnded) {
  Window a = floats("a", 0), c = floats("c", 64), d = floats("d", 128);
  load(a);
  load(c, 16);
  b.wait(loaded);
  b.wait(loaded);
  compute(d, a);
  compute(d, c);
  b.wait(computed, -1, 2);
  store(d);
  b.wait(stored);
  EXPECT_EQ(run(), "");
}

TEST_F(Faults, AnEngineWithOrderOrdersItsWorks) {
  Window a = floats("a", 0), c = floats("c", 64);
  load(a);
  b.wait(loaded);
  compute(c, a);
  compute(a, c);
  b.wait(computed, -1, 2);
  store(a);
  b.wait(stored);
  EXPECT_EQ(run(), "");
  EXPECT_EQ(y[0], 4);
}

TEST_F(Faults, EnginesMeetByFlags) {
  // The vector engine waits in its own queue, the stream runs ahead.
  Window a = floats("a", 0), c = floats("c", 64);
  int mte = b.engine("mte"), flag = b.event("flag"), back = b.event("back");
  b.add(b.in(0, a), mte);
  b.signal(flag, mte);
  b.wait(flag, vector);
  b.add(mapOf(Code::MulF, c, {a, a}), vector);
  b.signal(back, vector);
  b.wait(back, mte);
  b.add(b.out(c, 1), mte);
  b.signal(stored, mte);
  b.wait(stored);
  EXPECT_EQ(run(), "");
  EXPECT_EQ(y[15], 1);
}

TEST_F(Faults, FlagBeforeTheWork) {
  Window a = floats("a", 0), c = floats("c", 64);
  int mte = b.engine("mte"), flag = b.event("flag");
  b.signal(flag, mte);
  b.add(b.in(0, a), mte);
  b.wait(flag, vector);
  b.add(mapOf(Code::MulF, c, {a, a}), vector);
  b.signal(computed, vector);
  b.wait(computed);
  EXPECT_EQ(run(), "race on `a` in `mem`: this read by engine `vector` and "
                   "another write are not ordered");
}

TEST_F(Faults, SharedAddresses) {
  // d begins in a's last four bytes while a is still being stored.
  Window a = floats("a", 0), d = floats("d", 60);
  load(a);
  b.wait(loaded);
  store(a);
  load(d, 16);
  b.wait(loaded);
  b.wait(stored);
  EXPECT_EQ(run(), "race on `d` in `mem`, which shares its bytes with `a`: "
                   "this write by engine `dma` and another read are not "
                   "ordered");
}

TEST_F(Faults, GlobalMemory) {
  Window a = floats("a", 0), c = floats("c", 64);
  load(a);
  b.wait(loaded);
  store(a, 8);
  Instruction &i = b.add(b.in(1, c, 20), dma);
  i.event = loaded;
  i.scalar.constant = 1;
  b.wait(loaded);
  b.wait(stored);
  EXPECT_EQ(run(), "race on `y`: this read by engine `dma` and another write "
                   "are not ordered");
}

TEST_F(Faults, GlobalMemoryBesideIt) {
  Window a = floats("a", 0), c = floats("c", 64);
  load(a);
  b.wait(loaded);
  store(a, 8);
  Instruction &i = b.add(b.in(1, c, 24), dma);
  i.event = loaded;
  i.scalar.constant = 1;
  b.wait(loaded);
  b.wait(stored);
  EXPECT_EQ(run(), "");
}

TEST_F(Faults, NothingWaits) {
  Window a = floats("a", 0);
  b.program.events[stored].final = -1;
  load(a);
  b.wait(loaded);
  store(a);
  EXPECT_EQ(run(), "nothing waits for this work of engine `dma`: it may go on "
                   "when the launch ends");
}

TEST_F(Faults, EventEndsAtItsFinal) {
  b.signal(loaded);
  EXPECT_EQ(run(), "`loaded` ends the launch at 1 instead of 0");
}

TEST_F(Faults, EventAboveItsMost) {
  b.program.events[loaded].most = 2;
  b.signal(loaded, -1, 3);
  EXPECT_EQ(run(), "`loaded` rises to 3, above its most of 2");
}

TEST_F(Faults, Deadlock) {
  // Each stream waits for the other; the engine for nobody.
  b.program.streams.push_back("other");
  b.wait(loaded).stream = 0;
  b.signal(computed).stream = 0;
  b.wait(computed).stream = 1;
  b.signal(loaded).stream = 1;
  EXPECT_EQ(run(), "deadlock: stream `main` waits for 1 of `loaded`, which has "
                   "0, which nobody can signal any more");
}

TEST_F(Faults, DeadlockOfAQueue) {
  // The queue is full of works behind a wait that the stream would end.
  Window a = floats("a", 0);
  b.program.engines[vector].queue = 2;
  Window c = floats("c", 64);
  b.add(b.in(0, a));
  b.wait(loaded, vector);
  b.add(mapOf(Code::AddF, c, {a, a}), vector);
  b.add(mapOf(Code::AddF, c, {a, a}), vector);
  b.signal(loaded);
  EXPECT_EQ(run(), "deadlock: stream `main` waits for a place in the queue of "
                   "engine `vector`, which nobody can signal any more");
  simulator::Run timing;
  timing.functional = false;
  EXPECT_FALSE(b.run(timing));
  EXPECT_EQ(b.error, "deadlock: stream `main` waits for a place in the queue "
                     "of engine `vector`, which nobody can signal any more");
}

TEST_F(Faults, NoSuchEvent) { // SimulatorNoEvent
  Register at = b.reg();
  b.move(at, 7);
  Instruction &i = b.signal(stored);
  i.eventOffset = at;
  EXPECT_NE(run().find("there is no event number 7: `stored` begins 1 of them"),
            std::string::npos)
      << b.error;
}

TEST_F(Faults, TheHostMovesNothing) { // SimulatorNotOnHost
  load(floats("a", 0));
  b.wait(loaded);
  // The plan begins with the launch's work instead of its end.
  b.program.plan = b.program.launches[0].begin;
  EXPECT_NE(run().find("the host's part of a chip's program computes scalars "
                       "only"),
            std::string::npos)
      << b.error;
}

TEST_F(Faults, MoreAllocationsThanThereAreNumbers) {
  // SimulatorTooManyAllocations
  for (int i = 0; i < 65535; ++i)
    b.allocate("a", 0, 4);
  EXPECT_NE(run().find("the program has 65535 allocations; the simulator takes "
                       "65534"),
            std::string::npos)
      << b.error;
}

TEST_F(Faults, AProgramWithoutEnd) {
  Instruction &loop = b.add(Action::Jump);
  loop.target = int32_t(b.program.instructions.size()) - 1;
  simulator::Run run;
  run.most = 1000;
  EXPECT_FALSE(b.run(run));
  EXPECT_EQ(b.error, "a core has executed 1000 instructions; does the program "
                     "end?");
}

//===-- What it rests on --------------------------------------------------===//

TEST(Boxes, AgainstEveryByte) {
  std::mt19937 gen(5);
  auto pick = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(gen);
  };
  auto some = [&](std::set<int64_t> &bytes) {
    int64_t first = pick(0, 40), size = pick(1, 4);
    llvm::SmallVector<int64_t> shape, strides;
    for (int64_t d = pick(0, 3); d > 0; --d) {
      shape.push_back(pick(1, 4));
      strides.push_back(pick(-20, 20));
    }
    llvm::SmallVector<int64_t> at(shape.size(), 0);
    while (true) {
      int64_t byte = first;
      for (size_t d = 0; d < at.size(); ++d)
        byte += at[d] * strides[d];
      for (int64_t i = 0; i < size; ++i)
        bytes.insert(byte + i);
      size_t d = at.size();
      while (d-- > 0 && ++at[d] == shape[d])
        at[d] = 0;
      if (d == size_t(-1))
        return Box(first, size, shape, strides);
    }
  };
  int overlaps = 0;
  for (int i = 0; i < 20000; ++i) {
    std::set<int64_t> as, bs, both;
    Box a = some(as), b = some(bs);
    std::set_intersection(as.begin(), as.end(), bs.begin(), bs.end(),
                          std::inserter(both, both.begin()));
    ASSERT_EQ(a.overlaps(b), !both.empty());
    ASSERT_EQ(a.low(), *as.begin());
    ASSERT_EQ(a.high(), *as.rbegin() + 1);
    if (a.contains(b)) {
      ASSERT_EQ(both.size(), bs.size());
    }
    overlaps += !both.empty();
  }
  // Both answers occur often.
  EXPECT_GT(overlaps, 2000);
  EXPECT_LT(overlaps, 18000);
}

TEST(Clocks, TakeAnyKnowsWhatAllWaysHave) {
  Clock a, b, c;
  a.finish(1);
  b.finish(2);
  c.join(b);
  c.finish(3);
  std::vector<Clock> clocks = {a, b, c};
  // Of three, any two: a and b, a and c, or b and c. Work 2 is in all.
  Clock two = Clock::takeAny(clocks, 2);
  EXPECT_TRUE(two.coversWork(2));
  EXPECT_FALSE(two.coversWork(1));
  EXPECT_FALSE(two.coversWork(3));
  // The last one then tells all.
  Clock rest = Clock::takeAny(llvm::MutableArrayRef(clocks).drop_front(2), 1);
  EXPECT_TRUE(rest.coversWork(1) && rest.coversWork(2) && rest.coversWork(3));
}
