// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/Launches.h"

#include "tools/terrazzo/LimitOptions.h"

#include "lib/Driver/Binding.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"

using namespace terrazzo;
using namespace terrazzo::tool;

/// The kernel of a launch: named there, by -k, or the only one. \p place is
/// where it is named; nowhere: the file is at fault.
static std::optional<frontend::KernelInfo>
findKernel(DiagnosticEngine &engine, unsigned buffer, const std::string &name,
           const Where &place, const frontend::SourceOptions &options) {
  std::vector<frontend::KernelInfo> kernels =
      frontend::listKernels(engine, buffer, options);
  if (engine.hasErrors() && kernels.empty())
    return std::nullopt;
  std::vector<frontend::KernelInfo> fits;
  for (frontend::KernelInfo &k : kernels)
    if (name.empty() ? (kernels.size() == 1 || !k.signature.empty())
                     : k.name == name)
      fits.push_back(k);
  if (fits.size() == 1)
    return fits[0];
  Where file = place.isNowhere() ? Where(engine.range(buffer, 0, 0)) : place;
  if (!name.empty())
    engine.emit(DiagnosticKind::UnknownKernel, file, name);
  else if (kernels.empty())
    engine.emit(DiagnosticKind::NoKernel, file);
  else
    engine.emit(DiagnosticKind::SeveralKernels, file,
                kernels[0].name + "`, `" + kernels[1].name);
  return std::nullopt;
}

std::optional<std::vector<LaunchSource>>
terrazzo::tool::findLaunches(const CommonOptions &options,
                             const driver::LaunchFile &file,
                             DiagnosticEngine &engine) {
  std::vector<LaunchSource> out;
  auto add = [&](const std::string &path, const std::string &name,
                 const Where &place) {
    unsigned buffer = engine.findBuffer(path);
    if (!buffer) {
      auto source = frontend::addSource(engine, path, options.source.limits);
      if (!source)
        return false;
      buffer = *source;
    }
    auto kernel = findKernel(engine, buffer, name, place, options.source);
    if (!kernel)
      return false;
    out.push_back({buffer, path, std::move(*kernel)});
    return true;
  };
  if (!file.launchesWhere.isValid()) {
    bool found = add(options.file,
                     options.kernel.empty() ? file.kernel.text : options.kernel,
                     Where());
    return found ? std::optional(std::move(out)) : std::nullopt;
  }
  for (const driver::LaunchStep &step : file.launches) {
    llvm::SmallString<128> path(options.file);
    if (step.file) {
      path = step.file.text;
      if (llvm::sys::path::is_relative(path)) {
        path = llvm::sys::path::parent_path(file.path);
        llvm::sys::path::append(path, step.file.text);
      }
    }
    if (!add(path.str().str(), step.kernel.text,
             Where(step.kernel ? step.kernel.where : step.where)))
      return std::nullopt;
  }
  return out;
}

std::optional<std::vector<driver::Prepared>> terrazzo::tool::prepareLaunches(
    const driver::LaunchFile &file, const std::vector<LaunchSource> &sources,
    const frontend::SourceOptions &options, const driver::Footprint &footprint,
    DiagnosticEngine &engine, DiagnosticEngine &to) {
  std::vector<frontend::KernelInfo> kernels;
  for (const LaunchSource &source : sources)
    kernels.push_back(source.kernel);
  return driver::prepareAll(
      file, kernels,
      [&](size_t i, const std::vector<frontend::Argument> &given) {
        return frontend::decoratedConstants(
            engine, sources[i].buffer, sources[i].kernel.name, given, options);
      },
      to, options.limits, footprint);
}

frontend::Request terrazzo::tool::requestOf(
    const LaunchSource &source, const driver::Prepared &prepared,
    const frontend::SourceOptions &options, bool specialize) {
  frontend::Request r;
  r.buffer = source.buffer;
  r.kernel = source.kernel.name;
  r.arguments = driver::argumentsOf(prepared, source.kernel, specialize);
  r.options = options;
  return r;
}

std::optional<Compiled> terrazzo::tool::compileLaunch(
    const LaunchSource &source, const driver::Prepared &prepared,
    const schedule::Schedule &schedule, const ChosenChip &chip,
    const frontend::SourceOptions &options, const CompileCache &cache,
    DiagnosticEngine &engine) {
  frontend::Request r =
      requestOf(source, prepared, options, /*specialize=*/true);
  CompileInputs inputs{engine.text(source.buffer),
                       source.kernel.name,
                       source.kernel.signature,
                       r.arguments,
                       "",
                       chip,
                       schedule,
                       {}};
  inputs.imported = frontend::importedTexts(engine, source.buffer, options);
  inputs.sharedMemory = driver::sharedMemory(prepared, source.kernel);
  Deadline deadline(options.limits);
  auto bind = [&](mlir::func::FuncOp entry, LoweringOptions &lowering) {
    if (!driver::bind(entry, prepared, engine))
      return false;
    lowering.assumeNoAlias = !driver::overlapsWritten(entry, prepared);
    return true;
  };
  return compileArtifact(r, bind, inputs, cache, engine);
}
