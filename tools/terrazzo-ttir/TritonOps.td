// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What of Triton 3.9's own dialects its front end writes, with Triton's
// spelling: enough to parse its text. Names of attributes and enum cases are
// the Kernel dialect's wherever Triton's spelling allows, so that most ops
// become Kernel ops by their name alone. Nothing is verified here; the Kernel
// dialect's verifiers see every op afterwards.
#ifndef TERRAZZO_TOOLS_TERRAZZO_TTIR_TRITONOPS
#define TERRAZZO_TOOLS_TERRAZZO_TTIR_TRITONOPS

include "dialects/Kernel/KernelDialect.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "tools/terrazzo-ttir/TritonDialect.td"

def Triton_CachePolicy : AttrDef<Triton_Dialect, "CachePolicy"> {
  let mnemonic = "cache_policy";
  let parameters = (ins EnumParameter<Kernel_CacheModifier>:$cache_modifier,
                        EnumParameter<Kernel_EvictionPolicy>:$eviction_policy);
  let assemblyFormat = "`<` struct(params) `>`";
}
class Triton_Op<string mnemonic, list<Trait> traits = []>
    : Op<Triton_Dialect, mnemonic, traits>;
class ResultLike<string operand> : AllTypesMatch<[operand, "result"]>;
class PointeeOf<string pointers, string value> : TypesMatchWith<"a pointee",
    pointers, value, "::terrazzo::triton::pointeeLike($_self)">;
class OptionalPointeeOf<string pointers, string value> : OptionalTypesMatchWith<
    "a pointee", pointers, value, "::terrazzo::triton::pointeeLike($_self)">;
class MaskOf<string value> : OptionalTypesMatchWith<"a mask", value, "mask",
    "::terrazzo::kernel::maskLike($_self)">;

//===-- Functions ----------------------------------------------------------===//

def Triton_FuncOp : Triton_Op<"func", [IsolatedFromAbove, FunctionOpInterface]> {
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type,
    OptionalAttr<StrAttr>:$sym_visibility, OptionalAttr<DictArrayAttr>:$arg_attrs,
    OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region AnyRegion:$body);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
  }];
}
def Triton_CallOp : Triton_Op<"call"> {
  let arguments = (ins FlatSymbolRefAttr:$callee, Variadic<AnyType>:$args);
  let results = (outs Variadic<AnyType>:$outs);
  let assemblyFormat = "$callee `(` $args `)` attr-dict `:` functional-type($args, $outs)";
}
def Triton_ReturnOp : Triton_Op<"return", [Terminator]> {
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

//===-- Program and shape --------------------------------------------------===//

class Triton_GridOp<string mnemonic> : Triton_Op<mnemonic> {
  let arguments = (ins Triton_Axis:$axis);
  let results = (outs I32:$result);
  let assemblyFormat = "$axis attr-dict `:` type($result)";
}
def Triton_GetProgramIdOp : Triton_GridOp<"get_program_id">;
def Triton_GetNumProgramsOp : Triton_GridOp<"get_num_programs">;

def Triton_MakeRangeOp : Triton_Op<"make_range"> {
  let arguments = (ins I32Attr:$start, I32Attr:$end);
  let results = (outs AnyType:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}
class Triton_UnaryOp<string mnemonic, dag attributes = (ins)> : Triton_Op<mnemonic> {
  let arguments = !con((ins AnyType:$src), attributes);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
}
def Triton_SplatOp : Triton_UnaryOp<"splat">;
def Triton_ExpandDimsOp : Triton_UnaryOp<"expand_dims", (ins I32Attr:$axis)>;
def Triton_BroadcastOp : Triton_UnaryOp<"broadcast">;
def Triton_TransOp : Triton_UnaryOp<"trans", (ins DenseI32ArrayAttr:$order)>;
def Triton_PtrToIntOp : Triton_UnaryOp<"ptr_to_int">;
def Triton_IntToPtrOp : Triton_UnaryOp<"int_to_ptr">;
def Triton_BitcastOp : Triton_UnaryOp<"bitcast">;
def Triton_ReshapeOp : Triton_Op<"reshape"> {
  let arguments = (ins AnyType:$src, UnitAttr:$allow_reorder);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$src (`allow_reorder` $allow_reorder^)? attr-dict `:` type($src) `->` type($result)";
}
class Triton_PairOp<string mnemonic> : Triton_Op<mnemonic, [SameTypeOperands]> {
  let arguments = (ins AnyType:$lhs, AnyType:$rhs);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `->` type($result)";
}
def Triton_JoinOp : Triton_PairOp<"join">;
def Triton_CatOp : Triton_PairOp<"cat">;
def Triton_SplitOp : Triton_Op<"split", [AllTypesMatch<["lhs", "rhs"]>]> {
  let arguments = (ins AnyType:$src);
  let results = (outs AnyType:$lhs, AnyType:$rhs);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($lhs)";
}
def Triton_GatherOp : Triton_Op<"gather"> {
  let arguments = (ins AnyType:$src, AnyType:$indices, I32Attr:$axis);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$src `[` $indices `]` attr-dict `:` functional-type(operands, results)";
}
def Triton_HistogramOp : Triton_Op<"histogram", [MaskOf<"src">]> {
  let arguments = (ins AnyType:$src, Optional<AnyType>:$mask);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$src (`,` $mask^)? attr-dict `:` type($src) `->` type($result)";
}

//===-- Memory -------------------------------------------------------------===//

def Triton_AddPtrOp : Triton_Op<"addptr", [ResultLike<"ptr">]> {
  let arguments = (ins AnyType:$ptr, AnyType:$offset);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$ptr `,` $offset attr-dict `:` type($ptr) `,` type($offset)";
}
def Triton_LoadOp : Triton_Op<"load", [AttrSizedOperandSegments, PointeeOf<"ptr", "result">,
                                      MaskOf<"ptr">, OptionalPointeeOf<"ptr", "other">]> {
  let arguments = (ins AnyType:$ptr, Optional<AnyType>:$mask, Optional<AnyType>:$other,
    OptionalAttr<Triton_CachePolicy>:$cachePolicy, OptionalAttr<BoolAttr>:$isVolatile);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$ptr (`,` $mask^)? (`,` $other^)? attr-dict `:` type($ptr)";
}
def Triton_StoreOp : Triton_Op<"store", [PointeeOf<"ptr", "value">, MaskOf<"ptr">]> {
  let arguments = (ins AnyType:$ptr, AnyType:$value, Optional<AnyType>:$mask,
    OptionalAttr<Triton_CachePolicy>:$cachePolicy);
  let assemblyFormat = "$ptr `,` $value (`,` $mask^)? attr-dict `:` type($ptr)";
}
def Triton_AtomicRMWOp : Triton_Op<"atomic_rmw"> {
  let arguments = (ins Triton_AtomicKind:$kind, Kernel_MemSemantic:$sem, Kernel_MemScope:$scope,
    AnyType:$ptr, AnyType:$value, Optional<AnyType>:$mask);
  let results = (outs AnyType:$result);
  let assemblyFormat = [{
    $kind `,` $sem `,` $scope `,` $ptr `,` $value (`,` $mask^)? attr-dict
    `:` functional-type(operands, $result)
  }];
}
def Triton_AtomicCASOp : Triton_Op<"atomic_cas"> {
  let arguments = (ins Kernel_MemSemantic:$sem, Kernel_MemScope:$scope, AnyType:$ptr,
    AnyType:$cmp, AnyType:$value);
  let results = (outs AnyType:$result);
  let assemblyFormat = [{
    $sem `,` $scope `,` $ptr `,` $cmp `,` $value attr-dict `:` functional-type(operands, $result)
  }];
}

//===-- Compute ------------------------------------------------------------===//

def Triton_DotOp : Triton_Op<"dot", [ResultLike<"acc">]> {
  let arguments = (ins AnyType:$a, AnyType:$b, AnyType:$acc, OptionalAttr<Kernel_Precision>:$inputPrecision,
    OptionalAttr<I32Attr>:$maxNumImpreciseAcc);
  let results = (outs AnyType:$result);
  let assemblyFormat = [{
    $a `,` $b `,` $acc (`,` `inputPrecision` `=` $inputPrecision^)? attr-dict
    `:` type($a) `*` type($b) `->` type($acc)
  }];
}
def Triton_DotScaledOp : Triton_Op<"dot_scaled", [AttrSizedOperandSegments, ResultLike<"acc">]> {
  let arguments = (ins AnyType:$a, AnyType:$b, AnyType:$acc, Optional<AnyType>:$a_scale, Optional<AnyType>:$b_scale,
    Triton_ScaleDotElem:$a_elem_type, Triton_ScaleDotElem:$b_elem_type, BoolAttr:$fastMath,
    DefaultValuedAttr<BoolAttr, "true">:$lhs_k_pack, DefaultValuedAttr<BoolAttr, "true">:$rhs_k_pack);
  let results = (outs AnyType:$result);
  let assemblyFormat = [{
    $a (`scale` $a_scale^)? `,` $b (`scale` $b_scale^)? `,` $acc `lhs` `=` $a_elem_type `rhs` `=` $b_elem_type attr-dict
    `:` type($a) (`,` type($a_scale)^)? `*` type($b) (`,` type($b_scale)^)? `->` type($result)
  }];
}
def Triton_ReduceOp : Triton_Op<"reduce"> {
  let arguments = (ins Variadic<AnyType>:$srcs, I32Attr:$axis);
  let results = (outs Variadic<AnyType>:$outs);
  let regions = (region AnyRegion:$combine);
}
def Triton_ScanOp : Triton_Op<"scan"> {
  let arguments = (ins Variadic<AnyType>:$srcs, I32Attr:$axis, BoolAttr:$reverse);
  let results = (outs Variadic<AnyType>:$outs);
  let regions = (region AnyRegion:$combine);
}
class Triton_RegionEnd<string mnemonic> : Triton_Op<mnemonic, [Terminator]> {
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "$values attr-dict `:` type($values)";
}
def Triton_ReduceReturnOp : Triton_RegionEnd<"reduce.return">;
def Triton_ScanReturnOp : Triton_RegionEnd<"scan.return">;
def Triton_FpToFpOp : Triton_Op<"fp_to_fp"> {
  let arguments = (ins AnyType:$src, OptionalAttr<Kernel_Rounding>:$rounding);
  let results = (outs AnyType:$result);
  let assemblyFormat = [{
    $src attr-dict (`,` `rounding` `=` $rounding^)? `:` type($src) `->` type($result)
  }];
}
def Triton_ClampFOp : Triton_Op<"clampf", [SameOperandsAndResultType]> {
  let arguments = (ins AnyType:$x, AnyType:$lo, AnyType:$hi, Kernel_PropagateNan:$propagate);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$x `,` $lo `,` $hi `,` `propagateNan` `=` $propagate attr-dict `:` type($result)";
}
class Triton_SameTypeOp<string mnemonic, dag operands, string format>
    : Triton_Op<mnemonic, [SameOperandsAndResultType]> {
  let arguments = operands;
  let results = (outs AnyType:$result);
  let assemblyFormat = format # " attr-dict `:` type($result)";
}
def Triton_MulHiUIOp : Triton_SameTypeOp<"mulhiui", (ins AnyType:$x, AnyType:$y), "$x `,` $y">;
def Triton_PreciseSqrtOp : Triton_SameTypeOp<"precise_sqrt", (ins AnyType:$x), "$x">;
def Triton_PreciseDivFOp : Triton_SameTypeOp<"precise_divf", (ins AnyType:$x, AnyType:$y), "$x `,` $y">;

//===-- Effects ------------------------------------------------------------===//

def Triton_PrintOp : Triton_Op<"print"> {
  let arguments = (ins StrAttr:$prefix, BoolAttr:$hex, OptionalAttr<DenseI32ArrayAttr>:$isSigned,
    Variadic<AnyType>:$values);
  let assemblyFormat = "$prefix attr-dict (`:` $values^ `:` type($values))?";
}
def Triton_AssertOp : Triton_Op<"assert"> {
  let arguments = (ins AnyType:$condition, StrAttr:$message);
  let assemblyFormat = "$condition `,` $message attr-dict `:` type($condition)";
}

#endif // TERRAZZO_TOOLS_TERRAZZO_TTIR_TRITONOPS
