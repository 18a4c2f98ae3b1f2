// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Runtime/ThreadPool.h"

#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <signal.h>
#include <unistd.h>

#include <gtest/gtest.h>

using terrazzo::runtime::runtime;

namespace {

/// Counts how often each index is visited, and looks at the pieces.
struct Visits {
  explicit Visits(int64_t n) : seen(new std::atomic<int>[n]()), count(n) {}
  std::unique_ptr<std::atomic<int>[]> seen;
  int64_t count;
  std::atomic<int64_t> longest{0};
  std::atomic<int> badScratch{0};
  int64_t scratchBytes = 0;

  static void body(void *context, int64_t begin, int64_t end, void *scratch) {
    auto &v = *static_cast<Visits *>(context);
    for (int64_t i = begin; i < end; ++i)
      ++v.seen[i];
    int64_t length = end - begin, old = v.longest;
    while (old < length && !v.longest.compare_exchange_weak(old, length)) {
    }
    if (v.scratchBytes == 0)
      return;
    // Private during the call: what is written here stays what it is.
    char mark = char(begin * 7 + 1);
    std::memset(scratch, mark, v.scratchBytes);
    if (begin % 64 == 0)
      std::this_thread::yield();
    auto *bytes = static_cast<char *>(scratch);
    if (reinterpret_cast<uintptr_t>(scratch) % 64 || bytes[0] != mark ||
        bytes[v.scratchBytes - 1] != mark)
      ++v.badScratch;
  }
  void check() {
    for (int64_t i = 0; i < count; ++i)
      ASSERT_EQ(seen[i], 1) << i;
    EXPECT_EQ(badScratch, 0);
  }
};

TEST(ThreadPool, EveryIndexOnceForAnyGrainAndThreads) {
  for (unsigned threads : {1u, 2u, 3u, 8u})
    for (int64_t count : {0, 1, 2, 7, 1000})
      for (int64_t grain : {0, 1, 3, 64, 5000}) {
        const TerrazzoRuntime *r = runtime(threads);
        Visits v(count);
        v.scratchBytes = grain * 40;
        r->parallelFor(r, Visits::body, &v, count, grain, v.scratchBytes);
        v.check();
        if (grain) {
          EXPECT_LE(v.longest, grain);
        }
      }
}

TEST(ThreadPool, OneRuntimeForACountAndItsThreads) {
  EXPECT_EQ(runtime(3), runtime(3));
  EXPECT_NE(runtime(3), runtime(2));
  EXPECT_EQ(runtime(3)->threads, 3u);
  EXPECT_EQ(runtime(1)->threads, 1u);
  EXPECT_EQ(runtime(1)->version, TERRAZZO_RUNTIME_VERSION);
  EXPECT_GE(runtime(0)->threads, 1u);
}

TEST(ThreadPool, ManyLaunchesInARow) {
  const TerrazzoRuntime *r = runtime(4);
  for (int round = 0; round < 3000; ++round) {
    Visits v(9);
    r->parallelFor(r, Visits::body, &v, 9, 1, 0);
    v.check();
    if (round % 500 == 0) // let the workers fall asleep
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

TEST(ThreadPool, OtherThreadsTakePart) {
  struct Seen {
    std::mutex lock;
    std::set<std::thread::id> ids;
  } seen;
  const TerrazzoRuntime *r = runtime(4);
  // Each piece waits: one thread alone would not get through before others
  // come, unless none ever does.
  for (int round = 0; round < 50 && seen.ids.size() < 2; ++round)
    r->parallelFor(
        r,
        [](void *c, int64_t, int64_t, void *) {
          auto &s = *static_cast<Seen *>(c);
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
          std::lock_guard<std::mutex> guard(s.lock);
          s.ids.insert(std::this_thread::get_id());
        },
        &seen, 64, 1, 0);
  EXPECT_GE(seen.ids.size(), 2u);
}

struct Nest {
  const TerrazzoRuntime *runtime;
  int depth;
  std::atomic<int> *leaves;
  std::atomic<int> *bad;
};
void nest(void *context, int64_t begin, int64_t end, void *scratch) {
  const Nest &n = *static_cast<Nest *>(context);
  if (n.depth == 0) {
    *n.leaves += int(end - begin);
    return;
  }
  std::memset(scratch, n.depth, 4096);
  for (int64_t i = begin; i < end; ++i) {
    Nest inner{n.runtime, n.depth - 1, n.leaves, n.bad};
    n.runtime->parallelFor(n.runtime, nest, &inner, 3, 1, 4096);
  }
  auto *bytes = static_cast<char *>(scratch);
  for (int i = 0; i < 4096; ++i)
    if (bytes[i] != n.depth) { // an inner loop wrote into the outer's scratch
      ++*n.bad;
      break;
    }
}

TEST(ThreadPool, NestedLoopsHaveTheirOwnScratch) {
  for (unsigned threads : {1u, 4u}) {
    std::atomic<int> leaves{0}, bad{0};
    Nest top{runtime(threads), 6, &leaves, &bad};
    top.runtime->parallelFor(top.runtime, nest, &top, 3, 1, 4096);
    EXPECT_EQ(leaves, 3 * 3 * 3 * 3 * 3 * 3 * 3);
    EXPECT_EQ(bad, 0);
  }
}

TEST(ThreadPool, ScratchIsKept) {
  const TerrazzoRuntime *r = runtime(1);
  void *first = nullptr, *second = nullptr;
  auto note = [](void *c, int64_t, int64_t, void *s) {
    *static_cast<void **>(c) = s;
  };
  r->parallelFor(r, note, &first, 1, 0, 100000);
  r->parallelFor(r, note, &second, 1, 0, 90000);
  EXPECT_NE(first, nullptr);
  EXPECT_EQ(first, second);
}

TEST(ThreadPool, MemoryThatCannotBeHadIsANullScratch) {
  for (unsigned threads : {1u, 2u}) {
    const TerrazzoRuntime *r = runtime(threads);
    std::atomic<int> nulls{0};
    r->parallelFor(
        r,
        [](void *c, int64_t begin, int64_t end, void *s) {
          if (!s)
            *static_cast<std::atomic<int> *>(c) += int(end - begin);
        },
        &nulls, 5, 1, int64_t(1) << 62);
    EXPECT_EQ(nulls, 5);
    // And the next launch has its memory again.
    Visits v(10);
    v.scratchBytes = 640;
    r->parallelFor(r, Visits::body, &v, 10, 1, 640);
    v.check();
  }
}

/// A kernel's division by zero: the CPU's fault is what is wanted, not the
/// sanitizer's message before it.
__attribute__((no_sanitize("integer-divide-by-zero"))) int
divide(const volatile int &by) {
  return 100 / by; // 1 / x needs no division
}

/// A fault on a worker's thread comes to the process's handler, as one of the
/// caller's does; a blocked one would end the process without a word.
TEST(ThreadPoolDeathTest, AFaultOfAWorkerReachesTheHandler) {
  auto faultOnWorker = [] {
    signal(SIGFPE, [](int) { _exit(7); });
    static std::thread::id caller = std::this_thread::get_id();
    const TerrazzoRuntime *r = runtime(6); // in this process alone
    for (int round = 0; round < 1000; ++round)
      r->parallelFor(
          r,
          [](void *, int64_t, int64_t, void *) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            if (std::this_thread::get_id() != caller) {
              volatile int zero = 0;
              volatile int fault = divide(zero);
              (void)fault;
            }
          },
          nullptr, 32, 1, 0);
  };
  EXPECT_EXIT(faultOnWorker(), testing::ExitedWithCode(7), "");
}

TEST(ThreadPool, SeveralCallersAtOnce) {
  const TerrazzoRuntime *r = runtime(3);
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t)
    callers.emplace_back([r] {
      for (int round = 0; round < 200; ++round) {
        Visits v(100);
        v.scratchBytes = 256;
        r->parallelFor(r, Visits::body, &v, 100, 3, 256);
        v.check();
      }
    });
  for (std::thread &t : callers)
    t.join();
}

} // namespace
