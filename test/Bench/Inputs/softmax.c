/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A kernel by hand, with the entry that a compiled examples/softmax has: what
 * tests the bench's own side without a code generator. WRONG forgets the
 * last column.
 */
#include "terrazzo-c/Runtime.h"

#include <math.h>
#include <stddef.h>

typedef struct {
  float *out;
  const float *x;
  int64_t outRow, xRow, columns;
} Launch;

static void rows(void *context, int64_t begin, int64_t end, void *scratch) {
  const Launch *l = context;
  float *kept = scratch;
  for (int64_t row = begin; row < end; ++row) {
    const float *x = l->x + row * l->xRow;
    float *out = l->out + row * l->outRow;
    float most = -INFINITY, sum = 0;
    for (int64_t i = 0; i < l->columns; ++i)
      most = fmaxf(most, x[i]);
    for (int64_t i = 0; i < l->columns; ++i)
      sum += kept[i] = expf(x[i] - most);
#ifdef WRONG
    for (int64_t i = 0; i + 1 < l->columns; ++i)
      out[i] = kept[i] / sum;
#else
    for (int64_t i = 0; i < l->columns; ++i)
      out[i] = kept[i] / sum;
#endif
  }
}

int softmax(const uint64_t *arguments, const int64_t grid[3],
            const TerrazzoRuntime *runtime) {
  Launch launch = {
      (float *)(uintptr_t)arguments[0], (const float *)(uintptr_t)arguments[1],
      (int64_t)arguments[2], (int64_t)arguments[3], (int64_t)arguments[4]};
  runtime->parallelFor(runtime, rows, &launch, grid[0] * grid[1] * grid[2], 0,
                       launch.columns * (int64_t)sizeof(float));
  return 0;
}
