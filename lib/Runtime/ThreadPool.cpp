// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A pool of threads with one job at a time. A job is open while its pieces are
// handed out; workers join and leave an open job, the caller closes it and
// waits for those inside. Pieces are taken from one counter. No C++ library is
// needed to link this file.
#include "lib/Runtime/ThreadPool.h"

#include "lib/Runtime/Guards.h"
#include "lib/Runtime/Report.h"
#include "lib/Runtime/Tiles.h"

#include <atomic>
#include <climits>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

constexpr uint32_t maxThreads = 1024;
constexpr int maxDepth = 4;
// About 5 us of looking before a thread sleeps: launches in a row find the
// workers awake, and an idle pool costs nothing.
constexpr int spins = 200;
constexpr size_t hugePage = size_t(2) << 20;

//===-- Scratch
//------------------------------------------------------------===//

/// A thread's scratch memory, one block for each depth of nested loops.
struct Scratch {
  void *block[maxDepth];
  size_t bytes[maxDepth];
  int depth;
};
thread_local Scratch scratch;
pthread_key_t scratchKey;
pthread_once_t scratchOnce = PTHREAD_ONCE_INIT;

void freeScratch(void *p) {
  auto *s = static_cast<Scratch *>(p);
  for (int i = 0; i < maxDepth; ++i) {
    free(s->block[i]);
    s->block[i] = nullptr;
    s->bytes[i] = 0;
  }
}

/// Touched memory, or null.
void *allocate(int64_t wanted) {
  if (wanted < 0 || uint64_t(wanted) > SIZE_MAX / 2)
    return nullptr;
  size_t align = size_t(wanted) >= hugePage ? hugePage : 64;
  size_t bytes = (size_t(wanted) + align - 1) / align * align;
  auto *p = static_cast<char *>(aligned_alloc(align, bytes));
  if (!p)
    return nullptr;
  if (align == hugePage)
    madvise(p, bytes, MADV_HUGEPAGE);
  for (size_t i = 0; i < bytes; i += 4096)
    static_cast<volatile char *>(p)[i] = 0;
  return p;
}

/// Holds the scratch of one loop on this thread.
class Hold {
public:
  explicit Hold(int64_t bytes) {
    int depth = scratch.depth++;
    if (bytes <= 0)
      return;
    if (depth >= maxDepth) {
      memory = own = allocate(bytes);
      return;
    }
    if (scratch.bytes[depth] < size_t(bytes)) {
      pthread_once(&scratchOnce,
                   [] { pthread_key_create(&scratchKey, freeScratch); });
      pthread_setspecific(scratchKey, &scratch);
      free(scratch.block[depth]);
      scratch.block[depth] = allocate(bytes);
      scratch.bytes[depth] = scratch.block[depth] ? size_t(bytes) : 0;
    }
    memory = scratch.block[depth];
  }
  Hold(const Hold &) = delete;
  ~Hold() {
    --scratch.depth;
    free(own);
  }
  void *memory = nullptr;

private:
  void *own = nullptr;
};

//===-- Jobs
//---------------------------------------------------------------===//

struct Job {
  TerrazzoBody body;
  void *context;
  int64_t count, grain, scratchBytes;
};

void futexWait(std::atomic<uint32_t> &word, uint32_t value) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}
void futexWake(std::atomic<uint32_t> &word, int threads) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, threads, nullptr, nullptr, 0);
}
void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

/// The state word: how many workers are inside, whether more may join, whether
/// the caller sleeps.
constexpr uint32_t isOpen = 1u << 31, callerSleeps = 1u << 30;
constexpr uint32_t inside = callerSleeps - 1;

struct Pool {
  TerrazzoRuntime runtime; // first: a runtime's address is its pool's
  Pool *next;
  uint32_t asked;
  pthread_mutex_t launching;
  Job job; // written only while the state is 0
  alignas(64) std::atomic<uint32_t> state;
  alignas(64) std::atomic<uint32_t> epoch; // grows with every job
  std::atomic<uint32_t> sleeping;
  alignas(64) std::atomic<int64_t> taken;
};

/// Runs a whole job on this thread.
void runInline(const Job &job) {
  Hold hold(job.scratchBytes);
  int64_t grain = job.grain > 0 ? job.grain : job.count;
  for (int64_t begin = 0; begin < job.count;) {
    int64_t end = job.count - begin > grain ? begin + grain : job.count;
    job.body(job.context, begin, end, hold.memory);
    begin = end;
  }
}

/// Takes pieces until none is left.
void runPieces(Pool &pool) {
  const Job &job = pool.job;
  int64_t begin = pool.taken.fetch_add(job.grain, std::memory_order_relaxed);
  if (begin >= job.count)
    return;
  Hold hold(job.scratchBytes);
  do {
    int64_t end = job.count - begin > job.grain ? begin + job.grain : job.count;
    job.body(job.context, begin, end, hold.memory);
    begin = pool.taken.fetch_add(job.grain, std::memory_order_relaxed);
  } while (begin < job.count);
}

bool join(Pool &pool) {
  uint32_t s = pool.state.load(std::memory_order_relaxed);
  while (s & isOpen)
    if (pool.state.compare_exchange_weak(s, s + 1, std::memory_order_acquire))
      return true;
  return false;
}

void leave(Pool &pool) {
  uint32_t left = pool.state.fetch_sub(1, std::memory_order_acq_rel) - 1;
  if ((left & inside) == 0 && (left & callerSleeps))
    futexWake(pool.state, 1);
}

void *work(void *p) {
  Pool &pool = *static_cast<Pool *>(p);
  while (true) {
    // The epoch is read before the state: a job that opens after this changes
    // it, so that the sleep below ends.
    uint32_t seen = pool.epoch.load();
    if (join(pool)) {
      runPieces(pool);
      leave(pool);
    }
    for (int i = 0; i < spins && pool.epoch.load() == seen; ++i)
      pause();
    if (pool.epoch.load() != seen)
      continue;
    pool.sleeping.fetch_add(1);
    while (pool.epoch.load() == seen)
      futexWait(pool.epoch, seen);
    pool.sleeping.fetch_sub(1);
  }
}

/// Closes the job and waits for the workers inside.
void finish(Pool &pool) {
  uint32_t s = pool.state.fetch_and(~isOpen, std::memory_order_acq_rel);
  s &= ~isOpen;
  for (int i = 0; i < spins && (s & inside); ++i) {
    pause();
    s = pool.state.load(std::memory_order_acquire);
  }
  if (s & inside)
    pool.state.fetch_or(callerSleeps, std::memory_order_acq_rel);
  while ((s = pool.state.load(std::memory_order_acquire)) & inside)
    futexWait(pool.state, s);
  pool.state.store(0, std::memory_order_release);
}

void parallelFor(const TerrazzoRuntime *runtime, TerrazzoBody body,
                 void *context, int64_t count, int64_t grain,
                 int64_t scratchBytes) {
  if (count <= 0)
    return;
  auto &pool =
      *reinterpret_cast<Pool *>(const_cast<TerrazzoRuntime *>(runtime));
  Job job{body, context, count, grain, scratchBytes};
  int64_t threads = runtime->threads;
  if (grain <= 0 && threads > 1) // eight pieces a thread even out their speeds
    job.grain = count / (threads * 8) > 0 ? count / (threads * 8) : 1;
  // The counter passes the count by at most one piece for each thread.
  if (threads <= 1 || count <= job.grain || scratch.depth > 0 ||
      count > INT64_MAX / 2 || job.grain > INT64_MAX / 2 / (maxThreads + 1) ||
      pthread_mutex_trylock(&pool.launching) != 0)
    return runInline(job);
  pool.job = job;
  pool.taken.store(0, std::memory_order_relaxed);
  pool.state.store(isOpen, std::memory_order_release);
  pool.epoch.fetch_add(1);
  int64_t useful = (count - 1) / job.grain;
  if (pool.sleeping.load() > 0)
    futexWake(pool.epoch, int(useful < threads - 1 ? useful : threads - 1));
  runPieces(pool);
  finish(pool);
  pthread_mutex_unlock(&pool.launching);
}

//===-- Pools
//--------------------------------------------------------------===//

pthread_mutex_t poolsLock = PTHREAD_MUTEX_INITIALIZER;
Pool *pools = nullptr;
/// What is left when no memory can be had for a pool.
Pool alone{};

uint32_t usableCores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
    return uint32_t(CPU_COUNT(&set));
  long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n > 0 ? uint32_t(n) : 1;
}

void fill(Pool &pool, uint32_t threads) {
  pool.runtime = {TERRAZZO_RUNTIME_VERSION,
                  1,
                  parallelFor,
                  terrazzo::runtime::report,
                  terrazzo::runtime::useTiles,
                  terrazzo::runtime::check};
  pool.asked = threads;
  pthread_mutex_init(&pool.launching, nullptr);
}

Pool *start(uint32_t threads) {
  size_t bytes =
      (sizeof(Pool) + alignof(Pool) - 1) / alignof(Pool) * alignof(Pool);
  void *memory = aligned_alloc(alignof(Pool), bytes);
  if (!memory) {
    fill(alone, 1);
    return &alone;
  }
  memset(memory, 0, bytes);
  auto *pool = static_cast<Pool *>(memory);
  fill(*pool, threads);
  // Signals are for the program's own threads, but for those that a thread's
  // own fault raises: blocked, they would end the process without a word.
  sigset_t all, before;
  sigfillset(&all);
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP})
    sigdelset(&all, fault);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (uint32_t i = 1; i < threads; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, nullptr, work, pool) != 0)
      break;
    pthread_detach(thread);
    ++pool->runtime.threads;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pool->next = pools;
  pools = pool;
  return pool;
}

} // namespace

const TerrazzoRuntime *terrazzoRuntime(uint32_t threads) {
  if (threads == 0)
    threads = usableCores();
  if (threads > maxThreads)
    threads = maxThreads;
  pthread_mutex_lock(&poolsLock);
  Pool *pool = pools;
  while (pool && pool->asked != threads)
    pool = pool->next;
  if (!pool)
    pool = start(threads);
  pthread_mutex_unlock(&poolsLock);
  return &pool->runtime;
}
