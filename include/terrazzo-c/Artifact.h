/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Compiled kernels out of artifacts (`terrazzo compile --emit artifact`, or
 * Emit::Artifact of terrazzo/Compiler.h), in plain C and without LLVM: link
 * libTerrazzoCAPI.a, libTerrazzoArtifact.a, libTerrazzoRuntime.a, -lpthread -lm
 * and the C++ library.
 *
 *   const char *why;
 *   TerrazzoKernel *add = terrazzoLoadArtifact(bytes, size, &why);
 *   uint64_t arguments[] = {(uint64_t)(uintptr_t)x, (uint64_t)(uintptr_t)y, n};
 *   int64_t grid[3] = {(n + 1023) / 1024, 1, 1};
 *   int failed = terrazzoLaunch(add, arguments, grid, terrazzoRuntime(0));
 *   terrazzoUnloadKernel(add);
 */
#ifndef TERRAZZO_C_ARTIFACT_H
#define TERRAZZO_C_ARTIFACT_H

#include "terrazzo-c/Runtime.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A kernel whose code is in memory. */
typedef struct TerrazzoKernel TerrazzoKernel;

/* Loads an artifact; its bytes are not needed afterwards. NULL when they are no
 * artifact of this version, or when its code cannot be loaded here; *why,
 * unless `why` is NULL, is then text that stays until this thread's next call.
 * Load only artifacts that you made: what the code does is not checked, and
 * neither is that this machine has what the artifact's chip has. */
TerrazzoKernel *terrazzoLoadArtifact(const void *bytes, size_t size,
                                     const char **why);

/* Takes the code out of memory. No launch of it may be running. */
void terrazzoUnloadKernel(TerrazzoKernel *kernel);

/* What a launch must know. The texts stay as long as the kernel; a parameter's
 * type is as in a signature: `*f32:16`, `i32`. An index beyond the count gives
 * NULL. */
const char *terrazzoKernelName(const TerrazzoKernel *kernel);
const char *terrazzoKernelChip(const TerrazzoKernel *kernel);
size_t terrazzoParameterCount(const TerrazzoKernel *kernel);
const char *terrazzoParameterName(const TerrazzoKernel *kernel, size_t index);
const char *terrazzoParameterType(const TerrazzoKernel *kernel, size_t index);

/* Runs the grid; arguments, runtime and result are those of TerrazzoEntry. A
 * grid without a program returns 0. */
int terrazzoLaunch(const TerrazzoKernel *kernel, const uint64_t *arguments,
                   const int64_t grid[3], const TerrazzoRuntime *runtime);

#ifdef __cplusplus
}
#endif

#endif /* TERRAZZO_C_ARTIFACT_H */
