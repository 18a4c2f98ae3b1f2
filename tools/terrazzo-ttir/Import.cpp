// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Triton's IR to Kernel IR: types first, then op by op in place, then branches
// to scf, then calls into the entry.
#include "tools/terrazzo-ttir/Triton.h"

#include "lib/Diagnostics/MLIRBridge.h"
#include "lib/Frontend/Frontend.h"

#include "mlir/Conversion/ControlFlowToSCF/ControlFlowToSCF.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace terrazzo;
using llvm::StringRef;

/// Ops that take their operands, attributes and regions along as they are.
static StringRef kernelName(StringRef triton) {
  return llvm::StringSwitch<StringRef>(triton)
      .Case("tt.reduce.return", "kernel.yield")
      .Case("tt.scan.return", "kernel.yield")
      .Case("tt.fp_to_fp", "kernel.fp_cast")
      .Case("tt.clampf", "kernel.clamp")
      .Case("tt.mulhiui", "kernel.mulhi_ui")
      .Case("tt.precise_sqrt", "math.sqrt")
      .Case("tt.precise_divf", "arith.divf")
      .Case("tt.call", "func.call")
      .Case("tt.return", "func.return")
      .Case("ttg.barrier", "kernel.debug_barrier")
      .Case("llvm.intr.assume", "kernel.assume")
      .Case("arith.bitcast", "kernel.bitcast")
      .Default({});
}

/// What the Kernel dialect calls an attribute, and what it leaves out.
static void addAttribute(OperationState &state, NamedAttribute attribute) {
  Builder builder(state.getContext());
  StringRef name = attribute.getName();
  if (auto policy = dyn_cast<triton::CachePolicyAttr>(attribute.getValue())) {
    state.addAttribute(
        "cache", builder.getI32IntegerAttr(int32_t(policy.getCacheModifier())));
    state.addAttribute("evict", builder.getI32IntegerAttr(
                                    int32_t(policy.getEvictionPolicy())));
    return;
  }
  // What dot_scaled's operands are made of is their type with us.
  if (name == "maxNumImpreciseAcc" || name == "op_bundle_sizes" ||
      name == "a_elem_type" || name == "b_elem_type")
    return;
  if (name == "lhs_k_pack" || name == "rhs_k_pack") {
    if (!cast<BoolAttr>(attribute.getValue()).getValue())
      state.addAttribute(name == "lhs_k_pack" ? "pack_m" : "pack_n",
                         builder.getUnitAttr());
    return;
  }
  if (auto flag = dyn_cast<BoolAttr>(attribute.getValue())) {
    if (flag.getValue())
      state.addAttribute(name == "fastMath" ? "fast_math" : name,
                         builder.getUnitAttr());
    return;
  }
  state.addAttribute(name == "inputPrecision" ? "precision" : name,
                     attribute.getValue());
}

static void convertFunction(triton::FuncOp function,
                            ArrayRef<std::string> names) {
  OpBuilder builder(function);
  auto made =
      func::FuncOp::create(builder, function.getLoc(), function.getSymName(),
                           function.getFunctionType());
  made.getBody().takeBody(function.getBody());
  if (function.getSymVisibility().value_or("public") == "public") {
    made->setAttr("kernel.entry", builder.getUnitAttr());
    for (unsigned i = 0; i < made.getNumArguments(); ++i)
      made.setArgAttr(i, "kernel.name",
                      builder.getStringAttr(i < names.size()
                                                ? names[i]
                                                : "arg" + std::to_string(i)));
  } else {
    made.setPrivate();
  }
  function.erase();
}

/// One op of Triton's becomes one of ours.
static void convert(Operation *op, ArrayRef<std::string> names) {
  if (auto function = dyn_cast<triton::FuncOp>(op))
    return convertFunction(function, names);
  StringRef old = op->getName().getStringRef();
  std::string name = kernelName(old).str();
  if (name.empty() && old.starts_with("tt."))
    name = "kernel." + old.drop_front(3).str();
  if (name.empty())
    return;
  // Python's float(x) of a float: nothing to be done.
  if (old == "arith.bitcast" &&
      op->getOperand(0).getType() == op->getResult(0).getType()) {
    op->getResult(0).replaceAllUsesWith(op->getOperand(0));
    op->erase();
    return;
  }
  OpBuilder builder(op);
  OperationState state(op->getLoc(), name, op->getOperands(),
                       op->getResultTypes(), {});
  for (NamedAttribute attribute : op->getAttrs())
    addAttribute(state, attribute);
  // Triton's casts to 8 bits saturate, which its IR does not say.
  if (old == "tt.fp_to_fp" &&
      getElementTypeOrSelf(op->getResult(0)).getIntOrFloatBitWidth() <= 8)
    state.addAttribute("saturate", builder.getUnitAttr());
  for (Region &region : op->getRegions())
    state.addRegion()->takeBody(region);
  op->replaceAllUsesWith(builder.create(state));
  op->erase();
}

namespace {
/// Puts every callee in the place of its call, innermost first.
class Inliner {
public:
  Inliner(ModuleOp module, terrazzo::DiagnosticEngine &engine)
      : module(module), engine(engine) {}
  bool run(func::FuncOp function);

private:
  ModuleOp module;
  terrazzo::DiagnosticEngine &engine;
  llvm::DenseSet<Operation *> done;
  llvm::SmallVector<Operation *> open;
};
} // namespace

bool Inliner::run(func::FuncOp function) {
  if (done.contains(function))
    return true;
  if (llvm::is_contained(open, function.getOperation())) {
    engine.emit(DiagnosticKind::TritonRecursion, where(function.getLoc()),
                function.getSymName());
    return false;
  }
  open.push_back(function);
  llvm::SmallVector<func::CallOp> calls;
  function.walk([&](func::CallOp call) { calls.push_back(call); });
  for (func::CallOp call : calls) {
    auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
    if (!callee || callee.isExternal() ||
        callee.getArgumentTypes() != call.getOperandTypes() ||
        callee.getResultTypes() != call.getResultTypes()) {
      engine.emit(DiagnosticKind::TritonBadCall, where(call.getLoc()),
                  call.getCallee());
      return false;
    }
    if (!run(callee))
      return false;
    OpBuilder builder(call);
    IRMapping mapping;
    Block &body = callee.getBody().front();
    mapping.map(body.getArguments(), call.getOperands());
    for (Operation &op : body.without_terminator())
      builder.clone(op, mapping);
    for (auto [result, value] :
         llvm::zip(call.getResults(), body.getTerminator()->getOperands()))
      result.replaceAllUsesWith(mapping.lookupOrDefault(value));
    call.erase();
  }
  open.pop_back();
  done.insert(function);
  return true;
}

static void loadDialects(MLIRContext &context) {
  frontend::loadDialects(context);
  context.loadDialect<triton::TritonDialect, triton::GpuDialect,
                      cf::ControlFlowDialect, LLVM::LLVMDialect>();
}

OwningOpRef<ModuleOp>
terrazzo::triton::importText(MLIRContext &context, unsigned buffer,
                             ArrayRef<std::string> names,
                             terrazzo::DiagnosticEngine &engine) {
  loadDialects(context);
  MLIRDiagnosticBridge bridge(&context, engine);
  llvm::SourceMgr source;
  llvm::MemoryBufferRef text =
      engine.sourceManager().getMemoryBuffer(buffer)->getMemBufferRef();
  source.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBuffer(text),
                            llvm::SMLoc());
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(source, &context);
  if (!module)
    return {};
  AttrTypeReplacer types;
  types.addReplacement([&](triton::PtrType pointer) -> Type {
    return kernel::PtrType::get(types.replace(pointer.getPointee()));
  });
  types.recursivelyReplaceElementsIn(*module, /*replaceAttrs=*/true,
                                     /*replaceLocs=*/false,
                                     /*replaceTypes=*/true);
  module->walk([&](Operation *op) {
    if (op != module->getOperation())
      convert(op, names);
  });
  IRRewriter rewriter(&context);
  for (auto function : module->getOps<func::FuncOp>())
    (void)eraseUnreachableBlocks(rewriter, function->getRegions());
  PassManager lift(&context);
  lift.addNestedPass<func::FuncOp>(createLiftControlFlowToSCFPass());
  if (failed(verify(*module)) || failed(lift.run(*module)))
    return {};
  Inliner inliner(*module, engine);
  for (auto function :
       llvm::make_early_inc_range(module->getOps<func::FuncOp>()))
    if (!inliner.run(function))
      return {};
  for (auto function :
       llvm::make_early_inc_range(module->getOps<func::FuncOp>()))
    if (!function->hasAttr("kernel.entry"))
      function.erase();
  if (failed(verify(*module)))
    return {};
  return module;
}
