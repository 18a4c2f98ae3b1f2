// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_DIALECTS_KERNEL_KERNELOPS
#define TERRAZZO_DIALECTS_KERNEL_KERNELOPS

include "dialects/Kernel/KernelDialect.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

class Kernel_Op<string mnemonic, list<Trait> traits = []>
    : Op<Kernel_Dialect, mnemonic, traits>;

def Kernel_PtrLike : AnyTypeOf<[Kernel_Ptr, RankedTensorOf<[Kernel_Ptr]>], "pointer or tensor of pointers">;
def Kernel_IntLike : AnyTypeOf<[AnySignlessInteger, RankedTensorOf<[AnySignlessInteger]>], "integer or tensor of integers">;
def Kernel_BoolLike : AnyTypeOf<[I1, RankedTensorOf<[I1]>], "i1 or tensor of i1">;
def Kernel_FloatLike : AnyTypeOf<[AnyFloat, RankedTensorOf<[AnyFloat]>], "float or tensor of floats">;
def Kernel_Tensor : RankedTensorOf<[AnyType]>;

//===-- Program ----------------------------------------------------------===//

def Kernel_GetProgramIdOp : Kernel_Op<"get_program_id", [Pure]> {
  let summary = "The position of this program in the grid";
  let description = [{
    Axis 0, 1 or 2 (KC1).

    Example:
    ```mlir
    %pid = kernel.get_program_id 0
    ```
  }];
  let arguments = (ins I32Attr:$axis);
  let results = (outs I32:$result);
  let assemblyFormat = "$axis attr-dict";
  let hasVerifier = 1;
}
def Kernel_GetNumProgramsOp : Kernel_Op<"get_num_programs", [Pure]> {
  let summary = "The extent of the grid along an axis";
  let description = [{
    Axis 0, 1 or 2 (KC1).

    Example:
    ```mlir
    %n = kernel.get_num_programs 1
    ```
  }];
  let arguments = (ins I32Attr:$axis);
  let results = (outs I32:$result);
  let assemblyFormat = "$axis attr-dict";
  let hasVerifier = 1;
}

//===-- Shape -------------------------------------------------------------===//

def Kernel_MakeRangeOp : Kernel_Op<"make_range", [Pure]> {
  let summary = "The integers start .. end-1";
  let description = [{
    The result is `tensor<(end-start)xi32>` (KC2).

    Example:
    ```mlir
    %r = kernel.make_range 0, 64 : tensor<64xi32>
    ```
  }];
  let arguments = (ins I32Attr:$start, I32Attr:$end);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = "$start `,` $end attr-dict `:` type($result)";
  let hasVerifier = 1;
}
def Kernel_SplatOp : Kernel_Op<"splat", [Pure]> {
  let summary = "A block with one value everywhere";
  let description = [{
    The element type of the result is the operand's type (KC3).

    Example:
    ```mlir
    %t = kernel.splat %x : f32 -> tensor<8x8xf32>
    ```
  }];
  let arguments = (ins AnyType:$src);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
}
def Kernel_ExpandDimsOp : Kernel_Op<"expand_dims", [Pure]> {
  let summary = "Inserts a dimension of size 1";
  let description = [{
    The result has size 1 at `axis` and the operand's sizes elsewhere (KC4).

    Example:
    ```mlir
    %c = kernel.expand_dims %r {axis = 1 : i32} : tensor<64xi32> -> tensor<64x1xi32>
    ```
  }];
  let arguments = (ins Kernel_Tensor:$src, I32Attr:$axis);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
}
def Kernel_BroadcastOp : Kernel_Op<"broadcast", [Pure]> {
  let summary = "Repeats dimensions of size 1";
  let description = [{
    Same rank and element type; each size is equal or 1 in the operand (KC5).

    Example:
    ```mlir
    %b = kernel.broadcast %c : tensor<64x1xi32> -> tensor<64x32xi32>
    ```
  }];
  let arguments = (ins Kernel_Tensor:$src);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
}
def Kernel_ReshapeOp : Kernel_Op<"reshape", [Pure]> {
  let summary = "The same elements under another shape";
  let description = [{
    Row-major order is kept, unless `allow_reorder` says that any order will do.
    Equal element counts and types (KC6).

    Example:
    ```mlir
    %s = kernel.reshape %t : tensor<4x8xf32> -> tensor<32xf32>
    ```
  }];
  let arguments = (ins Kernel_Tensor:$src, UnitAttr:$allow_reorder);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
}
def Kernel_TransOp : Kernel_Op<"trans", [Pure]> {
  let summary = "Permutes dimensions";
  let description = [{
    Dimension i of the result is dimension `order[i]` of the operand (KC7).

    Example:
    ```mlir
    %u = kernel.trans %t {order = array<i32: 1, 0>} : tensor<4x8xf32> -> tensor<8x4xf32>
    ```
  }];
  let arguments = (ins Kernel_Tensor:$src, DenseI32ArrayAttr:$order);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
}
def Kernel_JoinOp : Kernel_Op<"join", [Pure, SameTypeOperands]> {
  let summary = "Two blocks along a new last dimension of size 2";
  let description = [{
    Result shape is the operands' with 2 appended (KC8).

    Example:
    ```mlir
    %j = kernel.join %a, %b : tensor<4xf32> -> tensor<4x2xf32>
    ```
  }];
  let arguments = (ins Kernel_Tensor:$lhs, Kernel_Tensor:$rhs);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `->` type($result)";
  let hasVerifier = 1;
}
def Kernel_SplitOp : Kernel_Op<"split", [Pure, AllTypesMatch<["lhs", "rhs"]>]> {
  let summary = "The inverse of join";
  let description = [{
    The operand's last dimension is 2 (KC9).

    Example:
    ```mlir
    %a, %b = kernel.split %j : tensor<4x2xf32> -> tensor<4xf32>
    ```
  }];
  let arguments = (ins Kernel_Tensor:$src);
  let results = (outs Kernel_Tensor:$lhs, Kernel_Tensor:$rhs);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($lhs)";
  let hasVerifier = 1;
}
def Kernel_CatOp : Kernel_Op<"cat", [Pure, SameTypeOperands]> {
  let summary = "Two vectors one after the other";
  let description = [{
    Rank 1; the result is as long as both (KC10).

    Example:
    ```mlir
    %c = kernel.cat %a, %b : tensor<4xf32> -> tensor<8xf32>
    ```
  }];
  let arguments = (ins Kernel_Tensor:$lhs, Kernel_Tensor:$rhs);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `->` type($result)";
  let hasVerifier = 1;
}

//===-- Pointers and memory -------------------------------------------------===//

def Kernel_AddPtrOp : Kernel_Op<"addptr", [Pure, AllTypesMatch<["ptr", "result"]>]> {
  let summary = "Moves a pointer by a number of elements";
  let description = [{
    The offset is a signed number of elements; it has the shape of the pointers
    (KC11). The sum is taken not to overflow; the oracle reports it if it does.

    Example:
    ```mlir
    %q = kernel.addptr %p, %o : !kernel.ptr<f32>, i32
    ```
  }];
  let arguments = (ins Kernel_PtrLike:$ptr, Kernel_IntLike:$offset);
  let results = (outs Kernel_PtrLike:$result);
  let assemblyFormat = "$ptr `,` $offset attr-dict `:` type($ptr) `,` type($offset)";
  let hasVerifier = 1;
}
def Kernel_PtrToIntOp : Kernel_Op<"ptr_to_int", [Pure]> {
  let summary = "The address as an i64";
  let description = [{
    Shapes agree (KC12).

    Example:
    ```mlir
    %i = kernel.ptr_to_int %p : !kernel.ptr<f32> -> i64
    ```
  }];
  let arguments = (ins Kernel_PtrLike:$src);
  let results = (outs Kernel_IntLike:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
}
def Kernel_IntToPtrOp : Kernel_Op<"int_to_ptr", [Pure]> {
  let summary = "An i64 as an address";
  let description = [{
    Shapes agree (KC12).

    Example:
    ```mlir
    %p = kernel.int_to_ptr %i : i64 -> !kernel.ptr<f32>
    ```
  }];
  let arguments = (ins Kernel_IntLike:$src);
  let results = (outs Kernel_PtrLike:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
}
def Kernel_BitcastOp : Kernel_Op<"bitcast", [Pure]> {
  let summary = "The same bits under another type of the same width";
  let description = [{
    Also from pointer to pointer. Shapes and widths agree (KC13).

    Example:
    ```mlir
    %i = kernel.bitcast %x : tensor<8xf32> -> tensor<8xi32>
    ```
  }];
  let arguments = (ins AnyType:$src);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
}
def Kernel_LoadOp : Kernel_Op<"load", [AttrSizedOperandSegments,
    TypesMatchWith<"the result is what the pointers point to", "ptr", "result", "::terrazzo::kernel::pointeeLike($_self)">,
    OptionalTypesMatchWith<"the mask has the pointers' shape", "ptr", "mask", "::terrazzo::kernel::maskLike($_self)">,
    OptionalTypesMatchWith<"`other` is what the pointers point to", "ptr", "other", "::terrazzo::kernel::pointeeLike($_self)">]> {
  let summary = "Reads through pointers";
  let description = [{
    Where `mask` is false nothing is read and the element is `other`, or poison
    without one. Result, mask and other have the shape of the pointers and the
    pointee as element type (KC14). `other` needs a mask (KC15).

    Example:
    ```mlir
    %x = kernel.load %p mask %m other %o : tensor<64x!kernel.ptr<f32>>
    ```
  }];
  let arguments = (ins Arg<Kernel_PtrLike, "", [MemRead]>:$ptr, Optional<Kernel_BoolLike>:$mask, Optional<AnyType>:$other,
    DefaultValuedAttr<Kernel_CacheModifier, "::terrazzo::kernel::CacheModifier::None">:$cache,
    DefaultValuedAttr<Kernel_EvictionPolicy, "::terrazzo::kernel::EvictionPolicy::Normal">:$evict,
    UnitAttr:$isVolatile);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$ptr (`mask` $mask^)? (`other` $other^)? attr-dict `:` type($ptr)";
  let hasVerifier = 1;
}
def Kernel_StoreOp : Kernel_Op<"store", [
    TypesMatchWith<"the value is what the pointers point to", "ptr", "value", "::terrazzo::kernel::pointeeLike($_self)">,
    OptionalTypesMatchWith<"the mask has the pointers' shape", "ptr", "mask", "::terrazzo::kernel::maskLike($_self)">]> {
  let summary = "Writes through pointers";
  let description = [{
    Where `mask` is false nothing is written. Value and mask have the shape of
    the pointers (KC14).

    Example:
    ```mlir
    kernel.store %p, %x mask %m : tensor<64x!kernel.ptr<f32>>
    ```
  }];
  let arguments = (ins Arg<Kernel_PtrLike, "", [MemWrite]>:$ptr, AnyType:$value, Optional<Kernel_BoolLike>:$mask,
    DefaultValuedAttr<Kernel_CacheModifier, "::terrazzo::kernel::CacheModifier::None">:$cache,
    DefaultValuedAttr<Kernel_EvictionPolicy, "::terrazzo::kernel::EvictionPolicy::Normal">:$evict);
  let assemblyFormat = "$ptr `,` $value (`mask` $mask^)? attr-dict `:` type($ptr)";
}
def Kernel_AtomicRMWOp : Kernel_Op<"atomic_rmw", [
    TypesMatchWith<"the value is what the pointers point to", "ptr", "value", "::terrazzo::kernel::pointeeLike($_self)">,
    TypesMatchWith<"the result is what the pointers point to", "ptr", "result", "::terrazzo::kernel::pointeeLike($_self)">,
    OptionalTypesMatchWith<"the mask has the pointers' shape", "ptr", "mask", "::terrazzo::kernel::maskLike($_self)">]> {
  let summary = "Reads, combines and writes, each element in one step";
  let description = [{
    The result is what stood in memory before. `fadd` is for floats, the other
    kinds for integers; `max`, `min` and `xchg` take both (KC16).

    Example:
    ```mlir
    %old = kernel.atomic_rmw fadd, relaxed, gpu, %p, %x mask %m : tensor<64x!kernel.ptr<f32>>
    ```
  }];
  let arguments = (ins Kernel_AtomicKind:$kind, Kernel_MemSemantic:$sem, Kernel_MemScope:$scope,
    Arg<Kernel_PtrLike, "", [MemRead, MemWrite]>:$ptr, AnyType:$value, Optional<Kernel_BoolLike>:$mask);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$kind `,` $sem `,` $scope `,` $ptr `,` $value (`mask` $mask^)? attr-dict `:` type($ptr)";
  let hasVerifier = 1;
}
def Kernel_AtomicCASOp : Kernel_Op<"atomic_cas", [
    TypesMatchWith<"the compared value is what the pointers point to", "ptr", "cmp", "::terrazzo::kernel::pointeeLike($_self)">,
    TypesMatchWith<"the value is what the pointers point to", "ptr", "value", "::terrazzo::kernel::pointeeLike($_self)">,
    TypesMatchWith<"the result is what the pointers point to", "ptr", "result", "::terrazzo::kernel::pointeeLike($_self)">]> {
  let summary = "Writes `value` where memory holds `cmp`, bit for bit";
  let description = [{
    The result is what stood in memory before.

    Example:
    ```mlir
    %old = kernel.atomic_cas acq_rel, gpu, %p, %c, %x : !kernel.ptr<i32>
    ```
  }];
  let arguments = (ins Kernel_MemSemantic:$sem, Kernel_MemScope:$scope,
    Arg<Kernel_PtrLike, "", [MemRead, MemWrite]>:$ptr, AnyType:$cmp, AnyType:$value);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$sem `,` $scope `,` $ptr `,` $cmp `,` $value attr-dict `:` type($ptr)";
}

//===-- Compute -------------------------------------------------------------===//

def Kernel_DotOp : Kernel_Op<"dot", [Pure, AllTypesMatch<["acc", "result"]>]> {
  let summary = "acc + a·b";
  let description = [{
    a is MxK, b is KxN, acc is MxN; all may have one leading batch dimension
    (KC17). Element types of a and b are equal; acc is f32, f64, f16 or i32, or
    f32 for floats narrower than it (KC18). Products are summed in any order in
    acc's type.

    Example:
    ```mlir
    %d = kernel.dot %a, %b, %c : tensor<16x32xbf16>, tensor<32x8xbf16>, tensor<16x8xf32>
    ```
  }];
  let arguments = (ins Kernel_Tensor:$a, Kernel_Tensor:$b, Kernel_Tensor:$acc,
    DefaultValuedAttr<Kernel_Precision, "::terrazzo::kernel::Precision::IEEE">:$precision);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = "$a `,` $b `,` $acc attr-dict `:` type($a) `,` type($b) `,` type($acc)";
  let hasVerifier = 1;
}
def Kernel_DotScaledOp : Kernel_Op<"dot_scaled", [Pure, AttrSizedOperandSegments, AllTypesMatch<["acc", "result"]>]> {
  let summary = "acc + a·b, where blocks of a and b along the inner dimension have scales";
  let description = [{
    As `kernel.dot` into f32 (KC27). Elements are f8E4M3FN, f8E5M2, bf16, f16, or
    i8, which holds two of f4E2M1FN, the lower half first: along the inner
    dimension, or along M and N where `pack_m` and `pack_n` say so (KC28).

    A scale is i8 or f8E8M0FNU, 2^(code - 127) and NaN for 255, or f8E4M3FN; it
    holds for 16 or 32 elements along the inner dimension. So a's are M x K/32 and
    b's N x K/32: not transposed (KC29). Each element times its scale is rounded to
    bf16, or to f16 where a or b is f16; only at the ends of that format's range
    does this change a number, and a device that multiplies by the scale afterwards
    or takes numbers below the normal ones of bf16 for zero is right too. `fast_math` leaves open what a scale of NaN makes.

    Example:
    ```mlir
    %d = kernel.dot_scaled %a scale %s, %b scale %t, %c : tensor<16x32xi8> scale tensor<16x2xi8>, tensor<64x8xf8E4M3FN> scale tensor<8x2xi8>, tensor<16x8xf32>
    ```
  }];
  let arguments = (ins Kernel_Tensor:$a, Kernel_Tensor:$b, Kernel_Tensor:$acc,
    Optional<Kernel_Tensor>:$a_scale, Optional<Kernel_Tensor>:$b_scale, UnitAttr:$pack_m, UnitAttr:$pack_n, UnitAttr:$fast_math);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = [{
    $a (`scale` $a_scale^)? `,` $b (`scale` $b_scale^)? `,` $acc attr-dict `:`
    type($a) (`scale` type($a_scale)^)? `,` type($b) (`scale` type($b_scale)^)? `,` type($acc)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// bf16, or f16 where an operand is.
    ::mlir::FloatType getScaledType();
    /// Whether two elements of an operand share a byte.
    static bool isPacked(::mlir::Value operand);
    /// How many elements along the inner dimension share a scale.
    static int64_t groupOf(::mlir::Value scale, int64_t k);
  }];
}
def Kernel_ReduceOp : Kernel_Op<"reduce", [RecursiveMemoryEffects]> {
  let summary = "Combines the elements along a dimension";
  let description = [{
    The region takes 2n scalars (n left, n right) and yields n; it is
    associative and commutative by contract, so any grouping will do. The axis
    is in range and not empty (KC19); the region fits the operands (KC20);
    results drop the axis, and are scalars for rank 1 (KC21).

    Example:
    ```mlir
    %s = kernel.reduce(%x) {axis = 0 : i32} : (tensor<64xf32>) -> f32 {
    ^bb0(%l: f32, %r: f32):
      %a = arith.addf %l, %r : f32
      kernel.yield %a : f32
    }
    ```
  }];
  let arguments = (ins Variadic<Kernel_Tensor>:$srcs, I32Attr:$axis);
  let results = (outs Variadic<AnyType>:$outs);
  let regions = (region SizedRegion<1>:$combine);
  let assemblyFormat = "`(` $srcs `)` attr-dict `:` functional-type($srcs, $outs) $combine";
  let hasVerifier = 1;
}
def Kernel_ScanOp : Kernel_Op<"scan", [RecursiveMemoryEffects]> {
  let summary = "Inclusive prefix combine along a dimension";
  let description = [{
    As `kernel.reduce`, but every prefix is kept: results have the operands'
    types (KC22). `reverse` scans from the end.

    Example:
    ```mlir
    %s = kernel.scan(%x) {axis = 0 : i32} : (tensor<64xf32>) -> tensor<64xf32> {
    ^bb0(%l: f32, %r: f32):
      %a = arith.addf %l, %r : f32
      kernel.yield %a : f32
    }
    ```
  }];
  let arguments = (ins Variadic<Kernel_Tensor>:$srcs, I32Attr:$axis, UnitAttr:$reverse);
  let results = (outs Variadic<Kernel_Tensor>:$outs);
  let regions = (region SizedRegion<1>:$combine);
  let assemblyFormat = "`(` $srcs `)` attr-dict `:` functional-type($srcs, $outs) $combine";
  let hasVerifier = 1;
}
def Kernel_YieldOp : Kernel_Op<"yield", [Pure, Terminator, ReturnLike, ParentOneOf<["ReduceOp", "ScanOp"]>]> {
  let summary = "Ends the region of a reduce or scan";
  let description = [{
    Stands only in a `kernel.reduce` or `kernel.scan`.

    Example:
    ```mlir
    kernel.yield %a : f32
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "$values attr-dict `:` type($values)";
}
def Kernel_HistogramOp : Kernel_Op<"histogram", [Pure]> {
  let summary = "Counts how often each of 0 .. n-1 occurs";
  let description = [{
    Operand and result are rank 1, the result of i32 (KC23). Values outside
    0 .. n-1 are undefined in Triton; the oracle reports them.

    Example:
    ```mlir
    %h = kernel.histogram %x : tensor<64xi32> -> tensor<16xi32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[AnySignlessInteger]>:$src, Optional<Kernel_BoolLike>:$mask);
  let results = (outs RankedTensorOf<[I32]>:$result);
  let assemblyFormat = "$src (`mask` $mask^ `:` type($mask) `,`)? attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
}
def Kernel_GatherOp : Kernel_Op<"gather", [Pure]> {
  let summary = "Picks elements along a dimension by index";
  let description = [{
    result[.., i, ..] = src[.., indices[.., i, ..], ..]. Ranks agree, and sizes
    apart from the axis; the result has the shape of the indices (KC24).

    Example:
    ```mlir
    %g = kernel.gather %x, %i {axis = 0 : i32} : tensor<64xf32>, tensor<8xi32> -> tensor<8xf32>
    ```
  }];
  let arguments = (ins Kernel_Tensor:$src, RankedTensorOf<[AnySignlessInteger]>:$indices, I32Attr:$axis);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = "$src `,` $indices attr-dict `:` type($src) `,` type($indices) `->` type($result)";
  let hasVerifier = 1;
}
def Kernel_FpCastOp : Kernel_Op<"fp_cast", [Pure, SameOperandsAndResultShape]> {
  let summary = "From one float format to another";
  let description = [{
    Rounds once. `saturate` gives the largest finite value where the result
    would overflow. Source and result formats differ (KC25).

    Example:
    ```mlir
    %y = kernel.fp_cast %x {rounding = 0 : i32, saturate} : tensor<8xf32> -> tensor<8xf8E4M3FN>
    ```
  }];
  let arguments = (ins Kernel_FloatLike:$src,
    DefaultValuedAttr<Kernel_Rounding, "::terrazzo::kernel::Rounding::Nearest">:$rounding, UnitAttr:$saturate);
  let results = (outs Kernel_FloatLike:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
}
def Kernel_ClampOp : Kernel_Op<"clamp", [Pure, SameOperandsAndResultType]> {
  let summary = "max(min(x, hi), lo)";
  let description = [{
    With `propagate = none` a NaN in x gives lo or hi, with `all` NaN.

    Example:
    ```mlir
    %y = kernel.clamp all, %x, %lo, %hi : tensor<8xf32>
    ```
  }];
  let arguments = (ins Kernel_PropagateNan:$propagate, Kernel_FloatLike:$x, Kernel_FloatLike:$lo, Kernel_FloatLike:$hi);
  let results = (outs Kernel_FloatLike:$result);
  let assemblyFormat = "$propagate `,` $x `,` $lo `,` $hi attr-dict `:` type($x)";
}
def Kernel_MulHiUIOp : Kernel_Op<"mulhi_ui", [Pure, Commutative, SameOperandsAndResultType]> {
  let summary = "The upper half of an unsigned product";
  let description = [{
    Example:
    ```mlir
    %h = kernel.mulhi_ui %a, %b : tensor<8xi32>
    ```
  }];
  let arguments = (ins Kernel_IntLike:$lhs, Kernel_IntLike:$rhs);
  let results = (outs Kernel_IntLike:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs)";
}

//===-- Effects ---------------------------------------------------------------===//

def Kernel_PrintOp : Kernel_Op<"print", [MemoryEffects<[MemWrite]>]> {
  let summary = "Prints values of a program";
  let description = [{
    One line for each element. `isSigned` says for each value whether its
    integers have a sign; without it all have.

    Example:
    ```mlir
    kernel.print "x = " (%x) : tensor<8xf32>
    ```
  }];
  let arguments = (ins StrAttr:$prefix, UnitAttr:$hex,
    OptionalAttr<DenseI32ArrayAttr>:$isSigned, Variadic<AnyType>:$values);
  let assemblyFormat = "$prefix attr-dict (`(` $values^ `)` `:` type($values))?";
}
def Kernel_AssertOp : Kernel_Op<"assert", [MemoryEffects<[MemWrite]>]> {
  let summary = "Stops the program where the condition is false";
  let description = [{
    Example:
    ```mlir
    kernel.assert %c, "x is positive" : tensor<8xi1>
    ```
  }];
  let arguments = (ins Kernel_BoolLike:$condition, StrAttr:$message);
  let assemblyFormat = "$condition `,` $message attr-dict `:` type($condition)";
}
def Kernel_AssumeOp : Kernel_Op<"assume", [MemoryEffects<[MemWrite]>]> {
  let summary = "A promise of the author; the oracle checks it";
  let description = [{
    Example:
    ```mlir
    kernel.assume %c
    ```
  }];
  let arguments = (ins I1:$condition);
  let assemblyFormat = "$condition attr-dict";
}
def Kernel_DebugBarrierOp : Kernel_Op<"debug_barrier", [MemoryEffects<[MemWrite, MemRead]>]> {
  let summary = "All threads of a program meet";
  let description = [{
    Without meaning here: a program is one stream.

    Example:
    ```mlir
    kernel.debug_barrier
    ```
  }];
  let assemblyFormat = "attr-dict";
}

#endif // TERRAZZO_DIALECTS_KERNEL_KERNELOPS
