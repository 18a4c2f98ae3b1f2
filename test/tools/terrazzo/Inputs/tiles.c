/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A host program of a kernel that uses matrix registers: c = a b, 64 columns.
 */
#include "integers.h"

#include <stdio.h>

enum { n = 64, depth = 128 };
static int8_t a[n * depth], b[depth * n];
static int32_t c[n * n];

int main(void) {
  uint64_t arguments[4];
  const int64_t grid[3] = {1, 1, 1};
  TerrazzoRuntime old = *terrazzoRuntime(1);
  int i, j, k, failed;
  for (i = 0; i < n * depth; ++i) {
    a[i] = (int8_t)(i * 37 % 251 - 125);
    b[i] = (int8_t)(i * 91 % 241 - 120);
  }
  for (i = 0; i < n * n; ++i)
    c[i] = 5;
  arguments[0] = (uint64_t)(uintptr_t)a;
  arguments[1] = (uint64_t)(uintptr_t)b;
  arguments[2] = (uint64_t)(uintptr_t)c;
  arguments[3] = depth;
  /* A runtime that knows nothing of them is not asked. */
  old.version = 2;
  old.useTiles = 0;
  if (integers(arguments, grid, &old) != TERRAZZO_NO_TILES)
    return 1;
  failed = integers(arguments, grid, terrazzoRuntime(2));
  if (failed) {
    for (i = 0; i < n * n; ++i)
      if (c[i] != 5)
        return 1;
    printf("failed with %d, nothing written\n", failed);
    return 0;
  }
  for (i = 0; i < n; ++i)
    for (j = 0; j < n; ++j) {
      int32_t sum = 0;
      for (k = 0; k < depth; ++k)
        sum += a[i * depth + k] * b[k * n + j];
      if (c[i * n + j] != sum) {
        printf("element %d, %d is %d, not %d\n", i, j, (int)c[i * n + j],
               (int)sum);
        return 1;
      }
    }
  printf("right\n");
  return 0;
}
