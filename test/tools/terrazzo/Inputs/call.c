/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A host program of a compiled kernel: c = a + b on all cores. */
#include "add.h"

#include <stdio.h>

enum { n = 98765 };
static float a[n], b[n], c[n + 1];

int main(void) {
  uint32_t threads;
  for (int i = 0; i < n; ++i) {
    a[i] = (float)i / 2;
    b[i] = (float)(i % 100);
  }
  for (threads = 0; threads <= 3; ++threads) {
    const TerrazzoRuntime *runtime = terrazzoRuntime(threads);
    uint64_t arguments[4];
    int64_t grid[3];
    int i;
    arguments[0] = (uint64_t)(uintptr_t)a;
    arguments[1] = (uint64_t)(uintptr_t)b;
    arguments[2] = (uint64_t)(uintptr_t)c;
    arguments[3] = n;
    grid[0] = (n + 1023) / 1024;
    grid[1] = grid[2] = 1;
    for (i = 0; i <= n; ++i)
      c[i] = -1;
    if (vector_add(arguments, grid, runtime) != 0)
      return 2;
    for (i = 0; i < n; ++i)
      if (c[i] != a[i] + b[i]) {
        printf("element %d is %g\n", i, (double)c[i]);
        return 1;
      }
    if (c[n] != -1)
      return 3;
  }
  return 0;
}
