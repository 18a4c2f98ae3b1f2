// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/Commands.h"
#include "tools/terrazzo/Help.h"
#include "tools/terrazzo/LimitOptions.h"

#include "lib/Diagnostics/Progress.h"
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

static cl::SubCommand
    compileCommand("compile",
                   "compile a kernel and write any level on the way to code");
static cl::SubCommand
    runCommand("run", "run a kernel as a launch file says, and check it");
static cl::SubCommand traceCommand(
    "trace", "show what happens when on a modeled chip, and what bounds it");
static cl::SubCommand
    surveyCommand("survey",
                  "say what bounds a kernel on every chip, and what it costs");
static cl::SubCommand
    opsCommand("ops", "list the names of the language that can be compiled");

static cl::SubCommand
    chipsCommand("chips", "list the chips, or show one: its numbers and where "
                          "each comes from");
static cl::SubCommand
    cacheCommand("cache", "say what compiled kernels are kept, and where");
static cl::opt<bool> clearCache("clear", cl::desc("remove what is kept"),
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
static cl::opt<bool>
    calibrated("calibrate",
               cl::desc("measure this machine and write a chip file (-o)"),
               cl::sub(chipsCommand));

static cl::opt<std::string> file(cl::Positional, cl::desc("FILE.py"),
                                 cl::sub(compileCommand), cl::sub(runCommand),
                                 cl::sub(surveyCommand), cl::sub(traceCommand),
                                 cl::Required);
static cl::opt<std::string>
    kernelName("k", cl::desc("the kernel, where the file has several"),
               cl::value_desc("NAME"), cl::sub(compileCommand),
               cl::sub(runCommand), cl::sub(surveyCommand),
               cl::sub(traceCommand));
static cl::opt<std::string> signature(
    "sig",
    cl::desc(
        "the parameters' types, as above (default: the source's own comment)"),
    cl::value_desc("TYPES"), cl::sub(compileCommand));
static cl::opt<std::string> emitLevel(
    "emit",
    cl::desc(
        "kernel | tile | llvm | asm | object | artifact (default: kernel)"),
    cl::init("kernel"), cl::value_desc("LEVEL"), cl::sub(compileCommand));
static cl::opt<std::string>
    output("o", cl::desc("where to write (default: -, the standard output)"),
           cl::init("-"), cl::value_desc("FILE"), cl::sub(compileCommand),
           cl::sub(chipsCommand), cl::sub(traceCommand));
static cl::opt<std::string> launch("launch",
                                   cl::desc("the launch file, as above"),
                                   cl::value_desc("FILE"), cl::sub(runCommand),
                                   cl::sub(surveyCommand),
                                   cl::sub(traceCommand), cl::Required);
static cl::opt<std::string>
    executor("executor",
             cl::desc("device | simulator | interpreter: this machine, the "
                      "chip's model, the oracle alone (default: the chip's)"),
             cl::value_desc("NAME"), cl::sub(runCommand));
static cl::opt<std::string>
    target("target",
           cl::desc("cpu (this machine's kind), a chip's name, or a chip file "
                    "(default: cpu)"),
           cl::init("cpu"), cl::value_desc("CHIP"), cl::sub(runCommand),
           cl::sub(compileCommand), cl::sub(traceCommand));
static cl::opt<std::string> scheduleText(
    "schedule",
    cl::desc("a schedule: '{coarsen: [2, 1], kmerge: 4}', a file of them, or "
             "none (default: the launch file's, and FILE.schedule.yaml)"),
    cl::value_desc("HOW"), cl::sub(runCommand), cl::sub(compileCommand),
    cl::sub(traceCommand));
static cl::opt<bool>
    noCache("no-cache",
            cl::desc("compile again, and keep nothing (see `terrazzo cache`)"),
            cl::sub(runCommand), cl::sub(compileCommand),
            cl::sub(traceCommand));
static cl::opt<bool>
    timed("time", cl::desc("measure the launch: the median of many rounds"),
          cl::sub(runCommand));
static cl::opt<bool> timingOnly(
    "timing-only",
    cl::desc("in the simulator: the modeled time alone, without the bits"),
    cl::sub(runCommand));
static cl::opt<std::string>
    check("check",
          cl::desc("compare with the oracle; --check='sample(n)': only n "
                   "programs of the grid"),
          cl::ValueOptional, cl::value_desc("HOW"), cl::sub(runCommand));
static cl::opt<std::string> checkAgainst(
    "check-against",
    cl::desc("judge the outputs in DIR (as --save writes them) by this "
             "kernel's reference and bounds"),
    cl::value_desc("DIR"), cl::sub(runCommand));
static cl::opt<bool>
    verifySemantics("verify-semantics",
                    cl::desc("run Kernel IR and Tile IR too, and name the "
                             "first step that changed a result"),
                    cl::sub(runCommand));
static cl::opt<std::string>
    save("save", cl::desc("write each output as DIR/<name>.npy, for NumPy"),
         cl::value_desc("DIR"), cl::sub(runCommand));
static cl::opt<std::string> json(
    "json",
    cl::desc("write one JSON object instead of text; - is the standard output"),
    cl::value_desc("FILE"), cl::sub(runCommand), cl::sub(surveyCommand));
static cl::opt<std::string>
    html("html", cl::desc("write a page for a browser instead of text"),
         cl::value_desc("FILE"), cl::sub(surveyCommand));
static cl::list<std::string>
    surveyed("chips",
             cl::desc("only these: names or chip files of your own (default: "
                      "all that are built in)"),
             cl::CommaSeparated, cl::value_desc("CHIP,..."),
             cl::sub(surveyCommand));
static cl::opt<bool>
    unread("unread",
           cl::desc("say which numbers of the chips nothing rested on"),
           cl::sub(surveyCommand));
static cl::opt<unsigned>
    threads("threads",
            cl::desc("threads that run it (default: one for each core)"),
            cl::init(0), cl::value_desc("N"), cl::sub(runCommand));
static cl::list<std::string>
    roots("I", cl::desc("look for imported files in DIR (repeatable)"),
          cl::value_desc("DIR"), cl::Prefix, cl::sub(compileCommand),
          cl::sub(runCommand), cl::sub(surveyCommand), cl::sub(traceCommand));
static cl::list<std::string>
    limits("limits",
           cl::desc("what the kernel may cost: steps=N,unroll=N,... (listed "
                    "below)"),
           cl::value_desc("NAME=N,..."), cl::sub(compileCommand),
           cl::sub(runCommand), cl::sub(surveyCommand), cl::sub(traceCommand));
static cl::opt<bool>
    verbose("v", cl::desc("show remarks too: what was chosen, and why"),
            cl::sub(compileCommand), cl::sub(runCommand),
            cl::sub(traceCommand));
static cl::opt<unsigned> errorLimit(
    "error-limit", cl::desc("errors to show; 0 shows all (default: 20)"),
    cl::init(20), cl::value_desc("N"), cl::sub(compileCommand),
    cl::sub(runCommand), cl::sub(surveyCommand), cl::sub(traceCommand));
static cl::opt<bool> quiet("q", cl::desc("show errors only, and no progress"),
                           cl::sub(compileCommand), cl::sub(runCommand),
                           cl::sub(surveyCommand), cl::sub(traceCommand));

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
  for (const std::string &text : limits) // a later one wins
    if (!readLimits(text, o.source.limits, engine))
      return false;
  if (scheduleText.getNumOccurrences() && scheduleText.empty()) {
    engine.emit(terrazzo::DiagnosticKind::ScheduleExpected, terrazzo::Where(),
                "--schedule", "a schedule, a file of them, or `none`");
    return false;
  }
  for (const auto *path : {&output, &json, &html, &save})
    if (path->getNumOccurrences() && path->empty()) {
      engine.emit(terrazzo::DiagnosticKind::CannotWriteFile, terrazzo::Where(),
                  "", "no file has an empty name");
      return false;
    }
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
  o.errorLimit = errorLimit;
  return true;
}

static bool takesLimits(llvm::StringRef command) {
  return command == runCommand.getName() ||
         command == compileCommand.getName() ||
         command == surveyCommand.getName() ||
         command == traceCommand.getName();
}

static void interrupted(int) {
  terrazzo::eraseProgress();
  _exit(Interrupted);
}

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
    llvm::errs() << helpOf("")
                 << "\nterrazzo: a command is missing; see `terrazzo --help`\n";
    return CommandLineFault;
  }
  for (auto &entry : cl::getRegisteredOptions())
    if (entry.first != "help" && entry.first != "version")
      entry.second->setHiddenFlag(cl::ReallyHidden);
  const std::string listing = "\nLIMITS (`--limits NAME=N,...`; the name, the "
                              "default, what it counts):\n\n" +
                              limitsText();
  std::optional<cl::extrahelp> more;
  if (takesLimits(argv[1]))
    more.emplace(listing);
  if (!cl::ParseCommandLineOptions(argc, argv, helpOf(argv[1]), &llvm::errs()))
    return CommandLineFault;
  if (opsCommand)
    return listOps();
  if (chipsCommand)
    return calibrated ? calibrate(chipName, output) : chips(chipName);
  if (cacheCommand)
    return cache(clearCache);
  if (doctorCommand)
    return doctor();
  if (completionCommand)
    return completion(shell);
  if (surveyCommand) {
    SurveyOptions o;
    if (!fill(o))
      return CommandLineFault;
    o.launch = launch;
    o.json = json;
    o.html = html;
    o.chips = surveyed;
    o.unread = unread;
    return survey(o);
  }
  if (compileCommand) {
    CompileOptions o;
    if (!fill(o))
      return CommandLineFault;
    o.emit = emitLevel;
    return compile(o);
  }
  if (traceCommand) {
    RunOptions o;
    if (!fill(o))
      return CommandLineFault;
    o.launch = launch;
    o.trace = o.timingOnly = true;
    o.toFile = output.getNumOccurrences() > 0;
    return run(o);
  }
  if (runCommand) {
    RunOptions o;
    if (!fill(o))
      return CommandLineFault;
    o.launch = launch;
    o.executor = executor;
    o.time = timed;
    o.timingOnly = timingOnly;
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
