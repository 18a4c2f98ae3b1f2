// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Triton 3.9's dialect: its name, its pointer, the axes of a grid. Apart from
// the ops, because TableGen makes every type and enum of a file that it reads,
// and the ops use the Kernel dialect's.
#ifndef TERRAZZO_TOOLS_TERRAZZO_TTIR_TRITONDIALECT
#define TERRAZZO_TOOLS_TERRAZZO_TTIR_TRITONDIALECT

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/DialectBase.td"
include "mlir/IR/EnumAttr.td"

def Triton_Dialect : Dialect {
  let name = "tt";
  let cppNamespace = "::terrazzo::triton";
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
}

def Triton_Ptr : TypeDef<Triton_Dialect, "Ptr"> {
  let mnemonic = "ptr";
  let parameters = (ins "::mlir::Type":$pointee);
  let assemblyFormat = "`<` $pointee `>`";
}
def Triton_Axis : I32EnumAttr<"Axis", "an axis of the grid", [
    I32EnumAttrCase<"X", 0, "x">, I32EnumAttrCase<"Y", 1, "y">,
    I32EnumAttrCase<"Z", 2, "z">]> {
  let cppNamespace = "::terrazzo::triton";
}
// The Kernel dialect's numbers, with Triton's word for an exchange.
def Triton_AtomicKind : I32EnumAttr<"AtomicKind", "what an atomic does to memory", [
    I32EnumAttrCase<"And", 0, "and">, I32EnumAttrCase<"Or", 1, "or">,
    I32EnumAttrCase<"Xor", 2, "xor">, I32EnumAttrCase<"Add", 3, "add">,
    I32EnumAttrCase<"FAdd", 4, "fadd">, I32EnumAttrCase<"Max", 5, "max">,
    I32EnumAttrCase<"Min", 6, "min">, I32EnumAttrCase<"UMax", 7, "umax">,
    I32EnumAttrCase<"UMin", 8, "umin">, I32EnumAttrCase<"Xchg", 9, "exch">]> {
  let cppNamespace = "::terrazzo::triton";
}
def Triton_ScaleDotElem : I32EnumAttr<"ScaleDotElem", "what an operand of dot_scaled is made of", [
    I32EnumAttrCase<"E4M3", 0, "e4m3">, I32EnumAttrCase<"E5M2", 1, "e5m2">,
    I32EnumAttrCase<"E2M3", 2, "e2m3">, I32EnumAttrCase<"E3M2", 3, "e3m2">,
    I32EnumAttrCase<"E2M1", 4, "e2m1">, I32EnumAttrCase<"BF16", 5, "bf16">,
    I32EnumAttrCase<"FP16", 6, "fp16">]> {
  let cppNamespace = "::terrazzo::triton";
}

#endif // TERRAZZO_TOOLS_TERRAZZO_TTIR_TRITONDIALECT
