// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_TARGETS_MTIA_IR_MTIAOPS
#define TERRAZZO_TARGETS_MTIA_IR_MTIAOPS

include "dialects/Interfaces/ChipOps.td"
include "mlir/IR/AttrTypeBase.td"

def Mtia_Dialect : Dialect {
  let name = "mtia";
  let cppNamespace = "::terrazzo::mtia";
  let summary = "The instructions of an MTIA processing element";
  let description = [{
    A RISC-V core gives instructions to the fixed-function units, each of which
    works through its own queue: `fi` (DMA between global memory and local store),
    `dpe` (dot products), `re` (reads sums out), `se` (SIMD engine), `mlu` (layout).
    Units meet in circular buffers of the local store `ls`, whose full and empty
    slots the command processor counts. Meta has published no encoding: names and
    operands here are ours (facts: ISCA 2025 and 2026).
  }];
  let useDefaultTypePrinterParser = 1;
  let dependentDialects = ["::terrazzo::kernel::KernelDialect", "::terrazzo::tile::TileDialect",
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def Mtia_Cb : TypeDef<Mtia_Dialect, "Cb"> {
  let mnemonic = "cb";
  let summary = "A circular buffer of the local store";
  let description = "Example: `!mtia.cb<2>`: two slots";
  let parameters = (ins "int64_t":$depth);
  let assemblyFormat = "`<` $depth `>`";
}

def Mtia_CbInitOp : Chip_Op<Mtia_Dialect, "cb_init"> {
  let hasVerifier = 1;
  let summary = "Makes slots a circular buffer between units";
  let description = [{
    Example: `%cb = mtia.cb_init %slots {producers = ["fi"], consumers = ["dpe"]} : memref<2x32x32xf16, "ls"> -> !mtia.cb<2>`
  }];
  let arguments = (ins Variadic<AnyMemRef>:$slots, OptionalAttr<StrArrayAttr>:$producers, OptionalAttr<StrArrayAttr>:$consumers);
  let results = (outs Mtia_Cb:$cb);
  let assemblyFormat = "$slots attr-dict `:` type($slots) `->` type($cb)";
}
class Mtia_CbOp<string mnemonic, string what> : Chip_Op<Mtia_Dialect, mnemonic> {
  let summary = what;
  let description = "Example: `mtia." # mnemonic # " %cb : !mtia.cb<2>`";
  let arguments = (ins Mtia_Cb:$cb);
  let assemblyFormat = "$cb attr-dict `:` type($cb)";
}
def Mtia_CbReserveOp : Mtia_CbOp<"cb_reserve", "The producers wait for an empty slot">;
def Mtia_CbPushOp : Mtia_CbOp<"cb_push", "The producers' slot is full when their work is done">;
def Mtia_CbWaitOp : Mtia_CbOp<"cb_wait", "The consumers wait for a full slot">;
def Mtia_CbPopOp : Mtia_CbOp<"cb_pop", "The consumers' slot is empty when their work is done">;
def Mtia_DependOp : Chip_Op<Mtia_Dialect, "depend"> {
  let hasVerifier = 1;
  let summary = "The command processor lets one unit wait for what another was given";
  let description = [{
    `to = "riscv"`: the core itself waits. Example: `mtia.depend {from = "se", to = "dpe"}`
  }];
  let arguments = (ins StrAttr:$from, StrAttr:$to);
  let assemblyFormat = "attr-dict";
}

class Mtia_Dma<string mnemonic, dag local> : Chip_Transfer<Mtia_Dialect, mnemonic, local> {
  let assemblyFormat = [{
    $base `[` $strides `]` (`from` `(` $low^ `)` `to` `(` $high `)`)? (`at` $index^ `(` type($index) `)`)?
    (`within` `(` $indexBounds^ `)`)? (`mask` $mask^ `(` type($mask) `)`)?
    `,` $local attr-dict `:` type($base) `,` type($local)
  }];
}
def Mtia_DmaInOp : Mtia_Dma<"dma_in", (ins Chip_Write:$local)> {
  let summary = "Global memory to the local store; with `at` by an index list";
  let description = "Example: `mtia.dma_in %p[%s, %c1] from(%l, %l) to(%m, %n), %buffer : !kernel.ptr<f16>, memref<32x32xf16, \"ls\">`";
}
def Mtia_DmaOutOp : Mtia_Dma<"dma_out", (ins Chip_Read:$local)> {
  let summary = "The local store to global memory";
  let description = "Example: as `mtia.dma_in`";
}
def Mtia_DmaAtomicOp : Chip_Atomic<Mtia_Dialect, "dma_atomic", (ins OptionalAttr<Kernel_AtomicKind>:$kind)> {
  let summary = "Combines the local store into global memory, element by element";
  let description = "Without `kind` a compare-and-swap. Example: as `mtia.dma_in`, with `old`";
  let assemblyFormat = [{
    $base `[` $strides `]` (`from` `(` $low^ `)` `to` `(` $high `)`)? (`at` $index^ `(` type($index) `)`)?
    (`within` `(` $indexBounds^ `)`)? (`mask` $mask^ `(` type($mask) `)`)?
    `,` $local (`compare` $compare^ `(` type($compare) `)`)? (`old` $old^ `(` type($old) `)`)?
    attr-dict `:` type($base) `,` type($local)
  }];
}

def Mtia_MmlOp : Chip_Op<Mtia_Dialect, "mml"> {
  let hasVerifier = 1;
  let summary = "Multiplies in the dot-product engine and adds to its accumulators";
  let description = [{
    The first operand is cached, the second streams through. With `fresh` true the
    accumulators start at 0. Example:
    `mtia.mml %acc, %a, %b, %fresh : memref<32x32xf32, "acc">, memref<32x32xf16, "ls">, memref<32x32xf16, "ls">`
  }];
  let arguments = (ins Arg<AnyMemRef, "", [MemRead, MemWrite]>:$acc, Chip_Read:$a, Chip_Read:$b, I1:$fresh);
  let assemblyFormat = "$acc `,` $a `,` $b `,` $fresh attr-dict `:` type($acc) `,` type($a) `,` type($b)";
}
def Mtia_ReduceOp : Chip_Op<Mtia_Dialect, "reduce"> {
  let hasVerifier = 1;
  let summary = "The reduction engine reads accumulators out into the local store";
  let description = "Example: `mtia.reduce %acc, %block : memref<32x32xf32, \"acc\">, memref<32x32xf32, \"ls\">`";
  let arguments = (ins Chip_Read:$acc, Chip_Write:$target);
  let assemblyFormat = "$acc `,` $target attr-dict `:` type($acc) `,` type($target)";
}
def Mtia_SeEltwiseOp : Chip_Map<Mtia_Dialect, "se_eltwise"> {
  let summary = "Element by element in the SIMD engine, functions by lookup tables";
  let description = "Example: `mtia.se_eltwise %a : memref<32xf32, \"ls\"> -> %b : memref<32xf32, \"ls\"> attributes {dims = [[0]]} {...}`";
}
def Mtia_SeReduceOp : Chip_Combine<Mtia_Dialect, "se_reduce", (ins StrAttr:$order)> {
  let summary = "Combines along a dimension in the SIMD engine";
  let description = "Example: `mtia.se_reduce %a : memref<8x32xf32, \"ls\"> -> %b : memref<8xf32, \"ls\"> attributes {dim = 1 : i64, order = \"any\"} {...}`";
}
def Mtia_SeScanOp : Chip_Combine<Mtia_Dialect, "se_scan", (ins UnitAttr:$reverse)> {
  let summary = "Inclusive prefixes along a dimension";
  let description = "Example: as `mtia.se_reduce`, the result having the operand's shape";
}
def Mtia_MluShuffleOp : Chip_Take<Mtia_Dialect, "mlu_shuffle"> {
  let summary = "Transpose, reshape, slice, broadcast in the memory layout unit";
  let description = "Example: `mtia.mlu_shuffle %a : memref<8x32xf32, \"ls\"> -> %b : memref<32x8xf32, \"ls\"> {map = affine_map<(i, j) -> (j, i)>}`";
}

#endif // TERRAZZO_TARGETS_MTIA_IR_MTIAOPS
