// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How long a kernel takes from its source file to loaded machine code, in one
// process and many times:
//
//   terrazzo-bench FILE KERNEL SIGNATURE TIMES [--cached]
//
// writes one line of JSON: the seconds of each time, by the process's own clock
// (one thread compiles; others on the machine do not count) and by the wall's,
// and the median of each phase. With --cached the first time, which is not
// counted, fills the cache. `tools/dev bench compile` starts this.
#include "lib/Compiler/Compilation.h"
#include "targets/Cpu/Executor/Executor.h"

#include "llvm/Support/JSON.h"

#include <chrono>
#include <ctime>

using namespace terrazzo;

namespace {

struct Job {
  std::string file, kernel, signature;
  bool isCached = false;
};

} // namespace

/// One compilation as a fresh program would do it, the source read from its
/// file. \p seconds are the phases'. False after an error, which was reported.
static bool compileOnce(const Job &job, PhaseSeconds &seconds) {
  DiagnosticEngine engine;
  auto chip = chooseChip("cpu", allTargets(), engine);
  auto file = llvm::MemoryBuffer::getFile(job.file, /*IsText=*/true);
  if (!chip || !file)
    return false;
  frontend::Request request;
  request.buffer = engine.addBuffer(std::move(*file));
  request.kernel = job.kernel;
  request.signature = job.signature;
  CompileInputs inputs{engine.text(request.buffer),
                       job.kernel,
                       job.signature,
                       {},
                       "",
                       *chip,
                       {},
                       {}};
  // As `run` does, which has looked at the arguments.
  auto bind = [](mlir::func::FuncOp, LoweringOptions &options) {
    options.assumeNoAlias = true;
    return true;
  };
  auto compiled = compileArtifact(request, bind, inputs,
                                  CompileCache(job.isCached), engine);
  if (!compiled)
    return false;
  seconds = std::move(compiled->seconds);
  return cpu::Executor::load(compiled->artifact, engine).has_value();
}

static double processSeconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

static double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int main(int argc, char **argv) {
  unsigned times = 0;
  bool isCached = argc == 6 && llvm::StringRef(argv[5]) == "--cached";
  if ((argc != 5 && !isCached) ||
      llvm::StringRef(argv[4]).getAsInteger(10, times) || times == 0) {
    llvm::errs()
        << "usage: terrazzo-bench FILE KERNEL SIGNATURE TIMES [--cached]\n";
    return 2;
  }
  Job job{argv[1], argv[2], argv[3], isCached};
  std::map<std::string, std::vector<double>> phases;
  llvm::json::Array totals, walls;
  for (unsigned i = 0; i < times + isCached; ++i) {
    PhaseSeconds seconds;
    auto start = std::chrono::steady_clock::now();
    double spentBefore = processSeconds();
    if (!compileOnce(job, seconds)) {
      llvm::errs() << "terrazzo-bench: " << job.file << " was not compiled\n";
      return 1;
    }
    double total = processSeconds() - spentBefore;
    std::chrono::duration<double> wall =
        std::chrono::steady_clock::now() - start;
    if (isCached && i == 0)
      continue;
    if (isCached && !seconds.count("cache")) {
      llvm::errs() << "terrazzo-bench: not found in the cache\n";
      return 1;
    }
    totals.push_back(total);
    walls.push_back(wall.count());
    for (auto [phase, spent] : seconds)
      phases[phase].push_back(spent);
  }
  llvm::json::Object medians;
  for (auto &[phase, spent] : phases)
    medians[phase] = median(spent);
  llvm::outs() << llvm::json::Value(
                      llvm::json::Object{{"seconds", std::move(totals)},
                                         {"wall", std::move(walls)},
                                         {"phases", std::move(medians)}})
               << "\n";
  return 0;
}
