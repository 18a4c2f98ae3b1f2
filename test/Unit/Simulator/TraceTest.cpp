// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The trace as Chrome's format wants it, and the words of the summary.
#include "lib/Simulator/Trace.h"
#include "test/Unit/Simulator/Building.h"

#include "gtest/gtest.h"

using namespace terrazzo;
using namespace terrazzo::simulator;
using namespace terrazzo::simulator::test;

namespace {
/// Three loads of 4 us that overlap their latency of 6 us, then 2 us of work.
class Traces : public testing::Test {
protected:
  Traces() : x(3000, 1) {
    int dma = b.engine("dma", false), vector = b.engine("vector");
    int loaded = b.event("loaded"), computed = b.event("computed");
    b.program.paths[0].latency = 6e-6;
    Window w;
    for (int i = 0; i < 3; ++i) {
      w = window(b.allocate("a", i * 4096, 4000), F32, {1000});
      Instruction &load = b.add(b.in(0, w, i * 1000), dma);
      load.event = loaded;
      load.scalar.constant = 1;
    }
    b.wait(loaded, -1, 3);
    Instruction &add = b.add(mapOf(Arithmetic::Code::AddF, w, {w, w}), vector);
    add.busy = 2e-6;
    add.event = computed;
    add.scalar.constant = 1;
    b.wait(computed);
    run.buffers = {bufferOf("x", x)};
    run.timeline = true;
    b.program.launches[0].cores = 2;
  }
  Builder b;
  std::vector<float> x;
  simulator::Run run;
};
} // namespace

TEST_F(Traces, EventsOfChromesFormat) {
  std::optional<Result> result = b.run(run);
  ASSERT_TRUE(result) << b.error;
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::json::OStream json(os);
  json.array([&] { addTrace(json, b.program, *result, 5, 1e-6); });
  auto parsed = llvm::json::parse(text);
  ASSERT_TRUE(bool(parsed)) << text;
  std::map<std::pair<int64_t, int64_t>, std::string> threads;
  std::map<std::pair<int64_t, int64_t>, double> ends;
  std::map<std::string, double> sums;
  for (const llvm::json::Value &value : *parsed->getAsArray()) {
    const llvm::json::Object &e = *value.getAsObject();
    auto pid = e.getInteger("pid"), tid = e.getInteger("tid");
    ASSERT_TRUE(pid && tid && e.getString("name"));
    EXPECT_TRUE(*pid == 5 || *pid == 6);
    std::pair<int64_t, int64_t> thread(*pid, *tid);
    if (e.getString("ph") == "M") {
      if (e.getString("name") == "thread_name")
        threads[thread] = e.getObject("args")->getString("name")->str();
      continue;
    }
    ASSERT_EQ(e.getString("ph"), "X");
    double begin = *e.getNumber("ts"), length = *e.getNumber("dur");
    // Named before, and one after the other.
    ASSERT_TRUE(threads.count(thread));
    EXPECT_GE(begin, ends[thread] - 1e-9);
    ends[thread] = begin + length;
    sums[threads[thread]] += length;
    EXPECT_TRUE(
        e.getObject("args")->getString("at")->starts_with("test.mlir:"));
  }
  // On both cores: three loads side by side, the work, and the waits.
  EXPECT_NEAR(sums["dma"], 2 * 10.0, 1e-9);
  EXPECT_NEAR(sums["dma (2)"], 2 * 10.0, 1e-9);
  EXPECT_NEAR(sums["dma (3)"], 2 * 10.0, 1e-9);
  EXPECT_NEAR(sums["vector"], 2 * 2.0, 1e-9);
  EXPECT_NEAR(sums["stream main"], 2 * 20.0, 1e-9);
}

TEST_F(Traces, WhatHelps) {
  std::optional<Result> result = b.run(run);
  ASSERT_TRUE(result) << b.error;
  EXPECT_NEAR(result->seconds, 20e-6, 1e-15);
  std::vector<Help> help = whatHelps(b.program, run);
  ASSERT_GE(help.size(), 3u);
  EXPECT_EQ(help[0].what, "path `bus`");
  EXPECT_NEAR(help[0].seconds, 14e-6, 1e-15);
  EXPECT_EQ(help[1].what, "the latency of paths");
  EXPECT_NEAR(help[1].seconds, 17e-6, 1e-15);
  EXPECT_EQ(help[2].what, "engine `vector`");
  EXPECT_NEAR(help[2].seconds, 19e-6, 1e-15);
  EXPECT_EQ(summary(b.program, run, *result),
            "test: 20 us on 2 cores, modeled; 14 instructions, 24000 bytes "
            "read, 0 written\n"
            "  dma: busy 60.0%, 6 instructions, 24000 bytes\n"
            "  vector: busy 10.0%, 2 instructions\n"
            "  streams wait 100.0%\n"
            "    90.0% for `loaded`\n"
            "    10.0% for `computed`\n"
            "bound by path `bus`; twice as fast, it would take\n"
            "  path `bus`: 14 us (-30.0%)\n"
            "  the latency of paths: 17 us (-15.0%)\n"
            "  engine `vector`: 19 us (-5.0%)\n");
}
