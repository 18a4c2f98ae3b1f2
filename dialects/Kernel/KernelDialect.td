// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_DIALECTS_KERNEL_KERNELDIALECT
#define TERRAZZO_DIALECTS_KERNEL_KERNELDIALECT

include "mlir/IR/DialectBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Kernel_Dialect : Dialect {
  let name = "kernel";
  let cppNamespace = "::terrazzo::kernel";
  let summary = "One program instance of a launch, as its author wrote it";
  let description = [{
    Block values are builtin tensors, pointers are `!kernel.ptr<T>`. Elementwise
    work and control flow are `arith`, `math` and `scf`; the ops here mirror
    Triton's own one to one. The dialect knows no chip. docs/Spec/Kernel.md
    numbers its constraints; verifiers and tests cite them.
  }];
  let useDefaultTypePrinterParser = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def Kernel_Ptr : TypeDef<Kernel_Dialect, "Ptr"> {
  let mnemonic = "ptr";
  let summary = "The address of an element in global memory";
  let description = [{
    Example: `!kernel.ptr<bf16>`, and a block of pointers
    `tensor<128x!kernel.ptr<bf16>>`.
  }];
  let parameters = (ins "::mlir::Type":$pointee);
  let assemblyFormat = "`<` $pointee `>`";
  let builders = [TypeBuilderWithInferredContext<(ins "::mlir::Type":$pointee), [{
    return $_get(pointee.getContext(), pointee);
  }]>];
  let genVerifyDecl = 1;
}

class Kernel_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::terrazzo::kernel";
}

def Kernel_AtomicKind : Kernel_Enum<"AtomicKind", "what an atomic does to memory", [
  I32EnumAttrCase<"And", 0, "and">, I32EnumAttrCase<"Or", 1, "or">,
  I32EnumAttrCase<"Xor", 2, "xor">, I32EnumAttrCase<"Add", 3, "add">,
  I32EnumAttrCase<"FAdd", 4, "fadd">, I32EnumAttrCase<"Max", 5, "max">,
  I32EnumAttrCase<"Min", 6, "min">, I32EnumAttrCase<"UMax", 7, "umax">,
  I32EnumAttrCase<"UMin", 8, "umin">, I32EnumAttrCase<"Xchg", 9, "xchg">]>;
def Kernel_MemSemantic : Kernel_Enum<"MemSemantic", "memory order", [
  I32EnumAttrCase<"Relaxed", 1, "relaxed">, I32EnumAttrCase<"Acquire", 2, "acquire">,
  I32EnumAttrCase<"Release", 3, "release">, I32EnumAttrCase<"AcqRel", 4, "acq_rel">]>;
def Kernel_MemScope : Kernel_Enum<"MemScope", "who must see it", [
  I32EnumAttrCase<"Core", 1, "cta">, I32EnumAttrCase<"Chip", 2, "gpu">,
  I32EnumAttrCase<"System", 3, "sys">]>;
def Kernel_CacheModifier : Kernel_Enum<"CacheModifier", "cache hint, without meaning", [
  I32EnumAttrCase<"None", 1, "none">, I32EnumAttrCase<"CA", 2, "ca">,
  I32EnumAttrCase<"CG", 3, "cg">, I32EnumAttrCase<"WB", 4, "wb">,
  I32EnumAttrCase<"CS", 5, "cs">, I32EnumAttrCase<"WT", 6, "wt">,
  I32EnumAttrCase<"CV", 7, "cv">]>;
def Kernel_EvictionPolicy : Kernel_Enum<"EvictionPolicy", "eviction hint, without meaning", [
  I32EnumAttrCase<"Normal", 1, "evict_normal">, I32EnumAttrCase<"First", 2, "evict_first">,
  I32EnumAttrCase<"Last", 3, "evict_last">]>;
def Kernel_Precision : Kernel_Enum<"Precision", "how the inputs of an f32 dot may be rounded", [
  I32EnumAttrCase<"IEEE", 0, "ieee">, I32EnumAttrCase<"TF32", 1, "tf32">,
  I32EnumAttrCase<"TF32x3", 2, "tf32x3">, I32EnumAttrCase<"BF16x3", 3, "bf16x3">,
  I32EnumAttrCase<"BF16x6", 4, "bf16x6">]>;
def Kernel_Rounding : Kernel_Enum<"Rounding", "rounding of a cast to fewer bits", [
  I32EnumAttrCase<"Nearest", 0, "rtne">, I32EnumAttrCase<"ToZero", 1, "rtz">]>;
def Kernel_PropagateNan : Kernel_Enum<"PropagateNan", "whether a NaN input gives NaN", [
  I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"All", 1, "all">]>;

#endif
