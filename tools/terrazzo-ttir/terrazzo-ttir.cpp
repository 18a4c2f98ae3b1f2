// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A test tool: runs the IR that Triton's own front end made of a kernel in our
// engine, so that its bits can be compared with those of our front end.
#include "lib/Driver/Launching.h"
#include "lib/Driver/Npy.h"
#include "tools/terrazzo-ttir/Triton.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"

using namespace terrazzo;
namespace cl = llvm::cl;

static cl::OptionCategory options("options of terrazzo-ttir");
static cl::opt<std::string> file(cl::Positional,
                                 cl::desc("FILE: text as Triton 3.9 prints it"),
                                 cl::Required, cl::cat(options));
static cl::opt<std::string>
    source("kernel", cl::desc("the kernel's Python file: names its parameters"),
           cl::value_desc("FILE.py"), cl::cat(options));
static cl::opt<std::string>
    launchPath("launch", cl::desc("the launch file; none: print Kernel IR"),
               cl::value_desc("FILE"), cl::cat(options));
static cl::opt<std::string>
    save("save", cl::desc("write the outputs as DIR/<name>.npy"),
         cl::value_desc("DIR"), cl::init("."), cl::cat(options));

static std::optional<frontend::KernelInfo>
kernelOf(const driver::LaunchFile &launch, DiagnosticEngine &engine) {
  auto buffer = frontend::addSource(engine, source, Limits());
  if (!buffer)
    return std::nullopt;
  std::vector<frontend::KernelInfo> kernels =
      frontend::listKernels(engine, *buffer);
  for (frontend::KernelInfo &kernel : kernels)
    if (kernel.name == launch.kernel.text || kernels.size() == 1)
      return kernel;
  engine.emit(DiagnosticKind::UnknownKernel, engine.range(*buffer, 0, 0),
              launch.kernel.text);
  return std::nullopt;
}

/// The parameters that Triton leaves in the kernel: all but its constants.
static std::vector<std::string>
parametersOf(const driver::LaunchFile &launch,
             const frontend::KernelInfo &kernel) {
  std::vector<std::string> names;
  for (const frontend::ParameterInfo &p : kernel.parameters)
    if (!p.isConstexpr && llvm::none_of(launch.constexprs, [&](const auto &c) {
          return c.first == p.name;
        }))
      names.push_back(p.name);
  return names;
}

static int run(DiagnosticEngine &engine) {
  auto text = frontend::addSource(engine, file, Limits());
  if (!text)
    return 1;
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  if (launchPath.empty()) {
    auto module = triton::importText(context, *text, {}, engine);
    if (module)
      module->print(llvm::outs());
    return module ? 0 : 1;
  }
  auto launchFile = driver::readLaunchFile(launchPath, engine);
  if (!launchFile)
    return 1;
  auto kernel = kernelOf(*launchFile, engine);
  if (!kernel)
    return 1;
  // The constants that a decorator adds are in Triton's text already.
  auto prepared = driver::prepare(
      *launchFile, *kernel,
      [](const std::vector<frontend::Argument> &) {
        return std::vector<frontend::Argument>();
      },
      engine);
  if (!prepared)
    return 1;
  auto module = triton::importText(context, *text,
                                   parametersOf(*launchFile, *kernel), engine);
  if (!module)
    return 1;
  auto launch = driver::launchOf(*module, *prepared, engine);
  if (!launch)
    return 1;
  launch->threads = 1; // atomics in the order of the grid, every time
  if (!interpreter::run(*launch, engine))
    return 1;
  if (std::error_code error = llvm::sys::fs::create_directories(save)) {
    engine.emit(DiagnosticKind::CannotWriteFile, Where(), save,
                error.message());
    return 1;
  }
  for (const driver::Output &output : prepared->outputs) {
    std::string path = save + "/" + output.name + ".npy";
    if (llvm::Error error = driver::writeNpy(
            path, prepared->buffers[output.buffer].data, output.shape)) {
      engine.emit(DiagnosticKind::CannotWriteFile, Where(), path,
                  llvm::toString(std::move(error)));
      return 1;
    }
  }
  return 0;
}

int main(int argc, char **argv) {
  cl::HideUnrelatedOptions(options);
  if (!cl::ParseCommandLineOptions(
          argc, argv, "Triton's IR text to Kernel IR, and its outputs\n",
          &llvm::errs()))
    return 2;
  DiagnosticEngine engine;
  return run(engine);
}
