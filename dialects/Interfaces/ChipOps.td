// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the instructions of all modeled chips share: operands, effects on the
// memories of the core, printing. A family's dialect derives its ops from these
// classes, under its own names and with what only it has.
#ifndef TERRAZZO_DIALECTS_INTERFACES_CHIPOPS
#define TERRAZZO_DIALECTS_INTERFACES_CHIPOPS

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "dialects/Kernel/KernelDialect.td"

// Part of a memory of the core: its memory space is the memory's name.
def Chip_Read : Arg<AnyMemRef, "", [MemRead]>;
def Chip_Write : Arg<AnyMemRef, "", [MemWrite]>;

class Chip_Op<Dialect dialect, string mnemonic, list<Trait> traits = []>
    : Op<dialect, mnemonic, traits>;

// Between global memory and the core, element by element at
// base + sum(i * stride): those with low <= i < high in each dimension (no
// bounds: all). With `index` the positions along dimension `index_dim`, or, where
// that is -1, of each element (one stride), are those of an index list, of which
// positions in [index_low, index_high) take part. `mask` (i1) leaves elements out.
class Chip_Transfer<Dialect dialect, string mnemonic, dag local, dag extra = (ins)>
    : Chip_Op<dialect, mnemonic, [AttrSizedOperandSegments, MemoryEffects<[MemRead, MemWrite]>]> {
  let hasVerifier = 1;
  let arguments = !con((ins Kernel_Ptr:$base, Variadic<Index>:$strides,
    Variadic<Index>:$low, Variadic<Index>:$high), local, (ins
    Arg<Optional<AnyMemRef>, "", [MemRead]>:$index, Variadic<Index>:$indexBounds,
    Arg<Optional<AnyMemRef>, "", [MemRead]>:$mask, OptionalAttr<I64Attr>:$index_dim), extra);
}
// The read-modify-write of global memory: `old` gets what was there.
class Chip_Atomic<Dialect dialect, string mnemonic, dag extra = (ins)>
    : Chip_Transfer<dialect, mnemonic, (ins Chip_Read:$local,
        Arg<Optional<AnyMemRef>, "", [MemRead]>:$compare,
        Arg<Optional<AnyMemRef>, "", [MemWrite]>:$old), extra>;

// Element by element; the region has one index per dimension of the result, then
// one element per operand; `dims[k]` are the dimensions that operand k spans.
class Chip_Map<Dialect dialect, string mnemonic, list<Trait> traits = []>
    : Chip_Op<dialect, mnemonic, !listconcat(traits, [AttrSizedOperandSegments])> {
  let hasVerifier = 1;
  let arguments = (ins Arg<Variadic<AnyMemRef>, "", [MemRead]>:$ins, Arg<Variadic<AnyMemRef>, "", [MemWrite]>:$outs, ArrayAttr:$dims);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "($ins^ `:` type($ins))? `->` $outs `:` type($outs) attr-dict-with-keyword $body";
}
// Along one dimension; the region combines the left and the right elements.
class Chip_Combine<Dialect dialect, string mnemonic, dag extra = (ins)>
    : Chip_Op<dialect, mnemonic, [AttrSizedOperandSegments]> {
  let hasVerifier = 1;
  let arguments = !con((ins Arg<Variadic<AnyMemRef>, "", [MemRead]>:$ins, Arg<Variadic<AnyMemRef>, "", [MemWrite]>:$outs, I64Attr:$dim), extra);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$ins `:` type($ins) `->` $outs `:` type($outs) attr-dict-with-keyword $body";
}
// target[i] = source[map(i)], of the indices and symbols.
class Chip_Take<Dialect dialect, string mnemonic>
    : Chip_Op<dialect, mnemonic> {
  let hasVerifier = 1;
  let arguments = (ins Chip_Read:$source, Variadic<Index>:$symbols, Chip_Write:$target, AffineMapAttr:$map);
  let assemblyFormat = "$source (`[` $symbols^ `]`)? `:` type($source) `->` $target `:` type($target) attr-dict";
}

#endif // TERRAZZO_DIALECTS_INTERFACES_CHIPOPS
