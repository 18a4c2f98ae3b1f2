// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_DIALECTS_TILE_TILEOPS
#define TERRAZZO_DIALECTS_TILE_TILEOPS

include "dialects/Tile/TileDialect.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Tile_Op<string mnemonic, list<Trait> traits = []>
    : Op<Tile_Dialect, mnemonic, traits>;
class Tile_Checked<string mnemonic, list<Trait> traits = []>
    : Tile_Op<mnemonic, traits> { let hasVerifier = 1; }
def Tile_Tensor : RankedTensorOf<[AnyType]>;

//===-- Structure ---------------------------------------------------------===//

def Tile_LaunchOp : Tile_Checked<"launch"> {
  let summary = "Runs the body for every point of a grid (TC2)";
  let arguments = (ins Variadic<Index>:$extents, StrArrayAttr:$kinds,
    OptionalAttr<I64ArrayAttr>:$cluster, UnitAttr:$resident, UnitAttr:$cooperative);
  let regions = (region SizedRegion<1>:$body);
  let hasRegionVerifier = 1;
  let hasCustomAssemblyFormat = 1;
}
def Tile_RolesOp : Tile_Checked<"roles"> {
  let summary = "All regions at once, each as often as it has replicas (TC4)";
  let arguments = (ins ArrayAttr:$roles);
  let regions = (region VariadicRegion<SizedRegion<1>>:$bodies);
  let hasCustomAssemblyFormat = 1;
}
def Tile_OrderOp : Tile_Checked<"order", [Pure]> {
  let summary = "A bijection from a flat index to the grid";
  let arguments = (ins Index:$index, Variadic<Index>:$extents, StrAttr:$kind, OptionalAttr<I64Attr>:$group);
  let results = (outs Variadic<Index>:$indices);
  let assemblyFormat = "$index `in` `(` $extents `)` attr-dict `:` type($indices)";
}
def Tile_YieldOp : Tile_Op<"yield", [Terminator, Pure]> {
  let summary = "Ends a region";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

//===-- Windows -----------------------------------------------------------===//

def Tile_AllocOp : Tile_Op<"alloc"> {
  let summary = "New unwritten memory (TC8)";
  let results = (outs Tile_View:$view);
  let assemblyFormat = "attr-dict `:` type($view)";
}
def Tile_ViewOp : Tile_Checked<"view", [Pure]> {
  let summary = "An array in global memory: pointer, extents, strides";
  let arguments = (ins AnyType:$base, Variadic<Index>:$sizes);
  let results = (outs Tile_View:$view);
  let hasCustomAssemblyFormat = 1;
}
def Tile_SliceOp : Tile_Checked<"slice", [Pure]> {
  let summary = "A window of a view (TC5)";
  let arguments = (ins Tile_View:$view, Variadic<AnyType>:$offsets, OptionalAttr<I64ArrayAttr>:$dims);
  let results = (outs Tile_View:$window);
  let hasCustomAssemblyFormat = 1;
}
def Tile_DisjointOp : Tile_Op<"disjoint", [Pure]> {
  let summary = "Whether the first view's hull overlaps none of the others";
  let arguments = (ins Variadic<Tile_View>:$views);
  let results = (outs I1:$result);
  let assemblyFormat = "$views attr-dict `:` type($views)";
}
def Tile_LoadOp : Tile_Checked<"load"> {
  let summary = "Reads a window (TC6)";
  let arguments = (ins Arg<Tile_View, "", [MemRead]>:$view, Optional<AnyType>:$mask);
  let results = (outs AnyType:$value);
  let assemblyFormat = "$view (`mask` $mask^ `:` type($mask) `,`)? attr-dict `:` type($view) `->` type($value)";
}
def Tile_StoreOp : Tile_Checked<"store"> {
  let summary = "Writes a window (TC6)";
  let arguments = (ins AnyType:$value, Tile_View:$view, Optional<AnyType>:$mask);
  let assemblyFormat = "$value `,` $view (`mask` $mask^ `:` type($mask) `,`)? attr-dict `:` type($value) `,` type($view)";
}
def Tile_CopyOp : Tile_Checked<"copy"> {
  let summary = "Window to window on the engine that joins the memories (TC6)";
  let arguments = (ins Tile_View:$source, Tile_View:$target);
  let assemblyFormat = "$source `to` $target attr-dict `:` type($source) `,` type($target)";
}
def Tile_PrefetchOp : Tile_Op<"prefetch"> {
  let summary = "A hint without meaning";
  let arguments = (ins Tile_View:$view, StrAttr:$to, UnitAttr:$write);
  let assemblyFormat = "$view attr-dict `:` type($view)";
}
def Tile_AtomicOp : Tile_Checked<"atomic", [AttrSizedOperandSegments]> {
  let summary = "Element by element in any order (TC19)";
  let arguments = (ins Tile_View:$view, Variadic<AnyType>:$values, Optional<AnyType>:$mask, StrAttr:$kind, StrAttr:$sem, StrAttr:$scope);
  let results = (outs Optional<AnyType>:$old);
  let assemblyFormat = "$view (`,` $values^)? (`mask` $mask^ `:` type($mask) `,`)? attr-dict `:` type($view) (`,` type($values)^)? (`->` type($old)^)?";
}

//===-- Channels ----------------------------------------------------------===//

def Tile_ChannelOp : Tile_Checked<"channel"> {
  let summary = "An empty ring or a counter (TC9, B1)";
  let arguments = (ins OptionalAttr<StrAttr>:$from, OptionalAttr<StrAttr>:$to,
    OptionalAttr<ArrayAttr>:$produce, OptionalAttr<ArrayAttr>:$consume,
    OptionalAttr<ArrayAttr>:$multicast, UnitAttr:$ring);
  let results = (outs Tile_Channel:$channel);
  let assemblyFormat = "attr-dict `:` type($channel)";
}
def Tile_AcquireOp : Tile_Checked<"acquire"> {
  let summary = "The next free slot, for writing (TC10)";
  let arguments = (ins Tile_Channel:$channel, Variadic<Index>:$key);
  let results = (outs Variadic<Tile_View>:$views);
  let assemblyFormat = "$channel (`key` `(` $key^ `)`)? attr-dict `:` type($channel) `->` type($views)";
}
def Tile_CommitOp : Tile_Checked<"commit"> {
  let summary = "The oldest acquired slot is full";
  let arguments = (ins Tile_Channel:$channel);
  let assemblyFormat = "$channel attr-dict `:` type($channel)";
}
def Tile_WaitOp : Tile_Checked<"wait"> {
  let summary = "The next full slot, for reading (TC10)";
  let arguments = (ins Tile_Channel:$channel);
  let results = (outs Variadic<Tile_View>:$views);
  let assemblyFormat = "$channel attr-dict `:` type($channel) (`->` type($views)^)?";
}
def Tile_ReleaseOp : Tile_Checked<"release"> {
  let summary = "The oldest waited-for slot is free";
  let arguments = (ins Tile_Channel:$channel);
  let assemblyFormat = "$channel attr-dict `:` type($channel)";
}

//===-- Compute -----------------------------------------------------------===//

def Tile_MoveOp : Tile_Checked<"move", [Pure]> {
  let summary = "The same value in another place";
  let arguments = (ins Tile_Tensor:$source);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = "$source attr-dict `:` type($source) `->` type($result)";
}
def Tile_MmaOp : Tile_Checked<"mma", [AllTypesMatch<["acc", "result"]>]> {
  let summary = "acc + a b (TC14)";
  let arguments = (ins Arg<AnyType, "", [MemRead]>:$a, Arg<AnyType, "", [MemRead]>:$b, Tile_Tensor:$acc, Variadic<AnyType>:$scales,
    OptionalAttr<StrAttr>:$precision, OptionalAttr<StrAttr>:$kind);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = "$a `,` $b `,` $acc (`scales` `(` $scales^ `:` type($scales) `)`)? attr-dict `:` type($a) `,` type($b) `,` type($acc)";
}
def Tile_MapOp : Tile_Checked<"map", [Pure]> {
  let summary = "Element by element (TC15)";
  let arguments = (ins Variadic<Tile_Tensor>:$ins, OptionalAttr<ArrayAttr>:$dims);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Variadic<Tile_Tensor>:$outs);
  let hasCustomAssemblyFormat = 1;
}
def Tile_ReduceOp : Tile_Checked<"reduce", [Pure]> {
  let summary = "Combines along dimensions (TC16)";
  let arguments = (ins Variadic<Tile_Tensor>:$ins, I64ArrayAttr:$dims, StrAttr:$order);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Variadic<AnyType>:$outs);
  let hasCustomAssemblyFormat = 1;
}
def Tile_ScanOp : Tile_Checked<"scan", [Pure]> {
  let summary = "Inclusive prefix combine (TC16)";
  let arguments = (ins Variadic<Tile_Tensor>:$ins, I64Attr:$dim, UnitAttr:$reverse, StrAttr:$order);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Variadic<Tile_Tensor>:$outs);
  let hasCustomAssemblyFormat = 1;
}
def Tile_TakeOp : Tile_Checked<"take", [Pure]> {
  let summary = "result[i] = operand[map(i)] (TC17)";
  let arguments = (ins Tile_Tensor:$source, Variadic<Index>:$symbols, AffineMapAttr:$map);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = "$source (`[` $symbols^ `]`)? attr-dict `:` type($source) `->` type($result)";
}

#endif
