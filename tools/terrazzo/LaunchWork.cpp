// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/LaunchWork.h"

#include "lib/Pipeline/Pipeline.h"

#include "mlir/IR/MLIRContext.h"

using namespace terrazzo;
using namespace terrazzo::tool;

std::optional<std::vector<survey::Work>>
terrazzo::tool::worksOf(const std::vector<LaunchSource> &sources,
                        std::vector<driver::Prepared> &prepared,
                        const frontend::SourceOptions &options,
                        DiagnosticEngine &engine, uint64_t mostSteps) {
  std::vector<survey::Work> out;
  std::set<int> changed;
  for (size_t i = 0; i < sources.size(); ++i) {
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    auto module = frontend::emitKernelIR(
        context, requestOf(sources[i], prepared[i], options, true), engine);
    if (!module ||
        mlir::failed(toTile(*module, schedule::Schedule(), engine, true)))
      return std::nullopt;
    // The memory goes to each launch in turn, and back to the first.
    if (i)
      std::swap(prepared[0].buffers, prepared[i].buffers);
    auto work = survey::countWork(*module, prepared[i], changed, engine,
                                  options.limits, mostSteps);
    if (i)
      std::swap(prepared[0].buffers, prepared[i].buffers);
    if (!work)
      return std::nullopt;
    changed.insert(work->changed.begin(), work->changed.end());
    out.push_back(std::move(*work));
  }
  return out;
}
