// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/Commands.h"
#include "tools/terrazzo/LimitOptions.h"

#include "lib/Frontend/Frontend.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <system_error>
#include <unistd.h>

using namespace terrazzo::tool;
namespace cl = llvm::cl;

static const char overview[] =
    "terrazzo: compiles and runs Triton kernels, without Python\n\n"
    "  terrazzo run examples/softmax/softmax.py --launch "
    "examples/softmax/launch.yaml \\\n"
    "      --check --time\n"
    "  terrazzo compile k.py -k add --sig '*fp32:16, *fp32:16, *fp32, i32, "
    "BLOCK=1024' --emit kernel\n"
    "  terrazzo ops\n"
    "  terrazzo chips cpu\n"
    "  source <(terrazzo completion bash)\n\n"
    "exit codes: 0 done; 1 the input is at fault; 2 the command line is; 3 "
    "internal error;\n"
    "            4 --check found a mismatch; 5 a driver, device or tool is "
    "missing; 130 interrupted\n";

static cl::SubCommand
    compileCommand("compile", "compile a kernel and print a level of IR");
static cl::SubCommand
    runCommand("run", "run a kernel as a launch file says, and check it");
static cl::SubCommand
    opsCommand("ops", "list the names of the language that can be compiled");

static cl::SubCommand
    chipsCommand("chips", "list the chips, or show one: its numbers and where "
                          "each comes from");
static cl::SubCommand
    cacheCommand("cache", "say what compiled kernels are kept, and where");
static cl::opt<bool> clearCache("clear", cl::desc("remove them"),
                                cl::sub(cacheCommand));
static cl::SubCommand
    doctorCommand("doctor", "check what this machine has for running kernels");
static cl::SubCommand
    completionCommand("completion",
                      "print a script that completes this command line");
static cl::opt<std::string> shell(cl::Positional, cl::desc("bash"),
                                  cl::sub(completionCommand), cl::Required);

static cl::opt<std::string> chipName(cl::Positional,
                                     cl::desc("[CHIP|FILE.yaml]"),
                                     cl::sub(chipsCommand));

static cl::opt<std::string> file(cl::Positional, cl::desc("FILE.py"),
                                 cl::sub(compileCommand), cl::sub(runCommand),
                                 cl::Required);
static cl::opt<std::string>
    kernelName("k", cl::desc("the kernel's name, where the file has several"),
               cl::value_desc("NAME"), cl::sub(compileCommand),
               cl::sub(runCommand));
static cl::opt<std::string>
    signature("sig",
              cl::desc("types of the parameters: '*fp32:16, i32, BLOCK=64'"),
              cl::value_desc("TYPES"), cl::sub(compileCommand));
static cl::opt<std::string> emitLevel(
    "emit",
    cl::desc("what to write: kernel | tile | llvm | asm | object | artifact"),
    cl::init("kernel"), cl::value_desc("LEVEL"), cl::sub(compileCommand));
static cl::opt<std::string>
    output("o", cl::desc("where to write (default: standard output)"),
           cl::init("-"), cl::value_desc("FILE"), cl::sub(compileCommand));
static cl::opt<std::string>
    launch("launch",
           cl::desc("the launch file (YAML): arguments, shapes, grid"),
           cl::value_desc("FILE"), cl::sub(runCommand), cl::Required);
static cl::opt<std::string>
    executor("executor", cl::desc("device | interpreter (default: device)"),
             cl::init("device"), cl::value_desc("NAME"), cl::sub(runCommand));
static cl::opt<std::string>
    target("target",
           cl::desc("cpu (this machine's kind), a chip's name, or a chip file "
                    "(default: cpu)"),
           cl::init("cpu"), cl::value_desc("CHIP"), cl::sub(runCommand),
           cl::sub(compileCommand));
static cl::opt<std::string> scheduleText(
    "schedule",
    cl::desc("a schedule: '{coarsen: [2, 1], kmerge: 4}', a file of them, or "
             "none (default: the launch file's, and FILE.schedule.yaml)"),
    cl::value_desc("HOW"), cl::sub(runCommand), cl::sub(compileCommand));
static cl::opt<bool> noCache("no-cache",
                             cl::desc("compile again, and keep nothing"),
                             cl::sub(runCommand), cl::sub(compileCommand));
static cl::opt<bool> timed("time",
                           cl::desc("measure: the median of many rounds"),
                           cl::sub(runCommand));
static cl::opt<std::string>
    check("check",
          cl::desc("compare with the oracle: --check, or --check=sample(n)"),
          cl::ValueOptional, cl::value_desc("HOW"), cl::sub(runCommand));
static cl::opt<std::string> checkAgainst(
    "check-against",
    cl::desc("judge the outputs in DIR (as --save writes them) by this "
             "kernel's reference and bounds"),
    cl::value_desc("DIR"), cl::sub(runCommand));
static cl::opt<bool> verifySemantics(
    "verify-semantics",
    cl::desc("run every level of IR and compare each with the one before"),
    cl::sub(runCommand));
static cl::opt<std::string>
    save("save", cl::desc("write the outputs as DIR/<name>.npy"),
         cl::value_desc("DIR"), cl::sub(runCommand));
static cl::opt<std::string> json("json",
                                 cl::desc("write one JSON object per launch"),
                                 cl::value_desc("FILE"), cl::sub(runCommand));
static cl::opt<unsigned> threads("threads",
                                 cl::desc("threads (default: all cores)"),
                                 cl::init(0), cl::value_desc("N"),
                                 cl::sub(runCommand));
static cl::list<std::string>
    roots("I", cl::desc("look for imported files in DIR (repeatable)"),
          cl::value_desc("DIR"), cl::Prefix, cl::sub(compileCommand),
          cl::sub(runCommand));
static cl::list<std::string>
    limits("limits",
           cl::desc("what the kernel may cost: steps=N,unroll=N,... (listed "
                    "below)"),
           cl::value_desc("NAME=N,..."), cl::sub(compileCommand),
           cl::sub(runCommand));
static cl::opt<bool> verbose("v", cl::desc("show remarks"),
                             cl::sub(compileCommand), cl::sub(runCommand));
static cl::opt<bool> quiet("q", cl::desc("show errors only"),
                           cl::sub(compileCommand), cl::sub(runCommand));

static int printVersion() {
  llvm::outs() << "terrazzo 0.1.0\nLLVM " << LLVM_VERSION_STRING
               << "\ntargets: cpu\nCPU features:";
  for (auto &feature : llvm::sys::getHostCPUFeatures())
    if (feature.getValue() &&
        (feature.getKey().starts_with("avx") ||
         feature.getKey().starts_with("amx") || feature.getKey() == "fma"))
      llvm::outs() << " " << feature.getKey();
  llvm::outs() << "\n";
  return Done;
}

static int listOps() {
  std::string text;
  for (const std::string &name : terrazzo::frontend::languageNames())
    text += name + "\n";
  return writeOutput("-", text) ? Done : InputFault;
}

/// What is said when there is no more memory; nothing can be made then.
static char memoryMessage[128] = "terrazzo: error: out of memory\n";

/// False after an error, which was reported.
static bool fill(CommonOptions &o) {
  terrazzo::DiagnosticEngine engine;
  for (const std::string &text : limits)
    if (!readLimits(text, o.source.limits, engine))
      return false;
  for (const std::string &root : roots) {
    if (!llvm::sys::fs::is_directory(root)) {
      engine.emit(terrazzo::DiagnosticKind::NotAFolder, terrazzo::Where(),
                  root);
      return false;
    }
    o.source.roots.push_back(root);
  }
  if (o.source.limits.memory)
    snprintf(memoryMessage, sizeof memoryMessage,
             "terrazzo: error: out of memory; `--limits memory` is %llu\n",
             (unsigned long long)o.source.limits.memory);
  capMemory(o.source.limits);
  o.file = file;
  o.kernel = kernelName;
  o.signature = signature;
  o.output = output;
  o.target = target;
  o.schedule = scheduleText;
  o.noCache = noCache;
  o.verbose = verbose;
  o.quiet = quiet;
  return true;
}

static void interrupted(int) { _exit(Interrupted); }

/// LLVM's own way with what it cannot do is to abort.
static void fatal(void *, const char *reason, bool) {
  llvm::errs() << "terrazzo: error: internal error: " << reason << "\n";
  _exit(Internal);
}

/// Sizes are checked where they are read; what is left is a machine without
/// that much memory, or `--limits memory`.
static void outOfMemory() {
  [[maybe_unused]] ssize_t n =
      write(2, memoryMessage, std::strlen(memoryMessage));
  _exit(InputFault);
}
static void outOfMemoryInLLVM(void *, const char *, bool) { outOfMemory(); }

static int command(int argc, char **argv);

int main(int argc, char **argv) {
  try {
    return command(argc, argv);
  } catch (const std::system_error &) { // no memory for another thread
    outOfMemory();
  }
}

static int command(int argc, char **argv) {
  std::signal(SIGINT, interrupted);
  std::signal(SIGPIPE, SIG_IGN);
  std::set_new_handler(outOfMemory);
  llvm::install_fatal_error_handler(fatal);
  llvm::install_bad_alloc_error_handler(outOfMemoryInLLVM);
  // LLVM's libraries register options of their own; ours are the ones with a
  // subcommand, and --version is answered before anything is set up.
  if (argc == 2 && llvm::StringRef(argv[1]) == "--version")
    return printVersion();
  if (argc == 1) {
    llvm::errs() << overview
                 << "\nterrazzo: a command is missing; see `terrazzo --help`\n";
    return CommandLineFault;
  }
  for (auto &entry : cl::getRegisteredOptions())
    if (entry.first != "help" && entry.first != "version")
      entry.second->setHiddenFlag(cl::ReallyHidden);
  const std::string listing = "\nLIMITS (`--limits NAME=N,...`; the name, the "
                              "default, what it counts):\n\n" +
                              limitsText();
  cl::extrahelp more(listing);
  if (!cl::ParseCommandLineOptions(argc, argv, overview, &llvm::errs()))
    return CommandLineFault;
  if (opsCommand)
    return listOps();
  if (chipsCommand)
    return chips(chipName);
  if (cacheCommand)
    return cache(clearCache);
  if (doctorCommand)
    return doctor();
  if (completionCommand)
    return completion(shell);
  if (compileCommand) {
    CompileOptions o;
    if (!fill(o))
      return CommandLineFault;
    o.emit = emitLevel;
    return compile(o);
  }
  if (runCommand) {
    RunOptions o;
    if (!fill(o))
      return CommandLineFault;
    o.launch = launch;
    o.executor = executor;
    o.time = timed;
    o.verifySemantics = verifySemantics;
    o.save = save;
    o.json = json;
    o.check = check.getNumOccurrences() && check.empty() ? std::string("on")
                                                         : std::string(check);
    o.threads = threads;
    o.checkAgainst = checkAgainst;
    if (!o.checkAgainst.empty() && o.check.empty())
      o.check = "on";
    return run(o);
  }
  llvm::errs() << "terrazzo: a command is missing; see `terrazzo --help`\n";
  return CommandLineFault;
}
