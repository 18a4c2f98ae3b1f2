/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What a compiled kernel needs at run time, in plain C: the threads that it
 * runs on, and the shape of its entry. No LLVM; link libTerrazzoRuntime.a and
 * -lpthread -lm.
 *
 *   const TerrazzoRuntime *runtime = terrazzoRuntime(0);
 *   uint64_t arguments[] = {(uint64_t)(uintptr_t)x, n};
 *   int64_t grid[3] = {(n + 1023) / 1024, 1, 1};
 *   int failed = add_kernel(arguments, grid, runtime);
 */
#ifndef TERRAZZO_C_RUNTIME_H
#define TERRAZZO_C_RUNTIME_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows when something here changes; entries check nothing but this. */
#define TERRAZZO_RUNTIME_VERSION 3u

typedef struct TerrazzoRuntime TerrazzoRuntime;

/* One piece [begin, end) of a parallel loop. `scratch` is 64-byte aligned and
 * private to the running thread during the call; what it holds at the start is
 * undefined. It is NULL when the loop asked for none or when the memory could
 * not be had: a body that needs it then does nothing but note that in its
 * context. */
typedef void (*TerrazzoBody)(void *context, int64_t begin, int64_t end,
                             void *scratch);

/* What a kernel says while it runs: device_print, or an assertion that does not
 * hold. Each number of a value has 8 bytes; they stand in row-major order. */
typedef struct TerrazzoValue {
  const void *numbers; /* double if isFloat, else int64_t */
  int64_t count;
  int64_t isFloat;
  int64_t isSigned;
  int64_t bits; /* of an element */
  int64_t rank; /* 0: one number */
  const int64_t *sizes;
} TerrazzoValue;
typedef struct TerrazzoReport {
  const char *message; /* not ended by 0 */
  int64_t length;
  int64_t isFailure;  /* of an assertion, else a print */
  int64_t program[3]; /* -1: of the launch, before its programs */
  const TerrazzoValue *values;
  int64_t count;
  int64_t isHex;
} TerrazzoReport;

struct TerrazzoRuntime {
  uint32_t version; /* TERRAZZO_RUNTIME_VERSION */
  uint32_t threads; /* that take part, the caller included */
  /* Runs `body` over [0, count) in pieces of `grain` (0: the runtime chooses)
   * on all threads, in any order, and returns when all are done. A call from
   * inside a body runs on the thread that makes it. Scratch memory is kept
   * between launches, because fresh pages are slow. */
  void (*parallelFor)(const TerrazzoRuntime *runtime, TerrazzoBody body,
                      void *context, int64_t count, int64_t grain,
                      int64_t scratchBytes);
  /* Since version 2. The default writes a print to the standard output, and
   * keeps the first failure for terrazzoFailure. */
  void (*report)(const TerrazzoRuntime *runtime, const TerrazzoReport *report);
  /* Since version 3. Asks the system for the matrix registers (Intel AMX), once
   * for this process; not 0 when the machine or the system has none. Entries
   * that use them call it first. */
  int (*useTiles)(const TerrazzoRuntime *runtime);
  /* Since version 3. What an entry asks before it runs: 0, TERRAZZO_MAY_OVERLAP
   * or TERRAZZO_BROKEN_PROMISE, which it has reported as a failure. The guards
   * are the compiler's numbers, the names those of the arguments. Only the
   * default reads them. */
  int (*check)(const TerrazzoRuntime *runtime, const int64_t *guards,
               const char *names, const uint64_t *arguments,
               const int64_t grid[3]);
};

/* Memory that the kernel writes may overlap another argument in a way that
 * matters: the entry runs a version of the kernel that allows it. */
#define TERRAZZO_MAY_OVERLAP 1
/* An address or a number is not divisible by what it was compiled for. */
#define TERRAZZO_BROKEN_PROMISE 3
/* The kernel needs matrix registers (AMX), and useTiles fails or the runtime is
 * older than version 3. */
#define TERRAZZO_NO_TILES 4

/* A kernel. arguments[i] is a pointer's address; an integer, sign-extended to
 * 64 bits; the bits of an f64, or of an f32, f16 or bf16 in the low 32 or 16
 * bits. Arguments may overlap. The grid's programs all run before it returns 0.
 * It returns TERRAZZO_BROKEN_PROMISE or TERRAZZO_NO_TILES before any of them,
 * and then has written nothing; 1 when scratch memory could not be had, and 2
 * when an assertion failed: then no further program is begun, and what it wrote
 * is undefined. */
typedef int (*TerrazzoEntry)(const uint64_t *arguments, const int64_t grid[3],
                             const TerrazzoRuntime *runtime);

/* The runtime with so many threads, 0 being one for each core that this process
 * may use. The threads start once and stay until the process ends; it may have
 * fewer than asked for when the system gives no more. Never NULL. Several
 * threads may launch on one runtime at the same time. */
const TerrazzoRuntime *terrazzoRuntime(uint32_t threads);

/* What the assertion said that failed first since the last call, or which
 * argument broke which promise, as text that stays until the next failure;
 * empty when nothing failed. */
const char *terrazzoFailure(void);

/* How many launches of this process ran the version for arguments that may
 * overlap. It is always right, and slower. */
uint64_t terrazzoFallbacks(void);

#ifdef __cplusplus
}
#endif

#endif /* TERRAZZO_C_RUNTIME_H */
