// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiles a kernel from text, loads its code and runs it; and shows a mistake
// as data.
#include "terrazzo-c/Artifact.h"
#include "terrazzo/Compiler.h"

#include <iostream>
#include <numeric>

int main() {
  terrazzo::CompileRequest request;
  request.path = "twice.py";
  request.source = "import triton\n"
                   "import triton.language as tl\n"
                   "\n"
                   "@triton.jit\n"
                   "def twice(x, BLOCK: tl.constexpr):\n"
                   "    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)\n"
                   "    tl.store(x + i, tl.load(x + i) * 2)\n";
  request.signature = "*fp32, BLOCK=64";
  request.emit = terrazzo::Emit::Artifact;
  request.targets = terrazzo::allTargets();
  terrazzo::CompileResult result = terrazzo::compile(request);
  if (!result.output) {
    std::cerr << result.rendered;
    return 1;
  }

  const char *why = nullptr;
  TerrazzoKernel *twice =
      terrazzoLoadArtifact(result.output->data(), result.output->size(), &why);
  if (!twice) {
    std::cerr << why << "\n";
    return 1;
  }
  float x[256];
  std::iota(x, x + 256, 0.0f);
  uint64_t arguments[] = {reinterpret_cast<uintptr_t>(x)};
  int64_t grid[3] = {256 / 64, 1, 1};
  if (terrazzoLaunch(twice, arguments, grid, terrazzoRuntime(0))) {
    std::cerr << terrazzoFailure() << "\n";
    return 1;
  }
  std::cout << terrazzoKernelName(twice) << " on " << terrazzoKernelChip(twice)
            << ": " << x[0] << " " << x[1] << " ... " << x[255] << "\n";
  terrazzoUnloadKernel(twice);

  request.signature = "*fp32";
  result = terrazzo::compile(request);
  std::cout << result.messages.at(0).kind << "\n";
  return 0;
}
