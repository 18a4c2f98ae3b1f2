// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "terrazzo-c/Artifact.h"

#include "lib/Artifact/Artifact.h"
#include "lib/Runtime/Object.h"

using namespace terrazzo;

struct TerrazzoKernel {
  artifact::Artifact artifact;
  runtime::Loaded code;
  TerrazzoEntry entry;
};

TerrazzoKernel *terrazzoLoadArtifact(const void *bytes, size_t size,
                                     const char **why) {
  static thread_local std::string fault;
  fault.clear();
  if (why)
    *why = "";
  if (auto artifact =
          artifact::read({static_cast<const char *>(bytes), size}, fault)) {
    if (auto code = runtime::load(artifact->code, fault)) {
      if (TerrazzoEntry entry = code->entry(artifact->kernel))
        return new TerrazzoKernel{std::move(*artifact), std::move(*code),
                                  entry};
      fault = "its code has no function `" + artifact->kernel + "`";
    }
  }
  if (why)
    *why = fault.c_str();
  return nullptr;
}

void terrazzoUnloadKernel(TerrazzoKernel *kernel) { delete kernel; }

const char *terrazzoKernelName(const TerrazzoKernel *kernel) {
  return kernel->artifact.kernel.c_str();
}

const char *terrazzoKernelChip(const TerrazzoKernel *kernel) {
  return kernel->artifact.chip.c_str();
}

size_t terrazzoParameterCount(const TerrazzoKernel *kernel) {
  return kernel->artifact.parameters.size();
}

const char *terrazzoParameterName(const TerrazzoKernel *kernel, size_t index) {
  const auto &parameters = kernel->artifact.parameters;
  return index < parameters.size() ? parameters[index].name.c_str() : nullptr;
}

const char *terrazzoParameterType(const TerrazzoKernel *kernel, size_t index) {
  const auto &parameters = kernel->artifact.parameters;
  return index < parameters.size() ? parameters[index].type.c_str() : nullptr;
}

int terrazzoLaunch(const TerrazzoKernel *kernel, const uint64_t *arguments,
                   const int64_t grid[3], const TerrazzoRuntime *runtime) {
  if (grid[0] <= 0 || grid[1] <= 0 || grid[2] <= 0)
    return 0;
  return kernel->entry(arguments, grid, runtime);
}
