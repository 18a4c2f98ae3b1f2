/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Runs a kernel that was compiled before: `launch FILE`, an artifact whose one
 * argument is a pointer to at least 256 f32, in 4 programs. No LLVM is in it.
 */
#include "terrazzo-c/Artifact.h"

#include <stdio.h>

int main(int argc, char **argv) {
  static char bytes[1 << 20];
  FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (!file) {
    fputs("usage: launch FILE\n", stderr);
    return 2;
  }
  size_t size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  const char *why;
  TerrazzoKernel *kernel = terrazzoLoadArtifact(bytes, size, &why);
  if (!kernel) {
    fprintf(stderr, "%s: %s\n", argv[1], why);
    return 1;
  }
  float x[256];
  for (int i = 0; i < 256; ++i)
    x[i] = (float)i;
  uint64_t arguments[] = {(uint64_t)(uintptr_t)x};
  int64_t grid[3] = {4, 1, 1};
  int failed = terrazzoLaunch(kernel, arguments, grid, terrazzoRuntime(0));
  for (size_t i = 0; i < terrazzoParameterCount(kernel); ++i)
    printf("%s: %s\n", terrazzoParameterName(kernel, i),
           terrazzoParameterType(kernel, i));
  printf("%d: %g %g ... %g\n", failed, x[0], x[1], x[255]);
  terrazzoUnloadKernel(kernel);
  return failed;
}
