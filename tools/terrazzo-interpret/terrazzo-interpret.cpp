// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A test tool: runs a function of a .mlir file (Kernel or Tile IR) in the
// oracle. The launch file's `args` are the function's, by name where it names
// its arguments (`kernel.name`) and in the order of the file where not.
#include "lib/Driver/Npy.h"
#include "lib/Driver/Prepare.h"

#include "dialects/Kernel/Kernel.h"
#include "dialects/Tile/Tile.h"
#include "lib/Diagnostics/MLIRBridge.h"

#include "mlir/Parser/Parser.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"

using namespace terrazzo;
namespace cl = llvm::cl;

namespace {
cl::opt<std::string> file(cl::Positional, cl::desc("FILE.mlir"), cl::Required);
cl::opt<std::string> launchPath("launch", cl::desc("launch file"),
                                cl::Required);
cl::opt<std::string> entryName("entry", cl::desc("function to run"));
cl::opt<std::string> save("save", cl::desc("folder for the outputs"));
cl::opt<bool> check("check", cl::desc("hold outputs to their own bounds"));
cl::opt<bool> noVerify("no-verify", cl::desc("run what verifiers refuse"));
cl::opt<bool> keys("honour-keys", cl::desc("skip copies under an equal key"));
cl::opt<int64_t> sample("sample", cl::desc("run only so many programs"));
cl::opt<unsigned> threads("threads", cl::init(1));
cl::opt<std::string> roles("roles", cl::init("producers"),
                           cl::desc("producers, consumers or a seed"));

/// The function that runs: named, marked, or the only one with a body.
mlir::func::FuncOp findEntry(mlir::ModuleOp module) {
  mlir::func::FuncOp found, marked;
  int bodies = 0;
  for (auto f : module.getOps<mlir::func::FuncOp>()) {
    if (f.isExternal())
      continue;
    if (f.getName() == entryName)
      return f;
    if (f->hasAttr("kernel.entry"))
      marked = f;
    found = f;
    ++bodies;
  }
  if (!entryName.empty())
    return nullptr;
  return marked ? marked : bodies == 1 ? found : nullptr;
}

/// The launch's arguments in the order of the function's.
bool bindArguments(mlir::func::FuncOp entry, const driver::LaunchFile &file,
                   const driver::Prepared &prepared,
                   interpreter::Launch &launch, DiagnosticEngine &engine) {
  for (unsigned i = 0; i < entry.getNumArguments(); ++i) {
    auto given = entry.getArgAttrOfType<mlir::StringAttr>(i, "kernel.name");
    std::string name = given                  ? given.str()
                       : i < file.args.size() ? file.args[i].name
                                              : "";
    auto bound = prepared.bound.find(name);
    if (bound == prepared.bound.end()) {
      engine.emit(DiagnosticKind::LaunchMissing, Where(),
                  name.empty() ? "argument " + std::to_string(i) : name,
                  "args");
      return false;
    }
    interpreter::LaunchArgument argument = bound->second.argument;
    mlir::Type type = entry.getArgument(i).getType();
    if (mlir::isa<kernel::PtrType>(type) != (argument.buffer >= 0)) {
      engine.emit(DiagnosticKind::NotAPointerArgument, Where(), name);
      return false;
    }
    // A number of the file is what the function takes it for.
    if (mlir::isa<mlir::FloatType>(type) && argument.real == 0)
      argument.real = double(argument.integer);
    launch.arguments.push_back(argument);
  }
  return true;
}

int report(const driver::Prepared &prepared, DiagnosticEngine &engine) {
  bool ok = true;
  for (const driver::Output &output : prepared.outputs) {
    const interpreter::Tensor &data = prepared.buffers[output.buffer].data;
    interpreter::Comparison c = interpreter::compare(data, nullptr);
    llvm::outs() << llvm::formatv(
        "{0}: max abs error {1:e2}, {2:f3} of the bound, {3} unwritten{4}\n",
        output.name, c.maxAbs, c.errorOverBound, c.unwritten,
        c.ok ? "" : "  MISMATCH");
    ok &= c.ok;
    if (save.empty())
      continue;
    std::string path = save + "/" + output.name + ".npy";
    if (auto code = llvm::sys::fs::create_directories(save)) {
      engine.emit(DiagnosticKind::CannotWriteFile, Where(), save,
                  code.message());
      return 1;
    }
    if (llvm::Error error = driver::writeNpy(path, data, output.shape)) {
      engine.emit(DiagnosticKind::CannotWriteFile, Where(), path,
                  llvm::toString(std::move(error)));
      return 1;
    }
  }
  return check && !ok ? 4 : 0;
}

/// Reads the module; what the parser and the verifiers say goes to stderr.
mlir::OwningOpRef<mlir::ModuleOp> parse(mlir::MLIRContext &context,
                                        DiagnosticEngine &engine) {
  MLIRDiagnosticBridge bridge(&context, engine);
  mlir::ParserConfig config(&context, /*verifyAfterParse=*/!noVerify);
  return mlir::parseSourceFile<mlir::ModuleOp>(file, config);
}
} // namespace

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "runs Tile IR in the oracle\n");
  DiagnosticEngine engine;
  constexpr size_t most = size_t(64) << 20;
  if (!engine.addFile(file, most))
    return 1;
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  frontend::loadDialects(context);
  context.loadDialect<tile::TileDialect, mlir::ub::UBDialect>();
  auto module = parse(context, engine);
  auto launchFile = driver::readLaunchFile(launchPath, engine);
  if (!module || !launchFile)
    return 1;
  mlir::func::FuncOp entry = findEntry(*module);
  if (!entry) {
    engine.emit(DiagnosticKind::NoEntry, Where());
    return 1;
  }
  frontend::KernelInfo info;
  info.name = entry.getName().str();
  for (const driver::LaunchArg &arg : launchFile->args) {
    info.parameters.emplace_back();
    info.parameters.back().name = arg.name;
  }
  // A program has no decorators that could complete its arguments.
  auto prepared = driver::prepare(
      *launchFile, info,
      [](const std::vector<frontend::Argument> &) {
        return std::vector<frontend::Argument>();
      },
      engine);
  if (!prepared)
    return 1;
  interpreter::Launch launch;
  launch.module = *module;
  launch.entry = info.name;
  launch.grid = prepared->grid;
  launch.buffers = &prepared->buffers;
  launch.threads = threads;
  launch.sample = sample;
  launch.honourKeys = keys;
  if (roles == "consumers")
    launch.roleOrder = interpreter::RoleOrder::ConsumersFirst;
  else if (!llvm::StringRef(roles).getAsInteger(10, launch.roleSeed))
    launch.roleOrder = interpreter::RoleOrder::Seeded;
  if (!bindArguments(entry, *launchFile, *prepared, launch, engine))
    return 1;
  auto result = interpreter::run(launch, engine);
  if (!result)
    return 1;
  llvm::outs() << info.name << ": " << result->programs << " programs\n";
  return report(*prepared, engine);
}
