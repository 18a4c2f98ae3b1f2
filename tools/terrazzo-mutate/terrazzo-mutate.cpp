// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// terrazzo-mutate FILE.py --launch L.yaml --target CHIP: takes each sync out of
// the emitted programs in turn, and says which of these mutants the simulator
// catches, and how. Exit code 1 when the program itself fails.
#include "tools/terrazzo/Device.h"
#include "tools/terrazzo/Launches.h"

#include "lib/Simulator/Mutants.h"

#include "llvm/Support/CommandLine.h"

#include <map>

using namespace terrazzo;
using namespace terrazzo::tool;
using simulator::Mutant;
namespace cl = llvm::cl;

static cl::opt<std::string> file(cl::Positional, cl::Required,
                                 cl::desc("FILE.py"));
static cl::opt<std::string> launchName("launch", cl::Required,
                                       cl::desc("the launch file"));
static cl::opt<std::string> target("target", cl::Required, cl::desc("a chip"));

namespace {
using Memory = std::vector<interpreter::Buffer>;

class Mutation {
public:
  explicit Mutation(const CommonOptions &options) : options(options) {}
  int run();

private:
  bool prepare();
  /// All launches; \p change is made to the one with this number. What was
  /// reported first, empty after a good run.
  std::string attempt(size_t number,
                      std::function<void(simulator::Program &)> change,
                      Memory &after);
  bool isSame(const Memory &a, const Memory &b) const;
  std::string judge(size_t number, const Mutant &mutant);
  bool isReached(size_t number, const Mutant &mutant);

  const CommonOptions &options;
  DiagnosticEngine engine;
  std::optional<ChosenChip> chip;
  std::vector<LaunchSource> sources;
  std::vector<driver::Prepared> prepared;
  std::vector<Compiled> compiled;
  Memory expected;
  uint64_t longest = 0;
};
} // namespace

bool Mutation::prepare() {
  chip = chooseChip(target, allTargets(), engine);
  auto read = driver::readLaunchFile(launchName, engine);
  if (!chip || !read ||
      !frontend::addSource(engine, options.file, options.source.limits))
    return false;
  auto found = findLaunches(options, *read, engine);
  if (!found)
    return false;
  sources = std::move(*found);
  auto all =
      prepareLaunches(*read, sources, options.source, {}, engine, engine);
  if (!all)
    return false;
  prepared = std::move(*all);
  for (size_t i = 0; i < sources.size(); ++i) {
    auto one = compileLaunch(sources[i], prepared[i], {}, *chip, options.source,
                             CompileCache(true), engine);
    if (!one)
      return false;
    compiled.push_back(std::move(*one));
    if (i) // the first has the memory
      prepared[i].buffers = prepared[0].buffers;
  }
  return true;
}

std::string Mutation::attempt(size_t number,
                              std::function<void(simulator::Program &)> change,
                              Memory &after) {
  DiagnosticEngine quiet;
  quiet.setSilent(true);
  DeviceLaunch device(prepared[0], *chip);
  for (size_t i = 0; i < prepared.size(); ++i) {
    DeviceLaunch::How how;
    how.threads = 1;
    how.read = i + 1 == prepared.size();
    if (longest)
      how.most = longest * 10;
    if (i == number)
      how.change = change;
    if (!device.run(prepared[i], compiled[i].artifact, how, quiet))
      return quiet.records().empty() ? "nothing was reported"
                                     : quiet.records()[0].name().str();
    if (!how.change && device.modeled)
      longest = std::max(longest, device.modeled->instructions);
  }
  after = std::move(device.results);
  return "";
}

bool Mutation::isSame(const Memory &a, const Memory &b) const {
  auto bits = [](const std::vector<double> &x, const std::vector<double> &y) {
    return x.size() == y.size() &&
           (x.empty() || std::memcmp(x.data(), y.data(), x.size() * 8) == 0);
  };
  for (size_t i = 0; i < a.size(); ++i)
    if (a[i].data.ints != b[i].data.ints ||
        a[i].data.flags != b[i].data.flags ||
        !bits(a[i].data.values, b[i].data.values))
      return false;
  return true;
}

/// How it was caught: first without counts at the end, which say only that two
/// numbers differ.
std::string Mutation::judge(size_t number, const Mutant &mutant) {
  Memory after;
  std::string fault = attempt(
      number,
      [&](simulator::Program &program) {
        mutant.apply(program);
        for (simulator::Event &event : program.events)
          event.final = -1;
      },
      after);
  if (!fault.empty())
    return fault;
  if (!isSame(expected, after))
    return "WrongResult";
  return attempt(
      number, [&](simulator::Program &program) { mutant.apply(program); },
      after);
}

/// Whether this launch executes the instruction: in its place, a wait for ever.
bool Mutation::isReached(size_t number, const Mutant &mutant) {
  Memory after;
  return !attempt(
              number,
              [&](simulator::Program &program) {
                if (mutant.kind == Mutant::Kind::Credit)
                  return;
                simulator::Instruction &i = program.instructions[mutant.number];
                i.action = simulator::Action::Wait;
                i.engine = i.eventOffset = -1;
                i.event = 0;
                i.scalar = {-1, int64_t(1) << 40};
              },
              after)
              .empty();
}

int Mutation::run() {
  if (!prepare())
    return 1;
  if (std::string fault = attempt(SIZE_MAX, {}, expected); !fault.empty()) {
    llvm::errs() << "the program itself: " << fault << "\n";
    return 1;
  }
  for (size_t i = 0; i < prepared.size(); ++i) {
    auto loaded = chip->target->modeled()->load(
        compiled[i].artifact.code, sources[i].kernel.name, chip->chip, engine);
    if (!loaded)
      return 1;
    std::map<std::string, int> counts;
    std::string survivors;
    std::vector<Mutant> mutants = simulator::mutantsOf(loaded->program);
    for (const Mutant &mutant : mutants) {
      std::string how = judge(i, mutant);
      if (how.empty() && !isReached(i, mutant))
        how = "NotReached";
      if (how.empty())
        survivors += "  survives " + mutant.text(loaded->program) + "\n";
      else
        ++counts[how];
    }
    llvm::outs() << sources[i].kernel.name << " on " << chip->chip.name << ": "
                 << mutants.size() << " mutants";
    for (auto &[how, count] : counts)
      llvm::outs() << ", " << count << " " << how;
    llvm::outs() << "\n" << survivors;
  }
  return 0;
}

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "sync mutants of chip programs\n");
  CommonOptions options;
  options.file = file;
  options.target = target;
  return Mutation(options).run();
}
