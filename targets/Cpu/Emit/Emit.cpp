// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Cpu/Emit/Emit.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/IPO/AlwaysInliner.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/LICM.h"
#include "llvm/Transforms/Scalar/LoopPassManager.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"

#include <chrono>
#include <mutex>

// Only this target, not InitializeAllTargets: fewer to set up and to link.
extern "C" {
void LLVMInitializeX86TargetInfo();
void LLVMInitializeX86Target();
void LLVMInitializeX86TargetMC();
void LLVMInitializeX86AsmPrinter();
void LLVMInitializeX86AsmParser();
}

using namespace terrazzo;
using namespace terrazzo::cpu;

namespace {

/// Adds the time until it dies to a phase.
class Phase {
public:
  Phase(PhaseSeconds *seconds, const char *name)
      : seconds(seconds), name(name), start(std::chrono::steady_clock::now()) {}
  ~Phase() {
    if (seconds)
      (*seconds)[name] += std::chrono::duration<double>(
                              std::chrono::steady_clock::now() - start)
                              .count();
  }

private:
  PhaseSeconds *seconds;
  const char *name;
  std::chrono::steady_clock::time_point start;
};

/// A module on its way to code.
struct Emission {
  Emission() {
    // LLVM's own way with an error is to print it and end the process.
    context.setDiagnosticHandlerCallBack(
        [](const llvm::DiagnosticInfo *info, void *self) {
          if (info->getSeverity() != llvm::DS_Error)
            return;
          llvm::raw_string_ostream os(static_cast<Emission *>(self)->fault);
          llvm::DiagnosticPrinterRawOStream printer(os);
          info->print(printer);
        },
        this);
  }
  std::string fault;
  llvm::LLVMContext context;
  std::unique_ptr<llvm::TargetMachine> machine;
  std::unique_ptr<llvm::Module> module;
};

} // namespace

static llvm::Error problem(const llvm::Twine &text) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), text);
}

/// "+avx,+avx2": what the file lists and nothing that its `cpu` would imply,
/// because a machine is compared with the list.
static std::string featureString(const chip::Chip &chip) {
  std::string text;
  for (const std::string &feature : chip.features)
    text += (text.empty() ? "+" : ",+") + feature;
  return text;
}

static llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
machineFor(const chip::Chip &chip) {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser(); // inline assembly
  });
  llvm::Triple triple("x86_64-unknown-linux-gnu");
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return problem(error);
  // Names that LLVM does not know would be ignored with a line on stderr.
  std::unique_ptr<llvm::MCSubtargetInfo> known(
      target->createMCSubtargetInfo(triple, "x86-64", ""));
  if (!known->isCPUStringValid(chip.cpu))
    return problem("LLVM knows no CPU `" + chip.cpu + "`");
  for (const std::string &feature : chip.features)
    if (llvm::none_of(known->getAllProcessorFeatures(),
                      [&](const auto &f) { return feature == f.Key; }))
      return problem("LLVM knows no CPU feature `" + feature + "`");
  llvm::TargetOptions options;
  // A product and a sum become one rounding only where the IR says fma.
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, "x86-64", featureString(chip), options, llvm::Reloc::PIC_,
      llvm::CodeModel::Small, llvm::CodeGenOptLevel::Default));
  if (!machine)
    return problem("LLVM has no code generator for " + triple.str());
  return machine;
}

static void setAttributes(llvm::Module &module, const chip::Chip &chip,
                          const llvm::TargetMachine &machine) {
  for (llvm::Function &f : module) {
    if (f.isDeclaration())
      continue;
    f.addFnAttr("target-cpu", "x86-64");
    f.addFnAttr("target-features", featureString(chip));
    f.addFnAttr("tune-cpu", chip.cpu);
    f.addFnAttr(llvm::Attribute::NoUnwind);
    if (chip.has("avx512f"))
      f.addFnAttr("prefer-vector-width", "512");
  }
}

/// The loops come vectorised and unrolled, so what is left is cleaning up.
static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
  passes.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
  passes.addPass(llvm::InstCombinePass());
  passes.addPass(llvm::SimplifyCFGPass());
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(
      llvm::LICMPass(llvm::LICMOptions()), /*UseMemorySSA=*/true));
  passes.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
  llvm::ModulePassManager all;
  all.addPass(llvm::AlwaysInlinerPass());
  all.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(passes)));
  all.run(module, modules);
}

static llvm::Error prepare(Emission &out, mlir::ModuleOp module,
                           const chip::Chip &chip, PhaseSeconds *seconds) {
  {
    Phase phase(seconds, "translate");
    auto machine = machineFor(chip);
    if (!machine)
      return machine.takeError();
    out.machine = std::move(*machine);
    mlir::DialectRegistry registry;
    mlir::registerBuiltinDialectTranslation(registry);
    mlir::registerLLVMDialectTranslation(registry);
    module.getContext()->appendDialectRegistry(registry);
    out.module = mlir::translateModuleToLLVMIR(module, out.context, "terrazzo");
    if (!out.module)
      return problem("the module has operations that are not LLVM's");
    out.module->setTargetTriple(out.machine->getTargetTriple());
    out.module->setDataLayout(out.machine->createDataLayout());
    out.module->setPICLevel(llvm::PICLevel::SmallPIC);
    setAttributes(*out.module, chip, *out.machine);
    std::string fault;
    llvm::raw_string_ostream os(fault);
    if (llvm::verifyModule(*out.module, &os))
      return problem(fault);
  }
  Phase phase(seconds, "optimize");
  optimize(*out.module, *out.machine);
  return llvm::Error::success();
}

static llvm::Expected<llvm::SmallVector<char, 0>>
generate(mlir::ModuleOp module, const chip::Chip &chip,
         llvm::CodeGenFileType type, PhaseSeconds *seconds) {
  Emission emission;
  if (llvm::Error error = prepare(emission, module, chip, seconds))
    return error;
  Phase phase(seconds, "codegen");
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream os(bytes);
  llvm::legacy::PassManager passes;
  if (emission.machine->addPassesToEmitFile(passes, os, nullptr, type))
    return problem("LLVM cannot write this kind of file");
  passes.run(*emission.module);
  if (!emission.fault.empty())
    return problem(emission.fault);
  return bytes;
}

llvm::Expected<std::string> cpu::llvmText(mlir::ModuleOp module,
                                          const chip::Chip &chip,
                                          PhaseSeconds *seconds) {
  Emission emission;
  if (llvm::Error error = prepare(emission, module, chip, seconds))
    return error;
  std::string text;
  llvm::raw_string_ostream(text) << *emission.module;
  return text;
}

llvm::Expected<std::string> cpu::assembly(mlir::ModuleOp module,
                                          const chip::Chip &chip,
                                          PhaseSeconds *seconds) {
  auto bytes =
      generate(module, chip, llvm::CodeGenFileType::AssemblyFile, seconds);
  if (!bytes)
    return bytes.takeError();
  return std::string(bytes->begin(), bytes->end());
}

llvm::Expected<std::vector<char>> cpu::object(mlir::ModuleOp module,
                                              const chip::Chip &chip,
                                              PhaseSeconds *seconds) {
  auto bytes =
      generate(module, chip, llvm::CodeGenFileType::ObjectFile, seconds);
  if (!bytes)
    return bytes.takeError();
  return std::vector<char>(bytes->begin(), bytes->end());
}
