// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/Unit/Decompose/Jit.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVMPass.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <regex>

using namespace mlir;
using namespace terrazzo::test;

[[noreturn]] static void fail(const std::string &what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(3);
}

Jit::Jit() {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  context.appendDialectRegistry(registry);
  context.disableMultithreading();
  context.loadDialect<arith::ArithDialect, cf::ControlFlowDialect,
                      func::FuncDialect, LLVM::LLVMDialect, math::MathDialect,
                      scf::SCFDialect, vector::VectorDialect>();
}
Jit::~Jit() = default;

static std::string bitsOf(const std::string &type) {
  std::smatch m; // the first number: f32, f8E5M2, bf16, tf32, i32
  std::regex_search(type, m, std::regex("[0-9]+"));
  return type == "tf32" ? "19" : m.str();
}

/// Floats of 4, 6 and 19 bits lie in a whole 1, 1 and 4 bytes.
static unsigned storedBits(const std::string &type) {
  unsigned bits = std::stoi(bitsOf(type));
  return bits < 8 ? 8 : bits == 19 ? 32 : bits;
}

static std::string moduleText(const LoopText &t) {
  auto of = [&](const std::string &element) {
    return t.lanes == 1
               ? element
               : "vector<" + std::to_string(t.lanes) + "x" + element + ">";
  };
  auto stored = [](const std::string &e) {
    return "i" + std::to_string(storedBits(e));
  };
  std::string T = of(t.operand), R = of(t.result);
  std::string TI = of("i" + bitsOf(t.operand)), RI = of("i" + bitsOf(t.result));
  std::string TS = of(stored(t.operand)), RS = of(stored(t.result));
  auto load = [&](std::string n) {
    std::string from = "%" + n + "s";
    std::string text = "%" + n + "p = llvm.getelementptr %p" + n +
                       "[%i] : (!llvm.ptr, i64) -> !llvm.ptr, " +
                       stored(t.operand) + "\n" + from + " = llvm.load %" + n +
                       "p {alignment = 1 : i64} : !llvm.ptr -> " + TS + "\n";
    if (TS != TI) {
      text += "%" + n + "t = arith.trunci " + from + " : " + TS + " to " + TI +
              "\n";
      from = "%" + n + "t";
    }
    return text + "%" + n + " = arith.bitcast " + from + " : " + TI + " to " +
           T + "\n";
  };
  std::string body = std::regex_replace(t.body, std::regex("\\bT\\b"), T);
  body = std::regex_replace(body, std::regex("\\bR\\b"), R);
  std::string store = "%ri = arith.bitcast %r : " + R + " to " + RI + "\n";
  std::string last = "%ri";
  if (RS != RI) {
    store += "%rw = arith.extui %ri : " + RI + " to " + RS + "\n";
    last = "%rw";
  }
  return "func.func @run(%pa: !llvm.ptr, %pb: !llvm.ptr, %po: !llvm.ptr, %n: "
         "i64) {\n%c0 = arith.constant 0 : i64\n%step = arith.constant " +
         std::to_string(t.lanes) +
         " : i64\nscf.for %i = %c0 to %n step %step : i64 {\n" + load("a") +
         load("b") + body + "\n" + store +
         "%op = llvm.getelementptr %po[%i] : (!llvm.ptr, i64) -> !llvm.ptr, " +
         stored(t.result) + "\nllvm.store " + last +
         ", %op {alignment = 1 : i64} : " + RS + ", !llvm.ptr\n}\nreturn\n}\n";
}

static llvm::orc::JITTargetMachineBuilder machine(const std::string &cpu) {
  auto detected = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!detected)
    fail(llvm::toString(detected.takeError()));
  if (cpu != "host") {
    detected->setCPU(cpu);
    detected->getFeatures() = llvm::SubtargetFeatures();
  }
  detected->setCodeGenOptLevel(llvm::CodeGenOptLevel::Default);
  return *detected;
}

bool terrazzo::test::hasAvx512(const std::string &cpu) {
  if (cpu != "host")
    return cpu == "x86-64-v4";
  auto features = llvm::sys::getHostCPUFeatures();
  return features.lookup("avx512f") && features.lookup("avx512vl") &&
         features.lookup("avx512dq");
}

static void lower(ModuleOp module) {
  PassManager passes(module.getContext());
  // LLVM has no type for tf32: its bitcasts must meet and go.
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createSCFToControlFlowPass());
  passes.addPass(createConvertVectorToLLVMPass());
  passes.addPass(createConvertMathToLLVMPass());
  passes.addPass(createArithToLLVMConversionPass());
  passes.addPass(createConvertControlFlowToLLVMPass());
  passes.addPass(createConvertFuncToLLVMPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
  if (failed(passes.run(module)))
    fail("cannot convert to LLVM");
}

Loop Jit::compile(const LoopText &text, const std::string &cpu,
                  const std::function<void(ModuleOp)> &expand) {
  OwningOpRef<ModuleOp> module =
      parseSourceString<ModuleOp>(moduleText(text), &context);
  if (!module)
    fail("cannot parse:\n" + moduleText(text));
  auto start = std::chrono::steady_clock::now();
  expand(*module);
  seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  lower(*module);
  auto llvmContext = std::make_unique<llvm::LLVMContext>();
  auto llvmModule = translateModuleToLLVMIR(*module, *llvmContext);
  if (!llvmModule)
    fail("cannot translate to LLVM IR");
  auto builder = machine(cpu);
  auto target = builder.createTargetMachine();
  if (!target)
    fail(llvm::toString(target.takeError()));
  llvmModule->setDataLayout((*target)->createDataLayout());
  llvmModule->setTargetTriple((*target)->getTargetTriple());
  for (llvm::Function &f : *llvmModule) {
    // Use all of 512 bits where the CPU has them.
    f.addFnAttr("prefer-vector-width", "512");
    f.addFnAttr("target-cpu", builder.getCPU());
    f.addFnAttr("target-features", builder.getFeatures().getString());
  }
  if (auto error = makeOptimizingTransformer(/*optLevel=*/2, /*sizeLevel=*/0,
                                             target->get())(llvmModule.get()))
    fail(llvm::toString(std::move(error)));
  if (printIR)
    llvmModule->print(llvm::outs(), nullptr);
  auto jit = llvm::orc::LLJITBuilder()
                 .setJITTargetMachineBuilder(std::move(builder))
                 .create();
  if (!jit)
    fail(llvm::toString(jit.takeError()));
  auto process = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix());
  if (!process)
    fail(llvm::toString(process.takeError()));
  (*jit)->getMainJITDylib().addGenerator(std::move(*process));
  if (auto error = (*jit)->addIRModule(llvm::orc::ThreadSafeModule(
          std::move(llvmModule), std::move(llvmContext))))
    fail(llvm::toString(std::move(error)));
  auto address = (*jit)->lookup("run");
  if (!address)
    fail(llvm::toString(address.takeError()));
  loaded.push_back(std::move(*jit));
  return address->toPtr<Loop>();
}
