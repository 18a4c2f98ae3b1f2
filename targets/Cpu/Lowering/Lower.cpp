// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Cpu/Lowering/Lower.h"

#include "lib/Diagnostics/MLIRBridge.h"
#include "lib/Pipeline/Pipeline.h"
#include "lib/Transforms/Decompose/ExpandMath.h"
#include "targets/Cpu/Lowering/Emitter.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace terrazzo;
using namespace mlir;

/// Loops become branches; then everything becomes LLVM's.
static LogicalResult toLLVM(ModuleOp module) {
  MLIRContext *context = module.getContext();
  {
    RewritePatternSet patterns(context);
    populateSCFToControlFlowConversionPatterns(patterns);
    ConversionTarget target(*context);
    target.addIllegalDialect<scf::SCFDialect>();
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    if (failed(applyPartialConversion(module, target, std::move(patterns))))
      return failure();
  }
  LowerToLLVMOptions options(context);
  LLVMTypeConverter converter(context, options);
  RewritePatternSet patterns(context);
  arith::populateArithToLLVMConversionPatterns(converter, patterns);
  cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
  populateFuncToLLVMConversionPatterns(converter, patterns);
  populateMathToLLVMConversionPatterns(converter, patterns);
  populateVectorToLLVMConversionPatterns(converter, patterns);
  ub::populateUBToLLVMConversionPatterns(converter, patterns);
  LLVMConversionTarget target(*context);
  target.addLegalOp<ModuleOp>();
  return applyPartialConversion(module, target, std::move(patterns));
}

FailureOr<cpu::Versions> cpu::lower(ModuleOp module, const chip::Chip &chip,
                                    const LoweringOptions &options,
                                    DiagnosticEngine &engine) {
  MLIRContext *context = module.getContext();
  context->loadDialect<LLVM::LLVMDialect, vector::VectorDialect,
                       cf::ControlFlowDialect, math::MathDialect,
                       scf::SCFDialect, ub::UBDialect>();
  if (failed(toTile(module, options.schedule, engine, !options.assumeNoAlias)))
    return failure();
  Versions versions = Versions::Any;
  for (auto function :
       llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
    try {
      versions = emitKernel(module, function, chip, options, engine);
    } catch (const Refused &) {
      return failure();
    }
  }
  expandMath(module, {chip.has("avx512f") && chip.has("avx512vl") &&
                      chip.has("avx512dq")});
  MLIRDiagnosticBridge bridge(context, engine);
  if (failed(toLLVM(module)))
    return failure();
  return versions;
}
