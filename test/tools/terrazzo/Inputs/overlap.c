/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A host program that lets the arguments of a compiled kernel overlap, and
 * breaks what it was promised: c = a + b, n and addresses divisible by 16. */
#include "add16.h"

#include <stdio.h>
#include <string.h>

enum { n = 2000, block = 1024, middle = 4096 };
static float memory[3 * middle], wanted[3 * middle], other[n];

/* What one program after the other makes, each of which loads all before it
 * stores. */
static void expect(int at) {
  float loaded[block];
  int p, i;
  for (p = 0; p < n; p += block) {
    memcpy(loaded, wanted + middle + p, sizeof loaded);
    for (i = 0; i < block && p + i < n; ++i)
      wanted[at + p + i] = loaded[i] + other[p + i];
  }
}

static int launch(const void *a, const void *b, void *c, uint64_t count) {
  uint64_t arguments[4];
  int64_t grid[3] = {(n + block - 1) / block, 1, 1};
  arguments[0] = (uint64_t)(uintptr_t)a;
  arguments[1] = (uint64_t)(uintptr_t)b;
  arguments[2] = (uint64_t)(uintptr_t)c;
  arguments[3] = count;
  return vector_add(arguments, grid, terrazzoRuntime(1));
}

int main(void) {
  /* In elements; multiples of 16 bytes. */
  static const int shifts[] = {0, 4, -4, 100, -100, 1996, -1996, 2000, -2000};
  unsigned s;
  int i;
  for (s = 0; s < sizeof shifts / sizeof *shifts; ++s) {
    int overlaps = shifts[s] != 0 && shifts[s] < n && shifts[s] > -n;
    uint64_t before = terrazzoFallbacks();
    for (i = 0; i < 3 * middle; ++i)
      memory[i] = wanted[i] = (float)(i % 1000);
    for (i = 0; i < n; ++i)
      other[i] = (float)(i % 7);
    expect(middle + shifts[s]);
    if (launch(memory + middle, other, memory + middle + shifts[s], n) != 0)
      return 2;
    if (memcmp(memory, wanted, sizeof memory) != 0) {
      printf("wrong at %d\n", shifts[s]);
      return 1;
    }
    if (terrazzoFallbacks() - before != (uint64_t)overlaps) {
      printf("the wrong version at %d\n", shifts[s]);
      return 3;
    }
  }
  memcpy(wanted, memory, sizeof memory);
  if (launch(memory + 1, other, memory + middle, n) != TERRAZZO_BROKEN_PROMISE)
    return 4;
  puts(terrazzoFailure());
  if (launch(memory, other, memory + middle, n - 1) != TERRAZZO_BROKEN_PROMISE)
    return 5;
  puts(terrazzoFailure());
  if (*terrazzoFailure() || memcmp(memory, wanted, sizeof memory) != 0)
    return 6;
  return 0;
}
