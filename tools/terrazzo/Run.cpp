// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/Commands.h"

#include "lib/Driver/ExactRun.h"
#include "lib/Driver/Npy.h"
#include "lib/Frontend/Frontend.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

#include <chrono>
#include <cmath>

using namespace terrazzo;
using namespace terrazzo::tool;
using interpreter::Comparison;

namespace {
struct Clock {
  std::chrono::steady_clock::time_point start =
      std::chrono::steady_clock::now();
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         start)
        .count();
  }
};
} // namespace

/// The kernel of the launch: named there, by -k, or the only one.
static std::optional<frontend::KernelInfo>
findKernel(DiagnosticEngine &engine, unsigned buffer, const std::string &name) {
  std::vector<frontend::KernelInfo> kernels =
      frontend::listKernels(engine, buffer);
  if (engine.hasErrors() && kernels.empty())
    return std::nullopt;
  std::vector<frontend::KernelInfo> fits;
  for (frontend::KernelInfo &k : kernels)
    if (name.empty() ? (kernels.size() == 1 || !k.signature.empty())
                     : k.name == name)
      fits.push_back(k);
  if (fits.size() == 1)
    return fits[0];
  Where file = engine.range(buffer, 0, 0);
  if (!name.empty())
    engine.emit(DiagnosticKind::UnknownKernel, file, name);
  else if (kernels.empty())
    engine.emit(DiagnosticKind::NoKernel, file);
  else
    engine.emit(DiagnosticKind::SeveralKernels, file,
                kernels[0].name + "`, `" + kernels[1].name);
  return std::nullopt;
}

/// Compares with a file that the launch file names: |a - b| <= atol + rtol |b|.
static bool compareWithFile(const driver::Output &output,
                            const interpreter::Tensor &data,
                            const std::string &launchPath,
                            DiagnosticEngine &engine) {
  const driver::Expectation &e = *output.expect;
  llvm::SmallString<128> path(llvm::sys::path::parent_path(launchPath));
  if (llvm::sys::path::is_absolute(e.file.text))
    path = e.file.text;
  else
    llvm::sys::path::append(path, e.file.text);
  auto array = driver::readNpy(path.str().str(), driver::maxElements);
  if (!array) {
    engine.emit(DiagnosticKind::CannotReadFile, Where(e.file.where), path.str(),
                llvm::toString(array.takeError()));
    return false;
  }
  double rtol = 0, atol = 0;
  if (e.rtol)
    llvm::to_float(e.rtol.text, rtol);
  if (e.atol)
    llvm::to_float(e.atol.text, atol);
  if (array->shape != output.shape) {
    engine.emit(DiagnosticKind::LaunchFileShape, Where(e.file.where),
                path.str());
    return false;
  }
  for (size_t i = 0; i < data.size(); ++i) {
    double want = array->isFloat ? array->reals[i] : double(array->integers[i]);
    double got = data.type.isFloat() ? data.values[i] : double(data.ints[i]);
    bool same = got == want || (std::isnan(got) && std::isnan(want));
    if (!same && !(std::fabs(got - want) <= atol + rtol * std::fabs(want))) {
      engine.emit(DiagnosticKind::DiffersFromFile, Where(e.file.where),
                  output.name, std::to_string(i),
                  llvm::formatv("{0}", got).str(),
                  llvm::formatv("{0}", want).str());
      return false;
    }
  }
  return true;
}

/// The elements of DIR/<name>.npy, which must have the output's shape.
static std::optional<std::vector<double>>
outputsFrom(const std::string &folder, const driver::Output &output,
            DiagnosticEngine &engine) {
  std::string path = folder + "/" + output.name + ".npy";
  auto array = driver::readNpy(path, driver::maxElements);
  if (!array) {
    engine.emit(DiagnosticKind::CannotReadFile, Where(), path,
                llvm::toString(array.takeError()));
    return std::nullopt;
  }
  if (array->shape != output.shape) {
    engine.emit(DiagnosticKind::LaunchFileShape, Where(), path);
    return std::nullopt;
  }
  if (array->isFloat)
    return array->reals;
  return std::vector<double>(array->integers.begin(), array->integers.end());
}

static llvm::json::Value number(double v) {
  return std::isfinite(v) ? llvm::json::Value(v) : llvm::json::Value(nullptr);
}

static int64_t sampleOf(const std::string &check, DiagnosticEngine &engine) {
  llvm::StringRef text(check);
  int64_t n = 0;
  if (text.empty() || text == "on")
    return 0;
  if (text.consume_front("sample(") && text.consume_back(")") &&
      !text.getAsInteger(10, n) && n > 0)
    return n;
  engine.emit(DiagnosticKind::BadCheck, Where(), check);
  return -1;
}

static llvm::json::Value exactly(const driver::ExactVerdict &verdict) {
  if (!verdict.whyNot.empty())
    return llvm::json::Object{{"why_not", verdict.whyNot}};
  return llvm::json::Object{{"elements", verdict.compared}, {"ok", verdict.ok}};
}

int terrazzo::tool::run(const RunOptions &options) {
  DiagnosticEngine engine;
  engine.setQuiet(options.quiet);
  engine.setShowRemarks(options.verbose);
  if (options.target != "cpu") {
    engine.emit(DiagnosticKind::UnknownTarget, Where(), options.target);
    return CommandLineFault;
  }
  if (options.executor == "device") {
    engine.emit(DiagnosticKind::NoDeviceExecutor, Where(), options.target);
    return Missing;
  }
  if (options.executor != "interpreter") {
    engine.emit(DiagnosticKind::UnknownExecutor, Where(), options.executor);
    return CommandLineFault;
  }
  int64_t sample = sampleOf(options.check, engine);
  if (sample < 0)
    return CommandLineFault;
  Clock clock;
  auto source = engine.addFile(options.file, frontend::maxSourceBytes);
  if (!source)
    return InputFault;
  unsigned buffer = *source;
  auto launchFile = driver::readLaunchFile(options.launch, engine);
  if (!launchFile)
    return InputFault;
  std::string name =
      options.kernel.empty() ? launchFile->kernel.text : options.kernel;
  auto kernel = findKernel(engine, buffer, name);
  if (!kernel)
    return InputFault;
  auto prepared = driver::prepare(*launchFile, *kernel, engine);
  if (!prepared)
    return InputFault;
  frontend::Request request;
  request.buffer = buffer;
  request.kernel = kernel->name;
  for (const auto &p : kernel->parameters) {
    auto bound = prepared->bound.find(p.name);
    if (bound == prepared->bound.end())
      continue;
    // What the author marked constexpr is specialised on its value.
    bool isConstant =
        p.isConstexpr && bound->second.type[0] != '*' &&
        bound->second.argument.buffer < 0 &&
        (bound->second.type == "i32" || bound->second.type == "i64");
    request.arguments.push_back(
        {p.name, isConstant ? std::to_string(bound->second.argument.integer)
                            : bound->second.type});
  }
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto module = frontend::emitKernelIR(context, request, engine);
  if (!module)
    return InputFault;
  double compileSeconds = clock.seconds();

  auto launch = driver::launchOf(*module, *prepared, engine);
  if (!launch)
    return InputFault;
  launch->threads = options.threads;
  launch->sample = sample;
  auto result = interpreter::run(*launch, engine);
  if (!result)
    return InputFault;

  bool allOk = true;
  llvm::json::Array outputs;
  std::string report;
  for (const driver::Output &output : prepared->outputs) {
    const interpreter::Tensor &data = prepared->buffers[output.buffer].data;
    std::optional<std::vector<double>> given;
    if (!options.checkAgainst.empty()) {
      given = outputsFrom(options.checkAgainst, output, engine);
      if (!given)
        return InputFault;
    }
    Comparison c = interpreter::compare(data, given ? &*given : nullptr);
    if (output.expect && !options.check.empty() &&
        !compareWithFile(output, data, launchFile->path, engine))
      c.ok = false;
    allOk &= c.ok;
    outputs.push_back(
        llvm::json::Object{{"name", output.name},
                           {"max_abs", number(c.maxAbs)},
                           {"max_rel", number(c.maxRel)},
                           {"error_over_bound", number(c.errorOverBound)},
                           {"ambiguous", c.ambiguous},
                           {"ok", c.ok}});
    report +=
        llvm::formatv("  {0}: max abs error {1:e2}, {2:f3} of the bound, "
                      "{3:p2} ambiguous{4}{5}\n",
                      output.name, c.maxAbs, c.errorOverBound, c.ambiguous,
                      c.unwritten
                          ? llvm::formatv(", {0} unwritten", c.unwritten).str()
                          : "",
                      c.ok ? "" : "  MISMATCH")
            .str();
    if (options.save.empty())
      continue;
    if (std::error_code error =
            llvm::sys::fs::create_directories(options.save)) {
      engine.emit(DiagnosticKind::CannotWriteFile, Where(), options.save,
                  error.message());
      return InputFault;
    }
    std::string path = options.save + "/" + output.name + ".npy";
    if (llvm::Error error = driver::writeNpy(path, data, output.shape)) {
      engine.emit(DiagnosticKind::CannotWriteFile, Where(), path,
                  llvm::toString(std::move(error)));
      return InputFault;
    }
  }
  // Outputs that were made elsewhere were made from other inputs.
  bool judgesRun = !options.check.empty() && options.checkAgainst.empty();
  driver::ExactVerdict exact{"not asked for", true, 0};
  if (judgesRun) {
    driver::ExactOptions e;
    e.threads = options.threads;
    e.sample = sample;
    exact = driver::judgeExactly(*launchFile, *kernel, *module, e, engine);
    allOk &= exact.ok;
    if (exact.whyNot.empty())
      report += llvm::formatv("  on exact integers: {0}\n",
                              exact.ok ? "the same bits" : "MISMATCH")
                    .str();
  }
  if (!options.json.empty()) {
    llvm::json::Object object{
        {"kernel", kernel->name},
        {"target", options.target},
        {"chip", "interpreter"},
        {"compile_s", llvm::json::Object{{"kernel", compileSeconds}}},
        {"diagnostics", llvm::json::Array{}},
        {"counters", llvm::json::Object{{"programs", result->programs}}}};
    if (!options.check.empty())
      object["check"] = llvm::json::Object{{"reference", "float64"},
                                           {"outputs", std::move(outputs)},
                                           {"exact", exactly(exact)},
                                           {"ok", allOk}};
    std::string line =
        llvm::formatv("{0}\n", llvm::json::Value(std::move(object))).str();
    if (!writeOutput(options.json, line))
      return InputFault;
  } else if (!options.quiet) {
    llvm::outs() << llvm::formatv("{0}: {1} programs on the interpreter{2}\n",
                                  kernel->name, result->programs,
                                  options.check.empty() ? ""
                                  : allOk               ? ", checked: ok"
                                                        : ", checked: MISMATCH")
                 << (options.check.empty() ? "" : report);
  }
  return options.check.empty() || allOk ? Done : Mismatch;
}
