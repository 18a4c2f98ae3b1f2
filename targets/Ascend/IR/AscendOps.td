// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_TARGETS_ASCEND_IR_ASCENDOPS
#define TERRAZZO_TARGETS_ASCEND_IR_ASCENDOPS

include "dialects/Interfaces/ChipOps.td"
include "mlir/IR/AttrTypeBase.td"

def Ascend_Dialect : Dialect {
  let name = "ascend";
  let cppNamespace = "::terrazzo::ascend";
  let summary = "The instructions of an Ascend AI core";
  let description = [{
    An AI core has two streams, `cube` and `vector`. Both execute all scalar code and
    control flow; each instruction belongs to the stream of its pipe, and pipes run
    side by side, each in order. Of the cube: `mte2` (global memory to L1), `mte1`
    (L1 to L0A and L0B), `m` (the cube), `fix` (L0C outwards). Of a vector core:
    `mte2` (global memory to UB), `v`, `mte3` (UB outwards). `s` is the stream
    itself. Pipes meet through flags. The memory `stack` is the scalar unit's, one
    for each stream; `workspace` is global memory that belongs to the core.
    Names are those of Ascend C and of HIVM (Ascend/AscendNPU-IR).
  }];
  let useDefaultTypePrinterParser = 1;
  let dependentDialects = ["::terrazzo::kernel::KernelDialect", "::terrazzo::tile::TileDialect",
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

//===-- Between global memory and the core --------------------------------===//

class Ascend_Transfer<string mnemonic, dag local, dag extra = (ins)>
    : Chip_Transfer<Ascend_Dialect, mnemonic, local, extra> {
  let assemblyFormat = [{
    $base `[` $strides `]` (`from` `[` $low^ `]` `to` `[` $high `]`)? (`at` $index^ `(` type($index) `)`)?
    (`within` `[` $indexBounds^ `]`)? (`mask` $mask^ `(` type($mask) `)`)?
    `,` $local attr-dict `:` type($base) `,` type($local)
  }];
}
def Ascend_LoadOp : Ascend_Transfer<"load", (ins Chip_Write:$local)> {
  let summary = "Global memory to UB (pipe mte2 of the vector stream), or to the stack (s)";
  let description = "Example: `ascend.load %p[%s, %c1] from [%l, %l] to [%m, %n], %buffer : !kernel.ptr<f16>, memref<32x32xf16, \"ub\">`";
}
def Ascend_Nd2NzOp : Ascend_Transfer<"nd2nz", (ins Chip_Write:$local)> {
  let summary = "Global memory to L1 (pipe mte2 of the cube stream), rows to fractals on the way";
  let description = "Neither an index list nor a mask. Example: `ascend.nd2nz %p[%s, %c1], %buffer : !kernel.ptr<f16>, memref<32x32xf16, \"l1\">`";
}
def Ascend_StoreOp : Ascend_Transfer<"store", (ins Chip_Read:$local), (ins OptionalAttr<Kernel_AtomicKind>:$atomic)> {
  let summary = "UB to global memory (pipe mte3), or the stack's (s of the vector stream)";
  let description = "With `atomic` the pipe combines what is there with what it brings. Example: `ascend.store %p[%c1], %buffer {atomic = 0 : i32} : !kernel.ptr<f32>, memref<32xf32, \"ub\">`";
}
def Ascend_FixpipeStoreOp : Ascend_Transfer<"fixpipe_store", (ins Chip_Read:$local)> {
  let summary = "L0C to global memory (pipe fix), fractals to rows and rounded to the element there";
  let description = "Example: `ascend.fixpipe_store %p[%s, %c1], %sum : !kernel.ptr<bf16>, memref<32x32xf32, \"l0c\">`";
}
def Ascend_AtomicOp : Chip_Atomic<Ascend_Dialect, "atomic", (ins OptionalAttr<Kernel_AtomicKind>:$kind)> {
  let summary = "The scalar unit of the vector stream combines into global memory, element by element";
  let description = "For what mte3 does not combine or where the old value is asked for; without `kind` a compare-and-swap. Example: as `ascend.load`, with `old`";
  let assemblyFormat = [{
    $base `[` $strides `]` (`from` `[` $low^ `]` `to` `[` $high `]`)? (`at` $index^ `(` type($index) `)`)?
    (`within` `[` $indexBounds^ `]`)? (`mask` $mask^ `(` type($mask) `)`)?
    `,` $local (`compare` $compare^ `(` type($compare) `)`)? (`old` $old^ `(` type($old) `)`)?
    attr-dict `:` type($base) `,` type($local)
  }];
  let hasVerifier = 1;
}

//===-- Within the core ---------------------------------------------------===//

class Ascend_Move<string mnemonic> : Chip_Op<Ascend_Dialect, mnemonic> {
  let arguments = (ins Chip_Read:$source, Chip_Write:$target);
  let assemblyFormat = "$source `,` $target attr-dict `:` type($source) `,` type($target)";
  let hasVerifier = 1;
}
def Ascend_CopyOp : Ascend_Move<"copy"> {
  let summary = "Between memories of the core";
  let description = [{
    From UB to the workspace or to L1 (mte3), from the workspace to UB or to L1 (mte2
    of either stream). Example:
    `ascend.copy %a, %b : memref<32x32xf16, "ub">, memref<32x32xf16, "workspace">`
  }];
}
def Ascend_LoadL0aOp : Ascend_Move<"load_l0a"> {
  let summary = "L1 to L0A (pipe mte1): the left operand, transposed on the way where the source is";
  let description = "Example: `ascend.load_l0a %a, %part : memref<32x16xf16, \"l1\">, memref<32x16xf16, \"l0a\">`";
}
def Ascend_LoadL0bOp : Ascend_Move<"load_l0b"> {
  let summary = "L1 to L0B (pipe mte1): the right operand";
  let description = "Example: `ascend.load_l0b %b, %part : memref<16x32xf16, \"l1\">, memref<16x32xf16, \"l0b\">`";
}
def Ascend_FixpipeOp : Ascend_Move<"fixpipe"> {
  let summary = "L0C to UB, where the chip has this path, else to the workspace (pipe fix)";
  let description = "Example: `ascend.fixpipe %sum, %block : memref<32x32xf32, \"l0c\">, memref<32x32xf32, \"workspace\">`";
}
def Ascend_MmadOp : Chip_Op<Ascend_Dialect, "mmad"> {
  let summary = "acc += a b in the cube (pipe m)";
  let description = [{
    With `fresh` true the sums begin at 0. Example:
    `ascend.mmad %acc, %a, %b, %fresh : memref<32x32xf32, "l0c">, memref<32x16xf16, "l0a">, memref<16x32xf16, "l0b">`
  }];
  let arguments = (ins Arg<AnyMemRef, "", [MemRead, MemWrite]>:$acc, Chip_Read:$a, Chip_Read:$b, I1:$fresh);
  let assemblyFormat = "$acc `,` $a `,` $b `,` $fresh attr-dict `:` type($acc) `,` type($a) `,` type($b)";
  let hasVerifier = 1;
}
def Ascend_InitConstValueOp : Chip_Map<Ascend_Dialect, "init_const_value"> {
  let summary = "Fills L1 with one value (pipe mte2 of the cube stream)";
  let description = [{
    The region yields a constant. Example:
    ```mlir
    ascend.init_const_value -> %a : memref<32x32xf16, "l1"> attributes {dims = []} {
    ^bb0(%i: index, %j: index):
      %zero = arith.constant 0.0 : f16
      tile.yield %zero : f16
    }
    ```
  }];
  let hasVerifier = 1;
}

//===-- Vector code -------------------------------------------------------===//

def Ascend_VfOp : Chip_Map<Ascend_Dialect, "vf"> {
  let summary = "A vector function: element by element (pipe v)";
  let description = [{
    On chips whose vector unit works on UB each op of the region is a pass over the
    block; on those with vector registers only the operands and results are in UB.
    Example: `ascend.vf %a : memref<32xf32, "ub"> -> %b : memref<32xf32, "ub"> attributes {dims = [[0]]} {...}`
  }];
}
def Ascend_VreduceOp : Chip_Combine<Ascend_Dialect, "vreduce", (ins StrAttr:$order)> {
  let summary = "Combines along a dimension (pipe v)";
  let description = "Example: `ascend.vreduce %a : memref<8x32xf32, \"ub\"> -> %b : memref<8xf32, \"ub\"> attributes {dim = 1 : i64, order = \"any\"} {...}`";
}
def Ascend_VcumOp : Chip_Combine<Ascend_Dialect, "vcum", (ins UnitAttr:$reverse)> {
  let summary = "Inclusive prefixes along a dimension (pipe v)";
  let description = "Example: as `ascend.vreduce`, the result having the operand's shape";
}
def Ascend_VgatherOp : Chip_Take<Ascend_Dialect, "vgather"> {
  let summary = "Transpose, reshape, slice, broadcast within UB (pipe v)";
  let description = "Example: `ascend.vgather %a : memref<8x32xf32, \"ub\"> -> %b : memref<32x8xf32, \"ub\"> {map = affine_map<(i, j) -> (j, i)>}`";
}

//===-- Sync --------------------------------------------------------------===//

class Ascend_Flag<string mnemonic> : Chip_Op<Ascend_Dialect, mnemonic> {
  let arguments = (ins StrAttr:$stream, StrAttr:$from, StrAttr:$to, I64Attr:$event, Optional<Index>:$slot);
  let assemblyFormat = "$stream `,` $from `,` $to `,` $event (`+` $slot^)? attr-dict";
  let hasVerifier = 1;
}
def Ascend_SetFlagOp : Ascend_Flag<"set_flag"> {
  let summary = "A pipe sets an event when all that it was given has ended";
  let description = [{
    The event is number `event` + `slot` of those for this pair of pipes. It is set
    at most as often as the chip counts before it is waited for. Example:
    `ascend.set_flag "vector", "mte2", "v", 0 + %slot`
  }];
}
def Ascend_WaitFlagOp : Ascend_Flag<"wait_flag"> {
  let summary = "A pipe waits for an event that another one sets";
  let description = "With `to` = \"s\" the stream itself waits. Example: `ascend.wait_flag \"vector\", \"mte2\", \"v\", 0 + %slot`";
}
def Ascend_PipeBarrierOp : Chip_Op<Ascend_Dialect, "pipe_barrier"> {
  let summary = "A stream waits for all of its pipes (PIPE_ALL)";
  let description = "Example: `ascend.pipe_barrier \"vector\"`";
  let arguments = (ins StrAttr:$stream);
  let assemblyFormat = "$stream attr-dict";
  let hasVerifier = 1;
}
class Ascend_Block<string mnemonic> : Chip_Op<Ascend_Dialect, mnemonic> {
  let arguments = (ins StrAttr:$stream, StrAttr:$from, StrAttr:$pipe, I64Attr:$flag);
  let assemblyFormat = "$stream `,` $from `,` $pipe `,` $flag attr-dict";
  let hasVerifier = 1;
}
def Ascend_SyncBlockSetOp : Ascend_Block<"sync_block_set"> {
  let summary = "A pipe of one stream raises a flag of the other when all that it was given has ended";
  let description = "`stream` is the one that waits, `from` the pipe's. Example: `ascend.sync_block_set \"vector\", \"cube\", \"fix\", 0`";
}
def Ascend_SyncBlockWaitOp : Ascend_Block<"sync_block_wait"> {
  let summary = "A stream waits for a flag that the other stream's pipe raises";
  let description = "Example: `ascend.sync_block_wait \"vector\", \"cube\", \"fix\", 0`";
}

//===-- Queues ------------------------------------------------------------===//
// Ascend C's TQue, whose library makes flags of it; here a pass does
// (Lowering/Queues.cpp): no program has them at its end.

def Ascend_Que : TypeDef<Ascend_Dialect, "Que"> {
  let mnemonic = "que";
  let summary = "A queue of buffers between pipes";
  let description = "Example: `!ascend.que<2>`: two buffers";
  let parameters = (ins "int64_t":$depth);
  let assemblyFormat = "`<` $depth `>`";
}
def Ascend_InitQueOp : Chip_Op<Ascend_Dialect, "init_que"> {
  let summary = "Makes buffers a queue";
  let description = "Example: `%q = ascend.init_que %slots : memref<2x32x32xf16, \"ub\"> -> !ascend.que<2>`";
  let arguments = (ins Variadic<AnyMemRef>:$slots);
  let results = (outs Ascend_Que:$que);
  let hasVerifier = 1;
  let assemblyFormat = "$slots attr-dict `:` type($slots) `->` type($que)";
}
class Ascend_QueOp<string mnemonic, string what> : Chip_Op<Ascend_Dialect, mnemonic> {
  let summary = what;
  let description = "Example: `ascend." # mnemonic # " %q[%slot] : !ascend.que<2>`";
  let arguments = (ins Ascend_Que:$que, Index:$slot);
  let hasVerifier = 1;
  let assemblyFormat = "$que `[` $slot `]` attr-dict `:` type($que)";
}
def Ascend_AllocTensorOp : Ascend_QueOp<"alloc_tensor", "The pipes that fill a buffer wait until it is free">;
def Ascend_EnQueOp : Ascend_QueOp<"en_que", "The buffer is full when those pipes have done their work">;
def Ascend_DeQueOp : Ascend_QueOp<"de_que", "The pipes that read a buffer wait until it is full">;
def Ascend_FreeTensorOp : Ascend_QueOp<"free_tensor", "The buffer is free when those pipes have done their work">;

#endif // TERRAZZO_TARGETS_ASCEND_IR_ASCENDOPS
